#include "CKernels.h"

#include <pthread.h>
#include <string.h>

// CRC32C with the SSE4.2 instruction where the CPU has it, else eight bytes a step by table. The
// instruction takes three cycles but one may start each cycle, so many short rows are checked three at
// a time: their chains do not depend on each other.

static uint32_t table[8][256];
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

static void table_fill(void) {
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) ? 0x82F63B78u : 0);
    table[0][byte] = crc;
  }
  for (uint32_t byte = 0; byte < 256; byte++)
    for (int slice = 1; slice < 8; slice++)
      table[slice][byte] = (table[slice - 1][byte] >> 8) ^ table[0][table[slice - 1][byte] & 255];
}

uint32_t spinodal_crc32c_table(uint32_t crc, const uint8_t *bytes, size_t count) {
  pthread_once(&table_once, table_fill);
  crc = ~crc;
  while (count >= 8) {
    // Bytes by shifts: the same on a CPU of either endianness.
    uint32_t low = crc ^ ((uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
                          (uint32_t)bytes[3] << 24);
    crc = table[7][low & 255] ^ table[6][(low >> 8) & 255] ^ table[5][(low >> 16) & 255] ^
          table[4][low >> 24] ^ table[3][bytes[4]] ^ table[2][bytes[5]] ^ table[1][bytes[6]] ^
          table[0][bytes[7]];
    bytes += 8;
    count -= 8;
  }
  while (count--) crc = (crc >> 8) ^ table[0][(crc ^ *bytes++) & 255];
  return ~crc;
}

static inline uint32_t stored(const uint8_t *place) {
  return (uint32_t)place[0] | (uint32_t)place[1] << 8 | (uint32_t)place[2] << 16 |
         (uint32_t)place[3] << 24;
}

static size_t rows_check_table(const uint8_t *rows, size_t row_bytes, size_t count) {
  for (size_t row = 0; row < count; row++) {
    const uint8_t *start = rows + row * row_bytes;
    if (spinodal_crc32c_table(0, start, row_bytes - 4) != stored(start + row_bytes - 4)) return row;
  }
  return count;
}

#if defined(__x86_64__)
#include <nmmintrin.h>

static inline uint64_t word(const uint8_t *place) {
  uint64_t value;
  memcpy(&value, place, 8);
  return value;
}

__attribute__((target("sse4.2"))) static uint32_t crc_sse42(
    uint32_t crc, const uint8_t *bytes, size_t count) {
  uint64_t state = ~crc;
  for (; count >= 8; bytes += 8, count -= 8) state = _mm_crc32_u64(state, word(bytes));
  uint32_t rest = (uint32_t)state;
  if (count & 4) {
    rest = _mm_crc32_u32(rest, stored(bytes));
    bytes += 4;
  }
  for (count &= 3; count; count--) rest = _mm_crc32_u8(rest, *bytes++);
  return ~rest;
}

__attribute__((target("sse4.2"))) static size_t rows_check_sse42(
    const uint8_t *rows, size_t row_bytes, size_t count) {
  size_t payload = row_bytes - 4;
  size_t row = 0;
  for (; row + 3 <= count; row += 3) {
    const uint8_t *a = rows + row * row_bytes, *b = a + row_bytes, *c = b + row_bytes;
    uint64_t x = 0xffffffffu, y = x, z = x;
    size_t place = 0;
    for (; place + 8 <= payload; place += 8) {
      x = _mm_crc32_u64(x, word(a + place));
      y = _mm_crc32_u64(y, word(b + place));
      z = _mm_crc32_u64(z, word(c + place));
    }
    uint32_t p = (uint32_t)x, q = (uint32_t)y, r = (uint32_t)z;
    if (payload - place >= 4) {
      p = _mm_crc32_u32(p, stored(a + place));
      q = _mm_crc32_u32(q, stored(b + place));
      r = _mm_crc32_u32(r, stored(c + place));
      place += 4;
    }
    for (; place < payload; place++) {
      p = _mm_crc32_u8(p, a[place]);
      q = _mm_crc32_u8(q, b[place]);
      r = _mm_crc32_u8(r, c[place]);
    }
    if (~p != stored(a + payload)) return row;
    if (~q != stored(b + payload)) return row + 1;
    if (~r != stored(c + payload)) return row + 2;
  }
  for (; row < count; row++) {
    const uint8_t *start = rows + row * row_bytes;
    if (crc_sse42(0, start, payload) != stored(start + payload)) return row;
  }
  return count;
}

uint32_t spinodal_crc32c(uint32_t crc, const uint8_t *bytes, size_t count) {
  if (__builtin_cpu_supports("sse4.2")) return crc_sse42(crc, bytes, count);
  return spinodal_crc32c_table(crc, bytes, count);
}

size_t spinodal_crc32c_rows_check(const uint8_t *rows, size_t row_bytes, size_t count) {
  if (row_bytes < 4) return 0;
  if (__builtin_cpu_supports("sse4.2")) return rows_check_sse42(rows, row_bytes, count);
  return rows_check_table(rows, row_bytes, count);
}

#else

uint32_t spinodal_crc32c(uint32_t crc, const uint8_t *bytes, size_t count) {
  return spinodal_crc32c_table(crc, bytes, count);
}

size_t spinodal_crc32c_rows_check(const uint8_t *rows, size_t row_bytes, size_t count) {
  if (row_bytes < 4) return 0;
  return rows_check_table(rows, row_bytes, count);
}

#endif
