# Everything that follows from the measurements: baselines, phases, total burden, inconsistent lesions,
# distances. Rows as in follow_lesions; the definitions are the arguments of response_patterns.
patterns <- function(data, ...) {
  found <- response_patterns(data, ...)
  of_both <- c("response", "stable", "relapse", "mixed", "response_days", "stable_days",
               "relapse_days", "nadir_ratio", "last_ratio")
  structure(
    list(lesions = data.frame(row = found$lesions$lesion,
                              found$lesions[c("baseline_day", "baseline_mm", "n_scans", of_both,
                                              "inconsistent", "distance")]),
         patients = found$patients, burden = found$burden, attrition = found$attrition),
    method = "the definitions {base}, daisy(metric = \"gower\") {cluster}, from the measurements")
}
