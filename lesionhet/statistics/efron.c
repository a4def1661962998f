/* Cox partial likelihood with Efron's ties, for many draws of the same rows.
 *
 * Rows are sorted by stratum, latest first; a cell is one time of one stratum. `cells` holds the first row of
 * each cell and ends with n; `strata` the first cell of each stratum and ends with the number of cells.
 * Where rows enter late, `left` lists the rows of each stratum by falling start, and `late[c]` says how many
 * of them have not entered by the time of cell c; without late entries `late` is NULL. Place i has row
 * `order[i]` of those given.
 *
 * Draws share rows and cells and differ by how often each row is there, so several go through the rows
 * together, as many as the processor's registers hold: efron_lanes.h. Their number changes no bit of an
 * answer, as the build forbids to contract two operations, each of which rounds, into one.
 *
 * The arithmetic is that of EfronModel in newton.py, which answers where this file was not compiled. */

#include <float.h>
#include <math.h>
#include <stdint.h>

#ifdef _WIN32
#define SHARED __declspec(dllexport)
#else
#define SHARED __attribute__((visibility("default")))
#endif
#define INLINE static inline __attribute__((always_inline))

typedef struct {
    int64_t n, p, n_strata;
    const double *x, *event;
    const int64_t *strata, *cells, *late, *left, *order;
} rows_t;

enum { FITTED = 0, UNDECIDED = 1, CLIMBING = 2 };

static int64_t size_of_sums(int64_t p)
{
    return 1 + p + p * (p + 1) / 2;
}

/* Where draws start: at the maximum for all rows, moved by the influence, n x p, of the rows they have. */
typedef struct {
    const double *whole, *influence;
} start_t;

/* Full Newton steps stop here: decrement at which the next one is the last, share of the largest
 * direction's information below which a direction has none. */
typedef struct {
    int64_t most_steps;
    double smallest, flat;
} limits_t;

/* Cholesky factor of the lower triangle, in place; 0 where a pivot is next to nothing beside `scale`. */
static int factorise(double *matrix, int64_t p, double scale)
{
    for (int64_t a = 0; a < p; a++)
        for (int64_t b = 0; b <= a; b++) {
            double sum = matrix[a * p + b];
            for (int64_t k = 0; k < b; k++)
                sum -= matrix[a * p + k] * matrix[b * p + k];
            if (a > b)
                matrix[a * p + b] = sum / matrix[b * p + b];
            else if (sum > scale)
                matrix[a * p + a] = sqrt(sum);
            else
                return 0;
        }
    return 1;
}

static void solve(const double *factor, int64_t p, double *right)
{
    for (int64_t a = 0; a < p; a++) {
        for (int64_t k = 0; k < a; k++)
            right[a] -= factor[a * p + k] * right[k];
        right[a] /= factor[a * p + a];
    }
    for (int64_t a = p - 1; a >= 0; a--) {
        for (int64_t k = a + 1; k < p; k++)
            right[a] -= factor[k * p + a] * right[k];
        right[a] /= factor[a * p + a];
    }
}

/* Everything in efron_lanes.h has a name of its own for each number of lanes. */
#define PASTE_NAMES(name, lanes) name##_##lanes
#define PASTE(name, lanes) PASTE_NAMES(name, lanes)
#define OWN(name) PASTE(name, LANES)
#define lanes_t OWN(lanes_t)
#define flags_t OWN(flags_t)
#define block_t OWN(block_t)
#define all OWN(all)
#define where OWN(where)
#define choose OWN(choose)
#define clear OWN(clear)
#define exponential OWN(exponential)
#define add_row OWN(add_row)
#define take_risks OWN(take_risks)
#define take_one OWN(take_one)
#define take_tied OWN(take_tied)
#define take_stratum OWN(take_stratum)
#define derive_for OWN(derive_for)
#define derive OWN(derive)
#define doubles_of OWN(doubles_of)
#define lay_out OWN(lay_out)
#define load OWN(load)
#define place OWN(place)
#define information_of OWN(information_of)
#define step_on OWN(step_on)
#define climb OWN(climb)
#define fit_draws OWN(fit_draws)

#define LANES 2
#include "efron_lanes.h"

/* The derivatives of one draw: log partial likelihood, gradient and information (lower triangle) at beta; 1
 * where finite. It goes alone, with the fewest lanes. */
SHARED int efron_derivatives(int64_t n, int64_t p, int64_t n_strata, const double *x, const double *event,
                             const int64_t *strata, const int64_t *cells, const int64_t *late,
                             const int64_t *left, const int64_t *order, const double *counts,
                             const double *beta, double *work, double *log_likelihood, double *score,
                             double *information)
{
    const rows_t r = {n, p, n_strata, x, event, strata, cells, late, left, order};
    block_t d = lay_out(work, n, p);
    load(&r, &d, counts, 1);
    for (int64_t a = 0; a < p; a++)
        d.beta[a] = all(beta[a]);
    derive(&r, &d);
    *log_likelihood = d.log_likelihood[0];
    for (int64_t a = 0; a < p; a++)
        score[a] = d.score[a][0];
    information_of(&d, 0, p, information);
    return !d.broken[0];
}

/* Windows is left out: there gcc does not align wide registers on the stack. */
#if defined(__x86_64__) && defined(__gnu_linux__) && defined(__GNUC__) && !defined(__clang__)
#define WIDER 1
#pragma GCC push_options
#pragma GCC target("avx2")
#undef LANES
#define LANES 4
#include "efron_lanes.h"
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx512f")
#undef LANES
#define LANES 8
#include "efron_lanes.h"
#pragma GCC pop_options
#endif

/* Raised with every change of what the functions below take or give; compiled.py asks for it. */
SHARED int64_t efron_version(void) { return 2; }

/* How many draws this processor takes through the rows together. */
SHARED int64_t efron_lanes(void)
{
#ifdef WIDER
    if (__builtin_cpu_supports("avx512f"))
        return 8;
    if (__builtin_cpu_supports("avx2"))
        return 4;
#endif
    return 2;
}

/* Number of doubles of working memory that one call needs, whatever its lanes. */
SHARED int64_t efron_work(int64_t n, int64_t p)
{
    /* LANES is here the largest that there is. */
    return doubles_of(n, p) + p + p * p;
}

/* Fit draws, so many `lanes` of them together. `counts` has a row of n for each, rows as they were given; all
 * start at `whole`, moved by the `influence` of the rows that they have, n x p. `beta`, `covariance` and
 * `status` have a row for each draw. */
SHARED void efron_draws(int64_t n, int64_t p, int64_t n_strata, const double *x, const double *event,
                        const int64_t *strata, const int64_t *cells, const int64_t *late, const int64_t *left,
                        const int64_t *order, int64_t lanes, int64_t draws, const double *counts,
                        const double *whole, const double *influence, int64_t most_steps, double smallest,
                        double flat, double *work, double *beta, double *covariance, int64_t *status)
{
    const rows_t r = {n, p, n_strata, x, event, strata, cells, late, left, order};
    const start_t start = {whole, influence};
    const limits_t limits = {most_steps, smallest, flat};
#ifdef WIDER
    if (lanes == 8) {
        fit_draws_8(&r, draws, counts, &start, &limits, work, beta, covariance, status);
        return;
    }
    if (lanes == 4) {
        fit_draws_4(&r, draws, counts, &start, &limits, work, beta, covariance, status);
        return;
    }
#endif
    (void)lanes;
    fit_draws_2(&r, draws, counts, &start, &limits, work, beta, covariance, status);
}
