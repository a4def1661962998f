# Shared by the checks of Cox models; not a statistic itself.

# The Cox model of the covariates x1, x2 .., with a baseline hazard for each stratum where the data have
# a column `strata`; refused where it has no finite coefficients.
#   places   numbers of the terms as the caller knows them
checked_fit <- function(data, ties, places = NULL) {
  terms <- grep("^x[0-9]+$", names(data), value = TRUE)
  model <- reformulate(c(terms, if ("strata" %in% names(data)) "strata(strata)"),
                       quote(Surv(time, event)))
  # The fit keeps its data by name: cox.zph and residuals look for them there.
  tryCatch({
    fit <- withCallingHandlers(
      coxph(model, data = data, ties = ties, robust = FALSE, x = TRUE, y = TRUE,
            control = coxph.control(eps = 1e-11, iter.max = 50, toler.inf = 1e-3,
                                    timefix = FALSE)),
      warning = refuse_infinite)
    if (anyNA(coef(fit)))
      not_estimable("Cox model", paste("a combination of the other covariates, or no variation",
                                       "among the rows at risk; leave it out."),
                    which(is.na(coef(fit))))
    fit
  }, not_estimable = function(refusal) {
    if (!is.null(places)) refusal$terms <- unique(places[refusal$terms])
    stop(refusal)
  })
}
