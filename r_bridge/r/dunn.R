# Dunn's test of every pair of groups with tie correction, P values two-sided and Bonferroni
# adjusted. The statistic is z of mean rank of group_2 minus mean rank of group_1.
# FSA is used where it is installed, else rstatix.
dunn <- function(data) {
  with_fsa <- requireNamespace("FSA", quietly = TRUE)
  pairs <- if (with_fsa) dunn_by_fsa(data) else dunn_by_rstatix(data)
  pairs <- pairs[order(pairs$group_1, pairs$group_2), ]
  rownames(pairs) <- NULL
  structure(list(pairs = pairs),
            method = if (with_fsa) "dunnTest(method = \"bonferroni\") {FSA}"
                     else "dunn_test(p.adjust.method = \"bonferroni\") {rstatix}")
}

# FSA names a pair "1 - 2" or, in older versions, "2-1=0", with the sign of that difference: here
# the sign is taken from the mean ranks, so that it does not depend on the version.
dunn_by_fsa <- function(data) {
  test <- FSA::dunnTest(data$values, factor(data$group), method = "bonferroni")$res
  names <- as.character(test$Comparison)
  pair <- vapply(regmatches(names, gregexpr("[0-9]+", names)),
                 function(codes) sort(as.integer(codes[1:2])), integer(2))
  mean_rank <- tapply(rank(data$values), factor(data$group), mean)
  direction <- sign(mean_rank[as.character(pair[2, ])] - mean_rank[as.character(pair[1, ])])
  data.frame(group_1 = pair[1, ], group_2 = pair[2, ],
             statistic = as.vector(direction) * abs(test$Z), p_value = test$P.unadj,
             p_adjusted = test$P.adj)
}

dunn_by_rstatix <- function(data) {
  rows <- data.frame(values = data$values, group = factor(data$group))
  test <- rstatix::dunn_test(rows, values ~ group, p.adjust.method = "bonferroni")
  data.frame(group_1 = as.integer(test$group1), group_2 = as.integer(test$group2),
             statistic = unname(test$statistic), p_value = unname(test$p),
             p_adjusted = unname(test$p.adj))
}
