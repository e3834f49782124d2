#include "CKernels.h"
#include "vector.h"

#pragma clang fp contract(off)

SPINODAL_BODY void add_up(const lanes *sums, double *even, double *odd) {
  const lanes sum = *sums;
  *even = (sum[0] + sum[2]) + (sum[4] + sum[6]);
  *odd = (sum[1] + sum[3]) + (sum[5] + sum[7]);
}

SPINODAL_BODY void moments_body(
    const spinodal_expansion *e, double start, double step, int64_t count, int32_t halves_first,
    double *sums) {
  const lanes zero = {0};
  const lanes ones = {1, 1, 1, 1, 1, 1, 1, 1};
  const lanes lowest = {-700, -700, -700, -700, -700, -700, -700, -700};
  const double tau0 = e->tau0, square0 = e->square0, slope = e->slope, quarter = e->quarter;
  const double bend = e->bend, cubic = e->cubic, pull = e->pull, shift = e->shift;
  lanes place = {0, 1, 2, 3, 4, 5, 6, 7};
  lanes factor = ones;
  if (halves_first) factor[0] = 0.5;
  lanes s0 = zero, s1 = zero, s2 = zero, s3 = zero, s4 = zero, s5 = zero, s6 = zero, square = zero;
  for (int64_t at = 0; at < count; at += 8) {
    lanes offset = start + step * place;
    lanes change = offset * (2.0 * tau0 + offset);
    lanes tau2 = square0 + change;
    lanes y = 1.0 / (1.0 + tau2);
    lanes r = 0.5 * tau2 * y;
    lanes exponent =
        change * (slope + quarter * change * y * (y * (bend + cubic * r) - pull)) - shift;
    integer_lanes below = exponent < lowest;
    exponent = (lanes)((below & (integer_lanes)lowest) | (~below & (integer_lanes)exponent));
    lanes weight;
    exp_within(&exponent, &weight);
    weight *= factor;
    factor = ones;
    square += weight * tau2;
    s0 += weight;
    weight *= r;
    s1 += weight;
    weight *= r;
    s2 += weight;
    weight *= r;
    s3 += weight;
    weight *= r;
    s4 += weight;
    weight *= r;
    s5 += weight;
    weight *= r;
    s6 += weight;
    place += 8.0;
  }
  add_up(&s0, &sums[0], &sums[8]);
  add_up(&s1, &sums[1], &sums[9]);
  add_up(&s2, &sums[2], &sums[10]);
  add_up(&s3, &sums[3], &sums[11]);
  add_up(&s4, &sums[4], &sums[12]);
  add_up(&s5, &sums[5], &sums[13]);
  add_up(&s6, &sums[6], &sums[14]);
  add_up(&square, &sums[7], &sums[15]);
}

SPINODAL_CLONES
void spinodal_action_moments(
    const spinodal_expansion *expansion, double start, double step, int64_t count,
    int32_t halves_first, double *sums) {
  moments_body(expansion, start, step, count, halves_first, sums);
}

static void moments_baseline(
    const spinodal_expansion *expansion, double start, double step, int64_t count,
    int32_t halves_first, double *sums) {
  moments_body(expansion, start, step, count, halves_first, sums);
}
SPINODAL_V3 static void moments_v3(
    const spinodal_expansion *expansion, double start, double step, int64_t count,
    int32_t halves_first, double *sums) {
  moments_body(expansion, start, step, count, halves_first, sums);
}
SPINODAL_V4 static void moments_v4(
    const spinodal_expansion *expansion, double start, double step, int64_t count,
    int32_t halves_first, double *sums) {
  moments_body(expansion, start, step, count, halves_first, sums);
}

void spinodal_action_moments_clone(
    int32_t clone, const spinodal_expansion *expansion, double start, double step, int64_t count,
    int32_t halves_first, double *sums) {
  switch (clone) {
    case spinodal_clone_baseline:
      moments_baseline(expansion, start, step, count, halves_first, sums);
      return;
    case spinodal_clone_x86_64_v3:
      moments_v3(expansion, start, step, count, halves_first, sums);
      return;
    case spinodal_clone_x86_64_v4:
      moments_v4(expansion, start, step, count, halves_first, sums);
      return;
    default:
      spinodal_action_moments(expansion, start, step, count, halves_first, sums);
  }
}
