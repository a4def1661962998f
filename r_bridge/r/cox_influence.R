# The patients (rows) that move one coefficient of a Cox model most, and the model without each.
#   of_interest   number of the term
#   most          how many patients are shown
cox_influence <- function(data, ties, of_interest, most, conf_level) {
  fit <- checked_fit(data, ties)
  dfbeta <- as.matrix(residuals(fit, type = "dfbeta"))[, of_interest]
  dfbetas <- as.matrix(residuals(fit, type = "dfbetas"))[, of_interest]
  # Sizes that are equal to nine decimals are equal: the first row goes before.
  rows <- head(order(-round(abs(dfbetas), 9), seq_along(dfbetas)), most)
  without <- lapply(rows, function(row) {
    left <- tryCatch(checked_fit(data[-row, ], ties), not_estimable = function(e) NULL)
    if (is.null(left)) return(c(NA_real_, NA_real_))
    c(coef(left)[[of_interest]], sqrt(diag(vcov(left)))[[of_interest]])
  })
  estimate <- vapply(without, `[`, numeric(1), 1)
  std_error <- vapply(without, `[`, numeric(1), 2)
  z <- qnorm((1 + conf_level) / 2)
  wald <- function(estimate, std_error)
    data.frame(estimate = estimate, std_error = std_error, hazard_ratio = exp(estimate),
               conf_low = exp(estimate - z * std_error),
               conf_high = exp(estimate + z * std_error),
               p_value = 2 * pnorm(-abs(estimate / std_error)))
  limit <- 2 / sqrt(nrow(data))
  structure(
    list(patients = data.frame(patient = rows, dfbeta = unname(dfbeta[rows]),
                               dfbetas = unname(dfbetas[rows]), wald(estimate, std_error)),
         summary = data.frame(n = fit$n, events = fit$nevent,
                              wald(coef(fit)[[of_interest]],
                                   sqrt(diag(vcov(fit)))[[of_interest]]),
                              largest = max(abs(dfbetas)), usual = limit,
                              n_beyond = sum(abs(dfbetas) > limit))),
    method = "residuals(type = \"dfbeta\", \"dfbetas\") and coxph {survival}")
}
