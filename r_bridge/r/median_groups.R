# The median, and how many values are at or below it and above it. `ties` are values equal to the
# median beyond the first one.
median_groups <- function(data) {
  x <- data$values
  cut <- median(x)
  if (!any(x > cut)) not_estimable("Median groups", "no value is above the median.")
  structure(
    list(groups = data.frame(cut = cut, n_low = sum(x <= cut), n_high = sum(x > cut),
                             ties = max(sum(x == cut) - 1, 0))),
    method = "median {stats}")
}
