// The vector instructions that the loops over pixels stand on, named for what they do.
//
// They are instructions of plain x86-64 (SSE2) and of arm64 (NEON). Written with Swift's SIMD types alone, the compiler
// sometimes finds them and sometimes takes loads and shuffles apart before it does: a Lanczos pass then takes four times
// as long (69 against 16 ms for 12 megapixels to 800 wide).
#ifndef CVECTORS_H
#define CVECTORS_H

#include <stdint.h>

typedef uint8_t cvectors_bytes __attribute__((ext_vector_type(16)));
typedef int16_t cvectors_shorts __attribute__((ext_vector_type(8)));
typedef int32_t cvectors_ints __attribute__((ext_vector_type(4)));

#define CVECTORS_INLINE static inline __attribute__((always_inline))

#if defined(__SSE2__)
#include <emmintrin.h>

/// Multiplies lane by lane and adds neighbours: lane 0 is `a[0] * b[0] + a[1] * b[1]`.
CVECTORS_INLINE cvectors_ints cvectors_multiply_add(cvectors_shorts a, cvectors_shorts b) {
    return (cvectors_ints)_mm_madd_epi16((__m128i)a, (__m128i)b);
}

/// The four sums of the lanes of each.
CVECTORS_INLINE cvectors_ints cvectors_sums(cvectors_ints a, cvectors_ints b, cvectors_ints c, cvectors_ints d) {
    __m128i ab = _mm_add_epi32(_mm_unpacklo_epi32((__m128i)a, (__m128i)b), _mm_unpackhi_epi32((__m128i)a, (__m128i)b));
    __m128i cd = _mm_add_epi32(_mm_unpacklo_epi32((__m128i)c, (__m128i)d), _mm_unpackhi_epi32((__m128i)c, (__m128i)d));
    return (cvectors_ints)_mm_add_epi32(_mm_unpacklo_epi64(ab, cd), _mm_unpackhi_epi64(ab, cd));
}

/// The eight values, held within 16 bits.
CVECTORS_INLINE cvectors_shorts cvectors_saturate_shorts(cvectors_ints low, cvectors_ints high) {
    return (cvectors_shorts)_mm_packs_epi32((__m128i)low, (__m128i)high);
}

/// The sixteen values, held within 0…255.
CVECTORS_INLINE cvectors_bytes cvectors_saturate_bytes(cvectors_shorts low, cvectors_shorts high) {
    return (cvectors_bytes)_mm_packus_epi16((__m128i)low, (__m128i)high);
}

/// `a[0], b[0], a[1], b[1]`, and so on, from the first halves.
CVECTORS_INLINE cvectors_shorts cvectors_zip_low(cvectors_shorts a, cvectors_shorts b) {
    return (cvectors_shorts)_mm_unpacklo_epi16((__m128i)a, (__m128i)b);
}

/// The same from the second halves.
CVECTORS_INLINE cvectors_shorts cvectors_zip_high(cvectors_shorts a, cvectors_shorts b) {
    return (cvectors_shorts)_mm_unpackhi_epi16((__m128i)a, (__m128i)b);
}

/// The first eight bytes.
CVECTORS_INLINE cvectors_shorts cvectors_widen_low(cvectors_bytes a) {
    return (cvectors_shorts)_mm_unpacklo_epi8((__m128i)a, _mm_setzero_si128());
}

/// The last eight bytes.
CVECTORS_INLINE cvectors_shorts cvectors_widen_high(cvectors_bytes a) {
    return (cvectors_shorts)_mm_unpackhi_epi8((__m128i)a, _mm_setzero_si128());
}

#elif defined(__ARM_NEON)
#include <arm_neon.h>

CVECTORS_INLINE cvectors_ints cvectors_multiply_add(cvectors_shorts a, cvectors_shorts b) {
    int32x4_t low = vmull_s16(vget_low_s16((int16x8_t)a), vget_low_s16((int16x8_t)b));
    int32x4_t high = vmull_high_s16((int16x8_t)a, (int16x8_t)b);
    return (cvectors_ints)vpaddq_s32(low, high);
}

CVECTORS_INLINE cvectors_ints cvectors_sums(cvectors_ints a, cvectors_ints b, cvectors_ints c, cvectors_ints d) {
    int32x4_t ab = vpaddq_s32((int32x4_t)a, (int32x4_t)b);
    return (cvectors_ints)vpaddq_s32(ab, vpaddq_s32((int32x4_t)c, (int32x4_t)d));
}

CVECTORS_INLINE cvectors_shorts cvectors_saturate_shorts(cvectors_ints low, cvectors_ints high) {
    return (cvectors_shorts)vqmovn_high_s32(vqmovn_s32((int32x4_t)low), (int32x4_t)high);
}

CVECTORS_INLINE cvectors_bytes cvectors_saturate_bytes(cvectors_shorts low, cvectors_shorts high) {
    return (cvectors_bytes)vqmovun_high_s16(vqmovun_s16((int16x8_t)low), (int16x8_t)high);
}

CVECTORS_INLINE cvectors_shorts cvectors_zip_low(cvectors_shorts a, cvectors_shorts b) {
    return (cvectors_shorts)vzip1q_s16((int16x8_t)a, (int16x8_t)b);
}

CVECTORS_INLINE cvectors_shorts cvectors_zip_high(cvectors_shorts a, cvectors_shorts b) {
    return (cvectors_shorts)vzip2q_s16((int16x8_t)a, (int16x8_t)b);
}

CVECTORS_INLINE cvectors_shorts cvectors_widen_low(cvectors_bytes a) {
    return (cvectors_shorts)vmovl_u8(vget_low_u8((uint8x16_t)a));
}

CVECTORS_INLINE cvectors_shorts cvectors_widen_high(cvectors_bytes a) {
    return (cvectors_shorts)vmovl_high_u8((uint8x16_t)a);
}

#else
#error "Neither SSE2 nor NEON: add the processor's own instructions here."
#endif

// The three loops of a resampling that take most of its time, with vectors twice as wide, for processors that have them
// (AVX2): 3 megapixels of RGBA from a PNG to 800 wide take 51 ms instead of 72, 12 from a JPEG 49 instead of 60, decoding
// and encoding included. The same loops in Swift, for all others, give the same numbers.

/// Whether the processor has them.
int cvectors_is_wide(void);

/// Mixes rows, as `VerticalPass` does.
///
/// - places: where in the ring each tap's pair of rows begins.
/// - weights: eight for each tap, the pair's two in turn.
/// - count: samples of the result; a multiple of 16.
void cvectors_mix_rows(
    const int16_t *ring, const intptr_t *places, const int16_t *weights, int taps, int16_t *target, int count);

/// Mixes along two rows of gray samples, as `HorizontalPass` does.
///
/// - places: where each output's samples begin.
/// - weights: eight for each of `vectors` vectors of each output.
/// - result: takes both rows' outputs in turn, an even number of each.
void cvectors_mix_samples(
    const int16_t *first, const int16_t *second, const intptr_t *places, const int16_t *weights, int vectors,
    int count, int16_t *result);

/// The same for pixels of four channels that lie in pairs.
///
/// - offsets: output `i` has the vectors of weights `offsets[i]` up to `offsets[i + 1]`.
void cvectors_mix_pixels(
    const int16_t *first, const int16_t *second, const intptr_t *offsets, const intptr_t *places,
    const int16_t *weights, int count, int16_t *result);

#endif
