# Cox model of the covariates x1, x2 .. on each of many draws of the rows: column d1, d2 .. says how
# many times a row is in that draw, and a row drawn twice is two rows. One covariate is reported.
#   of_interest    which one
#   significance   P value below which a draw counts as significant
# A draw without a finite fit, or with no more events than covariates, is NA and counted.
resampled_cox <- function(data, ties, of_interest, significance) {
  terms <- grep("^x[0-9]+$", names(data), value = TRUE)
  columns <- grep("^d[0-9]+$", names(data), value = TRUE)
  stratified <- "strata" %in% names(data)
  model <- reformulate(c(terms, if (stratified) "strata(strata)"), quote(Surv(time, event)))
  rows <- data[setdiff(names(data), columns)]
  if (is.null(finite_fit(model, rows, ties)))
    not_estimable("Cox model", "no finite and unique coefficients in all rows together.")

  one_draw <- function(column) {
    drawn <- rows[rep(seq_len(nrow(rows)), data[[column]]), ]
    found <- data.frame(n = nrow(drawn), events = sum(drawn$event), estimate = NA_real_,
                        std_error = NA_real_, p_value = NA_real_)
    fit <- if (found$events > length(terms)) finite_fit(model, drawn, ties)
    if (is.null(fit)) return(found)
    found$estimate <- unname(coef(fit)[of_interest])
    found$std_error <- sqrt(vcov(fit)[of_interest, of_interest])
    found$p_value <- 2 * pnorm(-abs(found$estimate / found$std_error))
    found
  }
  draws <- data.frame(draw = seq_along(columns), do.call(rbind, lapply(columns, one_draw)))
  structure(
    list(draws = draws, summary = summary_of_draws(draws, significance)),
    method = paste0("coxph(ties = \"", ties, "\")", if (stratified) ", strata",
                    ", on the rows of each draw {survival}"))
}

# The fit, or NULL where a coefficient is infinite or not unique. Options as in the Cox model of all
# rows, the iteration driven further still.
finite_fit <- function(model, rows, ties) {
  infinite <- FALSE
  note_infinite <- function(w) {
    if (!grepl("infinite|converge|iterations", conditionMessage(w))) return()
    infinite <<- TRUE
    invokeRestart("muffleWarning")
  }
  # A coefficient can run so far away that coxph itself breaks down on it.
  broken_down <- function(e) {
    if (!grepl("infinite argument", conditionMessage(e))) stop(e)
    infinite <<- TRUE
  }
  fit <- tryCatch(withCallingHandlers(
    coxph(model, data = rows, ties = ties, robust = FALSE,
          control = coxph.control(eps = 2e-12, iter.max = 50, toler.inf = 1e-3, timefix = FALSE)),
    warning = note_infinite), error = broken_down)
  if (infinite || anyNA(coef(fit))) NULL else fit
}

# Median and 2.5 and 97.5 percentile (type 7) of the draws that have a fit.
summary_of_draws <- function(draws, significance) {
  fitted <- draws[!is.na(draws$p_value), ]
  spread <- function(x) {
    if (length(x) == 0) return(rep(NA_real_, 3))
    quantile(x, c(0.5, 0.025, 0.975), type = 7, names = FALSE)
  }
  estimate <- spread(fitted$estimate)
  p <- spread(fitted$p_value)
  data.frame(draws = nrow(draws), fitted = nrow(fitted),
             share_significant = if (nrow(fitted)) mean(fitted$p_value < significance)
                                 else NA_real_,
             estimate_median = estimate[1], estimate_low = estimate[2],
             estimate_high = estimate[3], p_median = p[1], p_low = p[2], p_high = p[3])
}
