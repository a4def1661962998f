# Shared by what starts from the measurements; not a statistic itself.

# Number of the assessment of every scan: 0 for the baselines up to day 0 of a patient, then 1, 2 ..
# by the day on which an assessment begins.
assessments <- function(scans, window_days) {
  number <- integer(nrow(scans))
  for (rows in split(seq_len(nrow(scans)), scans$patient))
    number[rows] <- assessments_of_one(scans$day[rows], scans$lesion[rows], scans$visit[rows],
                                       scans$is_baseline[rows], window_days)
  number
}

assessments_of_one <- function(day, lesion, visit, is_baseline, window_days) {
  number <- integer(length(day))
  start <- numeric(length(day))
  nth <- rep(1, length(day))
  later <- which(!(is_baseline & day <= 0))

  # The visit names the assessment; the second measurements of its lesions are another one, and so on.
  named <- later[!is.na(visit[later])]
  if (length(named) > 0) {
    nth[named] <- ave(day[named], visit[named], lesion[named], FUN = rank)
    start[named] <- ave(day[named], visit[named], nth[named], FUN = min)
  }

  # Without a visit: what is measured within the window of the first, until a lesion comes again.
  unnamed <- later[is.na(visit[later])]
  began <- -Inf
  seen <- integer()
  for (today in sort(unique(day[unnamed]))) {
    rows <- unnamed[day[unnamed] == today]
    if (today > began + window_days || any(lesion[rows] %in% seen)) {
      began <- today
      seen <- integer()
    }
    seen <- c(seen, lesion[rows])
    start[rows] <- began
  }

  # By first day; of those that begin on one day the named ones come first, by name.
  key <- cbind(start, ifelse(is.na(visit), Inf, visit), nth)[later, , drop = FALSE]
  turn <- order(key[, 1], key[, 2], key[, 3])
  key <- key[turn, , drop = FALSE]
  n <- nrow(key)
  changes <- rowSums(key[-1, , drop = FALSE] != key[-n, , drop = FALSE]) > 0
  number[later[turn]] <- cumsum(c(TRUE, changes))
  number
}

# Sum of the diameters of some lesions of one patient over time: day and size of each assessment, the
# first being the baseline. NULL where there is no baseline above 0 with an assessment after it.
#   rule   "complete": assessments at which all of these lesions were measured
#          "available": the sum of those measured after their baseline, over the sum of their own
#          baselines, times the sum of all baselines
sum_over_time <- function(scans, rule) {
  of_assessment <- split(seq_len(nrow(scans)), scans$assessment)
  total <- function(column, groups) vapply(groups, function(rows) sum(column[rows]), numeric(1))
  last_day <- function(groups) vapply(groups, function(rows) max(scans$day[rows]), numeric(1))
  if (rule == "complete") {
    n_lesions <- length(unique(scans$lesion))
    whole <- of_assessment[lengths(of_assessment) == n_lesions]
    day <- last_day(whole)
    size <- total(scans$diameter_mm, whole)
  } else {
    baselines <- Filter(length, lapply(of_assessment, function(rows) rows[scans$is_baseline[rows]]))
    after <- Filter(length, lapply(of_assessment, function(rows) rows[!scans$is_baseline[rows]]))
    begin <- last_day(baselines[1])
    whole <- sum(scans$diameter_mm[scans$is_baseline])
    day <- last_day(after)
    size <- total(scans$diameter_mm, after) / total(scans$baseline_mm, after) * whole
    size <- c(whole, size[day > begin])
    day <- c(begin, day[day > begin])
  }
  # Assessments that overlap in time can end on one day: the one that began first stands.
  turn <- order(day)
  turn <- turn[!duplicated(day[turn])]
  if (length(turn) < 2 || size[turn[1]] <= 0) return(NULL)
  list(day = unname(day[turn]), size = unname(size[turn]))
}
