# Cox model of lesions: time, event, covariates x1, x2 .., cluster (the patient) and, where each has its
# own baseline hazard, strata. Intervals are Wald's with the robust variance.
clustered_cox <- function(data, ties, conf_level) {
  # At risk from before day 0: the same model, in the form that the shared function takes.
  data$start <- -1
  data$stop <- data$time
  structure(counting_tables(data, ties, conf_level),
            method = paste0("coxph(Surv(-1, time, event), ties = \"", ties, "\", cluster = patient)",
                            if ("strata" %in% names(data)) ", strata", " {survival}"))
}
