# Log-rank test of two or more groups, within strata where the data have a column `strata`.
# Observed and expected events are summed over the strata.
# Times are replaced by their ranks: the test depends on nothing else, and survdiff then cannot
# merge two times as nearly equal (its timefix = FALSE is not usable in every version).
log_rank <- function(data) {
  data$time <- match(data$time, sort(unique(data$time)))
  data$group <- factor(data$group)
  stratified <- "strata" %in% names(data)
  if (!all_compared(data, if (stratified) data$strata else rep(1, nrow(data))))
    not_estimable("Log-rank test",
                  paste("some groups are never at risk together at an event time of a stratum, so",
                        "they cannot be compared. Leave the strata or those groups out."))
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

# Whether every group at risk at some event time is compared with every other one, at least by way
# of groups between them. survdiff stops with "singular" where this is not so.
all_compared <- function(data, strata) {
  at_risk <- lapply(split(data, strata), function(rows) {
    events <- rows$time[rows$event == 1]
    # All who are at risk later are at risk at the first event.
    if (length(events)) rows[rows$time >= min(events), ]
  })
  at_risk <- Filter(Negate(is.null), at_risk)
  groups <- lapply(at_risk, function(rows) unique(as.integer(rows$group)))
  everyone <- unique(unlist(groups))
  if (length(everyone) < 2) return(TRUE)
  # Where all at risk die at once, nothing is compared.
  compares <- vapply(at_risk, function(rows) any(rows$event == 0 | rows$time > min(rows$time)),
                     logical(1))
  met <- everyone[1]
  repeat {
    with_met <- vapply(groups, function(codes) any(codes %in% met), logical(1))
    more <- unique(c(met, unlist(groups[compares & with_met])))
    if (length(more) == length(met)) return(length(met) == length(everyone))
    met <- more
  }
}
