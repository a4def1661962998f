# Mann-Whitney test of group 1 against group 2: normal approximation with continuity and tie
# correction, two-sided. The statistic is U of group 1 (R calls it W).
mann_whitney <- function(data) {
  test <- wilcox.test(data$values[data$group == 1], data$values[data$group == 2],
                      alternative = "two.sided", exact = FALSE, correct = TRUE)
  structure(
    list(test = data.frame(statistic = unname(test$statistic), p_value = test$p.value),
         groups = group_medians(data)),
    method = "wilcox.test(exact = FALSE, correct = TRUE) {stats}")
}
