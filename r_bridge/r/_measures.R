# Shared by patient_measures and measure_summary; not a statistic itself.

# Measures of how differently the lesions of each patient respond, written from docs/methods.md, "Other
# measures": one row a patient. Rows and definitions as in response_patterns; no scan after `day` counts
# (NA: all do).
measures_of <- function(data, day, response_threshold, relapse_threshold, relapse_reference,
                        relapse_min_increase_mm, stable_rule, crossing, burden, visit_window_days) {
  if (!is.na(day)) data <- data[data$day <= day, ]
  phases_of <- function(days, sizes) {
    phases_of_one(days, sizes, response_threshold, relapse_threshold, relapse_reference,
                  relapse_min_increase_mm, stable_rule, crossing)[c("response", "stable", "relapse")]
  }
  scans <- scans_with_sites(data)
  scans$assessment <- assessments(scans, visit_window_days)
  is_new <- data$type == 3 & !is.na(data$diameter_mm) & data$diameter_mm > 0 & data$day > 0
  first_new <- tapply(data$day[is_new], data$patient[is_new], min)
  of_patient <- split(scans, scans$patient)
  found <- lapply(names(of_patient), function(patient) {
    new_day <- if (patient %in% names(first_new)) first_new[[patient]] else Inf
    measures_of_patient(of_patient[[patient]], new_day, burden, phases_of)
  })
  data.frame(patient = as.integer(names(of_patient)), do.call(rbind, found))
}

# The measures of one patient from the scans of its followed lesions, in the order of lesion and day.
measures_of_patient <- function(scans, new_day, burden, phases_of) {
  of_lesion <- split(seq_len(nrow(scans)), scans$lesion)
  n <- length(of_lesion)
  sums <- sum_over_time(scans, burden)
  inconsistent <- entropy <- gini <- NA_real_
  if (n >= 2) {
    flags <- vapply(of_lesion, function(rows) phases_of(scans$day[rows], scans$diameter_mm[rows]),
                    numeric(3))
    share <- table(apply(flags, 2, paste, collapse = "")) / n
    entropy <- round(-sum(share * log(share)) / log(min(n, 7)), 12)
    gini <- round(1 - sum(share^2), 12)
    if (!is.null(sums))
      inconsistent <- mean(colSums(flags != phases_of(sums$day, sums$size)) > 0)
  }
  history <- c(inconsistent_share = inconsistent, entropy = entropy, gini_simpson = gini)

  nowhere <- setNames(c(NA_real_, 0, rep(NA_real_, 11)), look_names)
  best <- last <- nowhere
  if (!is.null(sums)) {
    before_mm <- smallest_before(scans$diameter_mm, of_lesion)
    looks <- looks_at(scans, sums$day[-1], burden)
    organs <- organs_part(scans, looks)
    total <- (sums$size / sums$size[1])[-1]
    at <- function(k) {
      measures_at_look(scans$diameter_mm[looks[[k]]], scans$baseline_mm[looks[[k]]],
                       before_mm[looks[[k]]], total[k], sums$day[k + 1], new_day, organs[k])
    }
    best <- at(which(total <= min(total) * (1 + 1e-9))[1])
    last <- at(length(total))
  }
  c(n_lesions = n, best_day = best[["day"]], last_day = last[["day"]],
    best_lesions = best[["lesions"]], last_lesions = last[["lesions"]], history,
    setNames(best[-(1:2)], paste0(look_names[-(1:2)], "_best")),
    setNames(last[-(1:2)], paste0(look_names[-(1:2)], "_last")))
}

look_names <- c("day", "lesions", "range", "sd", "trh", "dispersion", "opposite_share",
                "opposite_trend", "dissociated_change", "dissociated_new", "dissociated_organs",
                "dissociated_target", "discordant")

# Smallest size of each scan's lesion before it, NA at the baseline.
smallest_before <- function(size, of_lesion) {
  found <- rep(NA_real_, length(size))
  for (rows in of_lesion) found[rows[-1]] <- cummin(size[rows])[-length(rows)]
  found
}

# Rows measured, after the baselines, at the assessments of the total burden that end on `days`.
looks_at <- function(scans, days, burden) {
  rows <- split(seq_len(nrow(scans)), scans$assessment)
  after <- lapply(rows, function(own) own[!scans$is_baseline[own]])
  counts <- if (burden == "complete") lengths(rows) == length(unique(scans$lesion))
            else lengths(after) > 0
  ends <- vapply((if (burden == "complete") rows else after)[counts],
                 function(own) max(scans$day[own]), numeric(1))
  # Of two that end on one day the first stands, as in the total burden.
  after[counts][match(days, ends)]
}

# RECIST 1.1 on one lesion or sum: "PD", "PR" or "SD". `before` is the smallest ratio before, at most 1.
category_of <- function(ratio, before, baseline_mm) {
  progresses <- ratio >= 1.2 * before * (1 - 1e-9) & (ratio - before) * baseline_mm >= 5 * (1 - 1e-9)
  ifelse(progresses, "PD", ifelse(ratio <= 0.7 * (1 + 1e-9), "PR", "SD"))
}

# At each look: 1 where one organ is PR and another PD, else 0; NA where a lesion has no site.
organs_part <- function(scans, looks) {
  rows <- unlist(looks)
  look <- rep(seq_along(looks), lengths(looks))
  site <- scans$site[rows]
  if (anyNA(site)) return(rep(NA_real_, length(looks)))
  if (length(unique(site)) < 2) return(rep(0, length(looks)))
  of <- list(factor(look, seq_along(looks)), site)
  size <- tapply(scans$diameter_mm[rows], of, sum)
  base <- tapply(scans$baseline_mm[rows], of, sum)
  ratio <- size / base
  # An organ that is not measured at a look is as small as it was before.
  so_far <- apply(replace(ratio, is.na(ratio), Inf), 2, cummin)
  before <- pmin(rbind(1, matrix(so_far, nrow(ratio))[-nrow(ratio), , drop = FALSE]), 1)
  category <- category_of(ratio, before, base)
  as.numeric(rowSums(category == "PD", na.rm = TRUE) > 0 & rowSums(category == "PR", na.rm = TRUE) > 0)
}

# The measures at one look: sizes of the lesions measured there, their baselines and smallest sizes before;
# `total` is the ratio of the total burden.
measures_at_look <- function(size, baseline, before, total, day, new_day, organs) {
  n <- length(size)
  if (n < 2) return(setNames(c(day, n, rep(NA_real_, 11)), look_names))
  ratio <- size / baseline
  change <- 100 * (ratio - 1)
  sign_of <- function(x) ifelse(abs(x - 1) <= 1e-9, 0, sign(x - 1))
  spread <- round(sd(change), 9)
  centre <- abs(mean(change))
  if (centre <= 1e-7) centre <- 0
  grown <- ratio > 1.2 * (1 + 1e-9)
  category <- category_of(ratio, before / baseline, baseline)
  c(day = day, lesions = n,
    range = round(max(change) - min(change), 9), sd = spread,
    trh = if (centre > 0) round(spread / centre, 9) else NA_real_,
    dispersion = if (spread + centre > 0) round(spread / (spread + centre), 9) else 0,
    opposite_share = mean(sign_of(ratio) * sign_of(total) < 0),
    opposite_trend = any(change >= 20 * (1 - 1e-9)) && any(change <= -20 * (1 - 1e-9)),
    dissociated_change = any(ratio < 0.7 * (1 - 1e-9)) &&
      sum((size - baseline)[grown]) >= 5 * (1 - 1e-9),
    dissociated_new = any(sign_of(ratio) < 0) && (any(sign_of(ratio) > 0) || new_day <= day),
    dissociated_organs = organs,
    dissociated_target = all(c("PR", "PD") %in% category),
    discordant = length(unique(category)) > 1)
}
