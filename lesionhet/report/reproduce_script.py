"""The fixed parts of ``reproduce.R``: what comes before the functions, and how numbers are checked."""

from __future__ import annotations

from typing import Final

HEAD: Final = r"""
# Computes every number of this report again, in R, and compares it with what Python found.
#
#   Rscript reproduce.R
#
# works from any folder, needs no Python, and needs the R packages survival, cluster, nlme and
# rstatix (or FSA in its place). It exits with 0 where all numbers agree, and with 1 where one does
# not or cannot be computed.
#
# reproduce_data/ has the rows that the calls below read, names.csv: what each call is about, and
# expected.csv: Python's numbers and how far R's may be from them. Groups, strata, patients and
# lesions are codes (1, 2, ..) in the rows; their names are in expected.csv.

# ==== 1. Packages =================================================================================

installed <- function(package) requireNamespace(package, quietly = TRUE)
missing <- Filter(Negate(installed), c("survival", "cluster", "nlme"))
if (!installed("FSA") && !installed("rstatix")) missing <- c(missing, "rstatix")
if (length(missing) > 0) {
  message("These R packages are missing: ", paste(missing, collapse = ", "), ". Add them with\n",
          "  install.packages(c(", paste0("\"", missing, "\"", collapse = ", "), "))")
  quit(status = 1)
}
suppressPackageStartupMessages(library(survival))

# ==== 2. Functions: one a statistic ===============================================================
"""

CHECKS: Final = r"""
# ==== 3. Reading and checking =====================================================================

script <- sub("^--file=", "", grep("^--file=", commandArgs(), value = TRUE))
script <- gsub("~+~", " ", script, fixed = TRUE)  # how Rscript hands on a space
folder <- file.path(if (length(script) == 1) dirname(normalizePath(script)) else getwd(),
                    "reproduce_data")
if (!file.exists(file.path(folder, "expected.csv")))
  stop("expected.csv is not in ", folder, ": keep reproduce_data beside this script. From an R ",
       "console, set the working directory to the script's folder first.")

read_rows <- function(file) {
  read.csv(file.path(folder, file), colClasses = "numeric", check.names = FALSE)
}

read_texts <- function(file, classes) {
  read.csv(file.path(folder, file), encoding = "UTF-8", na.strings = "", quote = "\"",
           colClasses = classes)
}

expected_numbers <- read_texts("expected.csv", c(
  call = "character", table = "character", row = "character", position = "integer",
  column = "character", expected = "numeric", tolerance = "numeric"))
expected_numbers <- split(expected_numbers, expected_numbers$call)
call_names <- read_texts("names.csv", c(call = "character", name = "character"))

SHOW_ALL <- 16  # of a table with more numbers, only the largest difference is printed
checked <- 0
differing <- character()

# Compare the tables that a call gave with what is expected of it, and print both.
check <- function(call, tables) {
  wanted <- expected_numbers[[call]]
  name <- call_names$name[call_names$call == call]
  cat("\n", call, if (name != call) paste0(": ", encodeString(name)), "\n", sep = "")
  cat("  ", attr(tables, "method"), "\n", sep = "")
  for (table in unique(wanted$table)) {
    numbers <- wanted[wanted$table == table, ]
    found <- tables[[table]]
    numbers$found <- mapply(function(column, position) as.numeric(found[[column]][position]),
                            numbers$column, numbers$position)
    numbers$difference <- ifelse(numbers$found == numbers$expected, 0,
                                 abs(numbers$found - numbers$expected))
    agree <- ifelse(is.na(numbers$expected) | is.na(numbers$found),
                    is.na(numbers$expected) & is.na(numbers$found),
                    numbers$difference <= numbers$tolerance)
    numbers$verdict <- ifelse(agree, "agrees", "DIFFERS")
    if (nrow(found) != max(numbers$position)) {
      differing <<- c(differing, paste0(call, ": table ", table, " has ", nrow(found),
                                        " rows, expected ", max(numbers$position)))
    }
    checked <<- checked + nrow(numbers)
    if (!all(agree)) differing <<- c(differing, describe_numbers(call, numbers[!agree, ]))
    show_numbers(table, numbers)
  }
}

describe_numbers <- function(call, numbers) {
  paste0(call, ": ", numbers$table, ", ",
         ifelse(is.na(numbers$row), "", paste0(encodeString(numbers$row), ", ")), numbers$column,
         ": expected ", format(numbers$expected, digits = 12), ", R gives ",
         format(numbers$found, digits = 12))
}

show_numbers <- function(table, numbers) {
  if (nrow(numbers) > SHOW_ALL) {
    apart <- which(numbers$verdict == "DIFFERS")
    size <- pmax(abs(numbers$expected), abs(numbers$found))
    relative <- ifelse(numbers$difference == 0, 0, numbers$difference / size)
    cat(sprintf("  %-10s %d numbers, largest relative difference %.2g, %s\n", table,
                nrow(numbers), max(c(0, relative), na.rm = TRUE),
                if (length(apart)) paste(length(apart), "DIFFER") else "all agree"))
    return(invisible())
  }
  label <- ifelse(is.na(numbers$row), "", encodeString(numbers$row))
  cat(sprintf("  %-10s %s %s %17s %17s  %s\n", table, format(label), format(numbers$column),
              formatC(numbers$expected, digits = 10, format = "g"),
              formatC(numbers$found, digits = 10, format = "g"), numbers$verdict), sep = "")
}

# ==== 4. The numbers, analysis by analysis ========================================================

cat("table, row, column, expected (Python), found (R ", R.version$major, ".", R.version$minor,
    ", survival ", as.character(packageVersion("survival")), ", cluster ",
    as.character(packageVersion("cluster")), ")\n", sep = "")
"""

TAIL: Final = r"""
# ==== 5. The end ==================================================================================

if (length(differing) > 0) {
  cat("\n", length(differing), " DIFFER:\n", sep = "")
  cat(paste0("  ", head(differing, 20), "\n"), sep = "")
  if (length(differing) > 20) cat("  and", length(differing) - 20, "more\n")
  quit(status = 1)
}
cat("\nAll ", checked, " numbers agree.\n", sep = "")
"""
