#include "CJPEG.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

enum { FIRST_CAPACITY = 64 * 1024 };

struct cjpeg_encoder {
    struct jpeg_compress_struct info;
    struct jpeg_error_mgr errors;
    struct jpeg_destination_mgr destination;
    jmp_buf escape;
    uint8_t *bytes;
    size_t capacity;
    char message[JMSG_LENGTH_MAX];
};

static cjpeg_encoder *owner(j_common_ptr info) { return info->client_data; }

static void on_error(j_common_ptr info) {
    cjpeg_encoder *encoder = owner(info);
    info->err->format_message(info, encoder->message);
    _longjmp(encoder->escape, 1);
}

static void on_message(j_common_ptr info, int level) {}

static void print_nothing(j_common_ptr info) {}

static void rewind_buffer(cjpeg_encoder *encoder) {
    encoder->destination.next_output_byte = encoder->bytes;
    encoder->destination.free_in_buffer = encoder->capacity;
}

static void destination_init(j_compress_ptr info) {}

/// The buffer is full: doubles it. What is in it leaves only between calls.
static boolean destination_grow(j_compress_ptr info) {
    cjpeg_encoder *encoder = owner((j_common_ptr)info);
    size_t used = encoder->capacity;
    uint8_t *larger = realloc(encoder->bytes, used * 2);
    if (!larger) ERREXIT1(info, JERR_OUT_OF_MEMORY, 0);
    encoder->bytes = larger;
    encoder->capacity = used * 2;
    encoder->destination.next_output_byte = larger + used;
    encoder->destination.free_in_buffer = used;
    return TRUE;
}

cjpeg_encoder *cjpeg_encoder_create(void) {
    cjpeg_encoder *encoder = calloc(1, sizeof *encoder);
    if (!encoder) return NULL;
    encoder->info.err = jpeg_std_error(&encoder->errors);
    encoder->errors.error_exit = on_error;
    encoder->errors.emit_message = on_message;
    encoder->errors.output_message = print_nothing;
    encoder->info.client_data = encoder;
    encoder->bytes = malloc(FIRST_CAPACITY);
    if (!encoder->bytes || _setjmp(encoder->escape)) {
        cjpeg_encoder_destroy(encoder);
        return NULL;
    }
    encoder->capacity = FIRST_CAPACITY;
    jpeg_create_compress(&encoder->info);
    encoder->destination.init_destination = destination_init;
    encoder->destination.empty_output_buffer = destination_grow;
    encoder->destination.term_destination = destination_init;
    encoder->info.dest = &encoder->destination;
    rewind_buffer(encoder);
    return encoder;
}

void cjpeg_encoder_destroy(cjpeg_encoder *encoder) {
    jpeg_destroy_compress(&encoder->info);
    free(encoder->bytes);
    free(encoder);
}

static void start(
    struct jpeg_compress_struct *info, uint32_t width, uint32_t height, int quality, int full_chroma, int optimized) {
    info->image_width = width;
    info->image_height = height;
    jpeg_set_defaults(info);
    jpeg_set_quality(info, quality, TRUE);
    info->dct_method = JDCT_ISLOW;
    info->optimize_coding = optimized ? TRUE : FALSE;
    if (info->num_components != 1 && full_chroma) {
        info->comp_info[0].h_samp_factor = 1;
        info->comp_info[0].v_samp_factor = 1;
    }
}

cjpeg_status cjpeg_encoder_start(
    cjpeg_encoder *encoder, uint32_t width, uint32_t height, int channels, int quality, int full_chroma, int optimized) {
    struct jpeg_compress_struct *info = &encoder->info;
    if (_setjmp(encoder->escape)) return CJPEG_FAILED;
    info->input_components = channels;
    info->in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_EXT_RGBX;
    start(info, width, height, quality, full_chroma, optimized);
    jpeg_start_compress(info, TRUE);
    return CJPEG_OK;
}

static uint32_t stride(const jpeg_component_info *component) { return component->width_in_blocks * DCTSIZE; }

static uint32_t band_height(const jpeg_component_info *component) {
    return (uint32_t)component->v_samp_factor * DCTSIZE;
}

cjpeg_status cjpeg_encoder_start_planes(
    cjpeg_encoder *encoder, uint32_t width, uint32_t height, int quality, int full_chroma, int optimized,
    cjpeg_plane planes[3]) {
    struct jpeg_compress_struct *info = &encoder->info;
    if (_setjmp(encoder->escape)) return CJPEG_FAILED;
    info->input_components = 3;
    info->in_color_space = JCS_YCbCr;
    start(info, width, height, quality, full_chroma, optimized);
    info->raw_data_in = TRUE;
    jpeg_start_compress(info, TRUE);
    for (int i = 0; i < 3; i++) {
        const jpeg_component_info *component = &info->comp_info[i];
        planes[i] = (cjpeg_plane){
            .width = component->downsampled_width,
            .height = component->downsampled_height,
            .covered_width = (double)width * component->h_samp_factor / info->max_h_samp_factor,
            .covered_height = (double)height * component->v_samp_factor / info->max_v_samp_factor,
            .stride = stride(component),
            .band_height = band_height(component),
        };
    }
    return CJPEG_OK;
}

cjpeg_status cjpeg_encoder_write_app1(cjpeg_encoder *encoder, const uint8_t *bytes, size_t count) {
    if (_setjmp(encoder->escape)) return CJPEG_FAILED;
    jpeg_write_marker(&encoder->info, JPEG_APP0 + 1, bytes, (unsigned)count);
    return CJPEG_OK;
}

cjpeg_status cjpeg_encoder_write_profile(cjpeg_encoder *encoder, const uint8_t *bytes, size_t count) {
    if (_setjmp(encoder->escape)) return CJPEG_FAILED;
    jpeg_write_icc_profile(&encoder->info, bytes, (unsigned)count);
    return CJPEG_OK;
}

/// Repeats the last column up to the end of its block, and the last row likewise.
static void fill(uint8_t *rows, const jpeg_component_info *component, uint32_t first_row) {
    uint32_t width = component->downsampled_width, length = stride(component), height = band_height(component);
    uint32_t left = component->downsampled_height - first_row;
    for (uint32_t row = 0; row < height; row++) {
        uint8_t *samples = rows + (size_t)row * length;
        if (row < left)
            memset(samples + width, samples[width - 1], length - width);
        else
            memcpy(samples, samples - length, length);
    }
}

cjpeg_status cjpeg_encoder_write_band(cjpeg_encoder *encoder, uint8_t *band) {
    struct jpeg_compress_struct *info = &encoder->info;
    JSAMPROW rows[3][MAX_SAMP_FACTOR * DCTSIZE];
    JSAMPARRAY planes[3];
    if (_setjmp(encoder->escape)) return CJPEG_FAILED;
    JDIMENSION height = (JDIMENSION)info->max_v_samp_factor * DCTSIZE;
    JDIMENSION band_index = info->next_scanline / height;
    for (int i = 0; i < 3; i++) {
        const jpeg_component_info *component = &info->comp_info[i];
        fill(band, component, band_index * band_height(component));
        planes[i] = rows[i];
        for (uint32_t row = 0; row < band_height(component); row++, band += stride(component)) rows[i][row] = band;
    }
    jpeg_write_raw_data(info, planes, height);
    return CJPEG_OK;
}

cjpeg_status cjpeg_encoder_write_row(cjpeg_encoder *encoder, const uint8_t *row) {
    if (_setjmp(encoder->escape)) return CJPEG_FAILED;
    JSAMPROW rows[1] = {(JSAMPROW)row};
    jpeg_write_scanlines(&encoder->info, rows, 1);
    return CJPEG_OK;
}

cjpeg_status cjpeg_encoder_finish(cjpeg_encoder *encoder) {
    if (_setjmp(encoder->escape)) return CJPEG_FAILED;
    jpeg_finish_compress(&encoder->info);
    return CJPEG_OK;
}

const uint8_t *cjpeg_encoder_take(cjpeg_encoder *encoder, size_t *count) {
    *count = encoder->capacity - encoder->destination.free_in_buffer;
    rewind_buffer(encoder);
    return encoder->bytes;
}

const char *cjpeg_encoder_message(const cjpeg_encoder *encoder) { return encoder->message; }
