# lesionhet called from R: phases, distances and a Cox model computed in Python, then the distances
# and the model again by R's own daisy and coxph on the same rows. Ends with status 1 if they part.
#
#   RETICULATE_PYTHON=/path/to/python Rscript from_r.R
#
# That Python is one in which lesionhet is installed; R needs reticulate, survival and cluster.
# Python computes everything that it is asked for below. It starts no R of its own.

library(reticulate)
library(survival)

if (!nzchar(Sys.getenv("RETICULATE_PYTHON")))
  stop("Set RETICULATE_PYTHON to the Python in which lesionhet is installed.")

# Nothing is converted behind our back: a reticulate older than 1.38 hands arrays of NumPy 2, and so
# data frames, over wrongly and without an error. Lists pass every version.
lesionhet <- import("lesionhet", convert = FALSE)
pandas <- import("pandas", convert = FALSE)

# An R column as a Python list: NA of any type becomes None.
to_list <- function(x) {
  if (is.factor(x)) x <- as.character(x)
  r_to_py(lapply(as.list(unname(x)), function(value) if (is.na(value)) NULL else value))
}
to_python <- function(table) pandas$DataFrame(r_to_py(lapply(table, to_list)))

# A pandas data frame as an R one: None and NaN become NA.
to_r <- function(frame) {
  columns <- py_to_r(frame$to_dict("list"))
  known <- function(value) if (is.null(value) || (is.numeric(value) && is.nan(value))) NA else value
  data.frame(lapply(columns, function(column) unlist(lapply(column, known))), check.names = FALSE)
}

# Diameters in mm of 20 lesions of 8 patients, before treatment and at three scans; not every scan.
sizes <- read.table(header = TRUE, text = "
  patient_id lesion_id   d0  d56 d112 d168
  P1         liver-1     30   20   18   25
  P1         liver-2     22   21   23   30
  P1         lung-1      15    9    8    8
  P2         liver-1     41   25   20   19
  P2         liver-2     18   11   10    9
  P3         lung-1      12   12   15   NA
  P3         lung-2      25   16   14   NA
  P3         node-1      19   20   27   NA
  P4         liver-1     55   60   71   NA
  P4         lung-1      10   11   13   NA
  P5         node-1      28   17   15   16
  P5         node-2      16   16   15   19
  P6         liver-1     33   20   NA   18
  P6         liver-2     27   17   NA   22
  P6         lung-1      14   15   NA   13
  P7         lung-1      20   12   11   10
  P7         lung-2      17   11   16   20
  P8         liver-1     38   37   36   47
  P8         liver-2     24   15   13   12
  P8         node-1      21   14   17   21")
days <- c(d0 = 0, d56 = 56, d112 = 112, d168 = 168)
lesions <- data.frame(sizes[rep(seq_len(nrow(sizes)), length(days)), c("patient_id", "lesion_id")],
                      day = rep(days, each = nrow(sizes)),
                      diameter_mm = as.numeric(unlist(sizes[names(days)])))
patients <- data.frame(patient_id = paste0("P", 1:8), arm = rep(c("A", "B"), 4),
                       os_days = c(410, 655, 280, 190, 530, 602, 410, 320),
                       os_event = c(1, 0, 1, 1, 1, 0, 1, 1))

# In Python: the phases, ratios and distances of the study, and a Cox model of the distance.
cohort <- lesionhet$cohort_from_frames(to_python(lesions), to_python(patients))
study <- lesionhet$build_study(cohort, lesionhet$load_definitions("paper2021"))
patterns <- to_r(study$lesions)
people <- to_r(study$patients)
model <- lesionhet$python$cox(to_list(people$os_days), to_list(people$os_event),
                              to_python(people[c("gower", "baseline_sum_mm")]))
terms <- to_r(model$to_frame())
print(patterns[c("patient_id", "lesion_id", "response", "stable", "relapse", "nadir_ratio",
                 "last_ratio", "gower")], digits = 3, row.names = FALSE)

# In R, from the same patterns: the mean distance to the patient's lesions, and the model.
by_daisy <- function(rows) {
  flags <- lapply(rows[c("response", "stable", "relapse")], factor, levels = c(0, 1))
  rowMeans(as.matrix(cluster::daisy(data.frame(flags, rows[c("nadir_ratio", "last_ratio")]),
                                    metric = "gower")))
}
gower <- unsplit(lapply(split(patterns, patterns$patient_id), by_daisy), patterns$patient_id)
people$own_gower <- as.vector(tapply(gower, patterns$patient_id, mean)[people$patient_id])
fit <- coxph(Surv(os_days, os_event) ~ own_gower + baseline_sum_mm, data = people, ties = "efron",
             control = coxph.control(eps = 1e-11, iter.max = 50))

compared <- data.frame(
  number = c(paste("distance of", patterns$patient_id, patterns$lesion_id),
             paste("log hazard ratio of", terms$term), paste("standard error of", terms$term)),
  python = c(patterns$gower, terms$estimate, terms$std_error),
  r = c(gower, coef(fit), sqrt(diag(vcov(fit)))),
  # A study's distances are rounded to 12 decimals.
  tolerance = rep(c(1e-11, 1e-7), c(nrow(patterns), 2 * nrow(terms))))
compared$agrees <- abs(compared$python - compared$r) <=
  compared$tolerance * pmax(abs(compared$r), 1e-3)
print(tail(compared, 2 * nrow(terms)), digits = 10, row.names = FALSE)
cat(sum(compared$agrees), "of", nrow(compared), "numbers agree.\n")
quit(status = if (isTRUE(all(compared$agrees))) 0 else 1)
