# Cox model of the distance, all the way from the measurements: rows as in follow_lesions, each with
# time, event and, where the model is stratified, strata of its patient; the definitions are the
# arguments of response_patterns. Terms: distance and baseline sum of diameters, each per SD of the
# patients in the model, and the number of lesions, unless it is the same in all of them.
cox_from_measurements <- function(data, ties, conf_level, ...) {
  patients <- response_patterns(data, ...)$patients
  outcome <- intersect(c("time", "event", "strata"), names(data))
  patients[outcome] <- data[match(patients$patient, data$patient), outcome]
  used <- c("distance", "baseline_sum_mm", "n_lesions", outcome)
  model <- patients[complete.cases(patients[used]), used]
  if (nrow(model) < 3)
    not_estimable("Cox model", paste(nrow(model), "patient(s) with all columns, needs 3."))
  for (term in c("distance", "baseline_sum_mm"))
    if (!varies(model[[term]]))
      not_estimable("Cox model", paste(term, "has the same value in every patient."))

  model$x1 <- model$distance / sd(model$distance)
  model$x2 <- model$baseline_sum_mm / sd(model$baseline_sum_mm)
  if (varies(model$n_lesions)) model$x3 <- model$n_lesions
  n_terms <- length(grep("^x[0-9]+$", names(model)))
  if (sum(model$event) < n_terms + 1)
    not_estimable("Cox model", paste0(sum(model$event), " event(s) in ", nrow(model),
                                      " patients, needs ", n_terms + 1, "."))
  cox_tables(model, ties, conf_level)
}

# Whether values differ by more than rounding.
varies <- function(x) max(x) - min(x) > 1e-9 * max(abs(x))
