# How many rows of each group have each level; combinations without rows count 0.
count <- function(data, n_levels, n_groups) {
  table <- table(factor(data$level, seq_len(n_levels)), factor(data$group, seq_len(n_groups)))
  counts <- data.frame(group = rep(seq_len(n_groups), each = n_levels),
                       level = rep(seq_len(n_levels), n_groups),
                       count = as.vector(table),
                       n = rep(as.vector(colSums(table)), each = n_levels))
  counts$share <- counts$count / counts$n
  structure(list(counts = counts), method = "table {base}")
}
