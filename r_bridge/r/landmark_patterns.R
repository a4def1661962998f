# What is known of each patient from the measurements up to a day; rows and definitions as in patterns.
landmark_patterns <- function(data, day, ...) {
  patients <- response_patterns(data[data$day <= day, ], ...)$patients
  structure(
    list(patients = patients[c("patient", "n_lesions", "baseline_sum_mm", "nadir_ratio", "last_ratio",
                               "distance")]),
    method = paste("the definitions {base}, daisy(metric = \"gower\") {cluster}, from the",
                   "measurements up to the day"))
}
