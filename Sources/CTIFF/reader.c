#include "CTIFF.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tiffio.h>

enum { LONGEST_MESSAGE = 200 };

/// No table or strip that a real file needs is larger, in bytes.
static const tmsize_t LARGEST_ALLOCATION = 512 << 20;

struct ctiff_reader {
    TIFF *tiff;
    const uint8_t *bytes;
    uint64_t count, position;
    int is_cut;
    char message[LONGEST_MESSAGE];
};

static int on_error(TIFF *tiff, void *context, const char *module, const char *format, va_list arguments) {
    ctiff_reader *reader = context;
    vsnprintf(reader->message, sizeof reader->message, format, arguments);
    return 1;
}

/// libjpeg fills what a cut picture lacks with gray, and only warns.
static int on_warning(TIFF *tiff, void *context, const char *module, const char *format, va_list arguments) {
    ctiff_reader *reader = context;
    char message[LONGEST_MESSAGE];
    vsnprintf(message, sizeof message, format, arguments);
    if (strstr(message, "remature end")) reader->is_cut = 1;
    return 1;
}

static tmsize_t read_bytes(thandle_t handle, void *bytes, tmsize_t count) {
    ctiff_reader *reader = handle;
    uint64_t left = reader->position < reader->count ? reader->count - reader->position : 0;
    if (count <= 0 || left == 0) return 0;
    if ((uint64_t)count > left) count = (tmsize_t)left;
    memcpy(bytes, reader->bytes + reader->position, (size_t)count);
    reader->position += (uint64_t)count;
    return count;
}

static tmsize_t write_nothing(thandle_t handle, void *bytes, tmsize_t count) { return -1; }

static toff_t seek(thandle_t handle, toff_t offset, int origin) {
    ctiff_reader *reader = handle;
    switch (origin) {
    case SEEK_SET: reader->position = offset; break;
    case SEEK_CUR: reader->position += offset; break;
    case SEEK_END: reader->position = reader->count + offset; break;
    }
    return reader->position;
}

static int close_nothing(thandle_t handle) { return 0; }

static toff_t size(thandle_t handle) { return ((ctiff_reader *)handle)->count; }

static int map(thandle_t handle, void **bytes, toff_t *count) {
    ctiff_reader *reader = handle;
    *bytes = (void *)reader->bytes;
    *count = reader->count;
    return 1;
}

static void unmap_nothing(thandle_t handle, void *bytes, toff_t count) {}

ctiff_reader *ctiff_reader_open(
    const uint8_t *bytes, size_t count, uint64_t directory, char *message, size_t message_size) {
    ctiff_reader *reader = calloc(1, sizeof *reader);
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (reader && options) {
        reader->bytes = bytes;
        reader->count = count;
        TIFFOpenOptionsSetMaxSingleMemAlloc(options, LARGEST_ALLOCATION);
        TIFFOpenOptionsSetErrorHandlerExtR(options, on_error, reader);
        TIFFOpenOptionsSetWarningHandlerExtR(options, on_warning, reader);
        // The header alone: only the directory that was asked for has been checked.
        reader->tiff = TIFFClientOpenExt(
            "picture", "rh", reader, read_bytes, write_nothing, seek, close_nothing, size, map, unmap_nothing, options);
    }
    TIFFOpenOptionsFree(options);
    if (reader && reader->tiff && TIFFSetSubDirectory(reader->tiff, directory)) return reader;
    snprintf(message, message_size, "%s", reader ? reader->message : "out of memory");
    if (reader && reader->tiff) TIFFClose(reader->tiff);
    free(reader);
    return NULL;
}

void ctiff_reader_close(ctiff_reader *reader) {
    TIFFClose(reader->tiff);
    free(reader);
}

static uint16_t tag16(TIFF *tiff, uint32_t tag, uint16_t absent) {
    uint16_t value = 0;
    return TIFFGetFieldDefaulted(tiff, tag, &value) ? value : absent;
}

static uint32_t tag32(TIFF *tiff, uint32_t tag) {
    uint32_t value = 0;
    return TIFFGetFieldDefaulted(tiff, tag, &value) ? value : 0;
}

void ctiff_reader_tags(ctiff_reader *reader, ctiff_tags *tags) {
    TIFF *tiff = reader->tiff;
    *tags = (ctiff_tags){
        .width = tag32(tiff, TIFFTAG_IMAGEWIDTH),
        .height = tag32(tiff, TIFFTAG_IMAGELENGTH),
        .bits_per_sample = tag16(tiff, TIFFTAG_BITSPERSAMPLE, 1),
        .samples_per_pixel = tag16(tiff, TIFFTAG_SAMPLESPERPIXEL, 1),
        .sample_format = tag16(tiff, TIFFTAG_SAMPLEFORMAT, SAMPLEFORMAT_UINT),
        .photometric = tag16(tiff, TIFFTAG_PHOTOMETRIC, UINT16_MAX),
        .compression = tag16(tiff, TIFFTAG_COMPRESSION, COMPRESSION_NONE),
        .orientation = tag16(tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT),
        .ink_set = tag16(tiff, TIFFTAG_INKSET, INKSET_CMYK),
        .is_tiled = TIFFIsTiled(tiff),
        .is_planar = tag16(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG) == PLANARCONFIG_SEPARATE,
    };
    uint16_t extra_count = 0;
    uint16_t *extra_kinds = NULL;
    if (TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &extra_count, &extra_kinds) && extra_count > 0)
        tags->extra_kind = extra_kinds[0];
    if (tags->is_tiled) {
        tags->block_width = tag32(tiff, TIFFTAG_TILEWIDTH);
        tags->block_height = tag32(tiff, TIFFTAG_TILELENGTH);
        tags->block_count = TIFFNumberOfTiles(tiff);
    } else {
        uint32_t rows = tag32(tiff, TIFFTAG_ROWSPERSTRIP);
        tags->block_width = tags->width;
        tags->block_height = rows < tags->height ? rows : tags->height;
        tags->block_count = TIFFNumberOfStrips(tiff);
    }
}

int ctiff_reader_block_extent(ctiff_reader *reader, uint32_t block, uint64_t *offset, uint64_t *count) {
    int offset_failed = 0, count_failed = 0;
    *offset = TIFFGetStrileOffsetWithErr(reader->tiff, block, &offset_failed);
    *count = TIFFGetStrileByteCountWithErr(reader->tiff, block, &count_failed);
    return !offset_failed && !count_failed;
}

int ctiff_reader_palette(ctiff_reader *reader, const uint16_t **red, const uint16_t **green, const uint16_t **blue) {
    uint16_t *columns[3] = {NULL, NULL, NULL};
    if (!TIFFGetField(reader->tiff, TIFFTAG_COLORMAP, &columns[0], &columns[1], &columns[2])) return 0;
    *red = columns[0];
    *green = columns[1];
    *blue = columns[2];
    return columns[0] && columns[1] && columns[2];
}

const uint8_t *ctiff_reader_profile(ctiff_reader *reader, size_t *count) {
    uint32_t length = 0;
    const uint8_t *bytes = NULL;
    *count = 0;
    if (!TIFFGetField(reader->tiff, TIFFTAG_ICCPROFILE, &length, &bytes)) return NULL;
    *count = length;
    return bytes;
}

void ctiff_reader_want_rgb(ctiff_reader *reader) {
    TIFFSetField(reader->tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
}

int ctiff_reader_read_block(ctiff_reader *reader, uint32_t block, uint8_t *bytes, size_t count) {
    tmsize_t read = TIFFIsTiled(reader->tiff) ? TIFFReadEncodedTile(reader->tiff, block, bytes, (tmsize_t)count)
                                              : TIFFReadEncodedStrip(reader->tiff, block, bytes, (tmsize_t)count);
    return read >= 0 && (size_t)read == count;
}

int ctiff_reader_read_row(ctiff_reader *reader, uint32_t y, uint8_t *row) {
    return TIFFReadScanline(reader->tiff, row, y, 0) == 1;
}

int ctiff_reader_can_convert(ctiff_reader *reader) {
    char message[1024] = "";
    if (TIFFRGBAImageOK(reader->tiff, message)) return 1;
    snprintf(reader->message, sizeof reader->message, "%s", message);
    return 0;
}

/// libtiff gives the bottom row first.
static void turn_over(uint32_t *pixels, uint32_t width, uint32_t height) {
    for (uint32_t top = 0, bottom = height - 1; top < bottom; top++, bottom--)
        for (uint32_t x = 0; x < width; x++) {
            uint32_t *above = pixels + (size_t)top * width + x, *below = pixels + (size_t)bottom * width + x;
            uint32_t pixel = *above;
            *above = *below;
            *below = pixel;
        }
}

int ctiff_reader_convert_block(ctiff_reader *reader, uint32_t x, uint32_t y, uint32_t *pixels) {
    ctiff_tags tags;
    ctiff_reader_tags(reader, &tags);
    uint32_t rows = tags.block_height;
    // Else libtiff turns each strip or tile by itself, and the picture is turned once more when it is whole.
    TIFFSetField(reader->tiff, TIFFTAG_ORIENTATION, ORIENTATION_TOPLEFT);
    if (tags.is_tiled) {
        if (!TIFFReadRGBATileExt(reader->tiff, x, y, pixels, 1)) return 0;
    } else {
        if (!TIFFReadRGBAStripExt(reader->tiff, y, pixels, 1)) return 0;
        if (rows > tags.height - y) rows = tags.height - y;
    }
    turn_over(pixels, tags.block_width, rows);
    return 1;
}

int ctiff_reader_is_cut(const ctiff_reader *reader) { return reader->is_cut; }

const char *ctiff_reader_message(const ctiff_reader *reader) { return reader->message; }
