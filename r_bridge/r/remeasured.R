# Distances had every size been measured once more, and their mean extrapolated to no error (SIMEX).
#   levels, draws   variances of the added error in units of one measurement's, and draws of each
#   conf_level      of the percentile intervals
# Rows and the other settings are those of noise_null. Sizes up to the floor stay as recorded.
remeasured <- function(data, levels, draws, log_sd, sd_mm, seeds, conf_level, recording,
                       response_threshold, relapse_threshold, relapse_reference,
                       relapse_min_increase_mm, stable_rule, weights, range, lowest, highest, self) {
  places <- places_of(data)
  distance_of <- function(sizes)
    patient_distances(variables_of(sizes, places, response_threshold, relapse_threshold,
                                   relapse_reference, relapse_min_increase_mm, stable_rule),
                      places, weights, range, lowest, highest, self)
  size <- data$size_mm
  observed <- distance_of(matrix(size))[, 1]
  small <- size <= recording[2]
  measure <- measure_often(log(ifelse(small, 1, size)), log_error(size, recording, log_sd, sd_mm),
                           keep = small, as_recorded = size, vanish = rep(FALSE, length(size)),
                           recording, distance_of)
  found <- with_seeds(seeds, function() Map(measure, sqrt(levels), draws))

  ends <- c((1 - conf_level) / 2, (1 + conf_level) / 2)
  limits <- vapply(found, function(x) unname(quantile(colMeans(x), ends, type = 7)), numeric(2))
  table <- data.frame(variance = c(0, levels), draws = c(0, draws),
                      mean = c(mean(observed), vapply(found, mean, numeric(1))),
                      conf_low = c(NA, limits[1, ]), conf_high = c(NA, limits[2, ]))
  once <- found[[which(levels == 1)[1]]]
  patients <- data.frame(patient = places$patients, mean = rowMeans(once),
                         conf_low = row_quantile(once, ends[1]),
                         conf_high = row_quantile(once, ends[2]))
  no_error <- data.frame(variance = -1)
  estimate <- vapply(1:2, function(degree)
    unname(predict(lm(mean ~ poly(variance, degree), data = table), no_error)), numeric(1))
  structure(list(levels = table, patients = patients,
                 extrapolated = data.frame(degree = 1:2, estimate = estimate)),
            method = "the definitions, draw by draw; runif of Wichmann-Hill, qnorm, lm {base, stats}")
}
