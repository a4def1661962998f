# Shared by the Cox models of start-stop rows; not a statistic itself.

# Tables of the Cox model of the covariates x1, x2 .. of rows at risk after `start`, up to `stop`; the
# robust variance adds up the rows of a cluster. See cox_counting.
counting_tables <- function(data, ties, conf_level) {
  terms <- grep("^x[0-9]+$", names(data), value = TRUE)
  stratified <- "strata" %in% names(data)
  model <- reformulate(c(terms, if (stratified) "strata(strata)"), quote(Surv(start, stop, event)))
  fit <- withCallingHandlers(
    coxph(model, data = data, ties = ties, cluster = cluster,
          control = coxph.control(eps = 1e-11, iter.max = 50, toler.inf = 1e-3, timefix = FALSE)),
    warning = refuse_infinite)
  if (anyNA(coef(fit)))
    not_estimable("Cox model", paste("a combination of the other covariates, or no variation",
                                     "among the rows at risk together; leave it out."),
                  which(is.na(coef(fit))))
  estimate <- unname(coef(fit))
  robust_error <- sqrt(diag(fit$var))
  z <- qnorm((1 + conf_level) / 2)
  ratio <- 2 * (fit$loglik[2] - fit$loglik[1])
  list(terms = data.frame(term = seq_along(terms), estimate = estimate,
                          std_error = sqrt(diag(fit$naive.var)), robust_error = robust_error,
                          hazard_ratio = exp(estimate),
                          conf_low = exp(estimate - z * robust_error),
                          conf_high = exp(estimate + z * robust_error),
                          statistic = estimate / robust_error,
                          p_value = 2 * pnorm(-abs(estimate / robust_error))),
       model = data.frame(n = fit$n, patients = length(unique(data$cluster)), events = fit$nevent,
                          log_likelihood_null = fit$loglik[1], log_likelihood = fit$loglik[2],
                          statistic = ratio, df = length(terms),
                          p_value = pchisq(ratio, length(terms), lower.tail = FALSE)))
}

# How the models of start-stop rows were fitted, in words.
counting_method <- function(data, ties) {
  paste0("coxph(Surv(start, stop, event), ties = \"", ties, "\", cluster = patient)",
         if ("strata" %in% names(data)) ", strata", " {survival}")
}
