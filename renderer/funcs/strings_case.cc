// title, wrap, abbrev, initials: functions that look at the letters and words of a text. The
// rules are those of the Go packages strings and Masterminds/goutils that sprig calls.

#include <algorithm>

#include "base/text/utf8.h"
#include "renderer/funcs/data_families.h"
#include "renderer/funcs/word_case.h"
#include "renderer/gotemplate/unicode.h"

namespace swell::funcs {
namespace {

using gotemplate::Any;
using gotemplate::Context;
using gotemplate::FunctionMap;
using gotemplate::IsDigit;
using gotemplate::IsLetter;
using gotemplate::IsLower;
using gotemplate::IsSpace;
using gotemplate::IsUpper;
namespace types = gotemplate::types;
using Args = std::span<const Any>;

// Calls map(rune, out) for each rune in order.
template <class Function>
Any MapRunes(std::string_view text, Function map) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const DecodedRune decoded = DecodeRune(text);
    map(decoded.rune, out);
    text.remove_prefix(static_cast<std::size_t>(decoded.length));
  }
  return Any::String(std::move(out));
}

// strings.Title's: a letter after one of these begins a word.
bool IsSeparator(char32_t rune) {
  if (rune == '_' || IsLetter(rune) || IsDigit(rune)) return false;
  return rune < 0x80 || IsSpace(rune);
}

Result<Any> Title(Context&, Args args) {
  return MapRunes(args[0].as_string(), [before = U' '](char32_t rune, std::string& out) mutable {
    AppendUtf8(out, IsSeparator(before) ? gotemplate::ToTitle(rune) : rune);
    before = rune;
  });
}

Result<Any> Untitle(Context&, Args args) {
  return MapRunes(args[0].as_string(), [begins = true](char32_t rune, std::string& out) mutable {
    AppendUtf8(out, begins ? gotemplate::ToLower(rune) : rune);
    begins = IsSpace(rune);
  });
}

Result<Any> Swapcase(Context&, Args args) {
  return MapRunes(args[0].as_string(), [begins = true](char32_t rune, std::string& out) mutable {
    if (IsUpper(rune)) {
      AppendUtf8(out, gotemplate::ToLower(rune));
      begins = false;
    } else if (IsLower(rune)) {
      AppendUtf8(out, begins ? gotemplate::ToTitle(rune) : gotemplate::ToUpper(rune));
      begins = false;
    } else {
      AppendUtf8(out, rune);
      begins = IsSpace(rune);
    }
  });
}

// goutils takes every byte for a rune of its own, so that what is not ASCII comes out as
// Latin-1 where any space was cut.
Result<Any> Nospace(Context&, Args args) {
  const std::string_view text = args[0].as_string();
  std::string out;
  std::size_t kept = 0;
  for (const char c : text) {
    const char32_t rune = static_cast<unsigned char>(c);
    if (IsSpace(rune)) continue;
    AppendUtf8(out, rune);
    ++kept;
  }
  return kept == text.size() ? args[0] : Any::String(std::move(out));
}

Result<Any> Initials(Context&, Args args) {
  return MapRunes(args[0].as_string(), [begins = true](char32_t rune, std::string& out) mutable {
    if (begins && !IsSpace(rune)) AppendUtf8(out, rune);
    begins = IsSpace(rune);
  });
}

constexpr std::string_view kDots = "...";

// goutils.AbbreviateFull; counts bytes.
std::string Abbreviate(std::string_view text, std::int64_t offset, std::int64_t width) {
  const auto size = static_cast<std::int64_t>(text.size());
  if (size <= width) return std::string(text);
  const std::int64_t room = width - 3;
  offset = std::min(offset, size);
  if (size - offset < room) offset = size - room;
  if (offset <= 4) return std::string(text.substr(0, static_cast<std::size_t>(room))).append(kDots);
  if (offset + room < size) {
    return std::string(kDots) + Abbreviate(text.substr(static_cast<std::size_t>(offset)), 0, room);
  }
  return std::string(kDots).append(text.substr(static_cast<std::size_t>(size - room)));
}

Result<Any> Abbrev(Context&, Args args) {
  if (args[0].as_int() < 4) return args[1];
  return Any::String(Abbreviate(args[1].as_string(), 0, args[0].as_int()));
}

Result<Any> AbbrevBoth(Context&, Args args) {
  const std::int64_t left = args[0].as_int();
  const std::int64_t right = args[1].as_int();
  if (right < 4 || (left > 0 && right < 7)) return args[2];
  return Any::String(Abbreviate(args[2].as_string(), left, right));
}

// goutils.WrapCustom; counts bytes. Long words are cut, or stand out.
enum class LongWords { kKeep, kCut };

std::string WrapText(std::string_view text, std::int64_t width, std::string_view newline,
                     LongWords long_words) {
  const std::size_t limit = static_cast<std::size_t>(std::max<std::int64_t>(width, 1));
  std::string out;
  while (text.size() > limit) {
    if (text[0] == ' ') {
      text.remove_prefix(1);
      continue;
    }
    std::size_t end = text.substr(0, limit + 1).rfind(' ');
    std::size_t next = end + 1;
    if (end == std::string_view::npos) {
      end = long_words == LongWords::kCut ? limit : text.find(' ', limit);
      if (end == std::string_view::npos) break;
      next = long_words == LongWords::kCut ? end : end + 1;
    }
    out += text.substr(0, end);
    out += newline;
    text.remove_prefix(next);
  }
  out += text;
  return out;
}

Result<Any> Wrap(Context&, Args args) {
  return Any::String(WrapText(args[1].as_string(), args[0].as_int(), "\n", LongWords::kKeep));
}

Result<Any> WrapWith(Context& context, Args args) {
  const std::string_view separator = args[1].as_string();
  const std::size_t size = args[2].as_string().size();
  TRY(context.budget().Allow(size + size * separator.size()));
  return Any::String(WrapText(args[2].as_string(), args[0].as_int(),
                              separator.empty() ? "\n" : separator, LongWords::kCut));
}

Result<Any> Snakecase(Context&, Args args) {
  return Any::String(JoinWords(args[0].as_string(), '_'));
}
Result<Any> Kebabcase(Context&, Args args) {
  return Any::String(JoinWords(args[0].as_string(), '-'));
}
Result<Any> Camelcase(Context&, Args args) { return Any::String(PascalCase(args[0].as_string())); }

}  // namespace

void RegisterStringCases(FunctionMap& functions) {
  using namespace types;
  functions.Add("title", {kString}, &Title);
  functions.Add("untitle", {kString}, &Untitle);
  functions.Add("swapcase", {kString}, &Swapcase);
  functions.Add("nospace", {kString}, &Nospace);
  functions.Add("initials", {kString}, &Initials);
  functions.Add("abbrev", {kInt, kString}, &Abbrev);
  functions.Add("abbrevboth", {kInt, kInt, kString}, &AbbrevBoth);
  functions.Add("wrap", {kInt, kString}, &Wrap);
  functions.Add("wrapWith", {kInt, kString, kString}, &WrapWith);
  functions.Add("snakecase", {kString}, &Snakecase);
  functions.Add("kebabcase", {kString}, &Kebabcase);
  functions.Add("camelcase", {kString}, &Camelcase);
}

}  // namespace swell::funcs
