// Vector kernels that depend on no libm and give the same bits on every CPU.
#ifndef SPINODAL_CKERNELS_VECTOR_H
#define SPINODAL_CKERNELS_VECTOR_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// The clones of each kernel, for tests that compare their bits: the widest that this CPU has (what all
// other calls use), or one by name. A clone that the CPU lacks is refused by `spinodal_has_clone`.
enum spinodal_clone {
  spinodal_clone_best = 0,
  spinodal_clone_baseline = 1,
  spinodal_clone_x86_64_v3 = 2,
  spinodal_clone_x86_64_v4 = 3,
};

// 1 if this CPU can run the clone, else 0.
int spinodal_has_clone(int32_t clone);

// result[i] = e^x[i], within 1 ulp, with the IEEE results at infinities, NaN, overflow and subnormals.
// `x` and `result` may be the same array.
void spinodal_exp(const double *x, double *result, int64_t count);
void spinodal_exp_clone(int32_t clone, const double *x, double *result, int64_t count);

// e^x and the natural logarithm of one number, within 1 ulp.
double spinodal_exp_scalar(double x);
double spinodal_log_scalar(double x);

// The density e^(E(tau) - shift) of the cubic teacher's order parameter, in tau = q sqrt(2/A),
// A = 1 + 2 sigma_w2, with r = tau^2 / (2 (1 + tau^2)):
//   E = -stiffness tau^2 + r (linear + r (quadratic + r cubic))
typedef struct {
  double stiffness;
  double linear;
  double quadratic;
  double cubic;
  double shift;
} spinodal_action;

enum { spinodal_moment_count = 8 };

// Sums of e^(E - shift) times 1, r, r^2, ... r^6, tau^2 over the nodes start + step k, k = 0 ... count-1,
// apart for even k (the first eight of `sums`) and odd k (the last eight). `count` is a multiple of 8.
// Where start = 0, the node there has weight 1/2: the integrand is even. Node k is summed in lane
// k mod 8, lanes are added as (0 + 2) + (4 + 6) and (1 + 3) + (5 + 7), on every CPU.
void spinodal_action_moments(
    const spinodal_action *action, double start, double step, int64_t count, double *sums);
void spinodal_action_moments_clone(
    int32_t clone, const spinodal_action *action, double start, double step, int64_t count,
    double *sums);

#ifdef __cplusplus
}
#endif

#endif
