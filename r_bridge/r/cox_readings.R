# Cox model of the distance under every reading of the text: one row a patient with time, event,
# baseline_sum_mm, n_lesions, where the model is stratified strata, and d1, d2 ..: mean distance between
# the different lesions of a patient, NA where there is one. One value a reading:
#   column   which of these
#   self     whether the lesion itself, at distance 0, counts in its mean
#   single   distance of a patient's only lesion: "zero" or "missing"
# Terms: distance and baseline sum per SD of the patients in the model, number of lesions unless it is
# the same in all. A reading without a finite fit is NA.
cox_readings <- function(data, column, self, single, codes, n_choices, ties, conf_level) {
  rules <- data.frame(column, self, single)
  key <- do.call(paste, rules)
  kinds <- rules[!duplicated(key), ]
  reason <- NULL
  fits <- lapply(seq_len(nrow(kinds)), function(k) {
    n <- data$n_lesions
    distance <- data[[paste0("d", kinds$column[k])]]
    if (kinds$self[k]) distance <- distance * (1 - 1 / n)
    distance[n == 1] <- if (kinds$single[k] == "zero") 0 else NA
    rows <- data[!is.na(distance), ]
    found <- tryCatch(fit_of_distance(rows, distance[!is.na(distance)], ties, conf_level),
                      not_estimable = identity)
    if (!inherits(found, "not_estimable")) return(found)
    reason <<- found
    fit_row(nrow(rows), sum(rows$event))
  })
  fits <- do.call(rbind, fits)
  if (all(is.na(fits$estimate))) stop(reason)
  fits <- data.frame(reading = seq_along(key), fits[match(key, unique(key)), ], row.names = NULL)

  # The same coefficient in another unit.
  unit <- 0.1 / fits$sd
  z <- qnorm((1 + conf_level) / 2)
  estimate <- fits$estimate * unit
  std_error <- fits$std_error * unit
  per_tenth <- data.frame(reading = fits$reading, estimate = estimate, std_error = std_error,
                          hazard_ratio = exp(estimate), conf_low = exp(estimate - z * std_error),
                          conf_high = exp(estimate + z * std_error))
  pairs <- pairs_of_readings(codes, n_choices)
  moved <- data.frame(log_ratio = fits$estimate[pairs$second] - fits$estimate[pairs$first])
  structure(list(models = fits, per_tenth = per_tenth, choices = mean_of_pairs(pairs, moved)),
            method = paste0("coxph(ties = \"", ties, "\")",
                            if ("strata" %in% names(data)) ", strata",
                            ", of the distance under each reading {survival}"))
}

# The distance's term of the model of some patients.
fit_of_distance <- function(rows, distance, ties, conf_level) {
  changes <- function(x) length(x) > 0 && max(x) - min(x) > 1e-9 * max(abs(x))
  if (nrow(rows) < 3) not_estimable("Cox model", paste(nrow(rows), "patient(s), needs 3."))
  if (!changes(distance) || !changes(rows$baseline_sum_mm))
    not_estimable("Cox model", "distance or burden has the same value in every patient.")
  model <- rows[intersect(names(rows), c("time", "event", "strata"))]
  model$x1 <- distance / sd(distance)
  model$x2 <- rows$baseline_sum_mm / sd(rows$baseline_sum_mm)
  if (changes(rows$n_lesions)) model$x3 <- rows$n_lesions
  n_terms <- length(grep("^x[0-9]+$", names(model)))
  if (sum(model$event) < n_terms + 1)
    not_estimable("Cox model", paste0(sum(model$event), " event(s), needs ", n_terms + 1, "."))
  term <- cox_tables(model, ties, conf_level)$terms[1, ]
  fit_row(nrow(rows), sum(rows$event), sd(distance), term)
}

# One row of the table; without a term its numbers are NA.
fit_row <- function(n, events, spread = NA_real_, term = NULL) {
  names <- c("estimate", "std_error", "hazard_ratio", "conf_low", "conf_high", "statistic", "p_value")
  numbers <- if (is.null(term)) setNames(rep(NA_real_, length(names)), names) else unlist(term[names])
  data.frame(n = n, events = events, sd = spread, t(numbers))
}
