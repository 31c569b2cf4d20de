// libpng behind calls that return a status.
//
// libpng reports errors by longjmp, which must never cross a Swift frame: each function here sets its own landing place, and
// none calls back. Nothing is ever printed.

#ifndef CPNG_H
#define CPNG_H

#include <stddef.h>
#include <stdint.h>

typedef enum {
    CPNG_OK,
    /// The bytes end before the picture does.
    CPNG_TRUNCATED,
    /// The library gave up; the message says why.
    CPNG_FAILED,
} cpng_status;

/// As the file has it: tRNS adds no alpha here.
typedef enum {
    CPNG_COLOR_GRAY,
    CPNG_COLOR_GRAY_ALPHA,
    CPNG_COLOR_PALETTE,
    CPNG_COLOR_RGB,
    CPNG_COLOR_RGBA,
} cpng_color;

typedef struct {
    uint32_t width, height;
    cpng_color color;
    /// Of a sample or an index: 1, 2, 4, 8 or 16.
    uint8_t bits;
    int is_gray;
    /// An alpha channel, or transparent colours.
    int has_alpha;
    /// Adam7: rows are complete only after seven passes over the picture.
    int is_interlaced;
} cpng_header;

typedef struct cpng_decoder cpng_decoder;

/// Takes a file that outlives the decoder. Null when there is no memory.
cpng_decoder *cpng_decoder_create(const uint8_t *bytes, size_t count);
void cpng_decoder_destroy(cpng_decoder *decoder);

cpng_status cpng_decoder_read_header(cpng_decoder *decoder, cpng_header *header);

/// The colour profile, or null; valid until the decoder goes.
const uint8_t *cpng_decoder_profile(cpng_decoder *decoder, size_t *count);

typedef struct {
    double x, y;
} cpng_chromaticity;

/// What gAMA and cHRM say, where no sRGB or iCCP says more.
typedef struct {
    /// Numbers are light raised to this.
    double gamma;
    int has_chromaticities;
    cpng_chromaticity white, red, green, blue;
} cpng_light;

/// 0 where the file does not say.
int cpng_decoder_light(cpng_decoder *decoder, cpng_light *light);

/// Asks for 8 bits a channel, or for 16 in the machine's byte order where the file has so many and they are to be kept: gray
/// where the picture is gray without alpha, else RGBA.
cpng_status cpng_decoder_start(cpng_decoder *decoder, int keeps_16);

/// Writes the next row; of an interlaced picture the next of a pass, of which there are seven, each of all rows. Pixels that are
/// not in the pass stay as they are.
cpng_status cpng_decoder_read_row(cpng_decoder *decoder, uint8_t *row);

/// The library's words for the last failure.
const char *cpng_decoder_message(const cpng_decoder *decoder);

typedef enum { CPNG_GRAY = 1, CPNG_RGB = 3, CPNG_RGBA = 4 } cpng_channels;

typedef struct {
    uint32_t width, height;
    cpng_channels channels;
    /// Of a sample: 8, or 16 in the machine's byte order.
    uint8_t bits;
    /// Neighbours differ in most places, so that filters help and repeated strings are rare.
    int is_photo;
    /// The smallest file, however long it takes.
    int is_strongest;
} cpng_format;

typedef struct cpng_encoder cpng_encoder;

/// Null when there is no memory.
cpng_encoder *cpng_encoder_create(void);
void cpng_encoder_destroy(cpng_encoder *encoder);

cpng_status cpng_encoder_start(cpng_encoder *encoder, const cpng_format *format);

/// Writes a chunk that is not for the pixels. After the start, before any row.
cpng_status cpng_encoder_write_chunk(cpng_encoder *encoder, const char name[4], const uint8_t *bytes, size_t count);

/// Writes the chunk of a colour profile. Likewise.
cpng_status cpng_encoder_write_profile(cpng_encoder *encoder, const uint8_t *bytes, size_t count);

/// Takes the next row: 1 sample a pixel for gray, 4 for the others, whose last is dropped where alpha is not written.
cpng_status cpng_encoder_write_row(cpng_encoder *encoder, const uint8_t *row);
cpng_status cpng_encoder_finish(cpng_encoder *encoder);

/// What was written since the last call; valid until the next call of any function.
const uint8_t *cpng_encoder_take(cpng_encoder *encoder, size_t *count);
const char *cpng_encoder_message(const cpng_encoder *encoder);

#endif
