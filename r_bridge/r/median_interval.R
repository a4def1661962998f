# Median of each group with an interval of order statistics: the j-th smallest and the j-th
# largest value, j = qbinom(alpha / 2, n, 1/2). `coverage` is the exact level of that interval.
# A group that is too small for the level has no interval.
median_interval <- function(data, conf_level) {
  medians <- by_group(data, function(rows) {
    x <- sort(rows$values)
    n <- length(x)
    j <- qbinom((1 - conf_level) / 2, n, 0.5)
    found <- j >= 1
    data.frame(n = n, estimate = median(x),
               conf_low = if (found) x[j] else NA_real_,
               conf_high = if (found) x[n - j + 1] else NA_real_,
               coverage = if (found) 1 - 2 * pbinom(j - 1, n, 0.5) else NA_real_)
  })
  structure(list(medians = medians), method = "median, qbinom, pbinom {stats}")
}
