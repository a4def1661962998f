# Exact sign test of `sign`: 1 where the first of two comes before the second, -1 where the second does,
# 0 for a tie; ties are left out of the test.
sign_test <- function(data, conf_level) {
  before <- sum(data$sign == 1)
  after <- sum(data$sign == -1)
  test <- binom.test(before, before + after, p = 0.5, alternative = "two.sided",
                     conf.level = conf_level)
  structure(
    list(test = data.frame(estimate = unname(test$estimate), conf_low = test$conf.int[1],
                           conf_high = test$conf.int[2], p_value = test$p.value),
         counts = data.frame(before = before, ties = sum(data$sign == 0), after = after)),
    method = "binom.test {stats}")
}
