# Shared by the models; not a statistic itself.

# Refuse: these data have no answer to this question. The class sets it apart from a fault;
# `terms` are the positions of the model terms at fault, where there are any.
not_estimable <- function(what, reason, terms = integer()) {
  stop(structure(class = c("not_estimable", "error", "condition"),
                 list(message = paste0(what, ": ", reason), call = NULL, what = what,
                      reason = reason, terms = as.integer(terms))))
}
