#pragma once
// Go's strconv: numbers and quoted strings as Go reads and writes them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace swell::gotemplate {

// strconv.FormatFloat(f, verb, precision, 64); verb one of b e E f g G x X. Precision -1 is the
// shortest that reads back; then 'g' takes the exponent form below 1e-4 and from 1e+06 up
// (facts C3). ('g', -1) is what %v prints.
std::string FormatFloat(double f, char verb, int precision);

// strconv.Quote: double quotes, \a \b \f \n \r \t \v \\ \", \x7f, \u200b; invalid UTF-8 as \xc3.
std::string QuoteGo(std::string_view text);
std::string QuoteGoAscii(std::string_view text);  // strconv.QuoteToASCII
std::string QuoteRune(char32_t rune, bool ascii_only);

// strconv.ParseInt and ParseUint; base 0 reads prefixes (0x, 0o, 0b, leading 0) and
// underscores. nullopt on any error, range included.
std::optional<std::int64_t> ParseInt(std::string_view text, int base);
std::optional<std::uint64_t> ParseUint(std::string_view text, int base);
// strconv.ParseFloat: decimal and hexadecimal forms, underscores, inf, nan.
std::optional<double> ParseFloat(std::string_view text);

// strconv.Unquote of "…" and `…`. nullopt: invalid syntax.
std::optional<std::string> Unquote(std::string_view quoted);
// The rune of a character constant with its quotes. `malformed` tells more than one rune
// from invalid syntax.
struct UnquotedRune {
  char32_t rune = 0;
  bool valid = false;
  bool malformed = false;
};
UnquotedRune UnquoteCharConstant(std::string_view quoted);

}  // namespace swell::gotemplate
