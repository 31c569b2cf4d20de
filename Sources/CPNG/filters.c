#include "filters.h"

#include <string.h>

#define INLINE static inline __attribute__((always_inline))

enum { NONE, SUB, UP, AVERAGE, PAETH };

/// A pixel of up to eight bytes, whose differences need nine bits.
typedef int16_t shorts __attribute__((ext_vector_type(8)));
typedef uint8_t bytes __attribute__((ext_vector_type(8)));
typedef uint8_t halves __attribute__((ext_vector_type(16)));

/// Reads what is behind a pixel of 3 or 6 bytes as well, since 4 or 8 are one instruction.
INLINE shorts load(const uint8_t *at, size_t pixel) {
    bytes loaded = 0;
    memcpy(&loaded, at, pixel <= 4 ? 4 : 8);
    return __builtin_convertvector(loaded, shorts);
}

INLINE void store(uint8_t *at, shorts value, size_t pixel) {
    bytes stored = __builtin_convertvector(value, bytes);
    memcpy(at, &stored, pixel);
}

/// Of bytes, without what is over 255.
INLINE shorts sum(shorts a, shorts b) { return (shorts)((halves)a + (halves)b); }

INLINE shorts distance(shorts value) { return __builtin_elementwise_max(value, -value); }

INLINE shorts choose(shorts is_first, shorts first, shorts second) { return (first & is_first) | (second & ~is_first); }

/// Each pixel waits for the one to its left, so what counts is how many instructions are between them: Paeth's filter adds the
/// difference to all three neighbours before it knows which is the one.
INLINE void unfilter(int filter, uint8_t *row, const uint8_t *above, size_t count, size_t pixel) {
    shorts left = 0, corner = 0;
    for (size_t i = 0; i < count; i += pixel) {
        shorts up = load(above + i, pixel), difference = load(row + i, pixel);
        if (filter == SUB) {
            left = sum(difference, left);
        } else if (filter == AVERAGE) {
            left = sum(difference, (left + up) >> 1);
        } else {
            shorts down = up - corner, across = left - corner;
            shorts to_left = distance(down), to_up = distance(across), to_corner = distance(down + across);
            shorts least = __builtin_elementwise_min(__builtin_elementwise_min(to_left, to_up), to_corner);
            shorts other = choose(to_up > to_corner, sum(difference, corner), sum(difference, up));
            left = choose(to_left == least, sum(difference, left), other);
            corner = up;
        }
        store(row + i, left, pixel);
    }
}

INLINE void unfilter_row(uint8_t *row, const uint8_t *above, size_t count, size_t pixel) {
    switch (row[0]) {
    case SUB: unfilter(SUB, row + 1, above, count, pixel); break;
    case AVERAGE: unfilter(AVERAGE, row + 1, above, count, pixel); break;
    case PAETH: unfilter(PAETH, row + 1, above, count, pixel); break;
    case UP:
        for (size_t i = 0; i < count; i++) row[1 + i] += above[i];
        break;
    default: return;
    }
    row[0] = NONE;
}

void cpng_unfilter(uint8_t *row, const uint8_t *above, size_t count, int pixel) {
    // Sizes that the compiler knows.
    switch (pixel) {
    case 3: unfilter_row(row, above, count, 3); break;
    case 4: unfilter_row(row, above, count, 4); break;
    case 6: unfilter_row(row, above, count, 6); break;
    case 8: unfilter_row(row, above, count, 8); break;
    }
}
