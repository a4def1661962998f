# Distances of patients whose lesions are dealt out anew within classes of similar patients.
#   data    one row a lesion: patient, level (class of its patient; 0: not compared), group of its
#           patient in the table, and the five response variables
#   draws   how often; seeds: start values of the random numbers
# The other settings are those of patient_distances.
reassembled <- function(data, draws, seeds, weights, range, lowest, highest, self) {
  of_patient <- split(seq_len(nrow(data)), data$patient)
  of_patient <- of_patient[lengths(of_patient) > 1]
  by_number <- split(seq_along(of_patient), lengths(of_patient))
  places <- list(patients = as.integer(names(of_patient)),
                 groups = lapply(by_number, function(who)
                   list(who = who, lesions = do.call(rbind, of_patient[who]))))
  first <- vapply(of_patient, `[`, integer(1), 1)
  kept <- data$level[first] > 0
  class <- data$level[first][kept]
  group <- data$group[first][kept]
  distance_of <- function(lesion) {
    copies <- ncol(lesion)
    names <- c("response", "stable", "relapse", "nadir_ratio", "last_ratio")
    variables <- lapply(data[names], function(x) matrix(x[lesion], ncol = copies))
    patient_distances(variables, places, weights, range, lowest, highest, self)[kept, , drop = FALSE]
  }
  compared <- which(data$level > 0)
  dealt <- split(compared, data$level[compared])
  deal <- function() {
    u <- runif(nrow(data))
    lesion <- seq_len(nrow(data))
    for (own in dealt) lesion[own] <- own[order(u[own])]
    lesion
  }
  observed <- distance_of(matrix(seq_len(nrow(data))))[, 1]
  found <- distance_of(with_seeds(seeds, function() vapply(seq_len(draws), function(i) deal(),
                                                           integer(nrow(data)))))
  slack <- 1e-9
  compare_means <- function(own) {
    means <- colMeans(found[own, , drop = FALSE])
    rarer <- min(sum(means <= mean(observed[own]) + slack), sum(means >= mean(observed[own]) - slack))
    ends <- unname(quantile(means, c(0.025, 0.975), type = 7))
    data.frame(n = length(own), distance = mean(observed[own]), expected_distance = mean(means), null_low = ends[1],
               null_high = ends[2], p_value = min(1, 2 * (1 + rarer) / (1 + draws)))
  }
  of_group <- split(seq_along(group), group)
  groups <- data.frame(group = as.integer(names(of_group)),
                       do.call(rbind, lapply(unname(of_group), compare_means)))
  cohort <- data.frame(compare_means(seq_along(observed)), not_compared = sum(!kept))
  patients <- data.frame(patient = places$patients[kept], share_at_most = 0, share_at_least = 0)
  for (own in split(seq_along(class), class)) {
    pool <- as.vector(found[own, ])
    patients$share_at_most[own] <- ecdf(pool)(observed[own] + slack)
    patients$share_at_least[own] <- ecdf(-pool)(-observed[own] + slack)
  }
  structure(list(cohort = cohort, groups = groups, patients = patients),
            method = "the definitions, draw by draw; runif of Wichmann-Hill, order {base}")
}
