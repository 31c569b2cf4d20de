// A PNG as libpng is to read it: its pixels are inflated here, by ISA-L, which takes a third of the time that zlib 1.2 does, and
// packed again into stored blocks, of which libpng's zlib has only to make copies; so are the filters of rows undone. All else
// is as in the file.

#ifndef CPNG_STREAM_H
#define CPNG_STREAM_H

#include <stddef.h>
#include <stdint.h>

struct cpng_inflater;

typedef struct {
    /// What of the file is behind `piece`.
    const uint8_t *next;
    size_t left;
    /// What is read next.
    const uint8_t *piece;
    size_t piece_left;
    enum { CPNG_BEFORE_PIXELS, CPNG_IN_PIXELS, CPNG_BEHIND_PIXELS } place;
    /// Made when the first pixels are read, long after the header.
    struct cpng_inflater *inflater;
    /// Bytes of a row in the pixels with the one that is its filter, and of a pixel; 0 where libpng is to undo filters.
    size_t row_size;
    int pixel_size;
    /// More was asked for than the file has.
    int ran_out;
} cpng_stream;

/// Takes a file that outlives the stream.
void cpng_stream_open(cpng_stream *stream, const uint8_t *bytes, size_t count);
void cpng_stream_close(cpng_stream *stream);

/// Undoes the filters of rows of one size, each of which follows its filter. To be called before any of the pixels are read.
void cpng_stream_unfilter(cpng_stream *stream, size_t row_byte_count, int pixel_size);

/// Reads exactly `count` bytes. The chunks of pixels have no valid checksum: those of the file are checked here, and so is that
/// of what was deflated. Chunks that follow the end of what was deflated are those of the file again.
///
/// - Returns: null, or what is wrong.
const char *cpng_stream_read(cpng_stream *stream, uint8_t *bytes, size_t count);

#endif
