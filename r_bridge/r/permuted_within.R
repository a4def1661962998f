# Kruskal-Wallis test of values by group whose P value comes from permutations within patients.
#   data          values, group, cluster (the patient), key (whole numbers, all different)
#   permutations  how many; each multiplies the keys by `multiplier`, modulo `modulus`, and the lesions of
#                 a patient get the groups of its lesions sorted by key
permuted_within <- function(data, permutations, multiplier, modulus) {
  data <- data[order(data$cluster), ]
  observed <- unname(kruskal.test(data$values, factor(data$group))$statistic)
  mixed <- ave(data$group, data$cluster, FUN = function(g) length(unique(g))) > 1
  n <- nrow(data)
  data$rank <- rank(data$values)
  size <- tabulate(data$group)
  k <- length(size)
  sums <- function(rows, group) {
    found <- numeric(k)
    part <- rowsum(rows$rank, group)
    found[as.integer(rownames(part))] <- part
    found
  }
  fixed <- data[!mixed, ]
  moved <- data[mixed, ]
  stay <- if (nrow(fixed)) sums(fixed, fixed$group) else numeric(k)
  key <- moved$key
  larger <- 0
  for (permutation in seq_len(permutations)) {
    key <- (key * multiplier) %% modulus           # exact: below 2^53
    total <- stay + sums(moved, moved$group[order(moved$cluster, key)])
    h <- sum(size * (total / size - (n + 1) / 2)^2) / var(data$rank)
    if (h >= observed * (1 - 1e-10)) larger <- larger + 1
  }
  structure(
    list(test = data.frame(statistic = observed, df = k - 1, permutations = permutations,
                           as_large = larger, p_value = (1 + larger) / (1 + permutations)),
         permuted = data.frame(patients = length(unique(moved$cluster)), lesions = nrow(moved))),
    method = paste("kruskal.test, with", permutations, "permutations within patients {stats, base R}"))
}
