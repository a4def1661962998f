# Share of successes of each group with its exact (Clopper-Pearson) interval.
proportion <- function(data, conf_level) {
  proportions <- by_group(data, function(rows) {
    test <- binom.test(sum(rows$success), nrow(rows), conf.level = conf_level)
    data.frame(count = sum(rows$success), n = nrow(rows), estimate = unname(test$estimate),
               conf_low = test$conf.int[1], conf_high = test$conf.int[2])
  })
  structure(list(proportions = proportions), method = "binom.test {stats}")
}
