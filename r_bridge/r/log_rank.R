# Log-rank test of two or more groups, within strata where the data have a column `strata`.
# Observed and expected events are summed over the strata.
# Times are replaced by their ranks: the test depends on nothing else, and survdiff then cannot
# merge two times as nearly equal (its timefix = FALSE is not usable in every version).
log_rank <- function(data) {
  data$time <- match(data$time, sort(unique(data$time)))
  data$group <- factor(data$group)
  stratified <- "strata" %in% names(data)
  fit <- if (stratified)
    survdiff(Surv(time, event) ~ group + strata(strata), data = data, rho = 0)
  else
    survdiff(Surv(time, event) ~ group, data = data, rho = 0)
  observed <- rowSums(as.matrix(fit$obs))
  expected <- rowSums(as.matrix(fit$exp))
  df <- sum(expected > 0) - 1
  structure(
    list(test = data.frame(statistic = fit$chisq, df = df,
                           p_value = pchisq(fit$chisq, df, lower.tail = FALSE)),
         groups = data.frame(group = as.integer(levels(data$group)), n = as.vector(fit$n),
                             observed = unname(observed), expected = unname(expected))),
    method = paste0("survdiff(rho = 0)", if (stratified) ", strata", " {survival}"))
}
