#include "CVectors.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define WIDE __attribute__((target("avx2")))

int cvectors_is_wide(void) { return __builtin_cpu_supports("avx2"); }

/// Weights are whole numbers over 2¹⁴.
enum { SHIFT = 14 };

static inline WIDE __m256i load(const int16_t *samples) { return _mm256_loadu_si256((const __m256i *)samples); }

static inline WIDE __m128i load_half(const int16_t *samples) { return _mm_loadu_si128((const __m128i *)samples); }

static inline WIDE __m128i halves_added(__m256i sums) {
    return _mm_add_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
}

WIDE void cvectors_mix_rows(
    const int16_t *ring, const intptr_t *places, const int16_t *weights, int taps, int16_t *target, int count) {
    const __m256i half = _mm256_set1_epi32(1 << (SHIFT - 1));
    for (int index = 0; index < count; index += 16) {
        __m256i a = half, b = half;
        for (int tap = 0; tap < taps; tap++) {
            __m256i weight = _mm256_broadcastsi128_si256(load_half(weights + tap * 8));
            const int16_t *source = ring + places[tap] + index * 2;
            a = _mm256_add_epi32(a, _mm256_madd_epi16(load(source), weight));
            b = _mm256_add_epi32(b, _mm256_madd_epi16(load(source + 16), weight));
        }
        __m256i packed = _mm256_packs_epi32(_mm256_srai_epi32(a, SHIFT), _mm256_srai_epi32(b, SHIFT));
        // Packing works on each half by itself.
        _mm256_storeu_si256((__m256i *)(target + index), _mm256_permute4x64_epi64(packed, 0xD8));
    }
}

/// The sums of `vectors` times eight products.
static inline WIDE __attribute__((always_inline)) __m128i products(
    const int16_t *samples, const int16_t *weights, int vectors) {
    __m256i wide = _mm256_setzero_si256();
    int index = 0;
    for (; index + 2 <= vectors; index += 2)
        wide = _mm256_add_epi32(wide, _mm256_madd_epi16(load(samples + index * 8), load(weights + index * 8)));
    __m128i sums = halves_added(wide);
    if (index < vectors)
        sums = _mm_add_epi32(
            sums, _mm_madd_epi16(load_half(samples + index * 8), load_half(weights + index * 8)));
    return sums;
}

static inline WIDE __attribute__((always_inline)) void mix_samples(
    const int16_t *first, const int16_t *second, const intptr_t *places, const int16_t *weights, int vectors,
    int count, int16_t *result) {
    const __m128i half = _mm_set1_epi32(1 << (SHIFT - 1));
    for (int output = 0; output < count; output += 2) {
        // The last of an odd number is mixed twice.
        int next = output + 1 < count ? output + 1 : output;
        const int16_t *weight = weights + output * vectors * 8, *next_weight = weights + next * vectors * 8;
        __m128i a = products(first + places[output], weight, vectors);
        __m128i b = products(second + places[output], weight, vectors);
        __m128i c = products(first + places[next], next_weight, vectors);
        __m128i d = products(second + places[next], next_weight, vectors);
        __m128i sums = _mm_hadd_epi32(_mm_hadd_epi32(a, b), _mm_hadd_epi32(c, d));
        sums = _mm_srai_epi32(_mm_add_epi32(sums, half), SHIFT);
        _mm_storel_epi64((__m128i *)(result + output * 2), _mm_packs_epi32(sums, sums));
    }
}

WIDE void cvectors_mix_samples(
    const int16_t *first, const int16_t *second, const intptr_t *places, const int16_t *weights, int vectors,
    int count, int16_t *result) {
    switch (vectors) {
    case 1: mix_samples(first, second, places, weights, 1, count, result); break;
    case 2: mix_samples(first, second, places, weights, 2, count, result); break;
    case 3: mix_samples(first, second, places, weights, 3, count, result); break;
    case 4: mix_samples(first, second, places, weights, 4, count, result); break;
    default: mix_samples(first, second, places, weights, vectors, count, result);
    }
}

WIDE void cvectors_mix_pixels(
    const int16_t *first, const int16_t *second, const intptr_t *offsets, const intptr_t *places,
    const int16_t *weights, int count, int16_t *result) {
    const __m128i half = _mm_set1_epi32(1 << (SHIFT - 1));
    for (int output = 0; output < count; output++) {
        const int16_t *weight = weights + offsets[output] * 8;
        int vectors = (int)(offsets[output + 1] - offsets[output]);
        __m128i a = _mm_add_epi32(products(first + places[output], weight, vectors), half);
        __m128i b = _mm_add_epi32(products(second + places[output], weight, vectors), half);
        a = _mm_packs_epi32(_mm_srai_epi32(a, SHIFT), _mm_setzero_si128());
        b = _mm_packs_epi32(_mm_srai_epi32(b, SHIFT), _mm_setzero_si128());
        _mm_storeu_si128((__m128i *)(result + output * 8), _mm_unpacklo_epi16(a, b));
    }
}

#else

int cvectors_is_wide(void) { return 0; }

// Nobody calls these where it is not wide.
void cvectors_mix_rows(
    const int16_t *ring, const intptr_t *places, const int16_t *weights, int taps, int16_t *target, int count) {
    __builtin_trap();
}

void cvectors_mix_samples(
    const int16_t *first, const int16_t *second, const intptr_t *places, const int16_t *weights, int vectors,
    int count, int16_t *result) {
    __builtin_trap();
}

void cvectors_mix_pixels(
    const int16_t *first, const int16_t *second, const intptr_t *offsets, const intptr_t *places,
    const int16_t *weights, int count, int16_t *result) {
    __builtin_trap();
}

#endif
