# Shared by heterogeneity and by what starts from the measurements; not a statistic itself.

# Lesion level: mean Gower distance of each row of `data` to the rows of its patient, over three flags
# and two ratios, in the order of the rows.
#   weights           of the five variables
#   range             of the ratios: of each "patient", of the "cohort", or "fixed"
#   lowest, highest   fixed range of the two ratios
#   self              whether the mean includes the lesion itself, at distance 0
#   single            distance of a patient's only lesion: "zero" or "missing"
lesion_level <- function(data, weights, range, lowest, highest, self, single) {
  flags <- c("response", "stable", "relapse")
  ratios <- c("nadir_ratio", "last_ratio")
  if (range == "cohort") {
    lowest <- vapply(data[ratios], lowest_known, numeric(1))
    highest <- -vapply(-data[ratios], lowest_known, numeric(1))
  } else if (range == "patient") {
    lowest <- highest <- c(NA_real_, NA_real_)
  }
  data[flags] <- lapply(data[flags], factor, levels = c(0, 1))
  of_patient <- function(rows) {
    if (nrow(rows) == 1) return(if (single == "zero") 0 else NA_real_)
    variables <- rows[c(flags, ratios)]
    distances <- daisy_matrix(variables, weights, c(NA, NA, NA, lowest), c(NA, NA, NA, highest))
    usable <- (!is.na(variables)) %*% weights > 0
    diag(distances) <- if (self) ifelse(usable, 0, NA) else NA
    rowMeans(distances, na.rm = TRUE)
  }
  distance <- numeric(nrow(data))
  for (rows in split(seq_len(nrow(data)), data$patient))
    distance[rows] <- of_patient(data[rows, ])
  distance
}

# Smallest value that is not missing; NA where all are.
lowest_known <- function(x) if (all(is.na(x))) NA_real_ else min(x, na.rm = TRUE)
