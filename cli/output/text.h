#pragma once
// Text in columns of a terminal: widths, cuts, and what must never reach a terminal.

#include <string>
#include <string_view>

#include "base/core/clock.h"

namespace swell::cli {

// Columns that the text takes. Colour sequences (ESC [ … m) and combining marks take none,
// East Asian wide characters and emoji two.
int DisplayWidth(std::string_view text);

// At most `width` columns, ending with "…" where something was cut; colours are closed.
std::string Truncate(std::string_view text, int width);

// Filled with spaces up to `width` columns.
std::string PadRight(std::string_view text, int width);

// Text from elsewhere (commit messages, errors of clusters) made safe for a terminal: line
// breaks and tabs become spaces, other control characters "?", malformed UTF-8 U+FFFD.
std::string OneLine(std::string_view text);
// The same, but line breaks and tabs stay.
std::string Printable(std::string_view text);

// Without the sequences that set colours (ESC [ … m), which programs write into their logs.
std::string WithoutColors(std::string_view text);

// "45s", "3m", "2h", "5d", "2y"; "-" for a time that never was, "0s" for the future.
std::string Age(Timestamp now, Timestamp then);
// The same for a length of time, finer: "45s", "3m20s", "2h5m".
std::string Span(Duration length);

// "1 cluster", "3 clusters".
std::string Count(std::size_t n, std::string_view singular);

}  // namespace swell::cli
