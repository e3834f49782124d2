#include "CKernels.h"
#include "vector.h"

#pragma clang fp contract(off)

int spinodal_has_clone(int32_t clone) {
#if defined(__x86_64__) && defined(__linux__)
  __builtin_cpu_init();
  switch (clone) {
    case spinodal_clone_best:
    case spinodal_clone_baseline:
      return 1;
    case spinodal_clone_x86_64_v3:
      return __builtin_cpu_supports("x86-64-v3") != 0;
    case spinodal_clone_x86_64_v4:
      return __builtin_cpu_supports("x86-64-v4") != 0;
    default:
      return 0;
  }
#else
  return clone == spinodal_clone_best || clone == spinodal_clone_baseline;
#endif
}

// The whole range: above 710 the result is infinite, below -746 it is zero; 2^k is applied in two halves,
// since k itself may lie beyond the exponents of normal numbers. NaN passes through the comparisons.
SPINODAL_BODY void exp_anywhere(const lanes *argument, lanes *result) {
  const lanes highest = {710, 710, 710, 710, 710, 710, 710, 710};
  const lanes lowest = {-746, -746, -746, -746, -746, -746, -746, -746};
  lanes x = *argument;
  integer_lanes above = x > highest;
  x = (lanes)((above & (integer_lanes)highest) | (~above & (integer_lanes)x));
  integer_lanes below = x < lowest;
  x = (lanes)((below & (integer_lanes)lowest) | (~below & (integer_lanes)x));
  lanes shifted = x * log2_e + integer_maker;
  lanes k = shifted - integer_maker;
  lanes tail;
  SPINODAL_EXP_REDUCED(lanes, x, k, tail);
  integer_lanes exponent = (integer_lanes)shifted - (int64_t)0x4338000000000000;
  integer_lanes half = exponent >> 1;
  lanes first = (lanes)((half + 1023) << 52);
  lanes second = (lanes)((exponent - half + 1023) << 52);
  *result = (1.0 + tail) * first * second;
}

SPINODAL_BODY void exp_body(const double *x, double *result, int64_t count) {
  int64_t at = 0;
  for (; at + 8 <= count; at += 8) {
    lanes block;
    __builtin_memcpy(&block, x + at, sizeof block);
    exp_anywhere(&block, &block);
    __builtin_memcpy(result + at, &block, sizeof block);
  }
  if (at < count) {
    double rest[8] = {0};
    __builtin_memcpy(rest, x + at, (uint64_t)(count - at) * sizeof(double));
    lanes block;
    __builtin_memcpy(&block, rest, sizeof block);
    exp_anywhere(&block, &block);
    __builtin_memcpy(rest, &block, sizeof block);
    __builtin_memcpy(result + at, rest, (uint64_t)(count - at) * sizeof(double));
  }
}

SPINODAL_CLONES
void spinodal_exp(const double *x, double *result, int64_t count) { exp_body(x, result, count); }

static void exp_baseline(const double *x, double *result, int64_t count) {
  exp_body(x, result, count);
}
SPINODAL_V3 static void exp_v3(const double *x, double *result, int64_t count) {
  exp_body(x, result, count);
}
SPINODAL_V4 static void exp_v4(const double *x, double *result, int64_t count) {
  exp_body(x, result, count);
}

void spinodal_exp_clone(int32_t clone, const double *x, double *result, int64_t count) {
  switch (clone) {
    case spinodal_clone_baseline:
      exp_baseline(x, result, count);
      return;
    case spinodal_clone_x86_64_v3:
      exp_v3(x, result, count);
      return;
    case spinodal_clone_x86_64_v4:
      exp_v4(x, result, count);
      return;
    default:
      spinodal_exp(x, result, count);
  }
}

static double power_of_two(int64_t exponent) {
  uint64_t bits = (uint64_t)(exponent + 1023) << 52;
  double value;
  __builtin_memcpy(&value, &bits, sizeof value);
  return value;
}

double spinodal_exp_scalar(double x) {
  if (x > 710) x = 710;
  if (x < -746) x = -746;
  if (x != x) return x;
  double k = (x * log2_e + integer_maker) - integer_maker;
  double tail;
  SPINODAL_EXP_REDUCED(double, x, k, tail);
  int64_t exponent = (int64_t)k;
  int64_t half = exponent >> 1;
  return (1.0 + tail) * power_of_two(half) * power_of_two(exponent - half);
}

// x = 2^k (1 + f), 1 + f within [sqrt 1/2, sqrt 2]; with s = f / (2 + f) log(1 + f) is 2 artanh(s), whose series in s^2
// has the minimax coefficients of Sun's fdlibm (error below 2^-58).
double spinodal_log_scalar(double x) {
  if (x != x || x == __builtin_inf()) return x;
  if (x < 0) return __builtin_nan("");
  if (x == 0) return -__builtin_inf();
  int64_t k = 0;
  if (x < 0x1p-1022) {
    x *= 0x1p54;
    k = -54;
  }
  uint64_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  k += (int64_t)(bits >> 52) - 1023;
  bits = (bits & 0x000FFFFFFFFFFFFF) | 0x3FF0000000000000;
  double m;
  __builtin_memcpy(&m, &bits, sizeof m);
  if (m > 0x1.6a09e667f3bcdp0) {
    m *= 0.5;
    k += 1;
  }
  double f = m - 1.0;
  double s = f / (2.0 + f);
  double z = s * s;
  double p = 1.479819860511658591e-01;
  p = p * z + 1.531383769920937332e-01;
  p = p * z + 1.818357216161805012e-01;
  p = p * z + 2.222219843214978396e-01;
  p = p * z + 2.857142874366239149e-01;
  p = p * z + 3.999999999940941908e-01;
  p = p * z + 6.666666666666735130e-01;
  double halfSquare = 0.5 * f * f;
  double exponent = (double)k;
  return exponent * ln2_high
      - ((halfSquare - (s * (halfSquare + p * z) + exponent * ln2_low)) - f);
}
