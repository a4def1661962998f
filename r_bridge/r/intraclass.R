# Intraclass correlation of values within clusters by the one-way analysis of variance, group by group.
# Interval of Donner (1986), as ICC::ICCest(CI.type = "THD") has it.
intraclass <- function(data, n_groups, conf_level) {
  of_group <- lapply(seq_len(n_groups), function(g) {
    one_intraclass(data$values[data$group == g], data$cluster[data$group == g], conf_level)
  })
  table <- data.frame(group = seq_len(n_groups), do.call(rbind, of_group))
  if (all(is.na(table$estimate)))
    not_estimable("Intraclass correlation", paste("needs two clusters or more, one of them with two",
                                                  "values or more that differ."))
  structure(list(groups = table), method = "sums of squares {base}, qf {stats}")
}

one_intraclass <- function(values, cluster, conf_level) {
  size <- as.vector(table(cluster))
  k <- length(size)
  n <- length(values)
  found <- c(clusters = k, n = n, mean_size = NA, ms_between = NA, ms_within = NA, between = NA,
             within = NA, estimate = NA, conf_low = NA, conf_high = NA)
  if (k < 2 || n == k) return(found)
  centre <- ave(values, cluster)
  ms_within <- sum((values - centre)^2) / (n - k)
  # Values equal within every cluster part by rounding alone.
  if (ms_within <= .Machine$double.eps * mean(values^2)) return(found)
  ms_between <- sum((centre - mean(values))^2) / (k - 1)
  mean_size <- (n - sum(size^2) / n) / (k - 1)
  alpha <- 1 - conf_level
  ratio <- ms_between / ms_within
  limits <- c(ratio / qf(alpha / 2, k - 1, n - k, lower.tail = FALSE),
              ratio * qf(alpha / 2, n - k, k - 1, lower.tail = FALSE))
  limits <- (limits - 1) / (limits + mean_size - 1)
  found[] <- c(k, n, mean_size, ms_between, ms_within, (ms_between - ms_within) / mean_size, ms_within,
               (ms_between - ms_within) / (ms_between + (mean_size - 1) * ms_within), limits)
  found
}
