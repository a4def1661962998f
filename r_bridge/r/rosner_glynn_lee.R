# Rank-sum test of Rosner, Glynn & Lee (2003, 2006) of k groups of lesions: values, group, cluster (the
# patient). Ranks are those of all lesions. Patients with equally many lesions are permuted, and the
# groups are dealt out anew among the lesions of each patient.
rosner_glynn_lee <- function(data) {
  group <- in_group(data$group)
  ranks <- rank(data$values)
  patient <- match(data$cluster, unique(data$cluster))
  of_group <- rowsum(group, patient)             # lesions of each patient in each group
  size <- tabulate(patient)
  mean_rank <- rowsum(ranks, patient)[, 1] / size
  variance <- rowsum((ranks - mean_rank[patient])^2, patient)[, 1] / pmax(size - 1, 1)

  parts <- lapply(split(seq_along(size), size), function(own) {
    q <- of_group[own, , drop = FALSE]
    lesions <- size[own[1]]
    between <- if (length(own) > 1) cov(q) * sum((mean_rank[own] - mean(mean_rank[own]))^2) else 0
    # Covariance of the numbers dealt to the groups: multivariate hypergeometric.
    dealt <- diag(colSums(q), ncol(q)) - crossprod(q) / lesions
    list(expected = colSums(q) * mean(mean_rank[own]),
         covariance = between + dealt * mean(variance[own]))
  })
  total <- function(what) Reduce(`+`, lapply(parts, `[[`, what))
  structure(
    rank_sum_tables(data, colSums(group * ranks), total("expected"), unname(total("covariance")),
                    colSums(group), "Rosner-Glynn-Lee test"),
    method = "formulas of Rosner, Glynn & Lee (2003, 2006) {base R}")
}
