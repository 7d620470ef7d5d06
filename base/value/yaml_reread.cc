#include "base/value/yaml_reread.h"

#include <cstdio>

#include "base/text/utf8.h"

namespace swell::yaml {
namespace {

constexpr std::size_t kMaxKeyRunes = 1022;  // and two quotes: 1,024 may stand before a ':'
constexpr std::string_view kNextLine = "\u0085";

// The runes that go-yaml's reader takes; JSON escapes those below U+0020.
bool IsReadable(char32_t rune) {
  return rune < 0x7f || rune == 0x85 || (rune >= 0xa0 && rune < 0xfffe) || rune >= 0x10000;
}

// How many runes encoding/json makes of the one (of `length` bytes) at the start of `text`.
std::size_t JsonRunes(std::string_view text, const DecodedRune& rune) {
  switch (rune.rune) {
    case '"':
    case '\\':
    case '\b':
    case '\f':
    case '\n':
    case '\r':
    case '\t':
      return 2;
    case '<':
    case '>':
    case '&':
    case 0x2028:
    case 0x2029:
      return 6;
    case 0xfffd:
      return text.starts_with("\ufffd") ? 1 : 6;  // a bad byte is escaped
    default:
      return rune.rune < 0x20 ? 6 : 1;
  }
}

// U+0085 stands raw in the JSON, so what follows it is at the start of a line.
bool HasDocumentMarker(std::string_view text) {
  for (std::size_t at; (at = text.find(kNextLine)) != std::string_view::npos;) {
    text.remove_prefix(at + kNextLine.size());
    if (!text.starts_with("---") && !text.starts_with("...")) continue;
    const std::string_view after = text.substr(3);
    if (after.starts_with(' ') || after.starts_with(kNextLine)) return true;
  }
  return false;
}

// U+0085 is taken for a line break: one folds into a space, of several all but the first become
// newlines, blanks around them vanish.
std::string FoldNextLines(std::string_view text) {
  std::string out;
  for (std::size_t at; (at = text.find(kNextLine)) != std::string_view::npos;) {
    out += text.substr(0, at);
    while (out.ends_with(' ')) out.pop_back();
    std::size_t breaks = 0;
    text.remove_prefix(at);
    while (text.starts_with(kNextLine) || text.starts_with(' ')) {
      breaks += text[0] == ' ' ? 0 : 1;
      text.remove_prefix(text[0] == ' ' ? 1 : kNextLine.size());
    }
    out += breaks == 1 ? " " : std::string(breaks - 1, '\n');
  }
  return out.append(text);
}

}  // namespace

Status CheckText(std::string_view text, ByteKinds kinds) {
  if ((kinds & (kHasControl | kHasNonAscii)) == 0) return {};
  for (std::string_view rest = text; !rest.empty();) {
    const DecodedRune next = DecodeRune(rest);
    if (!IsReadable(next.rune)) {
      char shown[16];
      std::snprintf(shown, sizeof shown, "U+%04X", static_cast<unsigned>(next.rune));
      return Fail(
          InvalidArgument(std::string("yaml: control characters are not allowed: ") + shown));
    }
    rest.remove_prefix(static_cast<std::size_t>(next.length));
  }
  if (HasDocumentMarker(text)) {
    return Fail(InvalidArgument("yaml: found unexpected document indicator after U+0085"));
  }
  return {};
}

Status CheckKey(std::string_view text, ByteKinds kinds) {
  TRY(CheckText(text, kinds));
  if ((kinds & kHasNonAscii) != 0 && text.find(kNextLine) != std::string_view::npos) {
    return Fail(InvalidArgument("yaml: a mapping key has a line break, U+0085"));
  }
  constexpr std::size_t kMostPerByte = 6;
  if (text.size() <= kMaxKeyRunes / kMostPerByte) return {};
  std::size_t runes = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const DecodedRune next = DecodeRune(rest);
    runes += JsonRunes(rest, next);
    rest.remove_prefix(static_cast<std::size_t>(next.length));
  }
  if (runes <= kMaxKeyRunes) return {};
  return Fail(InvalidArgument("yaml: a mapping key of " + std::to_string(text.size()) +
                              " bytes is longer than " + std::to_string(kMaxKeyRunes) +
                              " characters in JSON"));
}

bool Reread(std::string_view text, std::string& out) {
  if (!IsValidUtf8(text)) {
    out = ReplaceInvalidUtf8(text);
    text = out;
  } else if (text.find(kNextLine) == std::string_view::npos) {
    return false;
  }
  if (text.find(kNextLine) != std::string_view::npos) out = FoldNextLines(text);
  return true;
}

}  // namespace swell::yaml
