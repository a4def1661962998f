# Spearman's rank correlation of every pair of the columns x1, x2 ..
rank_correlations <- function(data) {
  rho <- cor(data, method = "spearman")
  pairs <- t(combn(ncol(data), 2))
  structure(
    list(pairs = data.frame(row_1 = pairs[, 1], row_2 = pairs[, 2], estimate = rho[pairs],
                            n = nrow(data))),
    method = "cor(method = \"spearman\") {stats}")
}
