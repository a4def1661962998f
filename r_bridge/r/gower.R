# Gower distance of every pair of rows of a mixed table of numbers.
#   kinds             "numeric", "nominal", "ordinal" or "asymmetric", for each column
#   weights           one for each column
#   lowest, highest   fixed range of each column, NA where the range is that of the data
# Ordinal columns are the positions of their categories; daisy treats the codes of an ordered
# factor as numbers, so they go in as numbers.
gower <- function(data, kinds, weights, lowest, highest) {
  nominal <- kinds == "nominal"
  data[nominal] <- lapply(data[nominal], factor)
  distances <- daisy_matrix(data, weights, lowest, highest, names(data)[kinds == "asymmetric"])
  below <- which(lower.tri(distances), arr.ind = TRUE)
  structure(
    list(pairs = data.frame(row_1 = unname(below[, "col"]), row_2 = unname(below[, "row"]),
                            distance = distances[below])),
    method = "daisy(metric = \"gower\") {cluster}")
}
