#ifndef SPINODAL_CKERNELS_H
#define SPINODAL_CKERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "CKernelsVector.h"

#ifdef __cplusplus
extern "C" {
#endif

// ---- crc32c.c: CRC32C (Castagnoli, reflected 0x82F63B78, init and final xor all ones) ----

/// The checksum of `count` bytes, continuing from `crc` (0 to begin). The fastest way this CPU has.
uint32_t spinodal_crc32c(uint32_t crc, const uint8_t *bytes, size_t count);

/// The same by table alone: what the fastest way is tested against, and the way of CPUs without it.
uint32_t spinodal_crc32c_table(uint32_t crc, const uint8_t *bytes, size_t count);

/// Checks `count` rows of `row_bytes` bytes that stand one after the other, each ending in the
/// little-endian CRC32C of what stands before it. Returns the place of the first row whose checksum is
/// wrong, `count` if none is. Rows shorter than 4 bytes are all wrong.
size_t spinodal_crc32c_rows_check(const uint8_t *rows, size_t row_bytes, size_t count);

#ifdef __cplusplus
}
#endif

#endif
