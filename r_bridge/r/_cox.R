# Shared by the Cox models; not a statistic itself.

# Tables of the Cox model of the covariates x1, x2 .., see cox.
cox_tables <- function(data, ties, conf_level) {
  terms <- grep("^x[0-9]+$", names(data), value = TRUE)
  stratified <- "strata" %in% names(data)
  model <- reformulate(c(terms, if (stratified) "strata(strata)"), quote(Surv(time, event)))
  fit <- withCallingHandlers(cox_fit(model, data, ties), warning = refuse_infinite)
  if (anyNA(coef(fit)))
    not_estimable("Cox model", paste("a combination of the other covariates, or no variation",
                                     "among the rows at risk; leave it out."),
                  which(is.na(coef(fit))))
  estimate <- unname(coef(fit))
  std_error <- unname(sqrt(diag(vcov(fit))))
  z <- qnorm((1 + conf_level) / 2)
  ratio <- 2 * (fit$loglik[2] - fit$loglik[1])
  structure(
    list(terms = data.frame(term = seq_along(terms), estimate = estimate, std_error = std_error,
                            hazard_ratio = exp(estimate),
                            conf_low = exp(estimate - z * std_error),
                            conf_high = exp(estimate + z * std_error),
                            statistic = estimate / std_error,
                            p_value = 2 * pnorm(-abs(estimate / std_error))),
         model = data.frame(n = fit$n, events = fit$nevent, log_likelihood_null = fit$loglik[1],
                            log_likelihood = fit$loglik[2], statistic = ratio,
                            df = length(terms),
                            p_value = pchisq(ratio, length(terms), lower.tail = FALSE))),
    method = paste0("coxph(ties = \"", ties, "\")", if (stratified) ", strata", " {survival}"))
}

# Times are taken as they are (timefix = FALSE): no two of them are merged as nearly equal.
# toler.inf is wide: the iteration is driven so far (eps) that the default, sqrt(eps), could call
# a coefficient near 0 infinite; one that is infinite still moves by far more.
cox_fit <- function(model, data, ties) {
  coxph(model, data = data, ties = ties, robust = FALSE,
        control = coxph.control(eps = 1e-11, iter.max = 50, toler.inf = 1e-3, timefix = FALSE))
}

# coxph warns where a coefficient runs away, and gives the last one that it reached.
refuse_infinite <- function(w) {
  said <- trimws(conditionMessage(w))
  if (!grepl("infinite|converge", said)) return()
  terms <- as.integer(regmatches(said, gregexpr("[0-9]+", said))[[1]])
  not_estimable("Cox model", paste0("no finite coefficient, as where a covariate separates events ",
                                    "from the others at risk (coxph: ",
                                    gsub("[[:space:]]+", " ", said),
                                    "). Leave it out or pool categories."), terms)
}
