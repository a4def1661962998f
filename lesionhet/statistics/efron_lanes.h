/* Draws of one Cox model side by side: included by efron.c once for each number of LANES.
 *
 * A `lanes_t` holds one number of each of LANES draws, and what is written for it is done to all of them. No
 * number of one draw meets one of another, so a draw's answer does not depend on which others it goes with.
 *
 * Sums over a risk set are 1 + p + p (p + 1) / 2 numbers: of the risks, of these times x, and of these times
 * the products of x, lower triangle by rows. */

typedef double lanes_t __attribute__((vector_size(8 * LANES)));
/* Of a comparison: all bits set in the lanes where it holds. */
typedef int64_t flags_t __attribute__((vector_size(8 * LANES)));

/* Draws that go together, and what is worked out for them. */
typedef struct {
    lanes_t *weight, *risk;              /* n: how often each row is there; its risk, times that */
    lanes_t *sums, *dying, *remaining;   /* of a risk set, of its deaths, of what Efron leaves of it */
    lanes_t *mean, *died;                /* p: of a risk set; the sum of x over the deaths */
    lanes_t *beta, *score, *information; /* p, p, p (p + 1) / 2 */
    lanes_t log_likelihood, events, logs;
    flags_t exponents, broken;
    int repeated; /* whether any row is there more than once */
} block_t;

INLINE lanes_t all(double value) { return (lanes_t){0} + value; }

INLINE lanes_t where(flags_t holds, lanes_t value) { return (lanes_t)(holds & (flags_t)value); }

INLINE lanes_t choose(flags_t holds, lanes_t yes, lanes_t no)
{
    return (lanes_t)((holds & (flags_t)yes) | (~holds & (flags_t)no));
}

INLINE void clear(lanes_t *values, int64_t size)
{
    for (int64_t k = 0; k < size; k++)
        values[k] = all(0.0);
}

/* exp of numbers up to 0, to one unit in the last place; 0 below -700. */
INLINE lanes_t exponential(lanes_t value)
{
    /* Added to a number it rounds it, and leaves it as a whole number in the lowest bits. */
    const double rounding = 0x1.8p52;
    const flags_t tiny = value < all(-700.0);
    value = choose(tiny, all(-700.0), value);
    const lanes_t shifted = value * 0x1.71547652b82fep0 + rounding, twos = shifted - rounding;
    const lanes_t rest = (value - twos * 0x1.62e42fee00000p-1) - twos * 0x1.a39ef35793c76p-33;
    lanes_t sum = all(1.0 / 6227020800.0);
    const double inverse_factorials[] = {1.0 / 479001600.0, 1.0 / 39916800.0, 1.0 / 3628800.0,
                                         1.0 / 362880.0,    1.0 / 40320.0,    1.0 / 5040.0,
                                         1.0 / 720.0,       1.0 / 120.0,      1.0 / 24.0,
                                         1.0 / 6.0,         0.5,              1.0, 1.0};
    for (int k = 0; k < 13; k++)
        sum = sum * rest + inverse_factorials[k];
    const lanes_t power = (lanes_t)(((flags_t)shifted + 1023) << 52);
    return where(~tiny, sum * power);
}

INLINE void add_row(lanes_t *sums, lanes_t by, const double *row, int64_t p)
{
    lanes_t *product = sums + 1 + p;
    sums[0] += by;
    for (int64_t a = 0; a < p; a++) {
        const lanes_t part = by * row[a];
        sums[1 + a] += part;
        for (int64_t b = 0; b <= a; b++)
            *product++ += part * row[b];
    }
}

/* The risks of one stratum's rows, scaled so that none overflows; give the logarithm of the scale. */
INLINE lanes_t take_risks(const rows_t *r, block_t *d, int64_t p, int64_t first, int64_t last)
{
    lanes_t highest = all(-INFINITY);
    for (int64_t i = first; i < last; i++) {
        lanes_t linear = all(0.0);
        for (int64_t a = 0; a < p; a++)
            linear += d->beta[a] * r->x[i * p + a];
        d->risk[i] = linear;
        const flags_t higher = (d->weight[i] > all(0.0)) & (linear > highest);
        highest = choose(higher, linear, highest);
    }
    highest = where(highest > all(-INFINITY), highest);
    for (int64_t i = first; i < last; i++) {
        /* Only a row that is not there can stand above the highest. */
        const lanes_t linear = d->risk[i] - highest;
        d->risk[i] = d->weight[i] * exponential(where(linear < all(0.0), linear));
    }
    return highest;
}

/* One death in the lanes that have it: the means of its risk set, from its sums. */
INLINE void take_one(block_t *d, const lanes_t *sums, flags_t has, int64_t p)
{
    const lanes_t here = sums[0], inverse = where(has, 1.0 / here);
    d->broken |= has & ~(here > all(DBL_MIN));
    /* The sum of logs as the log of a product, whose power of two is counted apart. */
    const flags_t bits = (flags_t)(d->logs * choose(has, here, all(1.0)));
    d->exponents += (bits >> 52) - 1023;
    d->logs = (lanes_t)((bits & 0xfffffffffffff) | (flags_t)all(1.0));
    const lanes_t *product = sums + 1 + p;
    lanes_t *information = d->information;
    for (int64_t a = 0; a < p; a++) {
        d->mean[a] = sums[1 + a] * inverse;
        d->score[a] -= d->mean[a];
        for (int64_t b = 0; b <= a; b++)
            *information++ += *product++ * inverse - d->mean[a] * d->mean[b];
    }
}

/* The deaths of one cell of several, one by one: the j-th of them sees all but j shares of the dying. */
INLINE void take_tied(const rows_t *r, block_t *d, int64_t p, int64_t from, int64_t until)
{
    const int64_t size = size_of_sums(p);
    lanes_t deaths = all(0.0);
    double most = 0.0;
    clear(d->dying, size);
    for (int64_t i = from; i < until; i++)
        if (r->event[i] > 0.0) {
            deaths += d->weight[i];
            add_row(d->dying, d->risk[i], r->x + i * p, p);
        }
    for (int64_t l = 0; l < LANES; l++)
        most = fmax(most, deaths[l]);
    for (int64_t j = 0; (double)j < most; j++) {
        const flags_t has = all((double)j) < deaths;
        const lanes_t share = where(has, (double)j / deaths);
        for (int64_t k = 0; k < size; k++)
            d->remaining[k] = d->sums[k] - share * d->dying[k];
        take_one(d, j ? d->remaining : d->sums, has, p);
    }
}

INLINE void take_stratum(const rows_t *r, block_t *d, int64_t p, int64_t stratum)
{
    const int64_t begin = r->strata[stratum], end = r->strata[stratum + 1], first = r->cells[begin];
    const lanes_t highest = take_risks(r, d, p, first, r->cells[end]);
    int64_t gone = first;
    clear(d->sums, size_of_sums(p));
    for (int64_t c = begin; c < end; c++) {
        const int64_t from = r->cells[c], until = r->cells[c + 1];
        int64_t events = 0;
        for (int64_t i = from; i < until; i++) {
            add_row(d->sums, d->risk[i], r->x + i * p, p);
            if (r->event[i] > 0.0) {
                events++;
                d->log_likelihood -= d->weight[i] * highest;
            }
        }
        for (; r->late && gone < first + r->late[c]; gone++)
            add_row(d->sums, -d->risk[r->left[gone]], r->x + r->left[gone] * p, p);
        if (until - from == 1 && !d->repeated) {
            if (events)
                take_one(d, d->sums, d->weight[from] > all(0.0), p);
        } else if (events)
            take_tied(r, d, p, from, until);
    }
}

/* Log partial likelihood, gradient and information at beta; `broken` where they are not finite. */
INLINE void derive_for(const rows_t *r, block_t *d, const int64_t p)
{
    d->log_likelihood = all(0.0);
    d->logs = all(1.0);
    d->exponents = d->broken = (flags_t){0};
    clear(d->information, p * (p + 1) / 2);
    for (int64_t a = 0; a < p; a++) {
        d->score[a] = d->died[a];
        d->log_likelihood += d->died[a] * d->beta[a];
    }
    for (int64_t s = 0; s < r->n_strata; s++)
        take_stratum(r, d, p, s);
    for (int64_t l = 0; l < LANES; l++)
        d->log_likelihood[l] -= (double)d->exponents[l] * 0x1.62e42fefa39efp-1 + log(d->logs[l]);
    lanes_t sum = d->log_likelihood;
    for (int64_t k = 0; k < p * (p + 1) / 2; k++)
        sum += d->information[k];
    d->broken |= ~(sum - sum == all(0.0));
}

/* The same with the number of covariates known to the compiler, which then unrolls the loops over them. */
static void derive(const rows_t *r, block_t *d)
{
    switch (r->p) {
    case 1: derive_for(r, d, 1); break;
    case 2: derive_for(r, d, 2); break;
    case 3: derive_for(r, d, 3); break;
    case 4: derive_for(r, d, 4); break;
    default: derive_for(r, d, r->p);
    }
}

/* Numbers of working memory that a block needs, and the block laid out in it. */
static int64_t doubles_of(int64_t n, int64_t p)
{
    return LANES * (2 * n + 3 * size_of_sums(p) + 4 * p + p * (p + 1) / 2 + 1);
}

static block_t lay_out(double *work, int64_t n, int64_t p)
{
    const uintptr_t whole = sizeof(lanes_t);
    lanes_t *next = (lanes_t *)(((uintptr_t)work + whole - 1) / whole * whole);
    block_t d = {0};
    d.weight = next, next += n;
    d.risk = next, next += n;
    d.sums = next, next += size_of_sums(p);
    d.dying = next, next += size_of_sums(p);
    d.remaining = next, next += size_of_sums(p);
    d.mean = next, next += p;
    d.died = next, next += p;
    d.beta = next, next += p;
    d.score = next, next += p;
    d.information = next;
    return d;
}

/* Take up to LANES draws; the other lanes are empty. */
static void load(const rows_t *r, block_t *d, const double *counts, int64_t draws)
{
    const int64_t n = r->n, p = r->p;
    lanes_t most = all(0.0);
    d->events = all(0.0);
    clear(d->died, p);
    for (int64_t i = 0; i < n; i++) {
        lanes_t weight = all(0.0);
        for (int64_t l = 0; l < draws; l++)
            weight[l] = counts[l * n + r->order[i]];
        d->weight[i] = weight;
        most = choose(weight > most, weight, most);
        if (r->event[i] > 0.0) {
            d->events += weight;
            for (int64_t a = 0; a < p; a++)
                d->died[a] += weight * r->x[i * p + a];
        }
    }
    d->repeated = 0;
    for (int64_t l = 0; l < LANES; l++)
        d->repeated |= most[l] > 1.0;
}

/* Start each draw at the maximum for all rows, moved by the influence of those that it has. */
static void place(const rows_t *r, block_t *d, const start_t *start)
{
    const int64_t n = r->n, p = r->p;
    lanes_t rows = all(0.0);
    clear(d->beta, p);
    for (int64_t i = 0; i < n; i++) {
        rows += d->weight[i];
        for (int64_t a = 0; a < p; a++)
            d->beta[a] += d->weight[i] * start->influence[r->order[i] * p + a];
    }
    rows = choose(rows > all(1.0), rows, all(1.0));
    for (int64_t a = 0; a < p; a++)
        d->beta[a] = start->whole[a] + d->beta[a] * ((double)n / rows);
}

/* Give the information of one lane, lower triangle, p x p. */
static void information_of(const block_t *d, int64_t lane, int64_t p, double *information)
{
    const lanes_t *next = d->information;
    for (int64_t a = 0; a < p; a++)
        for (int64_t b = 0; b <= a; b++)
            information[a * p + b] = (*next++)[lane];
}

/* One Newton step of one draw; with the last one its covariance, where the step began. `local` holds
 * p + p x p numbers. */
static int64_t step_on(block_t *d, int64_t lane, int64_t p, const limits_t *limits, double *covariance,
                       double *local)
{
    double *step = local, *information = local + p;
    double scale = d->events[lane], decrement = 0.0;
    information_of(d, lane, p, information);
    for (int64_t a = 0; a < p; a++)
        scale = fmax(scale, information[a * p + a]);
    if (!factorise(information, p, limits->flat * scale))
        return UNDECIDED;
    for (int64_t a = 0; a < p; a++)
        step[a] = d->score[a][lane];
    solve(information, p, step);
    for (int64_t a = 0; a < p; a++) {
        decrement += d->score[a][lane] * step[a];
        d->beta[a][lane] += step[a];
    }
    if (!(decrement < limits->smallest))
        return CLIMBING;
    for (int64_t a = 0; a < p; a++) {
        double *column = covariance + a * p;
        for (int64_t b = 0; b < p; b++)
            column[b] = a == b;
        solve(information, p, column);
    }
    return FITTED;
}

/* Draws by full Newton steps from beta, which becomes the maximum; what needs more care is UNDECIDED. */
static void climb(const rows_t *r, block_t *d, int64_t draws, const limits_t *limits, double *covariance,
                  int64_t *status, double *local)
{
    const int64_t p = r->p;
    int64_t climbing = draws;
    double best[LANES];
    for (int64_t l = 0; l < draws; l++) {
        best[l] = -INFINITY;
        status[l] = CLIMBING;
    }
    for (int64_t round = 0; round < limits->most_steps && climbing; round++) {
        derive(r, d);
        climbing = 0;
        for (int64_t l = 0; l < draws; l++) {
            if (status[l] != CLIMBING)
                continue;
            if (d->broken[l] || d->log_likelihood[l] < best[l] - 1e-12 * fabs(best[l]))
                status[l] = UNDECIDED;
            else
                status[l] = step_on(d, l, p, limits, covariance + l * p * p, local);
            best[l] = d->log_likelihood[l];
            climbing += status[l] == CLIMBING;
        }
    }
    for (int64_t l = 0; l < draws; l++)
        status[l] = status[l] == FITTED ? FITTED : UNDECIDED;
}

/* As efron_draws in efron.c. */
static void fit_draws(const rows_t *r, int64_t draws, const double *counts, const start_t *start,
                      const limits_t *limits, double *work, double *beta, double *covariance,
                      int64_t *status)
{
    const int64_t n = r->n, p = r->p;
    block_t d = lay_out(work, n, p);
    for (int64_t first = 0; first < draws; first += LANES) {
        const int64_t some = draws - first < LANES ? draws - first : LANES;
        load(r, &d, counts + first * n, some);
        place(r, &d, start);
        climb(r, &d, some, limits, covariance + first * p * p, status + first, work + doubles_of(n, p));
        for (int64_t l = 0; l < some; l++)
            for (int64_t a = 0; a < p; a++)
                beta[(first + l) * p + a] = d.beta[a][l];
    }
}
