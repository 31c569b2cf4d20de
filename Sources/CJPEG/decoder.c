#include "CJPEG.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <jpeglib.h>
#include <jerror.h>

// A hostile progressive file repeats tiny scans, each of which costs a pass over the whole picture.
enum { MOST_SCANS = 100 };

// Up to version 3 the library walks the list of markers that it keeps for each new one. A profile takes 255 at most, EXIF one
// or two.
enum { MOST_MARKERS = 1000 };

// What of a mapped file is in memory at a time, in bytes: of 100 megapixels, all would be 20 MB and more.
enum { STRETCH = 512 * 1024 };

struct cjpeg_decoder {
    struct jpeg_decompress_struct info;
    struct jpeg_error_mgr errors;
    struct jpeg_source_mgr source;
    struct jpeg_progress_mgr progress;
    jmp_buf escape;
    cjpeg_status status;
    /// What the library was not given yet.
    const uint8_t *next;
    size_t left;
    int is_mapped;
    int kept_marker_count;
    /// Whether scans are being collected, and the last call ended amid that.
    int is_collecting, is_paused;
    /// Bit i: component i has had a scan.
    unsigned components_seen;
    /// The library asked for bytes after the last one.
    int ran_out;
    char message[JMSG_LENGTH_MAX];
    JOCTET *profile;
    unsigned profile_length;
};

static cjpeg_decoder *owner(j_common_ptr info) { return info->client_data; }

static _Noreturn void leave(cjpeg_decoder *decoder, cjpeg_status status, const char *message) {
    decoder->status = status;
    snprintf(decoder->message, sizeof decoder->message, "%s", message);
    _longjmp(decoder->escape, 1);
}

static void on_error(j_common_ptr info) {
    cjpeg_decoder *decoder = owner(info);
    char message[JMSG_LENGTH_MAX];
    info->err->format_message(info, message);
    switch (info->err->msg_code) {
    case JERR_BAD_PRECISION:
    case JERR_SOF_UNSUPPORTED:
    case JERR_ARITH_NOTIMPL:
        leave(decoder, CJPEG_UNSUPPORTED, message);
    default:
        leave(decoder, decoder->ran_out ? CJPEG_TRUNCATED : CJPEG_FAILED, message);
    }
}

/// libjpeg fills what is missing with gray and warns. That is an error here, unless it is at most a sixteenth of the picture
/// and part of its last row of blocks: files that lack their very end are common, and browsers show them.
static void on_message(j_common_ptr common, int level) {
    if (level >= 0 || common->err->msg_code != JWRN_HIT_MARKER) return;
    const struct jpeg_decompress_struct *info = &owner(common)->info;
    JDIMENSION first_lost = info->input_iMCU_row * (JDIMENSION)info->max_v_samp_factor * DCTSIZE;
    int is_last_row = info->input_iMCU_row + 1 >= info->total_iMCU_rows;
    if (is_last_row && info->image_height - first_lost <= info->image_height / 16) return;
    leave(owner(common), CJPEG_TRUNCATED, "premature end of data");
}

/// Counts the markers that are kept. For each that it has read the library has a message, of a level that is not shown. To find
/// them by ourselves would be to know all that it takes for a marker, and what it skips in between.
static void on_header_message(j_common_ptr common, int level) {
    cjpeg_decoder *decoder = owner(common);
    int marker = common->err->msg_parm.i[0];
    if (common->err->msg_code != JTRC_MISC_MARKER || (marker != JPEG_APP0 + 1 && marker != JPEG_APP0 + 2)) return;
    if (++decoder->kept_marker_count > MOST_MARKERS)
        leave(decoder, CJPEG_FAILED, "more than 1000 markers of EXIF or a profile");
}

static void print_nothing(j_common_ptr info) {}

/// Called before each row of blocks while the scans of a picture are collected, and before each row that is decoded.
static void on_progress(j_common_ptr common) {
    cjpeg_decoder *decoder = owner(common);
    const struct jpeg_decompress_struct *info = &decoder->info;
    if (info->input_scan_number > MOST_SCANS) leave(decoder, CJPEG_FAILED, "more than 100 scans");
    for (int i = 0; i < info->comps_in_scan; i++)
        decoder->components_seen |= 1u << info->cur_comp_info[i]->component_index;
    if (!decoder->is_collecting) return;
    // The library has done nothing since it was called, or since the last row of blocks, so that it may be called anew.
    decoder->is_paused = !decoder->is_paused;
    if (decoder->is_paused) leave(decoder, CJPEG_PAUSED, "");
}

static void source_init(j_decompress_ptr info) {}

/// Lets the pages before an address leave memory, as far back as they were given last.
static void forget(const uint8_t *address) {
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    uintptr_t end = (uintptr_t)address / page * page;
    madvise((void *)(end - STRETCH), STRETCH, MADV_DONTNEED);
}

static void give_next(cjpeg_decoder *decoder) {
    size_t count = decoder->is_mapped && decoder->left > STRETCH ? STRETCH : decoder->left;
    decoder->source.next_input_byte = decoder->next;
    decoder->source.bytes_in_buffer = count;
    decoder->next += count;
    decoder->left -= count;
}

static boolean source_fill(j_decompress_ptr info) {
    cjpeg_decoder *decoder = owner((j_common_ptr)info);
    if (decoder->left > 0) {
        if (decoder->is_mapped) forget(decoder->next);
        give_next(decoder);
        return TRUE;
    }
    // All bytes were there at the start, so more never come: an end marker makes the library stop.
    static const JOCTET end[2] = {0xFF, JPEG_EOI};
    decoder->ran_out = 1;
    info->src->next_input_byte = end;
    info->src->bytes_in_buffer = sizeof end;
    return TRUE;
}

static void source_skip(j_decompress_ptr info, long count) {
    if (count <= 0) return;
    size_t left = (size_t)count;
    while (left > info->src->bytes_in_buffer) {
        left -= info->src->bytes_in_buffer;
        source_fill(info);
        if (owner((j_common_ptr)info)->ran_out) return;
    }
    info->src->next_input_byte += left;
    info->src->bytes_in_buffer -= left;
}

cjpeg_decoder *cjpeg_decoder_create(const uint8_t *bytes, size_t count, int is_mapped) {
    cjpeg_decoder *decoder = calloc(1, sizeof *decoder);
    if (!decoder) return NULL;
    decoder->info.err = jpeg_std_error(&decoder->errors);
    decoder->errors.error_exit = on_error;
    decoder->errors.emit_message = on_message;
    decoder->errors.output_message = print_nothing;
    decoder->info.client_data = decoder;
    if (_setjmp(decoder->escape)) {
        cjpeg_decoder_destroy(decoder);
        return NULL;
    }
    jpeg_create_decompress(&decoder->info);
    decoder->source = (struct jpeg_source_mgr){
        .init_source = source_init,
        .fill_input_buffer = source_fill,
        .skip_input_data = source_skip,
        .resync_to_restart = jpeg_resync_to_restart,
        .term_source = source_init,
    };
    decoder->info.src = &decoder->source;
    decoder->next = bytes;
    decoder->left = count;
    decoder->is_mapped = is_mapped;
    give_next(decoder);
    decoder->progress.progress_monitor = on_progress;
    decoder->info.progress = &decoder->progress;
    return decoder;
}

void cjpeg_decoder_destroy(cjpeg_decoder *decoder) {
    jpeg_destroy_decompress(&decoder->info);
    free(decoder->profile);
    free(decoder);
}

/// All blocks of each component, those included that fill up the last group of them.
static uint64_t coefficient_byte_count(const struct jpeg_decompress_struct *info) {
    uint64_t count = 0;
    for (int i = 0; i < info->num_components; i++) {
        const jpeg_component_info *component = &info->comp_info[i];
        uint64_t across = (uint64_t)component->h_samp_factor, down = (uint64_t)component->v_samp_factor;
        uint64_t width = (component->width_in_blocks + across - 1) / across * across;
        uint64_t height = (component->height_in_blocks + down - 1) / down * down;
        count += width * height * sizeof(JBLOCK);
    }
    return count;
}

cjpeg_status cjpeg_decoder_read_header(cjpeg_decoder *decoder, cjpeg_header *header) {
    struct jpeg_decompress_struct *info = &decoder->info;
    if (_setjmp(decoder->escape)) return decoder->status;
    decoder->errors.emit_message = on_header_message;
    jpeg_save_markers(info, JPEG_APP0 + 1, 0xFFFF);
    jpeg_save_markers(info, JPEG_APP0 + 2, 0xFFFF);
    jpeg_read_header(info, TRUE);
    decoder->errors.emit_message = on_message;
    // Those between scans are of no use.
    jpeg_save_markers(info, JPEG_APP0 + 1, 0);
    jpeg_save_markers(info, JPEG_APP0 + 2, 0);
    // No browser reads it, and its decoder cannot tell a picture that is cut.
    if (info->arith_code) leave(decoder, CJPEG_UNSUPPORTED, "arithmetic coding");
    header->width = info->image_width;
    header->height = info->image_height;
    header->has_adobe_marker = info->saw_Adobe_marker;
    header->has_several_scans = jpeg_has_multiple_scans(info);
    header->coefficient_byte_count = coefficient_byte_count(info);
    switch (info->num_components) {
    case 1:
        header->color = CJPEG_GRAY;
        break;
    case 3:
        header->color = info->jpeg_color_space == JCS_YCbCr ? CJPEG_YCBCR : CJPEG_RGB;
        break;
    case 4:
        header->color = CJPEG_CMYK;
        break;
    default:
        leave(decoder, CJPEG_UNSUPPORTED, "neither 1, 3 nor 4 components");
    }
    return CJPEG_OK;
}

/// What follows the signature in the first APP1 marker that begins with it.
static const uint8_t *find(const cjpeg_decoder *decoder, const char *signature, size_t length, size_t *count) {
    for (jpeg_saved_marker_ptr marker = decoder->info.marker_list; marker; marker = marker->next) {
        if (marker->marker != JPEG_APP0 + 1 || marker->data_length < length) continue;
        if (memcmp(marker->data, signature, length) != 0) continue;
        *count = marker->data_length - length;
        return marker->data + length;
    }
    *count = 0;
    return NULL;
}

const uint8_t *cjpeg_decoder_exif(const cjpeg_decoder *decoder, size_t *count) {
    static const char signature[6] = "Exif\0";
    return find(decoder, signature, sizeof signature, count);
}

const uint8_t *cjpeg_decoder_xmp(const cjpeg_decoder *decoder, size_t *count) {
    static const char signature[] = "http://ns.adobe.com/xap/1.0/";
    return find(decoder, signature, sizeof signature, count);
}

const uint8_t *cjpeg_decoder_profile(cjpeg_decoder *decoder, size_t *count) {
    *count = 0;
    if (_setjmp(decoder->escape)) return NULL;
    if (!decoder->profile && !jpeg_read_icc_profile(&decoder->info, &decoder->profile, &decoder->profile_length))
        return NULL;
    *count = decoder->profile_length;
    return decoder->profile;
}

/// Whether every component had a scan. What a scan lacks was refused while it was read.
static int is_complete(const cjpeg_decoder *decoder) {
    const struct jpeg_decompress_struct *info = &decoder->info;
    if (decoder->components_seen != (1u << info->num_components) - 1) return 0;
    if (!decoder->ran_out || !info->coef_bits) return 1;
    // The end marker is missing, so scans may be as well: each coefficient's last bit must have come.
    for (int component = 0; component < info->num_components; component++)
        for (int i = 0; i < DCTSIZE2; i++)
            if (info->coef_bits[component][i] != 0) return 0;
    return 1;
}

static void start(cjpeg_decoder *decoder, int eighths) {
    struct jpeg_decompress_struct *info = &decoder->info;
    info->scale_num = (unsigned)eighths;
    info->scale_denom = 8;
    info->dct_method = JDCT_ISLOW;
    // It guesses at what later scans would bring; here all have come.
    info->do_block_smoothing = FALSE;
    decoder->is_collecting = 1;
    jpeg_start_decompress(info);
    decoder->is_collecting = 0;
    if (jpeg_has_multiple_scans(info) && !is_complete(decoder)) leave(decoder, CJPEG_TRUNCATED, "scans are missing");
}

cjpeg_status cjpeg_decoder_start(cjpeg_decoder *decoder, int eighths, int only_luma) {
    struct jpeg_decompress_struct *info = &decoder->info;
    if (_setjmp(decoder->escape)) return decoder->status;
    if (info->num_components == 4)
        info->out_color_space = JCS_CMYK;
    else if (info->num_components == 1 || only_luma)
        info->out_color_space = JCS_GRAYSCALE;
    else
        info->out_color_space = JCS_EXT_RGBA;
    start(decoder, eighths);
    return CJPEG_OK;
}

cjpeg_status cjpeg_decoder_start_planes(cjpeg_decoder *decoder, int eighths, cjpeg_plane planes[3]) {
    struct jpeg_decompress_struct *info = &decoder->info;
    if (_setjmp(decoder->escape)) return decoder->status;
    if (info->num_components != 3) leave(decoder, CJPEG_UNSUPPORTED, "not three components");
    info->raw_data_out = TRUE;
    info->out_color_space = JCS_YCbCr;
    start(decoder, eighths);
    for (int i = 0; i < 3; i++) {
        const jpeg_component_info *component = &info->comp_info[i];
        // Where luma is scaled down, chroma is so only as far as it has more samples than that.
        double across = component->h_samp_factor * component->DCT_scaled_size;
        double down = component->v_samp_factor * component->DCT_scaled_size;
        planes[i] = (cjpeg_plane){
            .width = component->downsampled_width,
            .height = component->downsampled_height,
            .covered_width = info->image_width * across / (info->max_h_samp_factor * DCTSIZE),
            .covered_height = info->image_height * down / (info->max_v_samp_factor * DCTSIZE),
            .stride = component->width_in_blocks * (uint32_t)component->DCT_scaled_size,
            .band_height = (uint32_t)(component->v_samp_factor * component->DCT_scaled_size),
        };
    }
    return CJPEG_OK;
}

cjpeg_status cjpeg_decoder_read_band(cjpeg_decoder *decoder, uint8_t *band) {
    struct jpeg_decompress_struct *info = &decoder->info;
    JSAMPROW rows[3][MAX_SAMP_FACTOR * DCTSIZE];
    JSAMPARRAY planes[3];
    if (_setjmp(decoder->escape)) return decoder->status;
    for (int i = 0; i < 3; i++) {
        const jpeg_component_info *component = &info->comp_info[i];
        size_t stride = (size_t)component->width_in_blocks * (size_t)component->DCT_scaled_size;
        planes[i] = rows[i];
        for (int row = 0; row < component->v_samp_factor * component->DCT_scaled_size; row++, band += stride)
            rows[i][row] = band;
    }
    JDIMENSION height = (JDIMENSION)(info->max_v_samp_factor * info->min_DCT_scaled_size);
    if (jpeg_read_raw_data(info, planes, height) != height) leave(decoder, CJPEG_FAILED, "no band");
    return CJPEG_OK;
}

cjpeg_status cjpeg_decoder_read_row(cjpeg_decoder *decoder, uint8_t *row) {
    if (_setjmp(decoder->escape)) return decoder->status;
    JSAMPROW rows[1] = {row};
    if (jpeg_read_scanlines(&decoder->info, rows, 1) != 1) leave(decoder, CJPEG_FAILED, "no row");
    return CJPEG_OK;
}

const char *cjpeg_decoder_message(const cjpeg_decoder *decoder) { return decoder->message; }
