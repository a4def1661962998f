# Shared by the models of what changes from scan to scan; not a statistic itself.

# Scan days after baseline of each patient: a state each.
scan_days <- function(scans) {
  after <- unique(scans[!scans$is_baseline, c("patient", "day")])
  after <- after[order(after$patient, after$day), ]
  data.frame(patient = after$patient, day = after$day, row.names = NULL)
}

# Distance, baseline burden and number of lesions of each patient as they stand at each scan day: those
# of the lesions with a scan after baseline up to that day. Rows and definitions as in
# response_patterns. A range over the cohort is that of all lesions at all scan days.
distances_over_time <- function(data, response_threshold, relapse_threshold, relapse_reference,
                                relapse_min_increase_mm, stable_rule, crossing, burden,
                                visit_window_days, weights, range, lowest, highest, self, single) {
  followed <- follow_lesions(data)
  scans <- followed$scans
  states <- scan_days(scans)
  of_patient <- split(seq_len(nrow(states)), states$patient)
  phases_until <- function(rows, k) {
    phases_of_one(scans$day[rows[1:k]], scans$diameter_mm[rows[1:k]], response_threshold,
                  relapse_threshold, relapse_reference, relapse_min_increase_mm, stable_rule, crossing)
  }

  # Of each lesion: its phases up to each of its scans, and which of these stands at each state.
  at_states <- lapply(split(seq_len(nrow(scans)), scans$lesion), function(rows) {
    until <- vapply(seq_along(rows)[-1], function(k) phases_until(rows, k), numeric(9))
    own <- of_patient[[as.character(scans$patient[rows[1]])]]
    n_scans <- findInterval(states$day[own], scans$day[rows])
    seen <- n_scans > 1
    if (!any(seen)) return(NULL)
    cbind(state = own[seen], baseline_mm = scans$diameter_mm[rows[1]],
          t(until[, n_scans[seen] - 1, drop = FALSE]))
  })
  lesions <- as.data.frame(do.call(rbind, at_states))
  lesions$patient <- lesions$state
  distance <- lesion_level(clip_ratios(lesions, range, lowest, highest), weights, range, lowest,
                           highest, self, single)
  by_state <- function(x, f) as.numeric(tapply(x, factor(lesions$state, seq_len(nrow(states))), f))
  states$n_lesions <- by_state(lesions$state, length)
  states$baseline_sum_mm <- by_state(lesions$baseline_mm, sum)
  states$distance <- round(by_state(distance, function(own) mean(own, na.rm = TRUE)), 12)
  states
}

# Start-stop rows by tmerge: a state holds from its day on, so that an event on that day still sees the
# one before. While `known` is NA a patient is not at risk.
#   data   has patient, time, event and, where the model is stratified, strata in each row
# Gives `rows` (the outcome, start, stop, event and the columns of the states) and `patients`, counts.
rows_over_time <- function(states, data, known) {
  columns <- intersect(c("patient", "time", "event", "strata"), names(data))
  outcome <- data[!duplicated(data$patient), columns]
  outcome <- outcome[outcome$patient %in% states$patient & complete.cases(outcome), ]
  names(outcome)[names(outcome) == "event"] <- "died"
  followed <- length(unique(states$patient))
  entered <- outcome[outcome$time > 0, ]
  if (nrow(entered) == 0) not_estimable("Cox model", "no patient has an outcome and a scan before it.")

  states$state <- seq_len(nrow(states))
  base <- tmerge(entered, entered, id = patient, event = event(time, died))
  # tmerge wants its second table's patients among those of the first.
  rows <- tmerge(base, states[states$patient %in% entered$patient, ], id = patient,
                 state = tdc(day, state))
  rows <- as.data.frame(rows)
  rows <- rows[!is.na(rows$state), ]
  shown <- states[rows$state, setdiff(names(states), c("patient", "day", "state")), drop = FALSE]
  rows <- data.frame(rows[intersect(names(rows), c("patient", "event", "strata"))],
                     start = rows$tstart, stop = rows$tstop, shown, row.names = NULL)
  rows <- rows[!is.na(rows[[known]]), ]
  rows$cluster <- rows$patient

  never <- !outcome$patient %in% rows$patient
  list(rows = rows,
       patients = data.frame(followed = followed, no_outcome = followed - nrow(outcome),
                             ended_first = sum(never), died_first = sum(outcome$died[never]),
                             in_model = sum(!never)))
}

# Refuse a model with no more events than terms.
need_more_events <- function(rows, n_terms) {
  if (sum(rows$event) < n_terms + 1)
    not_estimable("Cox model", paste0(sum(rows$event), " event(s) in ", nrow(rows), " rows, needs ",
                                      n_terms + 1, "."))
}
