# Cox model of start-stop rows: start, stop, event, covariates x1, x2 .., cluster (the patient) and,
# where each has its own baseline hazard, strata. Intervals are Wald's with the robust variance.
cox_counting <- function(data, ties, conf_level) {
  structure(counting_tables(data, ties, conf_level), method = counting_method(data, ties))
}
