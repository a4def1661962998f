# When each organ of each patient progresses, all the way from the measurements: rows as in
# follow_lesions. An organ progresses at the first relapse of the sum of its diameters, or at its first
# new lesion, on the last day of that assessment, and never before the new lesion was seen.
#   day   rows up to and with this day count
#   relapse_threshold, relapse_reference, relapse_min_increase_mm   see phases_of_one
#   burden, visit_window_days                                       see sum_over_time and assessments
progression_order <- function(data, day, relapse_threshold, relapse_reference,
                              relapse_min_increase_mm, burden, visit_window_days) {
  data <- data[data$day <= day, ]
  followed <- follow_lesions(data)
  scans <- followed$scans
  scans$site <- followed$lesions$site[match(scans$lesion, followed$lesions$lesion)]
  scans$assessment <- assessments(scans, visit_window_days)
  new <- data[data$type == 3 & !is.na(data$diameter_mm) & data$diameter_mm > 0 & data$day > 0, ]

  relapse_of <- function(sums) {
    reference <- if (relapse_reference == "nadir") cummin(sums$size)[-length(sums$size)]
                 else sums$size[1]
    size <- sums$size[-1]
    limit <- pmax(relapse_threshold * reference, reference + relapse_min_increase_mm)
    grown <- size >= limit * (1 - 1e-9) & size > reference
    if (any(grown)) sums$day[-1][grown][1] else NA_real_
  }
  one_organ <- function(own, new_days) {
    sums <- if (nrow(own) > 0) sum_over_time(own, burden)
    relapse <- if (is.null(sums)) NA_real_ else relapse_of(sums)
    first <- suppressWarnings(min(c(relapse, new_days), na.rm = TRUE))
    progressed <- is.finite(first)
    c(followed = !is.null(sums),
      last_day = max(sums$day, if (progressed) first, -Inf),
      new = progressed && !(first %in% relapse), day = if (progressed) first else NA)
  }
  one_patient <- function(own, new) {
    visits <- own$assessment[own$assessment > 0]
    begins <- tapply(own$day[own$assessment > 0], visits, min)
    ends <- tapply(own$day[own$assessment > 0], visits, max)
    own$day <- ave(own$day, own$assessment, FUN = max)
    new$day <- vapply(new$day, function(seen) {
      near <- ends[seen >= begins - visit_window_days & seen <= ends + visit_window_days]
      if (length(near) > 0) max(min(near), seen) else seen
    }, numeric(1))
    organs <- sort(unique(c(own$site, new$site)))
    found <- vapply(organs, function(organ)
      one_organ(own[own$site == organ, ], new$day[new$site %in% organ]), numeric(4))
    found <- data.frame(patient = own$patient[1], organ = organs, t(found))
    found <- found[found$followed | !is.na(found$day), ]
    list(organs = found, not_whole = length(unique(own$site)) - sum(found$followed))
  }

  by_patient <- split(scans, scans$patient)
  unknown <- vapply(by_patient, function(own) anyNA(own$site), logical(1))
  by_patient <- by_patient[!unknown]
  new <- new[new$patient %in% names(by_patient), ]
  new_of <- split(new, factor(new$patient, names(by_patient)))
  found <- Map(one_patient, by_patient, new_of)
  organs <- do.call(rbind, unname(lapply(found, `[[`, "organs")))
  if (is.null(organs) || nrow(organs) == 0)
    not_estimable("Order of progression", "no organ was measured as a whole at baseline and after it.")
  progressed <- !is.na(organs$day)
  organs$days <- ifelse(organs$followed == 0, 0, ifelse(progressed, organs$day, organs$last_day))
  added <- function(x) as.vector(tapply(x, organs$organ, sum))
  structure(
    list(progressions = data.frame(organs[progressed, c("patient", "organ", "day")]),
         organs = data.frame(organ = sort(unique(organs$organ)), followed = added(organs$followed),
                             progressed = added(progressed), new = added(organs$new),
                             days = added(organs$days)),
         left_out = data.frame(unknown_site = sum(unknown),
                               not_whole = sum(vapply(found, `[[`, numeric(1), "not_whole")),
                               new_without_site = sum(is.na(new$site)))),
    method = "the definitions, patient by patient {base}, from the measurements")
}
