/* Concordant pairs of many models of the same rows, for many weights of each, in O(n log n).
 *
 * Rows stand in the order of ComparablePairs in concordance.py, which answers where this file was not compiled:
 * everyone whom an event can be compared with stands before it, from `begin` up to `until`. They are put one
 * after the other into a tree of running sums by rank of score (Fenwick 1994, Softw Pract Exp 24:327), of which an
 * event asks how many have a lower score and how many a score that is not higher. */

#include <stdint.h>

#ifdef _WIN32
#define SHARED __declspec(dllexport)
#else
#define SHARED __attribute__((visibility("default")))
#endif

static void clear(double *values, int64_t size)
{
    for (int64_t i = 0; i < size; i++)
        values[i] = 0.0;
}

/* Add the weights of a row of rank `rank`, from 1; a node of the tree holds `k` sums. */
static void put(double *tree, int64_t n, int64_t k, int64_t rank, const double *weights, int64_t rows)
{
    for (int64_t at = rank; at <= n; at += at & -at)
        for (int64_t j = 0; j < k; j++)
            tree[at * k + j] += weights[j * rows];
}

/* Add the sums of all ranks up to `rank` to `found`. */
static void ask(const double *tree, int64_t k, int64_t rank, double *found)
{
    for (int64_t at = rank; at > 0; at -= at & -at)
        for (int64_t j = 0; j < k; j++)
            found[j] += tree[at * k + j];
}

/* Raised with every change of what the function below takes or gives; concordance.py asks for it. */
SHARED int64_t comparable_pairs_version(void) { return 1; }

/* Count the pairs of each of `models` rows of scores. `order` says which row as given is where; `ranks` are models
 * x n whole numbers from 1, rows as given; `weights` models x k x n. `tree` is working memory of (n + 3) k numbers.
 * `found` is models x k x 2: concordant pairs, equal scores counted for a half, and all that can be compared. */
SHARED void comparable_pairs(int64_t n, int64_t events, const int64_t *order, const int64_t *event,
                             const int64_t *begin, const int64_t *until, int64_t models, int64_t k,
                             const int64_t *ranks, const double *weights, double *tree, double *found)
{
    double *concordant = tree + (n + 1) * k, *all = concordant + k;
    for (int64_t model = 0; model < models; model++) {
        const int64_t *rank = ranks + model * n;
        const double *weight = weights + model * k * n;
        double *result = found + model * k * 2;
        int64_t next = 0;
        clear(result, 2 * k);
        for (int64_t e = 0; e < events; e++) {
            if (e == 0 || begin[e] != begin[e - 1]) { /* another stratum */
                clear(tree, (n + 1) * k);
                clear(all, k);
                next = begin[e];
            }
            for (; next < until[e]; next++) {
                const int64_t row = order[next];
                put(tree, n, k, rank[row], weight + row, n);
                for (int64_t j = 0; j < k; j++)
                    all[j] += weight[j * n + row];
            }
            const int64_t row = order[event[e]];
            clear(concordant, k);
            ask(tree, k, rank[row], concordant);
            ask(tree, k, rank[row] - 1, concordant);
            for (int64_t j = 0; j < k; j++) {
                result[2 * j] += weight[j * n + row] * concordant[j] / 2.0;
                result[2 * j + 1] += weight[j * n + row] * all[j];
            }
        }
    }
}
