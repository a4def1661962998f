# Shared by phases and by what starts from the measurements; not a statistic itself.

# Response phases of one series of sizes, from the definitions: the first size is the baseline.
# Thresholds are inclusive, up to a relative slack of 1e-9: 0.7 * 3 is not 2.1 in binary.
phases_of_one <- function(day, size, response_threshold, relapse_threshold, relapse_reference,
                          relapse_min_increase_mm, stable_rule, crossing) {
  slack <- 1e-9
  last <- length(size)
  scans <- 2:last                                    # scans after the baseline
  ratio <- size / size[1]
  responds <- ratio <= response_threshold * (1 + slack)

  # What a scan is compared with for relapse: the smallest size before it, or the baseline.
  reference <- if (relapse_reference == "nadir") c(NA, cummin(size)[-last]) else rep(size[1], last)
  limit <- pmax(relapse_threshold * reference, reference + relapse_min_increase_mm)
  # Above the reference, so that staying at 0 after a nadir of 0 is no relapse.
  relapses <- size >= limit * (1 - slack) & size > reference

  relapse_at <- scans[relapses[scans]][1]            # NA where there is none
  before_relapse <- if (is.na(relapse_at)) scans else scans[scans < relapse_at]
  response_at <- before_relapse[responds[before_relapse]][1]

  stable <- if (stable_rule == "after_response") any(!before_relapse %in% response_at)
            else any(!responds[before_relapse])

  # Response again after relapse: a responding ratio that is also a response from the peak since.
  mixed <- FALSE
  if (!is.na(relapse_at)) {
    since <- relapse_at:last
    peak <- cummax(size[since])
    mixed <- any(responds[since] & size[since] <= response_threshold * peak * (1 + slack))
  }

  # The day on which a level is reached: that of the scan, or between it and the scan before.
  day_of <- function(at, level) {
    if (crossing == "scan") return(day[at])
    share <- (level - size[at - 1]) / (size[at] - size[at - 1])
    day[at - 1] + min(max(share, 0), 1) * (day[at] - day[at - 1])
  }
  response_day <- if (is.na(response_at)) day[1] else day_of(response_at, response_threshold * size[1])
  relapse_day <- if (is.na(relapse_at)) day[last] else day_of(relapse_at, limit[relapse_at])

  c(response = !is.na(response_at), stable = stable, relapse = !is.na(relapse_at), mixed = mixed,
    response_days = response_day - day[1], stable_days = relapse_day - response_day,
    relapse_days = day[last] - relapse_day,
    nadir_ratio = min(ratio[scans]), last_ratio = ratio[last])
}
