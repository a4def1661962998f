# Mean, SD and quantiles (type 7) of `values`, by group. The SD of a single value is NA.
describe <- function(data) {
  summary <- by_group(data, function(rows) {
    x <- rows$values
    q <- quantile(x, c(0.10, 0.25, 0.50, 0.75, 0.90), type = 7, names = FALSE)
    data.frame(n = length(x), mean = mean(x), sd = sd(x), minimum = min(x), q10 = q[1],
               q25 = q[2], median = q[3], q75 = q[4], q90 = q[5], maximum = max(x))
  })
  structure(list(summary = summary), method = "mean, sd, quantile(type = 7) {stats}")
}
