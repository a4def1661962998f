# Shared by what starts from the measurements; not a statistic itself.

# Response patterns from the rows of a lesions table (see follow_lesions), by the definitions.
#   burden, visit_window_days              see sum_over_time and assessments
#   weights, range, lowest, highest, self, single   of the distance, see lesion_level
# Gives lesions, patients and the total burden over time, and the attrition.
response_patterns <- function(data, response_threshold, relapse_threshold, relapse_reference,
                              relapse_min_increase_mm, stable_rule, crossing, burden,
                              visit_window_days, weights, range, lowest, highest, self, single) {
  phases_of <- function(day, size) {
    phases_of_one(day, size, response_threshold, relapse_threshold, relapse_reference,
                  relapse_min_increase_mm, stable_rule, crossing)
  }
  followed <- follow_lesions(data)
  scans <- followed$scans
  scans$assessment <- assessments(scans, visit_window_days)

  of_lesion <- split(seq_len(nrow(scans)), scans$lesion)
  phases <- vapply(of_lesion, function(rows) phases_of(scans$day[rows], scans$diameter_mm[rows]),
                   numeric(9))
  lesions <- data.frame(followed$lesions, t(phases), row.names = NULL)
  lesions$distance <- lesion_level(clip_ratios(lesions, range, lowest, highest), weights, range,
                                   lowest, highest, self, single)

  sums <- lapply(split(scans, scans$patient), sum_over_time, rule = burden)
  totals <- Filter(Negate(is.null), sums)
  total_phases <- matrix(NA_real_, length(sums), nrow(phases),
                         dimnames = list(names(sums), rownames(phases)))
  for (patient in names(totals))
    total_phases[patient, ] <- phases_of(totals[[patient]]$day, totals[[patient]]$size)

  # A lesion is inconsistent where one of its flags is not that of the total burden.
  flags <- c("response", "stable", "relapse")
  of_total <- total_phases[as.character(lesions$patient), flags, drop = FALSE]
  lesions$inconsistent <- as.numeric(rowSums(lesions[flags] != of_total) > 0)

  patients <- patients_of(lesions, total_phases)
  # Distances that are equal by the formula tie whatever the order of summation.
  lesions$distance <- round(lesions$distance, 12)
  patients$distance <- round(patients$distance, 12)

  list(lesions = lesions, patients = patients,
       burden = data.frame(
         patient = as.integer(rep(names(totals), vapply(totals, function(x) length(x$day), 1L))),
         day = as.numeric(unlist(lapply(totals, `[[`, "day"))),
         size_mm = as.numeric(unlist(lapply(totals, `[[`, "size")))),
       attrition = followed$attrition)
}

# One row a patient, in the order of the rows of `total_phases`.
patients_of <- function(lesions, total_phases) {
  of_patient <- split(lesions, lesions$patient)[rownames(total_phases)]
  each <- function(f) unname(vapply(of_patient, f, numeric(1)))
  data.frame(patient = as.integer(rownames(total_phases)),
             n_lesions = each(nrow),
             baseline_sum_mm = each(function(own) sum(own$baseline_mm)),
             total_phases,
             n_inconsistent = each(function(own) sum(own$inconsistent)),
             distance = each(function(own) mean(own$distance, na.rm = TRUE)),
             row.names = NULL)
}

# Ratios beyond a fixed range count as its ends, so that no distance passes 1.
clip_ratios <- function(lesions, range, lowest, highest) {
  if (range != "fixed") return(lesions)
  ratios <- c("nadir_ratio", "last_ratio")
  lesions[ratios] <- Map(function(x, low, high) pmin(pmax(x, low), high), lesions[ratios], lowest,
                         highest)
  lesions
}
