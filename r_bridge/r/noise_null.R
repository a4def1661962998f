# Distances of lesions that are alike but for measurement noise, beside those observed.
#   data        patient, lesion, assessment (0 the baseline), size_mm; rows of a lesion together, its
#               baseline first
#   draws       how often all sizes are measured anew; seeds: start values of the random numbers
#   log_sd, sd_mm   error of one measurement
#   levels, level_draws   multiples of the error for which the mean is computed as well
#   recording   precision, floor and vanishing size in mm
# The other settings are those of variables_of and patient_distances.
noise_null <- function(data, draws, log_sd, sd_mm, seeds, levels, level_draws, recording,
                       response_threshold, relapse_threshold, relapse_reference,
                       relapse_min_increase_mm, stable_rule, weights, range, lowest, highest, self) {
  places <- places_of(data)
  distance_of <- function(sizes)
    patient_distances(variables_of(sizes, places, response_threshold, relapse_threshold,
                                   relapse_reference, relapse_min_increase_mm, stable_rule),
                      places, weights, range, lowest, highest, self)
  observed <- distance_of(matrix(data$size_mm))[, 1]

  course <- common_course(data, recording)
  is_later <- duplicated(data$lesion)
  measure <- measure_often(log(course), log_error(course, recording, log_sd, sd_mm),
                           keep = rep(FALSE, nrow(data)), as_recorded = course, vanish = is_later,
                           recording, distance_of)
  drawn <- with_seeds(seeds, function()
    list(once = measure(1, draws),
         others = vapply(levels, function(level) mean(measure(level, level_draws)), numeric(1))))

  alike <- drawn$once
  slack <- 1e-9
  limit <- row_quantile(alike, 0.95)
  patients <- data.frame(patient = places$patients, expected_distance = rowMeans(alike),
                         limit = limit,
                         noise_p = (1 + rowSums(alike >= observed - slack)) / (1 + draws))
  means <- colMeans(alike)
  of_mean <- unname(quantile(means, c(0.025, 0.975, 0.95), type = 7))
  cohort <- data.frame(n = length(observed),
                       single = length(unique(data$patient)) - length(observed),
                       distance = mean(observed), expected_distance = mean(means),
                       excess = mean(observed) - mean(means), null_low = of_mean[1],
                       null_high = of_mean[2], limit = of_mean[3],
                       p_value = (1 + sum(means >= mean(observed) - slack)) / (1 + draws),
                       above = sum(observed > limit + slack))
  structure(list(cohort = cohort, patients = patients,
                 draws = data.frame(draw = seq_len(draws), mean = means),
                 levels = data.frame(level_of_error = levels, expected_distance = drawn$others),
                 histogram = count_distances(observed, alike)),
            method = "the definitions, draw by draw; runif of Wichmann-Hill, qnorm {base, stats}")
}

# Sizes that all lesions would have if they followed the common course of their patient: baseline times
# the geometric mean ratio at the assessment. A lesion whose baseline came later begins there.
common_course <- function(data, recording) {
  first <- match(data$lesion, data$lesion)
  baseline <- data$size_mm[first]
  begins <- data$assessment[first]
  is_later <- seq_along(first) != first
  ratio <- ifelse(data$size_mm > 0, data$size_mm, recording[2] / 2) / baseline
  cell <- paste(data$patient, data$assessment)
  good <- is_later & begins == 0 & data$size_mm > recording[2]
  mean_log <- function(rows) tapply(log(ratio[rows]), cell[rows], mean)
  of_all <- mean_log(is_later)
  of_good <- mean_log(good)
  course <- of_all
  course[names(of_good)] <- of_good
  start <- course[paste(data$patient, begins)]
  # At the baseline, and where nothing else was measured, the course is where it began.
  start[begins == 0 | is.na(start)] <- 0
  unname(ifelse(is_later, baseline * exp(course[cell] - start), data$size_mm))
}

# Patients by distance, in bins of 1/40 closed on the left: observed, and in a mean draw.
count_distances <- function(observed, alike) {
  bin <- function(x) pmin(floor(x * 40 + 1e-9), 39) + 1
  counts <- cbind(tabulate(bin(observed), 40), tabulate(bin(as.vector(alike)), 40))
  last <- max(which(rowSums(counts) > 0))
  data.frame(bin = seq_len(40), left = (0:39) / 40, right = (1:40) / 40, patients = counts[, 1],
             expected_patients = counts[, 2] / ncol(alike))[seq_len(last), ]
}
