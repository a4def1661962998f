/* Errors, response variables and distances of many copies of a cohort; the arithmetic is that of model.py and
 * batch.py, which answer where this file was not compiled. A copy has its own sizes; lesions, patients and rules are
 * the same in all. */

#include <math.h>
#include <stdint.h>

#ifdef _WIN32
#define SHARED __declspec(dllexport)
#else
#define SHARED __attribute__((visibility("default")))
#endif

typedef unsigned char flag_t;

/* Where the values of a lesion go: three flags and two ratios, each copies x lesions. */
typedef struct {
    flag_t *response, *stable, *relapse;
    double *nadir, *last;
} variables_t;

/* Limits come with their slack: a response is a ratio up to `response`; a relapse reaches `relapse` x reference, or
 * `increase` mm more, less the share `slack`. */
typedef struct {
    double response, relapse, increase, slack;
    int from_nadir, after_response;
} rules_t;

/* The variables of one lesion from its sizes, its baseline first, into place `at`. */
static void lesion_of(const double *size, int64_t scans, const rules_t *rules, const variables_t *found, int64_t at)
{
    const double baseline = size[0];
    double smallest = baseline, nadir = INFINITY, ratio = NAN;
    flag_t responded = 0, stable = 0, relapsed = 0;
    for (int64_t k = 1; k < scans; k++) {
        const double now = size[k], reference = rules->from_nadir ? smallest : baseline;
        double limit = rules->relapse * reference;
        if (rules->increase > 0.0 && reference + rules->increase > limit)
            limit = reference + rules->increase;
        limit *= rules->slack;
        ratio = now / baseline;
        const flag_t responds = ratio <= rules->response;
        relapsed |= (now >= limit) & (now > reference);
        const flag_t before = !relapsed, reaches = before & responds & !responded;
        stable |= before & !(rules->after_response ? reaches : responds);
        responded |= reaches;
        smallest = now < smallest ? now : smallest;
        nadir = ratio < nadir ? ratio : nadir;
    }
    found->response[at] = responded;
    found->stable[at] = stable;
    found->relapse[at] = relapsed;
    found->nadir[at] = nadir;
    found->last[at] = ratio;
}

/* Raised with every change of what the functions below take or give; copies.py asks for it. */
SHARED int64_t many_copies_version(void) { return 1; }

/* `sizes` are copies x rows; rows of a lesion stand from first[l] up to first[l + 1], and its variables go to
 * place[l]. */
SHARED void many_copies_patterns(int64_t copies, int64_t lesions, const int64_t *first, const int64_t *place,
                            const double *sizes, double response, double relapse, double increase, double slack,
                            int64_t from_nadir, int64_t after_response, flag_t *responded, flag_t *stable,
                            flag_t *relapsed, double *nadir, double *last)
{
    const rules_t rules = {response, relapse, increase, slack, (int)from_nadir, (int)after_response};
    const int64_t rows = first[lesions];
    for (int64_t c = 0; c < copies; c++) {
        const int64_t begin = c * lesions;
        const variables_t found = {responded + begin, stable + begin, relapsed + begin, nadir + begin, last + begin};
        for (int64_t l = 0; l < lesions; l++)
            lesion_of(sizes + c * rows + first[l], first[l + 1] - first[l], &rules, &found, place[l]);
    }
}

/* Unordered pairs of a patient's lesions that differ in a flag. */
static double unequal(const flag_t *flag, const int64_t *lesion, int64_t n)
{
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++)
        count += flag[lesion[i]];
    return (double)(count * (n - count));
}

/* |x_i - x_j| over the unordered pairs of a patient's lesions, by `span`, or by their own range where that is NaN. */
static double apart(const double *x, const int64_t *lesion, int64_t n, double span)
{
    double total = 0.0, low = x[lesion[0]], high = low;
    for (int64_t i = 1; i < n; i++) {
        const double one = x[lesion[i]];
        for (int64_t j = 0; j < i; j++)
            total += fabs(one - x[lesion[j]]);
        low = one < low ? one : low;
        high = one > high ? one : high;
    }
    if (isnan(span))
        span = high - low;
    return span > 0.0 ? total / span : 0.0;
}

/* Mean distances over all ordered pairs of each patient's lesions, copies x patients. Lesions of a patient are
 * lesion[begin[p]] up to lesion[begin[p + 1]]; `spans` are copies x 2 ranges of the ratios, NaN for that within the
 * patient; `itself`: a lesion is paired with itself as well. */
SHARED void many_copies_distances(int64_t copies, int64_t lesions, int64_t patients, const int64_t *begin,
                             const int64_t *lesion, const flag_t *response, const flag_t *stable,
                             const flag_t *relapse, const double *nadir, const double *last, const double *weight,
                             const double *spans, int64_t itself, double *found)
{
    const double weights = weight[0] + weight[1] + weight[2] + weight[3] + weight[4];
    for (int64_t c = 0; c < copies; c++) {
        const int64_t at = c * lesions;
        for (int64_t p = 0; p < patients; p++) {
            const int64_t *own = lesion + begin[p], n = begin[p + 1] - begin[p];
            const double total = weight[0] * unequal(response + at, own, n)
                                 + weight[1] * unequal(stable + at, own, n)
                                 + weight[2] * unequal(relapse + at, own, n)
                                 + weight[3] * apart(nadir + at, own, n, spans[2 * c])
                                 + weight[4] * apart(last + at, own, n, spans[2 * c + 1]);
            const int64_t pairs = itself ? n * n : n * (n - 1);
            found[c * patients + p] = 2.0 * total / (weights * (double)pairs);
        }
    }
}

/* Quantiles of the standard normal distribution: algorithm AS 241, PPND16 (Wichura 1988, Applied Statistics
 * 37:477-484), which is also R's; relative accuracy about 1e-16. */
static const double CENTRE[2][8] = {
    {2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
     13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608},
    {5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
     5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1.0}};
static const double TAIL[2][8] = {
    {7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
     3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734},
    {1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459,
     0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1.0}};
static const double FAR[2][8] = {
    {2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093,
     0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772},
    {2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
     0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1.0}};

/* A quotient of two polynomials of degree 7, the highest power first. */
static double ratio(const double coefficients[2][8], double x)
{
    double above = coefficients[0][0], below = coefficients[1][0];
    for (int k = 1; k < 8; k++) {
        above = above * x + coefficients[0][k];
        below = below * x + coefficients[1][k];
    }
    return above / below;
}

enum { BLOCK = 1024 };

/* Put the quantile of each of `n` probabilities, above 0 and below 1, in its place. */
static void block_normal(double *p, int64_t n)
{
    double z[BLOCK];
    int64_t tail[BLOCK], tails = 0;
    /* All by the formula for the centre, without a branch; what is not there is mended afterwards. */
    for (int64_t i = 0; i < n; i++) {
        const double q = p[i] - 0.5;
        z[i] = q * ratio(CENTRE, 0.180625 - q * q);
    }
    for (int64_t i = 0; i < n; i++) {
        tail[tails] = i;
        tails += fabs(p[i] - 0.5) > 0.425;
    }
    for (int64_t k = 0; k < tails; k++) {
        const int64_t i = tail[k];
        const double r = sqrt(-log(p[i] < 0.5 ? p[i] : 1.0 - p[i]));
        const double far = r <= 5.0 ? ratio(TAIL, r - 1.6) : ratio(FAR, r - 5.0);
        z[i] = p[i] < 0.5 ? -far : far;
    }
    for (int64_t i = 0; i < n; i++)
        p[i] = z[i];
}

SHARED void many_copies_normal(int64_t n, double *p)
{
    for (int64_t begin = 0; begin < n; begin += BLOCK)
        block_normal(p + begin, n - begin < BLOCK ? n - begin : BLOCK);
}
