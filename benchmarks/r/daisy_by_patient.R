# Lesion-level distances as a statistician writes them: daisy() for each patient.
# Arguments: folder of this script, data (patient and the five variables).
given <- commandArgs(trailingOnly = TRUE)
source(file.path(given[1], "_read.R"))
suppressMessages(library(cluster))
rows <- read_columns(given[2])
flags <- c("response", "stable", "relapse")
rows[flags] <- lapply(rows[flags], function(flag) factor(flag, levels = 0:1))
variables <- c(flags, "nadir_ratio", "last_ratio")
began <- proc.time()[["elapsed"]]
means <- lapply(split(rows[variables], rows$patient), function(own) {
  if (nrow(own) == 1) return(0)
  suppressWarnings(rowMeans(as.matrix(daisy(own, metric = "gower"))))
})
took <- proc.time()[["elapsed"]] - began
stopifnot(sum(lengths(means)) == nrow(rows))
cat(took, "\n")
