# Score test of proportional hazards of the covariates x1, x2 ..: one test a term and one of all.
#   transform   of time: "km", "rank", "identity" or "log"
cox_zph <- function(data, ties, transform) {
  # The test does not depend on units; cox.zph inverts the information as it stands.
  days <- data$time[data$event == 1]
  in_units <- function(time) (time - mean(days)) / if (length(unique(days)) > 1) sd(days) else 1
  g <- if (transform == "identity") in_units else transform
  columns <- grep("^x[0-9]+$", names(data), value = TRUE)
  data[columns] <- lapply(data[columns], function(x) (x - mean(x)) / sd(x))
  fit <- checked_fit(data, ties)
  found <- tryCatch(cox.zph(fit, transform = g, terms = FALSE)$table,
                    error = function(e)
                      if (grepl("singular", conditionMessage(e)))
                        not_estimable("Test of proportional hazards", "too few event times.")
                      else stop(e))
  terms <- seq_along(coef(fit))
  overall <- length(terms) + 1
  structure(
    list(terms = data.frame(term = terms, statistic = unname(found[terms, "chisq"]),
                            df = unname(found[terms, "df"]), p_value = unname(found[terms, "p"])),
         test = data.frame(n = fit$n, events = fit$nevent,
                           statistic = unname(found[overall, "chisq"]),
                           df = unname(found[overall, "df"]),
                           p_value = unname(found[overall, "p"]))),
    method = paste0("cox.zph(transform = \"", transform, "\") {survival}"))
}
