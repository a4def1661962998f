# Mean survival time up to day tau of each group, and difference and ratio of every two groups.
# Times are taken as they are (timefix = FALSE): no two of them are merged as nearly equal.
restricted_mean <- function(data, tau, conf_level) {
  z <- qnorm((1 + conf_level) / 2)
  groups <- by_group(data, function(rows) {
    fit <- survfit(Surv(time, event) ~ 1, data = rows, timefix = FALSE)
    # summary() takes no tau before the first time; nothing has happened by then.
    if (tau < min(rows$time)) {
      mean <- tau
      std_error <- 0
    } else {
      found <- summary(fit, rmean = tau)$table
      mean <- found[["rmean"]]
      std_error <- found[["se(rmean)"]]
    }
    data.frame(n = nrow(rows), events = sum(rows$event), tau = tau, mean = mean,
               std_error = std_error, conf_low = mean - z * std_error,
               conf_high = mean + z * std_error)
  })
  none <- data.frame(group_1 = integer(), group_2 = integer(), difference = numeric(),
                     std_error = numeric(), conf_low = numeric(), conf_high = numeric(),
                     ratio = numeric(), ratio_low = numeric(), ratio_high = numeric(),
                     statistic = numeric(), p_value = numeric())
  pairs <- if (nrow(groups) > 1) t(combn(nrow(groups), 2)) else matrix(0L, 0, 2)
  compared <- lapply(seq_len(nrow(pairs)), function(i) {
    one <- groups[pairs[i, 1], ]
    two <- groups[pairs[i, 2], ]
    std_error <- sqrt(one$std_error^2 + two$std_error^2)
    difference <- two$mean - one$mean
    log_ratio <- log(two$mean) - log(one$mean)
    log_error <- sqrt((one$std_error / one$mean)^2 + (two$std_error / two$mean)^2)
    known <- one$mean > 0 && two$mean > 0
    statistic <- if (std_error > 0) difference / std_error else NA_real_
    data.frame(group_1 = one$group, group_2 = two$group, difference = difference,
               std_error = std_error, conf_low = difference - z * std_error,
               conf_high = difference + z * std_error,
               ratio = if (one$mean > 0) two$mean / one$mean else NA_real_,
               ratio_low = if (known) exp(log_ratio - z * log_error) else NA_real_,
               ratio_high = if (known) exp(log_ratio + z * log_error) else NA_real_,
               statistic = statistic, p_value = 2 * pnorm(-abs(statistic)))
  })
  structure(list(groups = groups, pairs = do.call(rbind, c(list(none), compared))),
            method = "summary(survfit(timefix = FALSE), rmean = tau) {survival}")
}
