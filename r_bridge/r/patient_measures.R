# Measures of how differently the lesions of each patient respond, from the measurements up to a day (NA:
# all). Rows and definitions as in patterns.
patient_measures <- function(data, day, ...) {
  structure(list(patients = measures_of(data, day, ...)),
            method = "the definitions, patient by patient {base}, from the measurements")
}
