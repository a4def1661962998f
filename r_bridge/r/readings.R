# Phases and distances under every reading of the text, all the way from the measurements: rows as in
# follow_lesions. One value a reading: relapse_reference, relapse_min_increase_mm, stable_rule, burden,
# range, self, single; the other definitions are those of response_patterns.
#   chosen             reading that the others are compared with
#   codes, n_choices   see pairs_of_readings
readings <- function(data, chosen, codes, n_choices, response_threshold, relapse_threshold,
                     visit_window_days, weights, lowest, highest, relapse_reference,
                     relapse_min_increase_mm, stable_rule, burden, range, self, single) {
  followed <- follow_lesions(data)
  scans <- followed$scans
  scans$assessment <- assessments(scans, visit_window_days)
  phase_rules <- data.frame(relapse_reference, relapse_min_increase_mm, stable_rule)
  rule <- match_rows(phase_rules)
  rules <- unique(phase_rules)
  flags_of <- function(size) flags_by_rule(size, rules, response_threshold, relapse_threshold)

  # Lesions x sets of rules: the three flags as one number.
  of_lesion <- split(scans$diameter_mm, scans$lesion)
  flags <- do.call(rbind, lapply(of_lesion, flags_of))
  patient <- followed$lesions$patient
  of_total <- lapply(setNames(nm = unique(burden)), function(how) {
    sums <- lapply(split(scans, scans$patient), sum_over_time, rule = how)
    found <- lapply(sums, function(one) if (is.null(one)) rep(NA, ncol(flags)) else flags_of(one$size))
    do.call(rbind, found)[as.character(patient), , drop = FALSE]
  })

  ratio <- function(f) vapply(of_lesion, function(size) f(size[-1] / size[1]), numeric(1))
  ratios <- list(ratio(min), ratio(function(x) x[length(x)]))
  ratio_terms <- lapply(setNames(nm = unique(range)), function(how)
    ratios_apart(ratios, patient, weights[4:5], how, lowest, highest))
  apart_rules <- data.frame(rule, range)
  of_apart <- match_rows(apart_rules)
  apart <- apply_rows(apart_rules, of_apart, function(own)
    flags_apart(flags[, own$rule], patient, weights[1:3]) + ratio_terms[[own$range]])
  distance_rules <- data.frame(of_apart, self, single)
  at <- match_rows(distance_rules)
  distances <- apply_rows(distance_rules, at, function(own)
    distances_of_rule(apart[[own$of_apart]] / sum(weights), patient, own$self, own$single))

  n_differ <- function(a, b) sum(flags[, rule[a]] != flags[, rule[b]])
  each <- function(f) vapply(seq_along(rule), f, numeric(1))
  levels <- vapply(distances, levels_of, numeric(4), chosen = distances[[at[chosen]]])
  of_reading <- data.frame(
    reading = seq_along(rule), lesions = nrow(flags),
    with_burden = each(function(k) sum(!is.na(of_total[[burden[k]]][, rule[k]]))),
    inconsistent = each(function(k) sum(flags[, rule[k]] != of_total[[burden[k]]][, rule[k]],
                                        na.rm = TRUE)),
    changed = each(function(k) n_differ(chosen, k)),
    t(levels[, at, drop = FALSE]), row.names = NULL)

  pairs <- pairs_of_readings(codes, n_choices)
  columns <- c("inconsistent", "lesion_median", "patient_median")
  differences <- of_reading[pairs$second, columns] - of_reading[pairs$first, columns]
  changes <- data.frame(changed = mapply(n_differ, pairs$first, pairs$second), differences)
  structure(list(readings = of_reading, choices = mean_of_pairs(pairs, changes)),
            method = paste("the definitions {base}, concordance {survival}, from the measurements"))
}

# Which row of unique(table) each row is.
match_rows <- function(table) {
  key <- do.call(paste, table)
  match(key, unique(key))
}

# The three flags of one series of sizes under each of some rules, as one number: response 4, stable 2,
# relapse 1. Thresholds as in phases_of_one.
flags_by_rule <- function(size, rules, response_threshold, relapse_threshold) {
  slack <- 1e-9
  after <- size[-1]
  m <- length(after)
  scan <- seq_len(m)
  small <- after / size[1] <= response_threshold * (1 + slack)
  before <- list(nadir = cummin(size)[scan], baseline = rep(size[1], m))
  found <- numeric(nrow(rules))
  for (k in seq_along(found)) {
    from <- before[[rules$relapse_reference[k]]]
    limit <- pmax.int(relapse_threshold * from, from + rules$relapse_min_increase_mm[k])
    grown <- after >= limit * (1 - slack) & after > from
    # Scans before the first that has grown; all where none has.
    early <- cumsum(grown) == 0
    responding <- early & small
    stable <- if (rules$stable_rule[k] == "outside_response") any(early & !small)
              else sum(early) > any(responding)
    found[k] <- 4 * any(responding) + 2 * stable + any(grown)
  }
  found
}

# Apply f to each different row of a table; `row` says which of them each row is.
apply_rows <- function(table, row, f) {
  lapply(match(seq_len(max(row)), row), function(first) f(table[first, ]))
}

# What the flags add to the sum of the distances of each lesion to the others of its patient: how many of
# them have the other flag.
flags_apart <- function(flags, patient, weights) {
  of_patient <- match(patient, unique(patient))
  n <- tabulate(of_patient)[of_patient]
  terms <- lapply(1:3, function(v) {
    on <- flags %/% c(4, 2, 1)[v] %% 2
    n_on <- as.vector(rowsum(on, of_patient))[of_patient]
    weights[v] * ifelse(on == 1, n - n_on, n_on)
  })
  Reduce(`+`, terms)
}

# What the ratios add: the sums of their differences over the range.
ratios_apart <- function(ratios, patient, weights, range, lowest, highest) {
  terms <- lapply(1:2, function(v) {
    x <- ratios[[v]]
    if (range == "fixed") x <- pmin(pmax(x, lowest[v]), highest[v])
    width <- switch(range, patient = ave(x, patient, FUN = max) - ave(x, patient, FUN = min),
                    cohort = max(x) - min(x), fixed = highest[v] - lowest[v])
    width <- rep_len(width, length(x))
    sums <- ave(x, patient, FUN = function(own) rowSums(abs(outer(own, own, "-"))))
    weights[v] * ifelse(width > 0, sums / width, 0)
  })
  Reduce(`+`, terms)
}

# Distance of each lesion, the mean over the others or over all of its patient, and of each patient.
distances_of_rule <- function(apart, patient, self, single) {
  of_patient <- match(patient, unique(patient))
  n <- tabulate(of_patient)[of_patient]
  lesions <- apart / (if (self) n else n - 1)
  lesions[n == 1] <- if (single == "zero") 0 else NA
  patients <- as.vector(rowsum(lesions, of_patient)) / tabulate(of_patient)
  list(lesions = round(lesions, 12), patients = round(patients, 12))
}

# Medians, patients with a distance, and Kendall's tau-b with the chosen distances from the numbers of
# concordant, discordant and tied pairs.
levels_of <- function(found, chosen) {
  place <- function(x) match(round(x, 9), sort(unique(round(x, 9))))
  x <- place(found$patients)
  y <- place(chosen$patients)
  both <- !is.na(x) & !is.na(y)
  tau <- NA_real_
  if (length(unique(x[both])) > 1 && length(unique(y[both])) > 1) {
    k <- as.list(concordance(y[both] ~ x[both])$count)
    untied <- k$concordant + k$discordant
    tau <- (k$concordant - k$discordant) / sqrt((untied + k$tied.x) * (untied + k$tied.y))
  }
  c(lesion_median = median(found$lesions, na.rm = TRUE), patients = sum(!is.na(x)),
    patient_median = median(found$patients, na.rm = TRUE), kendall = tau)
}
