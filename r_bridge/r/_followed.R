# Shared by what starts from the measurements; not a statistic itself.

# Followed lesions of the rows of a lesions table: those with a baseline above 0 mm and a measurement
# after it.
#   data   patient, lesion (each lesion of the table has its own code), day, diameter_mm (NA where not
#          assessed), visit and site (NA where none), type (1 target, 2 non-target, 3 new)
# Gives `scans` (the baseline and what follows it, by lesion and day), `lesions`, and `attrition`.
follow_lesions <- function(data) {
  rows <- data[data$type == 1 & !is.na(data$diameter_mm), ]
  # The same lesion, day and size twice is one measurement; the first of its visits stands, none last.
  rows <- rows[order(rows$lesion, rows$day, rows$diameter_mm, rows$visit), ]
  again <- c(FALSE, diff(rows$lesion) == 0 & diff(rows$day) == 0 & diff(rows$diameter_mm) == 0)
  scans <- rows[!again[seq_len(nrow(rows))], ]

  of_lesion <- split(seq_len(nrow(scans)), scans$lesion)
  baseline <- vapply(of_lesion, baseline_of_one, integer(1), day = scans$day)
  n_scans <- vapply(of_lesion, max, integer(1)) - baseline
  is_zero <- scans$diameter_mm[baseline] == 0
  followed <- !is_zero & n_scans > 0
  if (!any(followed))
    not_estimable("Followed lesions", "each lacks a baseline above 0 mm or a later measurement.")

  lesions <- data.frame(scans[baseline, c("patient", "lesion")],
                        site = sites_of(data, scans$lesion[baseline]),
                        baseline_day = scans$day[baseline],
                        baseline_mm = scans$diameter_mm[baseline], n_scans = n_scans)
  of_scan <- match(scans$lesion, lesions$lesion)
  scans$is_baseline <- seq_len(nrow(scans)) == baseline[of_scan]
  scans$baseline_mm <- lesions$baseline_mm[of_scan]
  earlier <- seq_len(nrow(scans)) < baseline[of_scan]
  kept <- !earlier & followed[of_scan]
  list(scans = scans[kept, ], lesions = lesions[followed, ],
       attrition = count_attrition(data, rows, again, earlier, kept, is_zero, n_scans))
}

# The last row up to day 0, else the first: rows are in order of day.
baseline_of_one <- function(rows, day) {
  until_start <- rows[day[rows] <= 0]
  if (length(until_start) > 0) max(until_start) else min(rows)
}

# The one site that the rows of each lesion name, assessed or not; NA where they name none.
sites_of <- function(data, lesion) {
  named <- data[data$type == 1 & !is.na(data$site), ]
  named$site[match(lesion, named$lesion)]
}

# Rows, lesions and patients that were found, left out (each counted once) and kept.
count_attrition <- function(data, rows, again, earlier, kept, is_zero, n_scans) {
  assessed <- data$type[!is.na(data$diameter_mm)]
  # A lesion with rows of several types counts as target, else as non-target.
  kind <- tapply(data$type, data$lesion, min)
  measured <- rows[!again, ]
  data.frame(
    rows_found = nrow(data), rows_not_assessed = sum(is.na(data$diameter_mm)),
    rows_non_target = sum(assessed == 2), rows_new = sum(assessed == 3),
    rows_duplicate = sum(again), rows_before_baseline = sum(earlier),
    rows_not_followed = sum(!earlier & !kept), rows_kept = sum(kept),
    lesions_found = length(kind), lesions_non_target = sum(kind == 2), lesions_new = sum(kind == 3),
    lesions_never_measured = sum(!names(kind)[kind == 1] %in% measured$lesion),
    lesions_zero_baseline = sum(is_zero), lesions_no_later = sum(!is_zero & n_scans == 0),
    lesions_followed = sum(!is_zero & n_scans > 0),
    patients_measured = length(unique(measured$patient)),
    patients_followed = length(unique(measured$patient[kept])))
}
