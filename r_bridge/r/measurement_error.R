# SD of the natural log of one measurement, from units measured twice or more, with its chi-square
# interval.
measurement_error <- function(data, conf_level) {
  log_size <- log(data$size_mm)
  units <- length(unique(data$unit))
  df <- nrow(data) - units
  squares <- sum((log_size - ave(log_size, data$unit))^2)
  if (squares <= 1e-20)
    not_estimable("Measurement error", paste("the measurements of each of", units, "lesions are equal."))
  tail <- (1 - conf_level) / 2
  structure(
    list(error = data.frame(n = nrow(data), units = units, df = df, log_sd = sqrt(squares / df),
                            conf_low = sqrt(squares / qchisq(tail, df, lower.tail = FALSE)),
                            conf_high = sqrt(squares / qchisq(tail, df)))),
    method = "ave {stats}, qchisq {stats}")
}
