# Shared by the statistics of measurement noise; not a statistic itself.

# Draw by R's Wichmann-Hill generator from given start values, and leave the session's own as it was.
with_seeds <- function(seeds, draw) {
  had <- exists(".Random.seed", envir = globalenv(), inherits = FALSE)
  before <- if (had) get(".Random.seed", envir = globalenv())
  kinds <- RNGkind("Wichmann-Hill", "Inversion")
  on.exit({
    RNGkind(kinds[1], kinds[2], kinds[3])
    if (had) assign(".Random.seed", before, envir = globalenv())
  })
  state <- get(".Random.seed", envir = globalenv())
  assign(".Random.seed", c(state[1], as.integer(seeds)), envir = globalenv())
  draw()
}

# Sizes as they are written down: recording is the precision (0: none), the floor and the size below
# which a lesion that may vanish is recorded as 0.
write_down <- function(size, recording, may_vanish) {
  precision <- recording[1]
  gone <- may_vanish & size < recording[3]
  if (precision > 0) size <- round(size / precision) * precision
  size[size < recording[2]] <- recording[2]
  size[gone] <- 0
  size
}

# SD of the natural log of measured sizes: one part in proportion to the size, one in mm.
log_error <- function(size, recording, log_sd, sd_mm) {
  sqrt(log_sd^2 + (sd_mm / pmax(size, recording[2]))^2)
}

# Where the rows of the followed lesions stand: for each number of scans the rows of its lesions as a
# matrix, lesions x measurements with the baseline first; for each number of lesions its patients, each
# with its lesions as they come in these matrices.
places_of <- function(data) {
  of_lesion <- split(seq_len(nrow(data)), data$lesion)
  by_length <- split(of_lesion, lengths(of_lesion))
  rows <- lapply(by_length, function(some) do.call(rbind, some))
  first <- unlist(lapply(rows, function(some) some[, 1]), use.names = FALSE)
  of_patient <- split(seq_along(first), data$patient[first])
  of_patient <- of_patient[lengths(of_patient) > 1]
  codes <- as.integer(names(of_patient))
  by_number <- split(seq_along(codes), lengths(of_patient))
  list(rows = rows, patients = codes,
       groups = lapply(by_number, function(who) list(who = who, lesions = do.call(rbind, of_patient[who]))))
}

# Five response variables of all lesions, lesions x copies each, from sizes: rows x copies. Written from
# the definitions scan by scan, for all lesions with the same number of scans at once.
variables_of <- function(sizes, places, response_threshold, relapse_threshold, relapse_reference,
                         relapse_min_increase_mm, stable_rule) {
  slack <- 1e-9
  of_group <- function(rows) {
    at <- function(k) sizes[rows[, k], , drop = FALSE]
    baseline <- lowest <- at(1)
    nothing <- matrix(FALSE, nrow(baseline), ncol(baseline))
    response <- stable <- over <- nothing
    nadir <- matrix(Inf, nrow(baseline), ncol(baseline))
    for (k in 2:ncol(rows)) {
      size <- at(k)
      ratio <- size / baseline
      reference <- if (relapse_reference == "nadir") lowest else baseline
      limit <- pmax.int(relapse_threshold * reference, reference + relapse_min_increase_mm)
      over <- over | (size >= limit * (1 - slack) & size > reference)
      small <- ratio <= response_threshold * (1 + slack)
      reached_now <- !over & small & !response
      stable <- stable | (!over & !(if (stable_rule == "after_response") reached_now else small))
      response <- response | reached_now
      lower <- size < lowest
      lowest[lower] <- size[lower]
      lower <- ratio < nadir
      nadir[lower] <- ratio[lower]
    }
    list(response = response, stable = stable, relapse = over, nadir_ratio = nadir, last_ratio = ratio)
  }
  found <- lapply(places$rows, of_group)
  names <- c("response", "stable", "relapse", "nadir_ratio", "last_ratio")
  setNames(lapply(names, function(name) do.call(rbind, lapply(unname(found), `[[`, name))), names)
}

# Patient-level distance of every patient with two lesions or more, patients x copies, pair by pair.
patient_distances <- function(variables, places, weights, range, lowest, highest, self) {
  flags <- c("response", "stable", "relapse")
  ratios <- c("nadir_ratio", "last_ratio")
  copies <- ncol(variables[[1]])
  span <- list()
  for (v in 1:2) {
    x <- variables[[ratios[v]]]
    if (range == "fixed") {
      x <- pmin(pmax(x, lowest[v]), highest[v])
      span[[v]] <- rep(highest[v] - lowest[v], copies)
    } else if (range == "cohort") {
      span[[v]] <- apply(x, 2, max) - apply(x, 2, min)
    }
    variables[[ratios[v]]] <- x
  }
  distance <- matrix(NA_real_, length(places$patients), copies)
  for (group in places$groups) {
    n <- ncol(group$lesions)
    pick <- function(x, i) x[group$lesions[, i], , drop = FALSE]
    over_pairs <- function(x) {
      total <- 0
      for (i in seq_len(n - 1)) for (j in (i + 1):n) total <- total + abs(pick(x, i) - pick(x, j))
      total
    }
    total <- 0
    for (v in 1:3) total <- total + weights[v] * over_pairs(variables[[flags[v]]])
    for (v in 1:2) {
      x <- variables[[ratios[v]]]
      own <- if (range == "patient") {
        columns <- lapply(seq_len(n), function(i) pick(x, i))
        do.call(pmax.int, columns) - do.call(pmin.int, columns)
      } else matrix(span[[v]], length(group$who), copies, byrow = TRUE)
      apart <- over_pairs(x) / own
      apart[own == 0] <- 0
      total <- total + weights[3 + v] * apart
    }
    distance[group$who, ] <- 2 * total / sum(weights) / (if (self) n^2 else n * (n - 1))
  }
  round(distance, 12)
}

# A function that measures true sizes (their logs and errors) many times and gives the distances,
# patients x copies; random numbers come one a row, copy by copy.
#   keep     rows that stay as recorded, with their sizes
#   vanish   rows that may be recorded as 0
#   distance_of   sizes, rows x copies, to distances
measure_often <- function(log_size, log_sd, keep, as_recorded, vanish, recording, distance_of) {
  n <- length(log_size)
  at_once <- max(1, 1e6 %/% n)
  function(times, copies) {
    numbers <- rep(at_once, copies %/% at_once)
    if (copies %% at_once > 0) numbers <- c(numbers, copies %% at_once)
    parts <- lapply(numbers, function(number) {
      error <- matrix(qnorm(runif(n * number)), n)
      size <- write_down(exp(log_size + times * log_sd * error), recording, vanish)
      if (any(keep)) size[keep, ] <- as_recorded[keep]
      distance_of(size)
    })
    do.call(cbind, parts)
  }
}

# Row-wise quantiles of type 7.
row_quantile <- function(x, share) {
  sorted <- t(apply(x, 1, sort))
  at <- 1 + (ncol(x) - 1) * share
  low <- floor(at)
  high <- min(low + 1, ncol(x))
  sorted[, low] + (at - low) * (sorted[, high] - sorted[, low])
}
