#include "CPNG.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <png.h>

#include "filters.h"
#include "stream.h"

enum {
    MOST_PIXELS_A_SIDE = 1000000,
    MOST_CHUNKS = 256,
    LONGEST_CHUNK = 8000000,
    LONGEST_MESSAGE = 200,
};

struct cpng_decoder {
    png_structp png;
    png_infop info;
    cpng_stream stream;
    uint32_t height;
    /// Those of all passes.
    uint32_t row_count, rows_read;
    jmp_buf escape;
    char message[LONGEST_MESSAGE];
};

static _Noreturn void on_error(png_structp png, png_const_charp message) {
    cpng_decoder *decoder = png_get_error_ptr(png);
    snprintf(decoder->message, sizeof decoder->message, "%s", message);
    _longjmp(decoder->escape, 1);
}

static void on_warning(png_structp png, png_const_charp message) {}

static cpng_status failure(const cpng_decoder *decoder) { return decoder->stream.ran_out ? CPNG_TRUNCATED : CPNG_FAILED; }

static void read_bytes(png_structp png, png_bytep bytes, size_t count) {
    cpng_decoder *decoder = png_get_io_ptr(png);
    const char *problem = cpng_stream_read(&decoder->stream, bytes, count);
    if (problem) png_error(png, problem);
}

cpng_decoder *cpng_decoder_create(const uint8_t *bytes, size_t count) {
    cpng_decoder *decoder = calloc(1, sizeof *decoder);
    if (!decoder) return NULL;
    cpng_stream_open(&decoder->stream, bytes, count);
    if (_setjmp(decoder->escape)) {
        cpng_decoder_destroy(decoder);
        return NULL;
    }
    decoder->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, decoder, on_error, on_warning);
    if (decoder->png) decoder->info = png_create_info_struct(decoder->png);
    if (!decoder->info) {
        cpng_decoder_destroy(decoder);
        return NULL;
    }
    png_set_read_fn(decoder->png, decoder, read_bytes);
    png_set_user_limits(decoder->png, MOST_PIXELS_A_SIDE, MOST_PIXELS_A_SIDE);
    png_set_chunk_cache_max(decoder->png, MOST_CHUNKS);
    png_set_chunk_malloc_max(decoder->png, LONGEST_CHUNK);
    // Chunks that change no pixel are not even parsed: less work and fewer ways in. For eXIf libpng 1.6.39 would take as much
    // memory as the chunk claims to need.
    static const png_byte ignored[] = "eXIf\0tEXt\0zTXt\0iTXt\0sPLT\0hIST\0pCAL\0sCAL\0oFFs\0pHYs\0tIME\0bKGD\0sBIT";
    png_set_keep_unknown_chunks(decoder->png, PNG_HANDLE_CHUNK_NEVER, ignored, sizeof ignored / 5);
    return decoder;
}

void cpng_decoder_destroy(cpng_decoder *decoder) {
    png_destroy_read_struct(&decoder->png, &decoder->info, NULL);
    cpng_stream_close(&decoder->stream);
    free(decoder);
}

static cpng_color color_of(int type) {
    switch (type) {
    case PNG_COLOR_TYPE_GRAY: return CPNG_COLOR_GRAY;
    case PNG_COLOR_TYPE_GRAY_ALPHA: return CPNG_COLOR_GRAY_ALPHA;
    case PNG_COLOR_TYPE_PALETTE: return CPNG_COLOR_PALETTE;
    case PNG_COLOR_TYPE_RGB_ALPHA: return CPNG_COLOR_RGBA;
    default: return CPNG_COLOR_RGB;
    }
}

cpng_status cpng_decoder_read_header(cpng_decoder *decoder, cpng_header *header) {
    if (_setjmp(decoder->escape)) return failure(decoder);
    png_read_info(decoder->png, decoder->info);
    int color = png_get_color_type(decoder->png, decoder->info);
    int has_transparent_colors = png_get_valid(decoder->png, decoder->info, PNG_INFO_tRNS) != 0;
    header->width = png_get_image_width(decoder->png, decoder->info);
    header->height = png_get_image_height(decoder->png, decoder->info);
    header->color = color_of(color);
    header->bits = png_get_bit_depth(decoder->png, decoder->info);
    header->is_gray = (color & PNG_COLOR_MASK_COLOR) == 0;
    header->has_alpha = (color & PNG_COLOR_MASK_ALPHA) != 0 || has_transparent_colors;
    header->is_interlaced = png_get_interlace_type(decoder->png, decoder->info) != PNG_INTERLACE_NONE;
    decoder->height = header->height;
    return CPNG_OK;
}

const uint8_t *cpng_decoder_profile(cpng_decoder *decoder, size_t *count) {
    png_charp name = NULL;
    png_bytep bytes = NULL;
    png_uint_32 length = 0;
    int compression = 0;
    *count = 0;
    if (_setjmp(decoder->escape)) return NULL;
    if (!png_get_iCCP(decoder->png, decoder->info, &name, &compression, &bytes, &length)) return NULL;
    *count = length;
    return bytes;
}

int cpng_decoder_light(cpng_decoder *decoder, cpng_light *light) {
    png_structp png = decoder->png;
    png_infop info = decoder->info;
    if (_setjmp(decoder->escape)) return 0;
    if (png_get_valid(png, info, PNG_INFO_sRGB) || !png_get_gAMA(png, info, &light->gamma)) return 0;
    light->has_chromaticities = png_get_cHRM(
        png, info, &light->white.x, &light->white.y, &light->red.x, &light->red.y, &light->green.x, &light->green.y,
        &light->blue.x, &light->blue.y) != 0;
    return 1;
}

cpng_status cpng_decoder_start(cpng_decoder *decoder, int keeps_16) {
    png_structp png = decoder->png;
    if (_setjmp(decoder->escape)) return failure(decoder);
    int color = png_get_color_type(png, decoder->info);
    int has_transparent_colors = png_get_valid(png, decoder->info, PNG_INFO_tRNS) != 0;
    int is_deep = keeps_16 && png_get_bit_depth(png, decoder->info) == 16;
    if (!is_deep)
        // 16 bits are rounded to the nearest 8, where png_set_strip_16 would cut them.
        png_set_scale_16(png);
    else if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
        // PNG's numbers begin with their highest byte.
        png_set_swap(png);
    // Palettes to RGB, fewer than 8 bits to 8, transparent colours to an alpha channel.
    png_set_expand(png);
    if (color & PNG_COLOR_MASK_ALPHA || has_transparent_colors)
        png_set_gray_to_rgb(png);
    else if (color & PNG_COLOR_MASK_COLOR)
        png_set_add_alpha(png, is_deep ? 0xFFFF : 0xFF, PNG_FILLER_AFTER);
    decoder->row_count = decoder->height * (uint32_t)png_set_interlace_handling(png);
    int pixel_size = png_get_channels(png, decoder->info) * png_get_bit_depth(png, decoder->info) / 8;
    if (png_get_interlace_type(png, decoder->info) == PNG_INTERLACE_NONE && pixel_size >= CPNG_SMALLEST_PIXEL)
        cpng_stream_unfilter(&decoder->stream, png_get_rowbytes(png, decoder->info), pixel_size);
    // The stream has checked what these would.
    png_set_crc_action(png, PNG_CRC_QUIET_USE, PNG_CRC_NO_CHANGE);
    png_set_option(png, PNG_IGNORE_ADLER32, PNG_OPTION_ON);
    png_read_update_info(png, decoder->info);
    return CPNG_OK;
}

/// Reads what follows the pixels, whose last row has made libpng read the rest of the stream. A file that ends there has given
/// all of its pixels.
static cpng_status finish(cpng_decoder *decoder) {
    if (_setjmp(decoder->escape)) return decoder->stream.ran_out ? CPNG_OK : CPNG_FAILED;
    png_set_crc_action(decoder->png, PNG_CRC_DEFAULT, PNG_CRC_NO_CHANGE);
    png_read_end(decoder->png, NULL);
    return CPNG_OK;
}

cpng_status cpng_decoder_read_row(cpng_decoder *decoder, uint8_t *row) {
    if (_setjmp(decoder->escape)) return failure(decoder);
    png_read_row(decoder->png, row, NULL);
    decoder->rows_read++;
    return decoder->rows_read == decoder->row_count ? finish(decoder) : CPNG_OK;
}

const char *cpng_decoder_message(const cpng_decoder *decoder) { return decoder->message; }
