# Lesion level: mean Gower distance of a lesion to the lesions of its patient, over three flags
# and two ratios. Patient level: mean of the lesion level.
#   weights           of the five variables
#   range             of the ratios: of each "patient", of the "cohort", or "fixed"
#   lowest, highest   fixed range of the two ratios
#   self              whether the mean includes the lesion itself, at distance 0
#   single            distance of a patient's only lesion: "zero" or "missing"
heterogeneity <- function(data, weights, range, lowest, highest, self, single) {
  flags <- c("response", "stable", "relapse")
  ratios <- c("nadir_ratio", "last_ratio")
  if (range == "cohort") {
    lowest <- vapply(data[ratios], lowest_known, numeric(1))
    highest <- -vapply(-data[ratios], lowest_known, numeric(1))
  } else if (range == "patient") {
    lowest <- highest <- c(NA_real_, NA_real_)
  }
  data[flags] <- lapply(data[flags], factor, levels = c(0, 1))
  lesion_level <- function(rows) {
    if (nrow(rows) == 1) return(if (single == "zero") 0 else NA_real_)
    variables <- rows[c(flags, ratios)]
    distances <- daisy_matrix(variables, weights, c(NA, NA, NA, lowest), c(NA, NA, NA, highest))
    usable <- (!is.na(variables)) %*% weights > 0
    diag(distances) <- if (self) ifelse(usable, 0, NA) else NA
    rowMeans(distances, na.rm = TRUE)
  }
  patients <- split(seq_len(nrow(data)), data$patient)
  distance <- lapply(patients, function(rows) lesion_level(data[rows, ]))
  lesions <- data.frame(row = data$row[unlist(patients)], distance = unlist(distance))
  lesions <- lesions[order(lesions$row), ]
  rownames(lesions) <- NULL
  structure(
    list(lesions = lesions,
         patients = data.frame(patient = as.integer(names(patients)),
                               n = unname(lengths(patients)),
                               distance = unname(vapply(distance, mean, numeric(1),
                                                        na.rm = TRUE)))),
    method = "daisy(metric = \"gower\") {cluster}, by patient")
}

# Smallest value that is not missing; NA where all are.
lowest_known <- function(x) if (all(is.na(x))) NA_real_ else min(x, na.rm = TRUE)
