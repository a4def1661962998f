# Linear mixed model of values with one random intercept a patient: covariates x1, x2 .., cluster (the
# patient). Estimates by REML, the likelihood ratio test of all covariates by ML, z with a normal P.
mixed_model <- function(data, conf_level) {
  terms <- grep("^x[0-9]+$", names(data), value = TRUE)
  refuse_unclear(reformulate(terms, "values"), data, terms)
  unit <- standardised(data, terms)
  full <- reformulate(terms, "values")
  fit <- random_intercept(full, unit$data, "REML")
  ml <- random_intercept(full, unit$data, "ML")
  null <- random_intercept(values ~ 1, unit$data, "ML")
  estimate <- drop(unit$back %*% fit$estimate) + c(unit$middle, 0 * seq_along(terms))
  std_error <- sqrt(diag(unit$back %*% fit$covariance %*% t(unit$back)))
  z <- estimate / std_error
  reach <- qnorm((1 + conf_level) / 2) * std_error
  ratio <- 2 * (ml$log_likelihood - null$log_likelihood)
  shift <- nrow(data) * log(unit$size)
  structure(
    list(terms = data.frame(term = seq_along(z), estimate = estimate, std_error = std_error,
                            conf_low = estimate - reach, conf_high = estimate + reach,
                            statistic = z, p_value = 2 * pnorm(-abs(z)), row.names = NULL),
         model = data.frame(n = nrow(data), patients = length(unique(data$cluster)),
                            variance_patients = fit$between * unit$size^2,
                            variance_lesions = fit$within * unit$size^2,
                            intraclass_correlation = fit$between / (fit$between + fit$within),
                            singular = as.numeric(fit$between == 0),
                            log_likelihood_null = null$log_likelihood - shift,
                            log_likelihood = ml$log_likelihood - shift, statistic = ratio,
                            df = length(terms),
                            p_value = pchisq(ratio, length(terms), lower.tail = FALSE))),
    method = "lme(random = ~ 1 | patient), REML; likelihood ratio by ML {nlme}")
}

# Values and covariates with mean 0 and SD 1, as lme likes them: `back` leads from the coefficients of
# these to those of the covariates as given, but for the mean of the values, `middle`.
standardised <- function(data, terms) {
  mean_of <- vapply(data[terms], mean, numeric(1))
  sd_of <- vapply(data[terms], sd, numeric(1))
  middle <- mean(data$values)
  size <- sd(data$values)
  data[terms] <- Map(function(x, m, s) (x - m) / s, data[terms], mean_of, sd_of)
  data$values <- (data$values - middle) / size
  back <- diag(c(1, 1 / sd_of))
  back[1, -1] <- -mean_of / sd_of
  list(data = data, middle = middle, size = size, back = size * back)
}

# lme never gives a variance of 0. Where the likelihood does not rise from there the model is that of lm.
random_intercept <- function(formula, data, method) {
  plain <- lm(formula, data)
  if (!rises_from_zero(plain, data$cluster, method))
    return(list(estimate = unname(coef(plain)), within = sigma(plain)^2, between = 0,
                covariance = vcov(plain), log_likelihood = as.numeric(logLik(plain))))
  fit <- converged_lme(formula, data, method)
  list(estimate = unname(nlme::fixef(fit)), within = fit$sigma^2,
       between = nlme::getVarCov(fit)[1, 1], covariance = unname(fit$varFix),
       log_likelihood = as.numeric(logLik(fit)))
}

# lme may stop with "false convergence" where it stands on the maximum already: more steps of EM before
# the last optimiser lead there from elsewhere.
converged_lme <- function(formula, data, method) {
  ways <- list(list("nlminb", 50), list("nlminb", 200), list("optim", 200))
  for (way in ways) {
    control <- nlme::lmeControl(opt = way[[1]], niterEM = way[[2]], maxIter = 200, msMaxIter = 500,
                                apVar = FALSE)
    fit <- tryCatch(nlme::lme(formula, data, random = ~ 1 | cluster, method = method,
                              control = control), error = identity)
    if (!inherits(fit, "error")) return(fit)
  }
  said <- gsub("[[:space:]]+", " ", conditionMessage(fit))
  not_estimable("Mixed model", paste0("no maximum of the likelihood was found (lme: ", said, ")."))
}

# Whether the log-likelihood rises as the patients' variance leaves 0: its derivative there.
rises_from_zero <- function(plain, cluster, method) {
  df <- if (method == "REML") plain$df.residual else nobs(plain)
  residual <- residuals(plain)
  slope <- df * sum(rowsum(residual, cluster)^2) / sum(residual^2) - nobs(plain)
  if (method == "REML") slope <- slope + sum(rowsum(qr.Q(plain$qr), cluster)^2)
  slope > 1e-8 * nobs(plain)
}

# Refuse covariates that follow from each other, and values that do not vary within patients.
refuse_unclear <- function(formula, data, terms) {
  unknown <- which(is.na(coef(lm(formula, data, tol = 1e-9))))  # the intercept is the first term
  if (length(unknown))
    not_estimable("Mixed model", "a combination of the other covariates; leave it out.", unknown)
  inside <- as.data.frame(lapply(data[c("values", terms)], function(v) v - ave(v, data$cluster)))
  left <- sum(residuals(lm(reformulate(c("0", terms), "values"), inside))^2)
  if (left <= 1e-12 * sum((data$values - mean(data$values))^2))
    not_estimable("Mixed model",
                  "values do not vary within patients. Compare one value a patient instead.")
}
