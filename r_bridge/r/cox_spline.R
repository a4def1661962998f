# Cox model in which one covariate enters as a natural spline, beside the straight line and without it.
#   of_interest   number of the covariate
#   knots         3, 4 or 5, at Harrell's quantiles
cox_spline <- function(data, ties, of_interest, knots, conf_level) {
  points <- 41
  quantiles <- list(c(.10, .50, .90), c(.05, .35, .65, .95), c(.05, .275, .50, .725, .95))
  x <- data[[paste0("x", of_interest)]]
  at <- quantile(x, quantiles[[knots - 2]], names = FALSE)
  if (at[1] == at[knots] || any(diff(at) <= 1e-6 * (at[knots] - at[1])))
    not_estimable("Cox model with a spline", "knots that are not all different; use fewer.")
  inner <- at[-c(1, knots)]
  outer_knots <- at[c(1, knots)]
  basis <- splines::ns(x, knots = inner, Boundary.knots = outer_knots)

  # The spline's columns stand first, as x1, x2 ..
  others <- setdiff(grep("^x[0-9]+$", names(data), value = TRUE), paste0("x", of_interest))
  rest <- data[intersect(names(data), c("time", "event", "strata"))]
  width <- knots - 1
  with_columns <- function(columns)
    cbind(rest, setNames(as.data.frame(columns), paste0("x", seq_len(ncol(columns)))))
  places <- as.integer(sub("x", "", others))
  linear <- checked_fit(data, ties)$loglik[2]
  fit <- checked_fit(with_columns(cbind(unclass(basis), as.matrix(data[others]))), ties,
                     c(rep(of_interest, width), places))
  without <- if (length(others) > 0)
    checked_fit(with_columns(as.matrix(data[others])), ties, places)$loglik[2] else fit$loglik[1]

  limits <- quantile(x, c(.025, .975), names = FALSE)
  grid <- limits[1] + (limits[2] - limits[1]) * (seq_len(points) - 1) / (points - 1)
  away <- sweep(predict(basis, grid), 2, drop(predict(basis, median(x))))
  estimate <- drop(away %*% coef(fit)[seq_len(width)])
  variance <- rowSums((away %*% vcov(fit)[seq_len(width), seq_len(width)]) * away)
  std_error <- sqrt(pmax(variance, 0))
  z <- qnorm((1 + conf_level) / 2)
  ratio <- function(smaller, df) {
    statistic <- 2 * (fit$loglik[2] - smaller)
    data.frame(statistic = statistic, df = df,
               p_value = pchisq(statistic, df, lower.tail = FALSE))
  }
  structure(
    list(test = ratio(linear, width - 1), overall = ratio(without, width),
         model = data.frame(n = fit$n, events = fit$nevent, log_likelihood_without = without,
                            log_likelihood_linear = linear, log_likelihood = fit$loglik[2]),
         knots = data.frame(knot = seq_len(knots), value = at),
         curve = data.frame(point = seq_len(points), value = grid, estimate = estimate,
                            std_error = std_error, hazard_ratio = exp(estimate),
                            conf_low = exp(estimate - z * std_error),
                            conf_high = exp(estimate + z * std_error))),
    method = "coxph {survival} with ns {splines}")
}
