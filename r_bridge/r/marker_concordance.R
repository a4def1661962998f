# Harrell's C of the Cox model of each marker m1, m2 .. beside the covariates x1, x2 .., and of the model
# without a marker, with its optimism: column d1, d2 .. says how many times a row is in that draw; the
# model of the draw has its C there and in all rows.
marker_concordance <- function(data, ties) {
  markers <- marker_columns(data, "m")
  others <- marker_columns(data, "x")
  rows <- data[setdiff(names(data), marker_columns(data, "d"))]
  drawn <- lapply(data[marker_columns(data, "d")], function(times) rep(seq_along(times), times))
  one <- function(columns) validated_model(rows, columns, drawn, ties)
  models <- lapply(c(lapply(markers, function(m) c(m, others)), list(others)), one)
  structure(
    list(models = data.frame(term = seq_along(models), do.call(rbind, models))),
    method = paste0("concordancefit of coxph.fit(ties = \"", ties, "\") {survival}"))
}

validated_model <- function(rows, columns, drawn, ties) {
  rows <- rows[c("time", "event", intersect("strata", names(rows)), columns)]
  fit <- marker_fit(rows, columns, ties)
  if (is.null(fit)) refuse_marker(columns[1])
  x <- as.matrix(rows[columns])
  score <- drop(x %*% fit$coefficients)
  apparent <- harrell_of(rows, score)
  if (apparent[["pairs"]] == 0)
    not_estimable("Concordance", "no two rows can be compared; longer follow-up is needed.")
  optimism <- vapply(drawn, function(chosen) {
    again <- if (sum(rows$event[chosen]) > length(columns)) marker_fit(rows[chosen, ], columns, ties)
    if (is.null(again)) return(NA_real_)
    score <- drop(x %*% again$coefficients)
    there <- harrell_of(rows[chosen, ], score[chosen])
    if (there[["pairs"]] == 0) return(NA_real_)
    there[["c"]] - harrell_of(rows, score)[["c"]]
  }, numeric(1))
  known <- optimism[!is.na(optimism)]
  n <- length(known)
  mean_optimism <- if (n > 0) mean(known) else NA_real_
  c(pairs = apparent[["pairs"]], concordance = apparent[["c"]], fitted = n, optimism = mean_optimism,
    optimism_error = if (n > 1) sd(known) / sqrt(n) else NA_real_,
    corrected = apparent[["c"]] - mean_optimism)
}

# C and the number of pairs that can be compared; strata are added up. A higher score means an earlier
# event. Scores are rounded, so that those which are equal by the formula tie.
harrell_of <- function(rows, score) {
  strata <- if ("strata" %in% names(rows)) rows$strata else rep(1, nrow(rows))
  counts <- vapply(split(seq_len(nrow(rows)), strata), function(own) {
    if (sum(rows$event[own]) == 0 || length(own) < 2) return(numeric(3))
    concordancefit(Surv(rows$time[own], rows$event[own]), round(score[own], 8), reverse = TRUE,
                   timefix = FALSE, std.err = FALSE)$count[1:3]
  }, numeric(3))
  total <- rowSums(counts)
  c(c = (total[[1]] + total[[3]] / 2) / sum(total), pairs = sum(total))
}
