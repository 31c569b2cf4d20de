// libjpeg-turbo behind calls that return a status.
//
// libjpeg reports errors by longjmp, which must never cross a Swift frame: each function here sets its own landing place, and
// none calls back. Nothing is ever printed.

#ifndef CJPEG_H
#define CJPEG_H

#include <stddef.h>
#include <stdint.h>

typedef enum {
    CJPEG_OK,
    /// There is more to do: the same call goes on.
    CJPEG_PAUSED,
    /// The bytes end before the picture does.
    CJPEG_TRUNCATED,
    /// A JPEG, but of a kind that is not read.
    CJPEG_UNSUPPORTED,
    /// The library gave up; the message says why.
    CJPEG_FAILED,
} cjpeg_status;

typedef enum {
    CJPEG_GRAY,
    /// Luma and chroma, decoded to RGBA or to luma alone.
    CJPEG_YCBCR,
    /// Three other components, decoded to RGBA.
    CJPEG_RGB,
    /// Four components, decoded to CMYK; 255 is no ink where the Adobe marker is present, else full ink.
    CJPEG_CMYK,
} cjpeg_color;

typedef struct {
    uint32_t width, height;
    cjpeg_color color;
    int has_adobe_marker;
    /// Several scans, progressive or not: the decoder holds all coefficients.
    int has_several_scans;
    /// What these take, in bytes.
    uint64_t coefficient_byte_count;
} cjpeg_header;

typedef struct cjpeg_decoder cjpeg_decoder;

/// Takes a file that outlives the decoder. Of one that is mapped, from the start of a page and only to be read, what was
/// decoded leaves memory; it would come back from the file. Null when there is no memory.
cjpeg_decoder *cjpeg_decoder_create(const uint8_t *bytes, size_t count, int is_mapped);
void cjpeg_decoder_destroy(cjpeg_decoder *decoder);

cjpeg_status cjpeg_decoder_read_header(cjpeg_decoder *decoder, cjpeg_header *header);

/// The TIFF structure of the first EXIF marker, or null; valid until the decoder goes. Call after reading the header.
const uint8_t *cjpeg_decoder_exif(const cjpeg_decoder *decoder, size_t *count);

/// The first XMP packet, or null; likewise.
const uint8_t *cjpeg_decoder_xmp(const cjpeg_decoder *decoder, size_t *count);

/// The colour profile, put together from its markers, or null; valid until the decoder goes.
const uint8_t *cjpeg_decoder_profile(cjpeg_decoder *decoder, size_t *count);

/// Starts decoding at `eighths` / 8 of the size, each side rounded up. A picture of several scans is read whole here: that pauses
/// before each row of blocks of each scan, for the caller to ask whether it shall go on.
cjpeg_status cjpeg_decoder_start(cjpeg_decoder *decoder, int eighths, int only_luma);

/// Writes the next row: 1 byte a pixel for gray and luma, 4 for the others.
cjpeg_status cjpeg_decoder_read_row(cjpeg_decoder *decoder, uint8_t *row);

/// One plane of a picture. A band holds, plane by plane, as many rows of each as are coded together.
typedef struct {
    /// Samples.
    uint32_t width, height;
    /// How many of them the picture covers: it may end within the last.
    double covered_width, covered_height;
    /// Bytes from a row of a band to the next, and rows of a band.
    uint32_t stride, band_height;
} cjpeg_plane;

/// The same for luma and two planes of chroma, apart and as stored.
cjpeg_status cjpeg_decoder_start_planes(cjpeg_decoder *decoder, int eighths, cjpeg_plane planes[3]);

/// Writes the next band. What is beyond a plane's last row or column means nothing.
cjpeg_status cjpeg_decoder_read_band(cjpeg_decoder *decoder, uint8_t *band);

/// The library's words for the last failure.
const char *cjpeg_decoder_message(const cjpeg_decoder *decoder);

typedef struct cjpeg_encoder cjpeg_encoder;

/// Null when there is no memory.
cjpeg_encoder *cjpeg_encoder_create(void);
void cjpeg_encoder_destroy(cjpeg_encoder *encoder);

/// - channels: 1 for gray, 4 for RGBA, of which alpha is ignored.
/// - full_chroma: 4:4:4 instead of 4:2:0.
/// - optimized: Huffman tables made for the picture, which is then held whole.
cjpeg_status cjpeg_encoder_start(
    cjpeg_encoder *encoder, uint32_t width, uint32_t height, int channels, int quality, int full_chroma, int optimized);
cjpeg_status cjpeg_encoder_write_row(cjpeg_encoder *encoder, const uint8_t *row);

/// The same for luma and two planes of chroma, in bands.
cjpeg_status cjpeg_encoder_start_planes(
    cjpeg_encoder *encoder, uint32_t width, uint32_t height, int quality, int full_chroma, int optimized,
    cjpeg_plane planes[3]);

/// Writes an APP1 marker of 65533 bytes at most, its signature included. After the start, before any row or band.
cjpeg_status cjpeg_encoder_write_app1(cjpeg_encoder *encoder, const uint8_t *bytes, size_t count);

/// Writes a colour profile, in as many APP2 markers as it takes. Likewise.
cjpeg_status cjpeg_encoder_write_profile(cjpeg_encoder *encoder, const uint8_t *bytes, size_t count);

/// Takes the next band, and writes into it what is beyond a plane's last row and column.
cjpeg_status cjpeg_encoder_write_band(cjpeg_encoder *encoder, uint8_t *band);

cjpeg_status cjpeg_encoder_finish(cjpeg_encoder *encoder);

/// What was written since the last call; valid until the next call of any function.
const uint8_t *cjpeg_encoder_take(cjpeg_encoder *encoder, size_t *count);
const char *cjpeg_encoder_message(const cjpeg_encoder *encoder);

#endif
