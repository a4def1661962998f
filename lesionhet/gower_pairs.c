/* Mean Gower distances within small groups, pair by pair: for a handful of rows that is faster than sorting.
 *
 * The arithmetic is that of pair_distances in gower.py; mean_gower.py answers where this file was not
 * compiled and for larger groups. */

#include <math.h>
#include <stdint.h>

#ifdef _WIN32
#define SHARED __declspec(dllexport)
#else
#define SHARED __attribute__((visibility("default")))
#endif

/* Columns of a table: how many, which of them are numbers (1) or categories (0), what each weighs. */
typedef struct {
    int64_t size;
    const int64_t *number;
    const double *weight;
} columns_t;

/* The distance of two rows, ranges those of their group; NaN where nothing that counts is known of both. */
static double distance(const columns_t *columns, const double *range, const double *one, const double *other)
{
    double total = 0.0, weights = 0.0;
    for (int64_t v = 0; v < columns->size; v++) {
        const double apart = fabs(one[v] - other[v]);
        double here = apart > 0.0;
        if (columns->number[v])
            here = range[v] > 0.0 ? apart / range[v] : 0.0;
        /* Not a branch: which values are missing cannot be foreseen. */
        const int known = !isnan(apart);
        weights += known ? columns->weight[v] : 0.0;
        total += known ? columns->weight[v] * here : 0.0;
    }
    return weights > 0.0 ? total / weights : NAN;
}

/* Turn sums of distances into means, for rows one after the other; `itself`: a row that has anything that
 * counts is at distance 0 from itself. */
static void divide(const columns_t *columns, const double *range, const double *values, int64_t rows, int itself,
                   const double *counts, double *means)
{
    for (int64_t i = 0; i < rows; i++) {
        const double *row = values + i * columns->size;
        double count = counts[i];
        if (itself && (count > 0.0 || !isnan(distance(columns, range, row, row))))
            count += 1.0;
        means[i] = count > 0.0 ? means[i] / count : NAN;
    }
}

/* Raised with every change of what the functions below take or give; small_groups.py asks for it. */
SHARED int64_t gower_pairs_version(void) { return 1; }

/* Mean distances of the rows of each group to one another. `values` are rows x columns, NaN where missing,
 * groups one after the other; `ranges` groups x columns. `counts` is working memory of as many numbers as there
 * are rows. Groups of more than `largest` rows are left as they are. */
SHARED void gower_pairs(int64_t groups, int64_t columns, const int64_t *sizes, const int64_t *number,
                         const double *weight, const double *values, const double *ranges, int64_t itself,
                         int64_t largest, double *counts, double *means)
{
    const columns_t all = {columns, number, weight};
    for (int64_t g = 0; g < groups; g++, ranges += columns) {
        const int64_t rows = sizes[g];
        if (rows <= largest) {
            for (int64_t i = 0; i < rows; i++) {
                means[i] = counts[i] = 0.0;
                for (int64_t j = 0; j < i; j++) {
                    const double apart = distance(&all, ranges, values + i * columns, values + j * columns);
                    if (isnan(apart))
                        continue;
                    means[i] += apart, means[j] += apart;
                    counts[i] += 1.0, counts[j] += 1.0;
                }
            }
            divide(&all, ranges, values, rows, itself != 0, counts, means);
        }
        values += rows * columns, means += rows, counts += rows;
    }
}
