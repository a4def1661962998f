# How another program calls a statistic; not a statistic itself.

# Call one statistic. Warnings and messages are collected and an error becomes a value,
# so that whoever calls gets everything that R had to say.
call_statistic <- function(statistic, data, options) {
  said <- character()
  keep <- function(condition) {
    if (!inherits(condition, "packageStartupMessage"))
      said <<- c(said, trimws(conditionMessage(condition)))
    invokeRestart(if (inherits(condition, "warning")) "muffleWarning" else "muffleMessage")
  }
  tables <- tryCatch(
    withCallingHandlers(do.call(statistic, c(list(data = data), options)),
                        warning = keep, message = keep),
    error = identity)
  if (!inherits(tables, "error"))
    return(list(tables = tables, method = paste(attr(tables, "method"), collapse = ""),
                warnings = unique(said)))
  refused <- inherits(tables, "not_estimable")
  list(error = conditionMessage(tables), not_estimable = refused,
       what = if (refused) tables$what else "", reason = if (refused) tables$reason else "",
       terms = if (refused) tables$terms else integer())
}
