#include "CTIFF.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <tiffio.h>

/// libtiff goes back to the front of the file to say where its directory lies, so all of it stays here until the end.
struct ctiff_writer {
    TIFF *tiff;
    uint8_t *bytes;
    size_t count, capacity, position;
};

static int ignore(TIFF *tiff, void *context, const char *module, const char *format, va_list arguments) { return 1; }

static tmsize_t read_bytes(thandle_t handle, void *bytes, tmsize_t count) {
    ctiff_writer *writer = handle;
    size_t left = writer->position < writer->count ? writer->count - writer->position : 0;
    if (count <= 0 || left == 0) return 0;
    if ((size_t)count > left) count = (tmsize_t)left;
    memcpy(bytes, writer->bytes + writer->position, (size_t)count);
    writer->position += (size_t)count;
    return count;
}

static tmsize_t write_bytes(thandle_t handle, void *bytes, tmsize_t count) {
    ctiff_writer *writer = handle;
    if (count < 0 || (size_t)count > SIZE_MAX / 4 - writer->position) return -1;
    size_t end = writer->position + (size_t)count;
    if (end > writer->capacity) {
        size_t capacity = writer->capacity * 2 > end ? writer->capacity * 2 : end + 4096;
        uint8_t *larger = realloc(writer->bytes, capacity);
        if (!larger) return -1;
        writer->bytes = larger;
        writer->capacity = capacity;
    }
    if (writer->position > writer->count) memset(writer->bytes + writer->count, 0, writer->position - writer->count);
    memcpy(writer->bytes + writer->position, bytes, (size_t)count);
    writer->position = end;
    if (end > writer->count) writer->count = end;
    return count;
}

static toff_t seek(thandle_t handle, toff_t offset, int origin) {
    ctiff_writer *writer = handle;
    switch (origin) {
    case SEEK_SET: writer->position = offset; break;
    case SEEK_CUR: writer->position += offset; break;
    case SEEK_END: writer->position = writer->count + offset; break;
    }
    return writer->position;
}

static int close_nothing(thandle_t handle) { return 0; }

static toff_t size(thandle_t handle) { return ((ctiff_writer *)handle)->count; }

ctiff_writer *ctiff_writer_open(
    uint32_t width, uint32_t height, int channels, int bits, uint32_t rows_per_strip, int level, int is_big_endian) {
    ctiff_writer *writer = calloc(1, sizeof *writer);
    TIFFOpenOptions *options = TIFFOpenOptionsAlloc();
    if (writer && options) {
        TIFFOpenOptionsSetErrorHandlerExtR(options, ignore, NULL);
        TIFFOpenOptionsSetWarningHandlerExtR(options, ignore, NULL);
        writer->tiff = TIFFClientOpenExt(
            "picture", is_big_endian ? "wb" : "wl", writer, read_bytes, write_bytes, seek, close_nothing, size, NULL, NULL, options);
    }
    TIFFOpenOptionsFree(options);
    if (!writer || !writer->tiff) {
        free(writer);
        return NULL;
    }
    TIFF *tiff = writer->tiff;
    TIFFSetField(tiff, TIFFTAG_IMAGEWIDTH, width);
    TIFFSetField(tiff, TIFFTAG_IMAGELENGTH, height);
    TIFFSetField(tiff, TIFFTAG_BITSPERSAMPLE, bits);
    TIFFSetField(tiff, TIFFTAG_SAMPLESPERPIXEL, channels);
    TIFFSetField(tiff, TIFFTAG_PHOTOMETRIC, channels == 1 ? PHOTOMETRIC_MINISBLACK : PHOTOMETRIC_RGB);
    TIFFSetField(tiff, TIFFTAG_PLANARCONFIG, PLANARCONFIG_CONTIG);
    TIFFSetField(tiff, TIFFTAG_ROWSPERSTRIP, rows_per_strip);
    TIFFSetField(tiff, TIFFTAG_COMPRESSION, COMPRESSION_ADOBE_DEFLATE);
    TIFFSetField(tiff, TIFFTAG_PREDICTOR, PREDICTOR_HORIZONTAL);
    TIFFSetField(tiff, TIFFTAG_ZIPQUALITY, level);
    if (channels == 4) {
        uint16_t kind = EXTRASAMPLE_UNASSALPHA;
        TIFFSetField(tiff, TIFFTAG_EXTRASAMPLES, 1, &kind);
    }
    return writer;
}

void ctiff_writer_close(ctiff_writer *writer) {
    if (writer->tiff) TIFFClose(writer->tiff);
    free(writer->bytes);
    free(writer);
}

// With a predictor libtiff works on a copy: whatever the byte order, the caller's bytes stay.
int ctiff_writer_write_strip(ctiff_writer *writer, uint32_t strip, const uint8_t *bytes, size_t count) {
    return TIFFWriteEncodedStrip(writer->tiff, strip, (void *)bytes, (tmsize_t)count) == (tmsize_t)count;
}

const uint8_t *ctiff_writer_finish(ctiff_writer *writer, size_t *count) {
    int is_written = TIFFWriteDirectory(writer->tiff);
    TIFFClose(writer->tiff);
    writer->tiff = NULL;
    *count = writer->count;
    return is_written ? writer->bytes : NULL;
}
