#include "stream.h"

#include <stdlib.h>
#include <string.h>

#include <isa-l.h>

#include "filters.h"

enum {
    SIGNATURE = 8,
    /// Of a chunk: its length and its name.
    CHUNK_START = 8,
    CHECKSUM = 4,
    LONGEST_CHUNK = 0x7FFFFFFF,
    /// Whether it is the last, its length, and the same inverted (RFC 1951, section 3.2.4).
    BLOCK_START = 5,
    LONGEST_BLOCK = 0xFFFF,
};

struct cpng_inflater {
    struct inflate_state state;
    /// A chunk of one stored block.
    uint8_t chunk[CHUNK_START + BLOCK_START + LONGEST_BLOCK + CHECKSUM + CHECKSUM];
    /// The row before the block, without its filter.
    uint8_t above[LONGEST_BLOCK + 2];
};

static uint32_t uint32(const uint8_t *bytes) {
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void put_uint32(uint8_t *bytes, uint32_t value) {
    for (int i = 0; i < 4; i++) bytes[i] = (uint8_t)(value >> (24 - i * 8));
}

static int is_pixels(const uint8_t *chunk) { return memcmp(chunk + 4, "IDAT", 4) == 0; }

void cpng_stream_open(cpng_stream *stream, const uint8_t *bytes, size_t count) {
    size_t start = SIGNATURE;
    while (start < count && count - start >= CHUNK_START && !is_pixels(bytes + start))
        start += CHUNK_START + (size_t)uint32(bytes + start) + CHECKSUM;
    if (start > count || count - start < CHUNK_START) start = count;
    *stream = (cpng_stream){.next = bytes + start, .left = count - start, .piece = bytes, .piece_left = start};
}

void cpng_stream_close(cpng_stream *stream) { free(stream->inflater); }

void cpng_stream_unfilter(cpng_stream *stream, size_t row_byte_count, int pixel_size) {
    // Longer rows, of 16,000 pixels at least, are left to libpng.
    if (row_byte_count >= LONGEST_BLOCK) return;
    stream->row_size = row_byte_count + 1;
    stream->pixel_size = pixel_size;
}

static const char *ran_out(cpng_stream *stream) {
    stream->ran_out = 1;
    return "the file ends";
}

static void begin_pixels(cpng_stream *stream) {
    // The start of a zlib stream, whose smallest window leaves zlib the least to remember.
    static const uint8_t chunk[] = {0, 0, 0, 2, 'I', 'D', 'A', 'T', 0x08, 0x1D, 0, 0, 0, 0};
    stream->place = CPNG_IN_PIXELS;
    stream->piece = chunk;
    stream->piece_left = sizeof chunk;
}

static struct cpng_inflater *make_inflater(size_t row_size) {
    struct cpng_inflater *inflater = malloc(sizeof *inflater);
    if (!inflater) return NULL;
    isal_inflate_init(&inflater->state);
    inflater->state.crc_flag = ISAL_ZLIB;
    inflater->state.next_in = inflater->chunk;
    inflater->state.avail_in = 0;
    memset(inflater->above, 0, row_size);
    return inflater;
}

/// Gives ISA-L the next chunk of the file.
static const char *take_chunk(cpng_stream *stream) {
    const uint8_t *chunk = stream->next;
    if (stream->left < CHUNK_START) return ran_out(stream);
    if (!is_pixels(chunk)) return "not enough pixels";
    size_t length = uint32(chunk);
    if (length > LONGEST_CHUNK) return "a chunk of pixels is too long";
    size_t whole = CHUNK_START + length + CHECKSUM;
    if (stream->left < whole) return ran_out(stream);
    // The checksum is of the name and the content.
    if (crc32_gzip_refl(0, chunk + 4, 4 + length) != uint32(chunk + CHUNK_START + length))
        return "a chunk of pixels has a wrong checksum";
    struct inflate_state *state = &stream->inflater->state;
    // ISA-L does not write there.
    state->next_in = (uint8_t *)(uintptr_t)(chunk + CHUNK_START);
    state->avail_in = (uint32_t)length;
    stream->next += whole;
    stream->left -= whole;
    return NULL;
}

static const char *message(int status) {
    switch (status) {
    case ISAL_INCORRECT_CHECKSUM: return "the pixels have a wrong checksum";
    case ISAL_NEED_DICT: return "the pixels need a dictionary";
    default: return "the pixels cannot be inflated";
    }
}

/// Inflates until there are `count` bytes or the stream ends.
static const char *inflate_bytes(cpng_stream *stream, uint8_t *bytes, uint32_t count) {
    struct inflate_state *state = &stream->inflater->state;
    state->next_out = bytes;
    state->avail_out = count;
    while (1) {
        // First without another chunk: ISA-L keeps up to 64 KiB that had no room before.
        uint32_t in = state->avail_in, out = state->avail_out;
        int status = isal_inflate(state);
        if (status != ISAL_DECOMP_OK) return message(status);
        if (state->avail_out == 0 || state->block_state == ISAL_BLOCK_FINISH) return NULL;
        if (state->avail_in == 0) {
            const char *problem = take_chunk(stream);
            if (problem) return problem;
        } else if (state->avail_in == in && state->avail_out == out) {
            return "the pixels cannot be inflated";
        }
    }
}

static void unfilter_rows(const cpng_stream *stream, uint8_t *rows, size_t count) {
    uint8_t *above = stream->inflater->above, *before = above;
    size_t size = stream->row_size;
    for (; size > 0 && count >= size; count -= size) {
        cpng_unfilter(rows, before, size - 1, stream->pixel_size);
        before = rows + 1;
        rows += size;
    }
    if (before != above) memcpy(above, before, size - 1);
}

static const char *next_chunk(cpng_stream *stream) {
    struct cpng_inflater *inflater = stream->inflater;
    uint8_t *chunk = inflater->chunk, *block = chunk + CHUNK_START;
    // Whole rows.
    uint32_t most = LONGEST_BLOCK - (stream->row_size > 0 ? LONGEST_BLOCK % (uint32_t)stream->row_size : 0);
    const char *problem = inflate_bytes(stream, block + BLOCK_START, most);
    if (problem) return problem;
    int is_last = inflater->state.block_state == ISAL_BLOCK_FINISH;
    uint32_t length = most - inflater->state.avail_out;
    unfilter_rows(stream, block + BLOCK_START, length);
    uint32_t content = BLOCK_START + length + (is_last ? CHECKSUM : 0);
    put_uint32(chunk, content);
    memcpy(chunk + 4, "IDAT", 4);
    block[0] = is_last ? 1 : 0;
    block[1] = (uint8_t)length;
    block[2] = (uint8_t)(length >> 8);
    block[3] = (uint8_t)~length;
    block[4] = (uint8_t)(~length >> 8);
    if (is_last) put_uint32(block + BLOCK_START + length, inflater->state.crc);
    put_uint32(block + content, 0);
    stream->piece = chunk;
    stream->piece_left = CHUNK_START + content + CHECKSUM;
    return NULL;
}

static const char *next_piece(cpng_stream *stream) {
    if (stream->left == 0 && stream->place != CPNG_IN_PIXELS) return ran_out(stream);
    if (stream->place == CPNG_BEFORE_PIXELS) {
        begin_pixels(stream);
        return NULL;
    }
    if (!stream->inflater) stream->inflater = make_inflater(stream->row_size);
    if (!stream->inflater) return "out of memory";
    if (stream->inflater->state.block_state != ISAL_BLOCK_FINISH) return next_chunk(stream);
    stream->place = CPNG_BEHIND_PIXELS;
    stream->piece = stream->next;
    stream->piece_left = stream->left;
    stream->left = 0;
    return NULL;
}

const char *cpng_stream_read(cpng_stream *stream, uint8_t *bytes, size_t count) {
    while (count > 0) {
        if (stream->piece_left == 0) {
            const char *problem = next_piece(stream);
            if (problem) return problem;
        }
        size_t length = count < stream->piece_left ? count : stream->piece_left;
        memcpy(bytes, stream->piece, length);
        stream->piece += length;
        stream->piece_left -= length;
        bytes += length;
        count -= length;
    }
    return NULL;
}
