#pragma once
// Searches over text that ends with a NUL and 16 readable bytes more: sixteen bytes at a time
// where the processor can. Internal to base/value.

#include <bit>
#include <cstddef>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace swell {

inline constexpr std::size_t kScanPadding = 17;  // a NUL and what a search may read behind it

// The first byte from `p` on that is one of kBytes, of which one must be the NUL.
template <char... kBytes>
inline const char* FindAny(const char* p) {
#ifdef __SSE2__
  for (;; p += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    __m128i hits = _mm_setzero_si128();
    ((hits = _mm_or_si128(hits, _mm_cmpeq_epi8(block, _mm_set1_epi8(kBytes)))), ...);
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(hits));
    if (mask != 0) return p + std::countr_zero(mask);
  }
#else
  while (((*p != kBytes) && ...)) ++p;
  return p;
#endif
}

// The first byte from `p` on that is no space.
inline const char* SkipSpaces(const char* p) {
#ifdef __SSE2__
  for (;; p += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i hits = _mm_cmpeq_epi8(block, _mm_set1_epi8(' '));
    const unsigned others = static_cast<unsigned>(_mm_movemask_epi8(hits)) ^ 0xffffU;
    if (others != 0) return p + std::countr_zero(others);
  }
#else
  while (*p == ' ') ++p;
  return p;
#endif
}

// The first byte from `p` on that is neither a line feed nor printable ASCII: a control
// character (the NUL at least) or part of a longer rune.
inline const char* FindUnusual(const char* p) {
#ifdef __SSE2__
  for (;; p += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    // Signed: bytes from 0x80 on are negative.
    __m128i hits = _mm_cmplt_epi8(block, _mm_set1_epi8(' '));
    hits = _mm_andnot_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('\n')), hits);
    hits = _mm_or_si128(hits, _mm_cmpeq_epi8(block, _mm_set1_epi8('\x7f')));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(hits));
    if (mask != 0) return p + std::countr_zero(mask);
  }
#else
  while (*p == '\n' || (*p >= ' ' && *p < '\x7f')) ++p;
  return p;
#endif
}

// How many line feeds lie in [p, end).
inline std::size_t CountLineEnds(const char* p, const char* end) {
  std::size_t count = 0;
#ifdef __SSE2__
  __m128i sums = _mm_setzero_si128();
  for (; end - p >= 16; p += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i hits = _mm_cmpeq_epi8(block, _mm_set1_epi8('\n'));  // -1 each
    const __m128i ones = _mm_sub_epi8(_mm_setzero_si128(), hits);
    sums = _mm_add_epi64(sums, _mm_sad_epu8(ones, _mm_setzero_si128()));
  }
  std::size_t halves[2];
  _mm_storeu_si128(reinterpret_cast<__m128i*>(halves), sums);
  count = halves[0] + halves[1];
#endif
  for (; p != end; ++p) count += *p == '\n' ? 1U : 0U;
  return count;
}

}  // namespace swell
