# One Cox model for each marker m1, m2 .. beside the covariates x1, x2 .., and each marker together with
# the reference.
compare_markers <- function(data, reference, ties, conf_level) {
  markers <- marker_columns(data, "m")
  others <- marker_columns(data, "x")
  fit_of <- function(columns) marker_fit(data, unique(columns), ties)
  likelihood <- function(fit) if (is.null(fit)) NA_real_ else fit$loglik[length(fit$loglik)]
  base <- likelihood(fit_of(others))
  alone <- lapply(markers, function(m) fit_of(c(m, others)))
  for (k in seq_along(markers)) if (is.null(alone[[k]])) refuse_marker(markers[k])

  ratio_test <- function(larger, smaller) {
    statistic <- pmax(2 * (larger - smaller), 0)
    data.frame(term = seq_along(markers), statistic = statistic, df = 1,
               p_value = pchisq(statistic, 1, lower.tail = FALSE))
  }
  z <- qnorm((1 + conf_level) / 2)
  one <- function(k) {
    size <- sd(data[[markers[k]]])
    estimate <- unname(alone[[k]]$coefficients[1]) * size
    error <- sqrt(alone[[k]]$var[1, 1]) * size
    data.frame(term = k, sd = size, estimate = estimate, std_error = error,
               hazard_ratio = exp(estimate), conf_low = exp(estimate - z * error),
               conf_high = exp(estimate + z * error), statistic = estimate / error,
               p_value = 2 * pnorm(-abs(estimate / error)))
  }
  own <- vapply(alone, likelihood, numeric(1))
  both <- vapply(seq_along(markers), function(k) {
    if (k == reference) NA_real_
    else likelihood(fit_of(c(markers[k], markers[reference], others)))
  }, numeric(1))
  structure(
    list(terms = do.call(rbind, lapply(seq_along(markers), one)), added = ratio_test(own, base),
         beyond = ratio_test(both, own[reference]), reference = ratio_test(both, own),
         model = data.frame(n = nrow(data), events = sum(data$event), log_likelihood = base)),
    method = paste0("coxph.fit(ties = \"", ties, "\")", if ("strata" %in% names(data)) ", strata",
                    " {survival}"))
}
