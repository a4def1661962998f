# Rank-sum test of Datta & Satten (2005) of k groups of lesions: values, group, cluster (the patient).
datta_satten <- function(data) {
  s <- datta_satten_sums(data)
  tables <- rank_sum_tables(data, s$observed, s$expected, s$covariance, s$size, "Datta-Satten test")
  tables$pairs <- datta_satten_pairs(data)
  structure(tables, method = "formulas of Datta & Satten (2005) {base R}, p.adjust {stats}")
}

# The same test of each two of three or more groups, z positive where the second has the higher ranks;
# NA where there is no variance.
datta_satten_pairs <- function(data) {
  k <- max(data$group)
  pairs <- if (k > 2) combn(k, 2) else matrix(0L, 2, 0)
  z <- vapply(seq_len(ncol(pairs)), function(i) {
    rows <- data[data$group %in% pairs[, i], ]
    rows$group <- match(rows$group, pairs[, i])
    s <- datta_satten_sums(rows)
    variance <- s$covariance[2, 2]
    if (variance <= 1e-20 * s$expected[2]^2) return(NA_real_)
    (s$observed[2] - s$expected[2]) / sqrt(variance)
  }, numeric(1))
  p <- 2 * pnorm(-abs(z))
  data.frame(group_1 = pairs[1, ], group_2 = pairs[2, ], statistic = z, p_value = p,
             p_adjusted = p.adjust(p, "bonferroni", n = length(p)))
}
