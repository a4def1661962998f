# 500 Cox models as a statistician writes them: coxph() in a loop over the draws.
# Arguments: folder of this script, data, draws.
given <- commandArgs(trailingOnly = TRUE)
source(file.path(given[1], "_read.R"))
suppressMessages(library(survival))
rows <- read_columns(given[2])
draws <- as.matrix(read_columns(given[3]))
rows$strata <- factor(rows$strata)
began <- proc.time()[["elapsed"]]
found <- vapply(seq_len(ncol(draws)), function(b) {
  drawn <- rows[draws[, b] > 0, ]
  summary(coxph(Surv(time, event) ~ x1 + x2 + x3 + strata(strata), drawn))$coefficients[1, c(1, 3)]
}, numeric(2))
took <- proc.time()[["elapsed"]] - began
stopifnot(all(is.finite(found)))
cat(took, "\n")
