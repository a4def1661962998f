# Lesion-level Gower distance of response patterns, and patient level: its mean over the lesions.
# The settings are those of lesion_level.
heterogeneity <- function(data, weights, range, lowest, highest, self, single) {
  distance <- lesion_level(data, weights, range, lowest, highest, self, single)
  by_patient <- split(distance, data$patient)
  lesions <- data.frame(row = data$row, distance = distance)
  lesions <- lesions[order(lesions$row), ]
  rownames(lesions) <- NULL
  structure(
    list(lesions = lesions,
         patients = data.frame(patient = as.integer(names(by_patient)),
                               n = unname(lengths(by_patient)),
                               distance = unname(vapply(by_patient, mean, numeric(1),
                                                        na.rm = TRUE)))),
    method = "daisy(metric = \"gower\") {cluster}, by patient")
}
