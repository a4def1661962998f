# Kendall's tau-b with its two-sided asymptotic test, no continuity correction.
kendall <- function(data) {
  test <- cor.test(data$x, data$y, method = "kendall", alternative = "two.sided",
                   exact = FALSE, continuity = FALSE)
  structure(
    list(test = data.frame(estimate = unname(test$estimate), statistic = unname(test$statistic),
                           p_value = test$p.value)),
    method = "cor.test(method = \"kendall\", exact = FALSE, continuity = FALSE) {stats}")
}
