# Shared by compare_markers and marker_concordance; not a statistic itself.

# The Cox model of some columns, or NULL where it has no finite and unique coefficients. coxph.fit is what
# coxph calls, without the time that it takes to read a formula.
marker_fit <- function(rows, columns, ties) {
  infinite <- FALSE
  note_infinite <- function(w) {
    if (grepl("infinite|converge|iterations", conditionMessage(w))) infinite <<- TRUE
    invokeRestart("muffleWarning")
  }
  broken_down <- function(e) {
    if (!grepl("infinite argument|NA/NaN/Inf", conditionMessage(e))) stop(e)
    infinite <<- TRUE
  }
  x <- as.matrix(rows[columns])
  strata <- if ("strata" %in% names(rows)) factor(rows$strata)
  fit <- tryCatch(withCallingHandlers(
    coxph.fit(x, Surv(rows$time, rows$event), strata, offset = NULL, init = NULL,
              control = coxph.control(eps = 2e-12, iter.max = 50, toler.inf = 1e-3, timefix = FALSE),
              weights = NULL, method = ties, rownames = NULL, resid = FALSE),
    warning = note_infinite), error = broken_down)
  if (infinite || anyNA(fit$coefficients)) NULL else fit
}

marker_columns <- function(data, letter) {
  grep(paste0("^", letter, "[0-9]+$"), names(data), value = TRUE)
}

refuse_marker <- function(column) {
  not_estimable("Cox model", "no finite and unique coefficients; leave the marker out.",
                if (grepl("^m", column)) as.integer(sub("m", "", column)) else integer())
}
