# Each measure over the patients who have it; see patient_measures.
measure_summary <- function(data, day, ...) {
  values <- measures_of(data, day, ...)[-1]
  one <- function(x) {
    known <- x[!is.na(x)]
    if (length(known) == 0) return(c(0, length(x), rep(NA_real_, 7)))
    cuts <- quantile(known, c(0, 0.25, 0.5, 0.75, 1), type = 7, names = FALSE)
    c(length(known), length(x) - length(known), mean(known), sd(known), cuts)
  }
  table <- vapply(values, one, numeric(9))
  rownames(table) <- c("n", "without", "mean", "sd", "minimum", "q25", "median", "q75", "maximum")
  structure(list(measures = data.frame(term = seq_along(values), t(table), row.names = NULL)),
            method = "the definitions, patient by patient, mean, sd, quantile(type = 7) {base, stats}")
}
