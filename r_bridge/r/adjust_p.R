# P values adjusted within each group (family) by Holm and by Benjamini and Hochberg.
#   level   below which a P value is counted as small
adjust_p <- function(data, level) {
  within <- function(method) ave(data$p_value, data$group,
                                 FUN = function(p) p.adjust(p, method = method))
  found <- data.frame(row = seq_len(nrow(data)), p_value = data$p_value, holm = within("holm"),
                      benjamini_hochberg = within("BH"))
  small <- function(values) as.vector(tapply(values < level, data$group, sum))
  families <- data.frame(group = sort(unique(data$group)),
                         n = as.vector(table(data$group)),
                         smallest = as.vector(tapply(data$p_value, data$group, min)),
                         n_raw = small(found$p_value), n_holm = small(found$holm),
                         n_benjamini_hochberg = small(found$benjamini_hochberg))
  structure(list(families = families, adjusted = found),
            method = "p.adjust(method = \"holm\", \"BH\") {stats}")
}
