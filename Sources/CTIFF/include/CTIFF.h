// libtiff on memory, without its variadic calls, and with its messages kept instead of printed.

#ifndef CTIFF_H
#define CTIFF_H

#include <stddef.h>
#include <stdint.h>

enum {
    CTIFF_WHITE_IS_ZERO = 0,
    CTIFF_BLACK_IS_ZERO = 1,
    CTIFF_RGB = 2,
    CTIFF_PALETTE = 3,
    CTIFF_SEPARATED = 5,
    CTIFF_YCBCR = 6,
    CTIFF_CIE_LAB = 8,
    CTIFF_ICC_LAB = 9,
};

/// Tags of a directory (TIFF 6.0), with their defaults where absent.
typedef struct {
    uint32_t width, height;
    uint16_t bits_per_sample, samples_per_pixel, sample_format, photometric, compression, orientation;
    /// The kind of the first sample beyond the colours: 1 associated alpha, 2 unassociated alpha, 0 unknown or none.
    uint16_t extra_kind;
    uint16_t ink_set;
    int is_tiled;
    /// Each sample has strips or tiles of its own.
    int is_planar;
    /// The size of a tile, or of a strip: as wide as the picture, and not higher.
    uint32_t block_width, block_height;
    uint32_t block_count;
} ctiff_tags;

typedef struct ctiff_reader ctiff_reader;

/// Reads the directory at an offset of a file that outlives the reader. Null where it cannot; `message` then says why.
ctiff_reader *ctiff_reader_open(
    const uint8_t *bytes, size_t count, uint64_t directory, char *message, size_t message_size);
void ctiff_reader_close(ctiff_reader *reader);

void ctiff_reader_tags(ctiff_reader *reader, ctiff_tags *tags);

/// Where the bytes of a strip or tile lie. 0 where that is not known.
int ctiff_reader_block_extent(ctiff_reader *reader, uint32_t block, uint64_t *offset, uint64_t *count);

/// The three columns of the palette, 1 << bits_per_sample numbers each. 0 where there is none.
int ctiff_reader_palette(ctiff_reader *reader, const uint16_t **red, const uint16_t **green, const uint16_t **blue);

/// The colour profile, or null; valid until the reader closes.
const uint8_t *ctiff_reader_profile(ctiff_reader *reader, size_t *count);

/// Asks the JPEG decoder inside for RGB instead of luma and subsampled chroma.
void ctiff_reader_want_rgb(ctiff_reader *reader);

/// Decodes a whole strip or tile of `count` bytes at most. 0 where it is broken.
int ctiff_reader_read_block(ctiff_reader *reader, uint32_t block, uint8_t *bytes, size_t count);

/// Decodes the next row of strips whose samples are interleaved. 0 where it is broken.
int ctiff_reader_read_row(ctiff_reader *reader, uint32_t y, uint8_t *row);

/// Whether libtiff can turn the picture into RGBA by itself.
int ctiff_reader_can_convert(ctiff_reader *reader);

/// Decodes a strip or tile to RGBA, `block_width` × `block_height` pixels from the top, as stored: not turned as the
/// orientation says. Strips at the end have fewer rows.
int ctiff_reader_convert_block(ctiff_reader *reader, uint32_t x, uint32_t y, uint32_t *pixels);

/// Whether a JPEG inside ended before its picture did.
int ctiff_reader_is_cut(const ctiff_reader *reader);

/// The library's words for the last failure.
const char *ctiff_reader_message(const ctiff_reader *reader);

typedef struct ctiff_writer ctiff_writer;

/// - channels: 1 for gray, 3 for RGB, 4 for RGBA with unassociated alpha.
/// - bits: of a sample, 8, or 16 in the machine's byte order.
/// - level: zlib's, 1…9.
/// - is_big_endian: the byte order of all numbers in the file.
ctiff_writer *ctiff_writer_open(
    uint32_t width, uint32_t height, int channels, int bits, uint32_t rows_per_strip, int level, int is_big_endian);
void ctiff_writer_close(ctiff_writer *writer);

/// Takes the next strip. 0 where it fails.
int ctiff_writer_write_strip(ctiff_writer *writer, uint32_t strip, const uint8_t *bytes, size_t count);

/// Completes the file and gives its bytes, valid until the writer is closed. Null where it fails.
const uint8_t *ctiff_writer_finish(ctiff_writer *writer, size_t *count);

#endif
