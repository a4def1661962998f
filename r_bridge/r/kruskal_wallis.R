# Kruskal-Wallis test of two or more groups, with tie correction.
kruskal_wallis <- function(data) {
  test <- kruskal.test(data$values, factor(data$group))
  structure(
    list(test = data.frame(statistic = unname(test$statistic), df = unname(test$parameter),
                           p_value = test$p.value),
         groups = group_medians(data)),
    method = "kruskal.test {stats}")
}
