# RECIST 1.1, patient by patient: sums, responses at each assessment, best overall response.
#   data   patient, lesion (codes; a lesion of another type has another code), type (1 target, 2
#          non-target, 3 new), day, visit (NA where none), diameter_mm (NA where not assessed), node (1, 0,
#          NA where unknown), state (1 present, 2 absent, 3 progression, NA where not assessed), certain
# Codes of responses: 0 none, 1 CR, 2 PR, 3 SD, 4 non-CR/non-PD, 5 PD, 6 NE; of new lesions: 0 none,
# 1 equivocal, 2 certain. The rules are in docs/methods.md, "RECIST 1.1".
recist <- function(data, response_threshold, progression_threshold, progression_min_increase_mm,
                   node_normal_mm, confirmation_days, stable_days, not_evaluable_between,
                   visit_window_days) {
  rows <- recist_rows(data, visit_window_days)
  rows$is_baseline <- TRUE
  rows$number <- assessments(rows, visit_window_days)
  one <- function(index) {
    recist_of_one(lapply(rows, `[`, index), response_threshold, progression_threshold, progression_min_increase_mm,
                  node_normal_mm, confirmation_days, stable_days, not_evaluable_between)
  }
  found <- lapply(split(seq_len(nrow(rows)), rows$patient), one)
  together <- function(name) do.call(rbind, unname(lapply(found, `[[`, name)))
  structure(
    list(visits = as.data.frame(together("visits")), best = as.data.frame(together("best")),
         left_out = as.data.frame(t(colSums(together("left_out"))))),
    method = "RECIST 1.1, patient by patient {base}")
}

# One row a lesion and day, and no "not assessed" where the same assessment shows the lesion after all.
recist_rows <- function(data, window_days) {
  # Of several on one day what was assessed stands, of these the worst, then the first visit by name.
  badness <- ifelse(data$type == 1, data$diameter_mm,
                    ifelse(data$type == 2, c(1, 0, 3)[data$state], data$certain))
  data$assessed <- data$type == 3 | !is.na(badness)
  rows <- data[order(data$lesion, data$day, -badness, data$visit), ]
  rows <- rows[!duplicated(rows[c("lesion", "day")]), ]

  superseded <- logical(nrow(rows))
  seen <- split(which(rows$assessed), rows$lesion[rows$assessed])
  for (row in which(!rows$assessed)) {
    others <- seen[[as.character(rows$lesion[row])]]
    before <- rows$day[row] <= 0
    at_baseline <- before & rows$day[others] <= 0
    same_visit <- rows$visit[others] == rows$visit[row]
    if (is.na(rows$visit[row]))
      same_visit <- is.na(rows$visit[others]) & abs(rows$day[others] - rows$day[row]) <= window_days
    later <- !before & rows$day[others] > 0 & same_visit
    superseded[row] <- any(at_baseline | (later & !is.na(later)))
  }
  rows[!superseded, ]
}

# Responses of one patient; `own` has the columns of its rows, with the number of their assessment.
recist_of_one <- function(own, response_threshold, progression_threshold,
                          progression_min_increase_mm, node_normal_mm, confirmation_days, stable_days,
                          not_evaluable_between) {
  begins <- own$number[own$assessed & own$type != 3]
  base <- if (length(begins) > 0) min(begins) else Inf
  at_base <- own$number == base & own$assessed & own$type != 3

  # Target lesions are those with a size above 0 at the baseline; the last one counts.
  sized <- which(at_base & own$type == 1)
  sized <- sized[order(own$day[sized])]
  baseline <- tapply(own$diameter_mm[sized], own$lesion[sized], function(size) size[length(size)])
  targets <- as.integer(names(baseline)[baseline > 0])
  n <- length(targets)
  baseline_sum <- if (n > 0) sum(baseline[baseline > 0]) else NA_real_

  others <- own$type == 2 & own$number >= base
  first_seen <- tapply(own$number[others], own$lesion[others], min)
  numbers <- sort(unique(own$number[own$number > base]))
  columns <- c("patient", "assessment", "day", "sum_mm", "nadir_mm", "change_baseline",
               "change_nadir", "target", "nontarget", "new", "overall")
  visits <- matrix(NA_real_, length(numbers), length(columns), dimnames = list(NULL, columns))
  smallest <- baseline_sum
  complete_before <- FALSE
  for (k in seq_along(numbers)) {
    now <- own$number == numbers[k]
    seen <- now & own$type == 1 & own$assessed & own$lesion %in% targets
    size <- own$diameter_mm[seen]
    is_node <- !is.na(own$node[seen]) & own$node[seen] == 1
    gone <- size == 0 | (is_node & size < node_normal_mm * (1 - 1e-9))
    whole <- n > 0 && length(size) == n
    total <- if (length(size) > 0) sum(size) else NA_real_
    state <- own$state[now & own$type == 2 & own$assessed]
    certain <- own$certain[now & own$type == 3]

    target <- target_response(n, gone, total, smallest, baseline_sum, response_threshold,
                              progression_threshold, progression_min_increase_mm)
    nontarget <- nontarget_response(sum(first_seen <= numbers[k]), state)
    new <- if (length(certain) == 0) 0 else if (any(certain == 1)) 2 else 1
    # Any disease after an overall CR is progression.
    again <- complete_before && (any(!gone) || any(state != 2))
    overall <- if (again) 5 else overall_response(target, nontarget, new)
    complete_before <- complete_before || overall == 1
    visits[k, ] <- c(own$patient[1], k, max(own$day[now]), total, smallest,
                     percent(total, baseline_sum, whole), percent(total, smallest, whole),
                     target, nontarget, new, overall)
    if (whole) smallest <- min(smallest, total)
  }

  baseline_day <- if (any(at_base)) max(own$day[at_base]) else NA_real_
  list(visits = visits,
       best = c(patient = own$patient[1], targets = n, baseline_day = baseline_day,
                baseline_sum_mm = baseline_sum,
                best_of_one(visits, n, baseline_day, confirmation_days, stable_days,
                            not_evaluable_between)),
       left_out = c(
         targets_without_baseline = length(unique(own$lesion[own$type == 1])) - length(baseline),
         targets_zero_baseline = sum(baseline == 0),
         nontargets_after_baseline = sum(first_seen > base),
         new_at_baseline = sum(own$type == 3 & own$number <= base),
         patients_without_baseline = as.numeric(is.infinite(base))))
}

# Response of n target lesions, of which those measured add up to `total`; `gone` says which of them are.
target_response <- function(n, gone, total, smallest, baseline_sum, response_threshold,
                            progression_threshold, progression_min_increase_mm) {
  slack <- 1e-9
  if (n == 0) return(0)
  if (length(gone) == n && all(gone)) return(1)
  if (length(gone) > 0) {
    # From a nadir of 0 any size is growth.
    least <- if (smallest > 0) max(progression_threshold * smallest,
                                   smallest + progression_min_increase_mm) else 0
    if (total > smallest && total >= least * (1 - slack)) return(5)
  }
  if (length(gone) < n) return(6)
  if (total <= response_threshold * baseline_sum * (1 + slack)) 2 else 3
}

# Response of the non-target lesions: how many are known by then, and the states of those assessed.
nontarget_response <- function(known, state) {
  if (known == 0) return(0)
  if (any(state == 3)) return(5)
  if (length(state) < known) return(6)
  if (all(state == 2)) 1 else 4
}

# Change in percent; NA where the sum is not whole or the reference is 0.
percent <- function(total, reference, whole) {
  if (whole && reference > 0) 100 * (total - reference) / reference else NA_real_
}

# Tables 1 (with target lesions) and 2 (without) of RECIST 1.1.
overall_response <- function(target, nontarget, new) {
  if (new == 2 || target == 5 || nontarget == 5) return(5)
  if (target == 0) return(if (nontarget == 0) 6 else nontarget)
  if (target == 1 && nontarget %in% c(4, 6)) return(2)
  target
}

# Best overall response of one patient, from the assessments up to the first progression.
best_of_one <- function(visits, targets, baseline_day, confirmation_days, stable_days,
                        not_evaluable_between) {
  overall <- visits[, "overall"]
  day <- visits[, "day"]
  progression <- match(5, overall)
  counted <- seq_along(overall)
  if (!is.na(progression)) counted <- seq_len(progression)
  response <- overall[counted]
  when <- day[counted]

  # Whether a response is confirmed by a later one, with nothing but these and few NE in between.
  confirmed <- function(first, by) {
    for (i in which(response == first)) {
      for (j in which(response %in% by & when - when[i] >= confirmation_days)) {
        if (j <= i) next
        between <- response[seq_len(j - i - 1) + i]
        if (all(between %in% c(first, by, 6)) && sum(between == 6) <= not_evaluable_between)
          return(TRUE)
      }
    }
    FALSE
  }
  # SD for patients with target lesions, non-CR/non-PD for the others.
  late <- response[when - baseline_day >= stable_days]
  rest <- if (targets > 0 && any(late %in% c(1, 2, 3))) 3
          else if (targets == 0 && any(late %in% c(1, 4))) 4
          else if (!is.na(progression)) 5
          else 6
  change <- visits[counted, "change_baseline"]
  c(assessments = length(overall),
    best_change = if (all(is.na(change))) NA_real_ else min(change, na.rm = TRUE),
    progression_day = if (is.na(progression)) NA_real_ else unname(day[progression]),
    best = if (any(response == 1)) 1 else if (any(response == 2)) 2 else rest,
    best_confirmed = if (confirmed(1, 1)) 1 else if (confirmed(2, c(1, 2))) 2 else rest)
}
