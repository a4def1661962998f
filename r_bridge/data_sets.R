# R's own data sets as plain columns, for the battery of `lesionhet validate`; not a statistic.

data_sets <- c(
  paste0("survival::",
         c("aml", "cgd0", "colon", "jasa", "kidney", "lung", "myeloid", "ovarian", "pbc", "rats",
           "solder", "stanford2", "transplant", "veteran")),
  paste0("cluster::",
         c("agriculture", "animals", "chorSub", "flower", "plantTraits", "pluton", "ruspini",
           "votes.repub")),
  paste0("datasets::",
         c("airquality", "ChickWeight", "chickwts", "CO2", "esoph", "infert", "InsectSprays",
           "iris", "longley", "morley", "mtcars", "npk", "OrchardSprays", "PlantGrowth",
           "Puromycin", "quakes", "sleep", "stackloss", "swiss", "ToothGrowth", "USArrests",
           "warpbreaks")))

# One data set, named "package::name" as in the list above. Factors come as their labels; `levels` has
# these in their order. Dates come as days, row names in a column of their own.
data_set <- function(data, name) {
  if (!name %in% data_sets) stop("no data set '", name, "'; there are ", toString(data_sets))
  parts <- strsplit(name, "::", fixed = TRUE)[[1]]
  rows <- as.data.frame(getExportedValue(parts[1], parts[2]))
  factors <- Filter(is.factor, rows)
  levels <- data.frame(column = rep(names(factors), vapply(factors, nlevels, integer(1))),
                       level = as.character(unlist(lapply(factors, levels))),
                       ordered = rep(vapply(factors, is.ordered, logical(1)),
                                     vapply(factors, nlevels, integer(1))))
  plain <- lapply(rows, function(column) {
    if (is.factor(column)) as.character(column)
    else if (inherits(column, "Date")) as.numeric(column)
    else as.vector(column)
  })
  list(rows = data.frame(plain, row.names = NULL, check.names = FALSE), levels = levels,
       names = data.frame(row_name = rownames(rows)))
}
