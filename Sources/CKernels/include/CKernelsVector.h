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

// The density e^(E - shift) of the cubic teacher's order parameter about a point tau0 where E is critical
// (Kernels/ActionExpansion.swift has the algebra): at tau = tau0 + offset, with
//   change = offset (2 tau0 + offset),  square = tau0^2 + change,  y = 1/(1 + square),  r = square y/2,
//   E - E0 = change (slope + quarter change y (y (bend + cubic r) - pull))
typedef struct {
  double tau0;
  double square0;
  double slope;
  double quarter;
  double bend;
  double cubic;
  double pull;
  // Highest E less E0.
  double shift;
} spinodal_expansion;

enum { spinodal_moment_count = 8 };

// Sums of e^(E - shift) times 1, r, r^2, ... r^6, tau^2 over the nodes with offsets start + step k, k = 0 ...
// count-1, apart for even k (the first eight of `sums`) and odd k (the last eight). `count` is a multiple of
// 8. If `halves_first` is not 0 the first node has weight 1/2. Node k is summed in lane k mod 8, lanes are
// added as (0 + 2) + (4 + 6) and (1 + 3) + (5 + 7), on every CPU.
void spinodal_action_moments(
    const spinodal_expansion *expansion, double start, double step, int64_t count,
    int32_t halves_first, double *sums);
void spinodal_action_moments_clone(
    int32_t clone, const spinodal_expansion *expansion, double start, double step, int64_t count,
    int32_t halves_first, double *sums);

#ifdef __cplusplus
}
#endif

#endif
