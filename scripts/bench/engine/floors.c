// What no engine that decodes and encodes can be faster than: the bare libraries, and nothing between them. Only PNG is read
// faster by ours, which inflates and undoes filters by itself.
//
//   floors SOURCE FORMAT WIDTH HEIGHT CHANNELS RAW TARGET QUALITY IS_STRONGEST TIMES THREADS
//
// Decodes SOURCE, a JPEG at the quickest scale that leaves it WIDTH × HEIGHT at least, and encodes the pixels in the
// file RAW, what the work comes to, as FORMAT (jpg, png or webp): once unmeasured, then TIMES times, by THREADS.
// The last result goes to TARGET. Prints what `tintype render --times` does.
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include <jpeglib.h>
#include <png.h>
#include <tiffio.h>
#include <webp/decode.h>
#include <webp/encode.h>

typedef struct {
    uint8_t *bytes;
    size_t count;
} Result;

static struct {
    const char *source, *format, *target;
    int width, height, channels, quality, is_strongest, times, threads;
    int eighths;
    uint8_t *pixels;
    double *milliseconds;
    pthread_barrier_t begin;
    Result result;
} work;

static void die(const char *what) {
    fprintf(stderr, "%s: %s\n", what, errno ? strerror(errno) : "failed");
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static uint8_t *read_file(const char *path, size_t *count) {
    FILE *file = fopen(path, "rb");
    if (!file) die(path);
    fseek(file, 0, SEEK_END);
    *count = (size_t)ftell(file);
    rewind(file);
    uint8_t *bytes = malloc(*count);
    if (!bytes || fread(bytes, 1, *count, file) != *count) die(path);
    fclose(file);
    return bytes;
}

static int ends_with(const char *text, const char *end) {
    size_t length = strlen(text), end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

// MARK: Decoding

/// Returns whether the picture is as large as it must be at this scale.
static int decode_jpeg(int eighths) {
    struct jpeg_decompress_struct info;
    struct jpeg_error_mgr errors;
    info.err = jpeg_std_error(&errors);
    jpeg_create_decompress(&info);
    FILE *file = fopen(work.source, "rb");
    if (!file) die(work.source);
    jpeg_stdio_src(&info, file);
    jpeg_read_header(&info, TRUE);
    info.scale_num = (unsigned)eighths;
    info.scale_denom = 8;
    // A gray result needs no chroma.
    info.out_color_space = work.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_start_decompress(&info);
    int suffices = (int)info.output_width >= work.width && (int)info.output_height >= work.height;
    if (suffices) {
        JSAMPARRAY row = info.mem->alloc_sarray(
            (j_common_ptr)&info, JPOOL_IMAGE, info.output_width * (unsigned)info.output_components, 1);
        while (info.output_scanline < info.output_height) jpeg_read_scanlines(&info, row, 1);
        jpeg_finish_decompress(&info);
    }
    jpeg_destroy_decompress(&info);
    fclose(file);
    return suffices;
}

/// Fewer eighths are not always less work: libjpeg-turbo has vector code for some.
static int quickest_scale(void) {
    int quickest = 8;
    double least = 1e9;
    for (int eighths = 8; eighths > 0; eighths--) {
        for (int turn = 0; turn < 3; turn++) {
            double begin = now();
            if (!decode_jpeg(eighths)) return quickest;
            double taken = now() - begin;
            if (taken < least) {
                least = taken;
                quickest = eighths;
            }
        }
    }
    return quickest;
}

static void decode_png(void) {
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_file(&image, work.source)) die(work.source);
    image.format = PNG_FORMAT_RGBA;
    uint8_t *pixels = malloc(PNG_IMAGE_SIZE(image));
    if (!pixels || !png_image_finish_read(&image, NULL, pixels, 0, NULL)) die(work.source);
    free(pixels);
}

static void decode_webp(void) {
    size_t count;
    uint8_t *bytes = read_file(work.source, &count);
    int width, height;
    uint8_t *pixels = WebPDecodeRGB(bytes, count, &width, &height);
    if (!pixels) die(work.source);
    WebPFree(pixels);
    free(bytes);
}

static void decode_tiff(void) {
    TIFF *tiff = TIFFOpen(work.source, "r");
    if (!tiff) die(work.source);
    tmsize_t count = TIFFStripSize(tiff);
    uint8_t *strip = malloc((size_t)count);
    for (uint32_t index = 0; index < TIFFNumberOfStrips(tiff); index++)
        if (TIFFReadEncodedStrip(tiff, index, strip, count) < 0) die(work.source);
    free(strip);
    TIFFClose(tiff);
}

static void decode(void) {
    if (ends_with(work.source, ".png")) decode_png();
    else if (ends_with(work.source, ".webp")) decode_webp();
    else if (ends_with(work.source, ".tiff")) decode_tiff();
    else if (!decode_jpeg(work.eighths)) die(work.source);
}

// MARK: Encoding

static Result encode_jpeg(void) {
    struct jpeg_compress_struct info;
    struct jpeg_error_mgr errors;
    unsigned char *bytes = NULL;
    unsigned long count = 0;
    info.err = jpeg_std_error(&errors);
    jpeg_create_compress(&info);
    jpeg_mem_dest(&info, &bytes, &count);
    info.image_width = (unsigned)work.width;
    info.image_height = (unsigned)work.height;
    info.input_components = work.channels;
    info.in_color_space = work.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, work.quality, TRUE);
    info.optimize_coding = work.is_strongest ? TRUE : FALSE;
    jpeg_start_compress(&info, TRUE);
    while (info.next_scanline < info.image_height) {
        JSAMPROW row = work.pixels + (size_t)info.next_scanline * (size_t)(work.width * work.channels);
        jpeg_write_scanlines(&info, &row, 1);
    }
    jpeg_finish_compress(&info);
    jpeg_destroy_compress(&info);
    return (Result){bytes, count};
}

static Result encode_png(void) {
    png_image image = {.version = PNG_IMAGE_VERSION, .width = (unsigned)work.width, .height = (unsigned)work.height};
    image.format = work.channels == 1 ? PNG_FORMAT_GRAY : work.channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_RGBA;
    png_alloc_size_t count = PNG_IMAGE_PNG_SIZE_MAX(image);
    uint8_t *bytes = malloc(count);
    if (!bytes || !png_image_write_to_memory(&image, bytes, &count, 0, work.pixels, 0, NULL)) die("PNG");
    return (Result){bytes, count};
}

static Result encode_webp(void) {
    WebPConfig config;
    WebPPicture picture;
    WebPMemoryWriter writer;
    if (!WebPConfigInit(&config) || !WebPPictureInit(&picture)) die("WebP");
    WebPMemoryWriterInit(&writer);
    config.quality = (float)work.quality;
    config.method = work.is_strongest ? 6 : 4;
    picture.width = work.width;
    picture.height = work.height;
    picture.writer = WebPMemoryWrite;
    picture.custom_ptr = &writer;
    int stride = work.width * work.channels;
    int is_loaded = work.channels == 4 ? WebPPictureImportRGBA(&picture, work.pixels, stride)
                                       : WebPPictureImportRGB(&picture, work.pixels, stride);
    if (!is_loaded || !WebPEncode(&config, &picture)) die("WebP");
    WebPPictureFree(&picture);
    return (Result){writer.mem, writer.size};
}

static Result encode(void) {
    if (strcmp(work.format, "png") == 0) return encode_png();
    return strcmp(work.format, "webp") == 0 ? encode_webp() : encode_jpeg();
}

// MARK: Running

static void *run(void *number) {
    decode();
    Result result = encode();
    pthread_barrier_wait(&work.begin);
    for (int round = (int)(intptr_t)number; round < work.times; round += work.threads) {
        free(result.bytes);
        double begin = now();
        decode();
        result = encode();
        work.milliseconds[round] = (now() - begin) * 1000;
    }
    if (number == 0) work.result = result;
    else free(result.bytes);
    return NULL;
}

int main(int count, char **arguments) {
    if (count != 12) die("floors");
    work.source = arguments[1];
    work.format = arguments[2];
    work.width = atoi(arguments[3]);
    work.height = atoi(arguments[4]);
    work.channels = atoi(arguments[5]);
    work.target = arguments[7];
    work.quality = atoi(arguments[8]);
    work.is_strongest = atoi(arguments[9]);
    work.times = atoi(arguments[10]);
    work.threads = atoi(arguments[11]);
    size_t byte_count;
    work.pixels = read_file(arguments[6], &byte_count);
    if (byte_count != (size_t)work.width * (size_t)work.height * (size_t)work.channels) die(arguments[6]);
    work.eighths = ends_with(work.source, ".jpg") ? quickest_scale() : 8;
    work.milliseconds = calloc((size_t)work.times, sizeof(double));

    pthread_t *threads = calloc((size_t)work.threads, sizeof(pthread_t));
    pthread_barrier_init(&work.begin, NULL, (unsigned)work.threads + 1);
    for (int number = 0; number < work.threads; number++)
        pthread_create(&threads[number], NULL, run, (void *)(intptr_t)number);
    pthread_barrier_wait(&work.begin);
    double begin = now();
    for (int number = 0; number < work.threads; number++) pthread_join(threads[number], NULL);
    double seconds = now() - begin;

    FILE *file = fopen(work.target, "wb");
    if (!file || fwrite(work.result.bytes, 1, work.result.count, file) != work.result.count || fclose(file))
        die(work.target);
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("{\"milliseconds\":[");
    for (int round = 0; round < work.times; round++) printf("%s%.4f", round ? "," : "", work.milliseconds[round]);
    printf("],\"seconds\":%.6f,\"peak_rss_bytes\":%ld}\n", seconds, usage.ru_maxrss * 1024);
}
