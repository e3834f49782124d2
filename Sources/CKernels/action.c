#include "CKernels.h"
#include "vector.h"

#pragma clang fp contract(off)

SPINODAL_BODY void add_up(const lanes *sums, double *even, double *odd) {
  const lanes sum = *sums;
  *even = (sum[0] + sum[2]) + (sum[4] + sum[6]);
  *odd = (sum[1] + sum[3]) + (sum[5] + sum[7]);
}

SPINODAL_BODY void moments_body(
    const spinodal_action *action, double start, double step, int64_t count, double *sums) {
  const lanes zero = {0};
  const lanes first = {0, 1, 2, 3, 4, 5, 6, 7};
  const lanes lowest = {-700, -700, -700, -700, -700, -700, -700, -700};
  const double stiffness = action->stiffness, linear = action->linear;
  const double quadratic = action->quadratic, cubic = action->cubic, shift = action->shift;
  lanes place = first;
  lanes s0 = zero, s1 = zero, s2 = zero, s3 = zero, s4 = zero, s5 = zero, s6 = zero, square = zero;
  if (start == 0) {
    // Half of the node at the centre, taken off before it is added; all powers of r vanish there.
    double half = 0.5 * spinodal_exp_scalar(-shift < -700 ? -700 : -shift);
    s0[0] = -half;
  }
  for (int64_t at = 0; at < count; at += 8) {
    lanes tau = start + step * place;
    lanes tau2 = tau * tau;
    lanes r = (0.5 * tau2) / (1.0 + tau2);
    lanes exponent = (r * (linear + r * (quadratic + r * cubic)) - stiffness * tau2) - shift;
    integer_lanes below = exponent < lowest;
    exponent = (lanes)((below & (integer_lanes)lowest) | (~below & (integer_lanes)exponent));
    lanes weight;
    exp_within(&exponent, &weight);
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
    const spinodal_action *action, double start, double step, int64_t count, double *sums) {
  moments_body(action, start, step, count, sums);
}

static void moments_baseline(
    const spinodal_action *action, double start, double step, int64_t count, double *sums) {
  moments_body(action, start, step, count, sums);
}
SPINODAL_V3 static void moments_v3(
    const spinodal_action *action, double start, double step, int64_t count, double *sums) {
  moments_body(action, start, step, count, sums);
}
SPINODAL_V4 static void moments_v4(
    const spinodal_action *action, double start, double step, int64_t count, double *sums) {
  moments_body(action, start, step, count, sums);
}

void spinodal_action_moments_clone(
    int32_t clone, const spinodal_action *action, double start, double step, int64_t count,
    double *sums) {
  switch (clone) {
    case spinodal_clone_baseline:
      moments_baseline(action, start, step, count, sums);
      return;
    case spinodal_clone_x86_64_v3:
      moments_v3(action, start, step, count, sums);
      return;
    case spinodal_clone_x86_64_v4:
      moments_v4(action, start, step, count, sums);
      return;
    default:
      spinodal_action_moments(action, start, step, count, sums);
  }
}
