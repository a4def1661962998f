# Cox model of the covariates x1, x2 .., with a baseline hazard for each stratum where the data
# have a column `strata`. Wald intervals are those of the hazard ratio.
cox <- function(data, ties, conf_level) cox_tables(data, ties, conf_level)
