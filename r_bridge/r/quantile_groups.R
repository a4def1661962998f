# Cut-offs of the low and the high group at two quantiles (type 7), and the sizes of the three groups.
# Low is at or below its cut-off, high at or above. `ties` are values equal to a cut-off beyond the
# first one.
quantile_groups <- function(data, low, high) {
  x <- data$values
  if (length(x) < 2)
    not_estimable("Quantile groups", paste0("2 values or more are needed, found ", length(x), "."))
  cut <- quantile(x, c(low, high), type = 7, names = FALSE)
  if (cut[1] == cut[2])
    not_estimable("Quantile groups", paste0("both cut-offs are ", format(cut[1]), "."))
  ties <- vapply(cut, function(at) max(sum(x == at) - 1, 0), numeric(1))
  structure(
    list(groups = data.frame(low_cut = cut[1], high_cut = cut[2], n_low = sum(x <= cut[1]),
                             n_medium = sum(x > cut[1] & x < cut[2]), n_high = sum(x >= cut[2]),
                             ties = sum(ties))),
    method = "quantile(type = 7) {stats}")
}
