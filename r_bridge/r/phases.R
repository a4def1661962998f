# Response phases of series of sizes, from the definitions: `row` names the series, its first row is
# the baseline.
phases <- function(data, response_threshold, relapse_threshold, relapse_reference,
                   relapse_min_increase_mm, stable_rule, crossing) {
  one <- function(scans) {
    phases_of_one(scans$day, scans$size_mm, response_threshold, relapse_threshold,
                  relapse_reference, relapse_min_increase_mm, stable_rule, crossing)
  }
  series <- split(data[c("day", "size_mm")], data$row)
  units <- t(vapply(series, one, numeric(9)))
  units <- data.frame(row = as.integer(names(series)), units, row.names = NULL)
  structure(list(units = units), method = "the definitions, series by series {base}")
}
