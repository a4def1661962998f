/* Cox partial likelihood with Efron's ties, for many draws of the same rows.
 *
 * Rows are sorted by stratum, latest first; a cell is one time of one stratum. `cells` holds the first row of
 * each cell and ends with n; `strata` the first cell of each stratum and ends with the number of cells.
 * Where rows enter late, `left` lists the rows of each stratum by falling start, and `late[c]` says how many
 * of them have not entered by the time of cell c; without late entries `late` is NULL.
 * Sums over a risk set are kept as p sums of x and p (p + 1) / 2 sums of products, lower triangle by rows.
 *
 * The arithmetic is that of EfronModel in newton.py, which answers where this file was not compiled. */

#include <math.h>
#include <stdint.h>

#ifdef _WIN32
#define SHARED __declspec(dllexport)
#define INLINE static __forceinline
#else
#define SHARED __attribute__((visibility("default")))
#define INLINE static inline __attribute__((always_inline))
#endif

typedef struct {
    int64_t n, p, n_strata;
    const double *x, *event;
    const int64_t *strata, *cells, *late, *left;
} rows_t;

enum { FITTED = 0, UNDECIDED = 1 };

INLINE void add_row(double *sums, double by, const double *row, int64_t p)
{
    double *product = sums + p;
    for (int64_t a = 0; a < p; a++) {
        const double part = by * row[a];
        sums[a] += part;
        for (int64_t b = 0; b <= a; b++)
            *product++ += part * row[b];
    }
}

INLINE void clear(double *values, int64_t size)
{
    for (int64_t k = 0; k < size; k++)
        values[k] = 0.0;
}

/* Fill `risk` with linear predictors of one stratum; give the largest among the rows that are there. */
INLINE double predict(const rows_t *r, int64_t p, const double *weight, const double *beta, int64_t first,
                      int64_t last, double *risk)
{
    double highest = -INFINITY;
    for (int64_t i = first; i < last; i++) {
        const double *row = r->x + i * p;
        double linear = 0.0;
        for (int64_t a = 0; a < p; a++)
            linear += row[a] * beta[a];
        risk[i] = linear;
        if (weight[i] > 0.0 && linear > highest)
            highest = linear;
    }
    return highest;
}

/* A sum of logs, as one log of a product for as long as that is an ordinary number. */
typedef struct {
    double sum, product;
} logs_t;

INLINE void add_log(logs_t *logs, double value)
{
    if (value > 1e-50 && value < 1e50)
        logs->product *= value;
    else
        logs->sum += log(value);
    if (!(logs->product > 1e-200 && logs->product < 1e200)) {
        logs->sum += log(logs->product);
        logs->product = 1.0;
    }
}

/* One death: its risk set's means from the gradient, its covariances to the information. */
INLINE void take_one(const double *sums, double inverse, int64_t p, double *score, double *information)
{
    const double *product = sums + p;
    for (int64_t a = 0; a < p; a++) {
        const double mean = sums[a] * inverse;
        score[a] -= mean;
        for (int64_t b = 0; b <= a; b++)
            information[a * p + b] += *product++ * inverse - mean * (sums[b] * inverse);
    }
}

/* Take the tied deaths of one cell one by one; 0 where a risk set has nothing left. */
INLINE int take_deaths(double deaths, double at_risk, double died, const double *sums, const double *dying,
                       double *left, int64_t p, logs_t *logs, double *score, double *information)
{
    const int64_t tied = (int64_t)deaths;
    for (int64_t j = 0; j < tied; j++) {
        const double share = (double)j / deaths, here = at_risk - share * died;
        if (!(here > 0.0))
            return 0;
        add_log(logs, here);
        const double inverse = 1.0 / here;
        if (j == 0)
            take_one(sums, inverse, p, score, information);
        else {
            for (int64_t k = 0; k < p + p * (p + 1) / 2; k++)
                left[k] = sums[k] - share * dying[k];
            take_one(left, inverse, p, score, information);
        }
    }
    return 1;
}

/* Log partial likelihood, gradient and information (lower triangle) at beta; 0 where they are not finite.
 * `work` holds n doubles and three sets of sums. */
INLINE int derivatives_of(const rows_t *r, const int64_t p, const double *weight, const double *beta,
                          double *work, double *log_likelihood, double *score, double *information)
{
    const int64_t size = p + p * (p + 1) / 2;
    double *risk = work, *sums = work + r->n, *dying = sums + size;
    logs_t logs = {0.0, 1.0};
    *log_likelihood = 0.0;
    clear(score, p);
    clear(information, p * p);
    for (int64_t s = 0; s < r->n_strata; s++) {
        const int64_t first = r->cells[r->strata[s]], last = r->cells[r->strata[s + 1]];
        const double highest = predict(r, p, weight, beta, first, last, risk);
        double at_risk = 0.0;
        int64_t gone = first;
        if (highest == -INFINITY)
            continue;
        clear(sums, size);
        for (int64_t c = r->strata[s]; c < r->strata[s + 1]; c++) {
            double deaths = 0.0, died = 0.0;
            /* Who dies alone is not among the dying that Efron takes away. */
            const int64_t from = r->cells[c], until = r->cells[c + 1];
            const int alone = until - from == 1 && !(weight[from] > 1.0);
            if (!alone)
                clear(dying, size);
            for (int64_t i = from; i < until; i++) {
                const double times = weight[i], linear = risk[i] - highest;
                const double *row = r->x + i * p;
                risk[i] = times > 0.0 ? times * exp(linear) : 0.0;
                if (!(times > 0.0))
                    continue;
                at_risk += risk[i];
                add_row(sums, risk[i], row, p);
                if (r->event[i] > 0.0) {
                    deaths += times;
                    died += risk[i];
                    if (!alone)
                        add_row(dying, risk[i], row, p);
                    *log_likelihood += times * linear;
                    for (int64_t a = 0; a < p; a++)
                        score[a] += times * row[a];
                }
            }
            for (; r->late && gone < first + r->late[c]; gone++) {
                const int64_t i = r->left[gone];
                at_risk -= risk[i];
                add_row(sums, -risk[i], r->x + i * p, p);
            }
            if (!take_deaths(deaths, at_risk, died, sums, dying, dying + size, p, &logs, score, information))
                return 0;
        }
    }
    *log_likelihood -= logs.sum + log(logs.product);
    int finite = isfinite(*log_likelihood);
    for (int64_t k = 0; k < p * p; k++)
        finite = finite && isfinite(information[k]);
    return finite;
}

/* The same with the number of covariates known to the compiler, which then unrolls the loops over them. */
static int derivatives(const rows_t *r, const double *weight, const double *beta, double *work,
                       double *log_likelihood, double *score, double *information)
{
    switch (r->p) {
    case 1: return derivatives_of(r, 1, weight, beta, work, log_likelihood, score, information);
    case 2: return derivatives_of(r, 2, weight, beta, work, log_likelihood, score, information);
    case 3: return derivatives_of(r, 3, weight, beta, work, log_likelihood, score, information);
    case 4: return derivatives_of(r, 4, weight, beta, work, log_likelihood, score, information);
    default: return derivatives_of(r, r->p, weight, beta, work, log_likelihood, score, information);
    }
}

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

/* One draw by full Newton steps from beta, which becomes the maximum; what needs more care is UNDECIDED. */
static int climb(const rows_t *r, const double *weight, double events, int64_t most_steps, double smallest,
                 double flat, double *beta, double *covariance, double *work, double *local)
{
    const int64_t p = r->p;
    double *score = local, *step = local + p, *information = local + 2 * p;
    double best = -INFINITY, log_likelihood;
    for (int64_t round = 0; round < most_steps; round++) {
        if (!derivatives(r, weight, beta, work, &log_likelihood, score, information))
            return UNDECIDED;
        if (log_likelihood < best - 1e-12 * fabs(best))
            return UNDECIDED;
        best = log_likelihood;
        double scale = events, decrement = 0.0;
        for (int64_t a = 0; a < p; a++)
            scale = fmax(scale, information[a * p + a]);
        if (!factorise(information, p, flat * scale))
            return UNDECIDED;
        for (int64_t a = 0; a < p; a++)
            step[a] = score[a];
        solve(information, p, step);
        for (int64_t a = 0; a < p; a++) {
            decrement += score[a] * step[a];
            beta[a] += step[a];
        }
        if (decrement < smallest) {
            for (int64_t a = 0; a < p; a++) {
                double *column = covariance + a * p;
                clear(column, p);
                column[a] = 1.0;
                solve(information, p, column);
            }
            return FITTED;
        }
    }
    return UNDECIDED;
}

/* Raised with every change of what the functions below take or give; compiled.py asks for it. */
SHARED int64_t efron_version(void) { return 1; }

/* Number of doubles of working memory that one call needs. */
SHARED int64_t efron_work(int64_t n, int64_t p) 
{
    return n + 3 * (p + p * (p + 1) / 2) + 2 * p + p * p;
}

/* The derivatives of one draw, as above; 1 where finite. */
SHARED int efron_derivatives(int64_t n, int64_t p, int64_t n_strata, const double *x, const double *event,
                             const int64_t *strata, const int64_t *cells, const int64_t *late, const int64_t *left,
                             const double *weight, const double *beta, double *work, double *log_likelihood,
                             double *score, double *information)
{
    const rows_t r = {n, p, n_strata, x, event, strata, cells, late, left};
    return derivatives(&r, weight, beta, work, log_likelihood, score, information);
}

/* Fit draws: `weights` has a row of n for each, `beta` its start and afterwards its maximum. */
SHARED void efron_draws(int64_t n, int64_t p, int64_t n_strata, const double *x, const double *event,
                        const int64_t *strata, const int64_t *cells, const int64_t *late, const int64_t *left,
                        int64_t draws, const double *weights, const double *events, int64_t most_steps,
                        double smallest, double flat, double *work, double *beta, double *covariance,
                        int64_t *status)
{
    const rows_t r = {n, p, n_strata, x, event, strata, cells, late, left};
    double *local = work + n + 3 * (p + p * (p + 1) / 2);
    for (int64_t d = 0; d < draws; d++)
        status[d] = climb(&r, weights + d * n, events[d], most_steps, smallest, flat, beta + d * p,
                          covariance + d * p * p, work, local);
}
