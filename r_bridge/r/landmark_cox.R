# Cox model from a landmark on: one row a patient with time and event from the start of treatment,
# covariates x1, x2 .. as they are known on that day (NA where they are not) and, where the model is
# stratified, strata.
#   day      of the landmark; who has had the event or was censored by then is left out
#   per_sd   1 for each covariate that is divided by its SD among the patients in the model, else 0
landmark_cox <- function(data, day, per_sd, ties, conf_level) {
  terms <- grep("^x[0-9]+$", names(data), value = TRUE)
  has_outcome <- !is.na(data$time) & !is.na(data$event)
  at_risk <- has_outcome & data$time > day
  over <- has_outcome & data$time <= day
  known <- rowSums(!is.na(data[terms])) > 0
  whole <- complete.cases(data)

  model <- data[at_risk & whole, ]
  model$time <- model$time - day
  for (term in terms[per_sd == 1]) model[[term]] <- model[[term]] / sd(model[[term]])
  tables <- cox_tables(model, ties, conf_level)
  tables$patients <- data.frame(
    found = nrow(data), no_outcome = sum(!has_outcome),
    event_before = sum(over & data$event == 1, na.rm = TRUE),
    censored_before = sum(over & data$event == 0, na.rm = TRUE),
    no_scan = sum(at_risk & !known), incomplete = sum(at_risk & known & !whole),
    in_model = nrow(model))
  tables
}
