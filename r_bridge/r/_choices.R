# Shared by what is asked of every reading of the text; not a statistic itself.

# Pairs of readings that differ in one choice only: that choice, its two values, and the two readings.
#   codes   reading after reading the value of each choice, from 1
pairs_of_readings <- function(codes, n_choices) {
  codes <- matrix(as.integer(codes), ncol = n_choices, byrow = TRUE)
  of_choice <- lapply(seq_len(n_choices), function(k) {
    rest <- apply(codes[, -k, drop = FALSE], 1, paste, collapse = " ")
    both <- lapply(split(seq_len(nrow(codes)), rest), function(rows) {
      rows <- rows[order(codes[rows, k])]
      if (length(rows) > 1) t(combn(rows, 2))
    })
    both <- do.call(rbind, both)
    if (is.null(both)) return(NULL)
    data.frame(choice = k, value_1 = codes[both[, 1], k], value_2 = codes[both[, 2], k],
               first = both[, 1], second = both[, 2])
  })
  do.call(rbind, of_choice)
}

# One row for each choice and two of its values: number of pairs, and the mean of each column of
# `changes` (one row a pair) over those that have it.
mean_of_pairs <- function(pairs, changes) {
  key <- interaction(pairs$value_2, pairs$value_1, pairs$choice, drop = TRUE)
  each <- lapply(split(seq_len(nrow(pairs)), key), function(rows) {
    means <- colMeans(changes[rows, , drop = FALSE], na.rm = TRUE)
    means[is.nan(means)] <- NA
    data.frame(pairs[rows[1], c("choice", "value_1", "value_2")], pairs = length(rows), t(means))
  })
  data.frame(do.call(rbind, each), row.names = NULL)
}
