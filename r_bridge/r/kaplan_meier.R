# Kaplan-Meier curve of each group, its median survival, and the numbers at risk at `times`.
#   conf_type   "log" or "log-log"
# Times are taken as they are (timefix = FALSE): no two of them are merged as nearly equal.
kaplan_meier <- function(data, conf_type, conf_level, times) {
  fit_group <- function(rows) {
    survfit(Surv(time, event) ~ 1, data = rows, conf.type = conf_type, conf.int = conf_level,
            timefix = FALSE)
  }
  medians <- by_group(data, function(rows) {
    found <- unname(summary(fit_group(rows))$table)[7:9]  # as survfit prints them
    data.frame(n = nrow(rows), events = sum(rows$event), median = found[1],
               conf_low = found[2], conf_high = found[3])
  })
  curve <- by_group(data, function(rows) {
    fit <- summary(fit_group(rows), censored = TRUE)  # its std.err is that of the survival
    data.frame(time = fit$time, n_risk = fit$n.risk, n_event = fit$n.event,
               n_censor = fit$n.censor, survival = fit$surv, std_error = fit$std.err,
               conf_low = fit$lower, conf_high = fit$upper)
  })
  at <- by_group(data, function(rows) {
    if (length(times) == 0)
      return(data.frame(time = numeric(), n_risk = numeric(), survival = numeric(),
                        conf_low = numeric(), conf_high = numeric()))
    fit <- summary(fit_group(rows), times = times, extend = TRUE)
    data.frame(time = fit$time, n_risk = fit$n.risk, survival = fit$surv,
               conf_low = fit$lower, conf_high = fit$upper)
  })
  structure(list(medians = medians, curve = curve, at = at),
            method = paste0("survfit(conf.type = \"", conf_type,
                            "\", timefix = FALSE) {survival}"))
}
