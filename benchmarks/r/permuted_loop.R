# A permutation test within patients as a statistician writes it: sample() in each patient, kruskal.test() in a loop.
# Arguments: folder of this script, data (values, group, cluster), permutations.
given <- commandArgs(trailingOnly = TRUE)
source(file.path(given[1], "_read.R"))
rows <- read_columns(given[2])
deal <- function(group) if (length(group) > 1) sample(group) else group
began <- proc.time()[["elapsed"]]
observed <- kruskal.test(rows$values, rows$group)$statistic
found <- vapply(seq_len(as.integer(given[3])), function(b)
  kruskal.test(rows$values, ave(rows$group, rows$cluster, FUN = deal))$statistic, numeric(1))
took <- proc.time()[["elapsed"]] - began
stopifnot(is.finite(observed), all(is.finite(found)))
cat(took, "\n")
