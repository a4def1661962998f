# Cox model of organ response as it changes from scan to scan, all the way from the measurements: rows
# as in follow_lesions, each with time, event and, where the model is stratified, strata of its patient;
# the other options as in organ_response. Terms are the groups 1 (all respond), 2 (the organ only) and 3
# (the others only) against 4 (none). Rows of a group without events are left out: their hazard ratio
# is 0, and the others are what they would be with it.
organ_cox_over_time <- function(data, organ, other, organ_rule, response_threshold, burden,
                                visit_window_days, ties, conf_level) {
  found <- rows_over_time(organ_states(data, organ, other, organ_rule, response_threshold, burden,
                                       visit_window_days), data, "group")
  groups <- sort(unique(found$rows$group[found$rows$event == 1]))
  if (length(groups) < 2 || !4 %in% groups)
    not_estimable("Cox model", paste0("the groups with events are ", toString(groups),
                                      "; needed: 4 (no response) and another."))
  rows <- found$rows[found$rows$group %in% groups, ]
  model <- rows[intersect(names(rows), c("start", "stop", "event", "cluster", "strata"))]
  compared <- groups[groups != 4]
  for (term in seq_along(compared))
    model[[paste0("x", term)]] <- as.numeric(rows$group == compared[term])
  need_more_events(model, length(compared))
  tables <- counting_tables(model, ties, conf_level)
  tables$terms$term <- compared
  structure(c(tables, list(patients = found$patients)),
            method = paste("rows by tmerge,", counting_method(model, ties)))
}

# Response group of each patient who ever has a lesion in the organ as it stands at each scan day; NA
# where it is not known then.
organ_states <- function(data, organ, other, organ_rule, response_threshold, burden,
                         visit_window_days) {
  scans <- scans_with_sites(data)
  scans <- scans[scans$patient %in% scans$patient[scans$site %in% organ], ]
  group_at <- function(own, day) {
    own <- own[own$day <= day, ]
    own <- own[own$lesion %in% own$lesion[!own$is_baseline], ]
    own$assessment <- assessments_of_one(own$day, own$lesion, own$visit, own$is_baseline,
                                         visit_window_days)
    organ_group_of(own, organ, other, organ_rule, response_threshold, burden)$group
  }
  states <- scan_days(scans)
  by_patient <- split(scans, scans$patient)
  states$group <- unlist(lapply(split(states, states$patient), function(own) {
    vapply(own$day, function(day) group_at(by_patient[[as.character(own$patient[1])]], day),
           numeric(1))
  }))
  states
}
