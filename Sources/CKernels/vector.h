// What the vector kernels share: eight lanes of doubles in plain IEEE arithmetic.
//
// Every kernel is one body over `lanes`, eight doubles, which the compiler lowers to one, two or four
// registers; so all clones do the same operations in the same order, and with contraction off (no fused
// multiply-add) they give the same bits.
#ifndef SPINODAL_VECTOR_H
#define SPINODAL_VECTOR_H

#include <stdint.h>

#pragma clang fp contract(off)

typedef double lanes __attribute__((vector_size(64)));
typedef int64_t integer_lanes __attribute__((vector_size(64)));

#define SPINODAL_BODY static inline __attribute__((always_inline))

#if defined(__x86_64__) && defined(__linux__)
#define SPINODAL_CLONES \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default"), min_vector_width(512)))
#define SPINODAL_V3 __attribute__((target("arch=x86-64-v3")))
#define SPINODAL_V4 __attribute__((target("arch=x86-64-v4"), min_vector_width(512)))
#else
// One clone: whatever the build's target has.
#define SPINODAL_CLONES
#define SPINODAL_V3
#define SPINODAL_V4
#endif

// ln 2 in two parts; the first has 21 zero bits at its end, so that its product with an exponent is exact.
static const double ln2_high = 0x1.62e42feep-1;
static const double ln2_low = 0x1.a39ef35793c76p-33;

// e^x = (1 + tail) 2^k. Taylor's series to r^13 leaves 4e-18 at |r| = ln 2 / 2; what rounding x - k ln 2 to
// r loses comes back as the correction.
#define SPINODAL_EXP_REDUCED(type, x, k, tail)                                                      \
  do {                                                                                              \
    type high = (x) - (k) * ln2_high;                                                               \
    type low = (k) * ln2_low;                                                                       \
    type r = high - low;                                                                            \
    type correction = (high - r) - low;                                                             \
    type s = r * r;                                                                                 \
    type p = r * (1.0 / 6227020800.0) + 1.0 / 479001600.0;                                          \
    p = p * r + 1.0 / 39916800.0;                                                                   \
    p = p * r + 1.0 / 3628800.0;                                                                    \
    p = p * r + 1.0 / 362880.0;                                                                     \
    p = p * r + 1.0 / 40320.0;                                                                      \
    p = p * r + 1.0 / 5040.0;                                                                       \
    p = p * r + 1.0 / 720.0;                                                                        \
    p = p * r + 1.0 / 120.0;                                                                        \
    p = p * r + 1.0 / 24.0;                                                                         \
    p = p * r + 1.0 / 6.0;                                                                          \
    p = p * r + 0.5;                                                                                \
    (tail) = r + (s * p + correction);                                                              \
  } while (0)

// Adding and subtracting it rounds to an integer, which is then in the low bits.
static const double integer_maker = 0x1.8p52;
static const double log2_e = 0x1.71547652b82fep0;

// e^x for -700 <= x <= 700; the caller sees to it.
SPINODAL_BODY void exp_within(const lanes *x, lanes *result) {
  lanes shifted = *x * log2_e + integer_maker;
  lanes k = shifted - integer_maker;
  lanes tail;
  SPINODAL_EXP_REDUCED(lanes, *x, k, tail);
  integer_lanes scale = ((integer_lanes)shifted << 52) + (int64_t)0x3FF0000000000000;
  *result = (1.0 + tail) * (lanes)scale;
}

#endif
