# Shared by the organ responses at a day and over time; not a statistic itself.

# Group of one patient from the scans of its followed lesions: 1 all respond, 2 the organ only, 3 the
# others only, 4 none; NA where it has none of that organ or the group is not known, then `why` says
# which: "elsewhere", "unknown_site", "organ_not_whole" or "others_not_whole".
#   scans   rows as follow_lesions gives them, with their site and assessment
organ_group_of <- function(scans, organ, other, organ_rule, response_threshold, burden) {
  of <- function(group = NA_real_, ratio = NA_real_, others_ratio = NA_real_, why = "")
    list(group = group, ratio = ratio, others_ratio = others_ratio, why = why)
  if (!organ %in% scans$site) return(of(why = "elsewhere"))
  if (anyNA(scans$site)) return(of(why = "unknown_site"))
  if (other != 0 && !setequal(scans$site, c(organ, other))) return(of(why = "elsewhere"))
  own <- scans$site == organ
  ratio <- smallest_ratio(scans[own, ], organ_rule, burden)
  if (is.na(ratio)) return(of(why = "organ_not_whole"))
  others_ratio <- if (all(own)) NA_real_ else smallest_ratio(scans[!own, ], organ_rule, burden)
  if (!all(own) && is.na(others_ratio)) return(of(why = "others_not_whole"))
  # Strictly beyond the threshold, up to a relative slack of 1e-9: 0.7 * 3 is not 2.1 in binary.
  responds <- ratio < response_threshold * (1 - 1e-9)
  others_respond <- if (all(own)) responds else others_ratio < response_threshold * (1 - 1e-9)
  of(4 - 2 * responds - others_respond, ratio, others_ratio)
}

# Best ratio to baseline of some lesions of a patient: that of their sum, or of their own best ratios
# the mean, the smallest ("any" responds) or the largest ("all" respond). NA where there is none.
smallest_ratio <- function(scans, organ_rule, burden) {
  if (organ_rule == "sum") {
    sums <- sum_over_time(scans, burden)
    return(if (is.null(sums)) NA_real_ else min(sums$size[-1]) / sums$size[1])
  }
  after <- scans[!scans$is_baseline, ]
  best <- tapply(after$diameter_mm / after$baseline_mm, after$lesion, min)
  switch(organ_rule, mean = mean(best), any = min(best), all = max(best))
}

# Scans of the followed lesions of a table, with the site of their lesion.
scans_with_sites <- function(data) {
  followed <- follow_lesions(data)
  scans <- followed$scans
  scans$site <- followed$lesions$site[match(scans$lesion, followed$lesions$lesion)]
  scans
}
