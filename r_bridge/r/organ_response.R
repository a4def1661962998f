# Whether an organ of a patient responds, and its other organs taken together. Rows as in
# follow_lesions.
#   organ, other   codes of sites; other = 0: whatever other organs a patient has, or none; else only
#                  patients whose lesions are in exactly these two
#   organ_rule     "sum", "mean", "any" or "all", see best_ratio
# Groups: 1 all respond, 2 the organ only, 3 the others only, 4 none. A patient with lesions in the
# organ only is in group 1 or 4.
organ_response <- function(data, organ, other, organ_rule, response_threshold, burden,
                           visit_window_days) {
  followed <- follow_lesions(data)
  scans <- followed$scans
  scans$assessment <- assessments(scans, visit_window_days)
  scans$site <- followed$lesions$site[match(scans$lesion, followed$lesions$lesion)]

  by_patient <- split(scans, scans$patient)
  by_patient <- Filter(function(own) organ %in% own$site, by_patient)
  unknown <- vapply(by_patient, function(own) anyNA(own$site), logical(1))
  by_patient <- by_patient[!unknown]
  if (other != 0) by_patient <- Filter(function(own) setequal(own$site, c(organ, other)), by_patient)

  best <- function(own) best_ratio(own, organ_rule, burden)
  ratio <- vapply(by_patient, function(own) best(own[own$site == organ, ]), numeric(1))
  others_ratio <- vapply(by_patient, function(own) best(own[own$site != organ, ]), numeric(1))
  alone <- vapply(by_patient, function(own) all(own$site == organ), logical(1))
  organ_unknown <- is.na(ratio)
  others_unknown <- !organ_unknown & !alone & is.na(others_ratio)
  known <- !organ_unknown & !others_unknown
  if (!any(known))
    not_estimable("Organ response", "no patient has lesions there whose response is known.")

  # Strictly beyond the threshold, up to a relative slack of 1e-9: 0.7 * 3 is not 2.1 in binary.
  responds <- ratio < response_threshold * (1 - 1e-9)
  others_respond <- ifelse(alone, responds, others_ratio < response_threshold * (1 - 1e-9))
  group <- ifelse(responds, ifelse(others_respond, 1, 2), ifelse(others_respond, 3, 4))
  structure(
    list(patients = data.frame(patient = as.integer(names(by_patient)), ratio = ratio,
                               others_ratio = others_ratio, response_group = group,
                               row.names = NULL)[known, ],
         left_out = data.frame(unknown_site = sum(unknown), organ_not_whole = sum(organ_unknown),
                               others_not_whole = sum(others_unknown))),
    method = "the definitions, patient by patient {base}, from the measurements")
}

# Best ratio to baseline of some lesions of a patient: that of their sum, or of their own best ratios
# the mean, the smallest ("any" responds) or the largest ("all" respond). NA where there is none.
best_ratio <- function(scans, organ_rule, burden) {
  if (nrow(scans) == 0) return(NA_real_)
  if (organ_rule == "sum") {
    sums <- sum_over_time(scans, burden)
    return(if (is.null(sums)) NA_real_ else min(sums$size[-1]) / sums$size[1])
  }
  after <- scans[!scans$is_baseline, ]
  best <- tapply(after$diameter_mm / after$baseline_mm, after$lesion, min)
  switch(organ_rule, mean = mean(best), any = min(best), all = max(best))
}
