# Whether an organ of a patient responds, and its other organs taken together, up to a day. Rows and
# options as in organ_response.
landmark_organ_response <- function(data, day, organ, other, organ_rule, response_threshold, burden,
                                    visit_window_days) {
  scans <- scans_with_sites(data[data$day <= day, ])
  scans$assessment <- assessments(scans, visit_window_days)
  found <- lapply(split(scans, scans$patient), organ_group_of, organ, other, organ_rule,
                  response_threshold, burden)
  why <- vapply(found, `[[`, "", "why")
  known <- found[why == ""]
  if (length(known) == 0)
    not_estimable("Organ response", "no patient has lesions there whose response is known.")
  number <- function(name) unname(vapply(known, `[[`, numeric(1), name))
  structure(
    list(patients = data.frame(patient = as.integer(names(known)), ratio = number("ratio"),
                               others_ratio = number("others_ratio"),
                               response_group = number("group")),
         left_out = data.frame(unknown_site = sum(why == "unknown_site"),
                               organ_not_whole = sum(why == "organ_not_whole"),
                               others_not_whole = sum(why == "others_not_whole"))),
    method = "the definitions, patient by patient {base}, from the measurements up to the day")
}
