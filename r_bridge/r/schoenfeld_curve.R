# One coefficient of a Cox model over time: scaled Schoenfeld residuals and a natural spline of them in
# the rank of the event's time, with the variance of the plot method of cox.zph.
#   of_interest   number of the term
#   df            of the spline
schoenfeld_curve <- function(data, ties, of_interest, df, conf_level) {
  points <- 41
  fit <- checked_fit(data, ties)
  # residuals() gives the events by stratum and time; here they stand as in the data.
  stratum <- if ("strata" %in% names(data)) data$strata else rep(1, nrow(data))
  by_time <- order(stratum, data$time, -data$event)
  turn <- order(by_time[data$event[by_time] == 1])
  scaled <- as.matrix(residuals(fit, type = "scaledsch"))[turn, of_interest]
  day <- data$time[data$event == 1]
  d <- length(day)
  if (length(unique(day)) < df + 2)
    not_estimable("Curve of Schoenfeld residuals",
                  paste(length(unique(day)), "event time(s), needs", df + 2))
  x <- rank(day)
  at_day <- sort(day)[1 + ((seq_len(points) - 1) * (d - 1)) %/% (points - 1)]
  at <- x[match(at_day, day)]
  inner <- quantile(x, seq_len(df - 2) / (df - 1), names = FALSE)
  if (anyDuplicated(c(range(x), inner)))
    not_estimable("Curve of Schoenfeld residuals", "too many events on one day for its knots.")
  basis <- splines::ns(x, knots = inner, Boundary.knots = range(x), intercept = TRUE)
  smooth <- lm.fit(basis, scaled)
  there <- predict(basis, at)
  estimate <- drop(there %*% smooth$coefficients)
  leverage <- rowSums((there %*% chol2inv(qr.R(smooth$qr))) * there)
  std_error <- sqrt(d * diag(vcov(fit))[of_interest] * leverage)
  z <- qnorm((1 + conf_level) / 2)
  structure(
    list(curve = data.frame(point = seq_len(points), time = at_day, estimate = estimate,
                            std_error = std_error, conf_low = estimate - z * std_error,
                            conf_high = estimate + z * std_error),
         residuals = data.frame(event = seq_len(d), residual = unname(scaled))),
    method = "residuals(type = \"scaledsch\") {survival}, ns {splines}")
}
