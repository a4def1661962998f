# Shared by several statistics; not a statistic itself.

# Apply `f` to the rows of each group and bind its one-row or longer tables, with the group's
# code in front.
by_group <- function(data, f) {
  parts <- lapply(split(data, data$group), f)
  sizes <- vapply(parts, nrow, integer(1))
  data.frame(group = rep(as.integer(names(parts)), sizes),
             do.call(rbind, unname(parts)), row.names = NULL)
}

# Number of rows and median of each group.
group_medians <- function(data) {
  by_group(data, function(rows) data.frame(n = nrow(rows), median = median(rows$values)))
}
