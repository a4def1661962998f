# Shared by the rank-sum tests of lesions in patients; not a statistic itself.

# Matrix with a column for each group 1 to k, 1 where the row is in it.
in_group <- function(group) outer(group, seq_len(max(group)), "==") + 0

# Tables of a test of k rank sums: `observed`, `expected`, `covariance`, and `size`, by which each sum
# is divided for the mean rank.
rank_sum_tables <- function(data, observed, expected, covariance, size, what) {
  k <- length(observed)
  difference <- (observed - expected)[-k]
  variance <- covariance[-k, -k, drop = FALSE]
  refuse <- function()
    not_estimable(what, paste("too few patients for the variance of the rank sums of", k,
                              "groups. Compare fewer groups, or groups with more patients."))
  if (any(diag(variance) <= 1e-20 * expected[-k]^2)) refuse()
  if (min(eigen(cov2cor(variance), symmetric = TRUE, only.values = TRUE)$values) <= 1e-8) refuse()
  sd <- sqrt(diag(variance))
  statistic <- sum(difference / sd * solve(cov2cor(variance), difference / sd))
  patients <- vapply(split(data$cluster, data$group), function(x) length(unique(x)), integer(1))
  list(test = data.frame(statistic = statistic, df = k - 1,
                         p_value = pchisq(statistic, k - 1, lower.tail = FALSE)),
       groups = data.frame(group = seq_len(k), n = tabulate(data$group), patients = unname(patients),
                           rank_sum = observed, expected = expected, variance = diag(covariance),
                           mean_rank = observed / size))
}

# Datta & Satten: rank sums of one lesion drawn from each patient, in the mean over all such draws.
datta_satten_sums <- function(data) {
  x <- data$values
  patient <- match(data$cluster, unique(data$cluster))
  size <- tabulate(patient)
  m <- length(size)
  each <- 1 / size[patient]                      # chance that a lesion is drawn from its patient
  # P(X < x) + P(X = x) / 2 of one lesion from each patient, added up over the patients.
  sorted <- order(x)
  below <- c(0, cumsum(each[sorted]))
  all_patients <- (below[findInterval(x, x[sorted]) + 1] +
                     below[findInterval(x, x[sorted], left.open = TRUE) + 1]) / 2
  # Ranks within the patient: those of patient and rank together, less the lesions of patients before.
  before <- cumsum(size) - size
  itself <- (rank(patient * (length(x) + 1) + rank(x)) - before[patient] - 0.5) * each
  rank_of <- (1 + all_patients - itself) / (m + 1)
  pooled <- (rank(x) - 0.5) / length(x)          # distribution of all lesions together

  group <- in_group(data$group)
  share <- rowsum(group * each, patient)         # m x k: share of each group among a patient's lesions
  others <- matrix(colSums(share), m, ncol(share), byrow = TRUE) - share
  w <- rowsum(((m - 1) * group - others[patient, , drop = FALSE]) * each * pooled, patient) / (m + 1)
  expected_w <- m / (2 * (m + 1)) * scale(share, scale = FALSE)
  list(observed = colSums(group * each * rank_of), expected = colSums(share) / 2,
       covariance = unname(crossprod(w - expected_w)), size = colSums(share))
}
