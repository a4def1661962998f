# Shared by gower and heterogeneity; not a statistic itself.

# Gower distance of every pair of rows, as a matrix. Factors are compared as equal or not, numbers
# by |difference| / range; columns named in `asymmetric` (0/1) do not count where both are 0.
#   weights           one for each column
#   lowest, highest   fixed range of each column, NA where the range is that of the data
# Two rows are added to the data and dropped from the result:
#   - they carry the fixed ranges, because daisy takes each range from the rows that it sees;
#   - in asymmetric columns they hold a 0 and a 1: daisy shifts each column to start at 0, so a
#     column of ones alone would be taken for zeros;
#   - in an added column of weight 0 they hold a 0 and a 1: daisy marks missing values with 1.1
#     times its largest scaled value, which would mark zeros where every column is constant.
# Weights are divided by the smallest one, which changes no distance: daisy takes a pair whose shared
# weights add up to 0.5 or less for one that shares nothing.
daisy_matrix <- function(data, weights, lowest, highest, asymmetric = character()) {
  n <- nrow(data)
  ends <- n + 1:2
  padded <- data[c(seq_len(n), NA, NA), , drop = FALSE]
  for (column in which(!is.na(lowest) & !is.na(highest)))
    padded[ends, column] <- c(lowest[column], highest[column])
  padded[ends, asymmetric] <- c(0, 1)
  # A column without any value counts for no pair; daisy cannot take its range.
  known <- colSums(!is.na(padded)) > 0
  weights <- weights / min(weights[weights > 0])
  padded <- data.frame(padded[known], zero_to_one = rep(c(0, 1), c(n + 1, 1)))
  distances <- cluster::daisy(padded, metric = "gower",
                              type = list(asymm = intersect(asymmetric, names(padded))),
                              weights = c(weights[known], 0), warnType = FALSE)
  as.matrix(distances)[seq_len(n), seq_len(n), drop = FALSE]
}
