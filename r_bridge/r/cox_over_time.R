# Cox model of the distance as it changes from scan to scan, all the way from the measurements: rows as
# in follow_lesions, each with time, event and, where the model is stratified, strata of its patient;
# the definitions are the arguments of distances_over_time. Terms: distance per `unit` (NA: per SD),
# baseline sum of diameters per SD and, unless it is the same in all, number of the lesions with a scan
# so far. SDs are those of the patients, each at the last of its states in the model.
cox_over_time <- function(data, unit, ties, conf_level, ...) {
  found <- rows_over_time(distances_over_time(data, ...), data, "distance")
  rows <- found$rows
  last <- rows[!duplicated(rows$patient, fromLast = TRUE), ]
  if (nrow(last) < 3)
    not_estimable("Cox model", paste(nrow(last), "patient(s) with all columns, needs 3."))
  changes <- function(x) max(x) - min(x) > 1e-9 * max(abs(x))
  for (term in c("distance", "baseline_sum_mm"))
    if (!changes(last[[term]]))
      not_estimable("Cox model", paste(term, "has the same value in every patient."))

  if (is.na(unit)) unit <- sd(last$distance)
  model <- rows[intersect(names(rows), c("start", "stop", "event", "cluster", "strata"))]
  model$x1 <- rows$distance / unit
  model$x2 <- rows$baseline_sum_mm / sd(last$baseline_sum_mm)
  if (changes(last$n_lesions)) model$x3 <- rows$n_lesions
  need_more_events(model, length(grep("^x[0-9]+$", names(model))))
  structure(c(counting_tables(model, ties, conf_level), list(patients = found$patients)),
            method = paste("rows by tmerge,", counting_method(model, ties)))
}
