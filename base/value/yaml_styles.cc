#include "base/value/yaml_styles.h"

#include <algorithm>
#include <array>

#include "base/text/utf8.h"

namespace swell::yaml {
namespace {

constexpr std::string_view kByteOrderMark = "\ufeff";

// A line is measured in runes.
std::size_t Runes(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::size_t Column(const Output& out, const Place& place) {
  return Runes(out.From(place.line_start));
}

// Whether a blank of the text may come to stand beyond the width.
bool MayFold(const Output& out, std::string_view text, ByteKinds kinds, const Place& place) {
  return (kinds & kHasSpace) != 0 && place.width != kNoFolding &&
         out.size() - place.line_start + text.size() > place.width;
}

void BreakLine(Output& out, std::size_t indent) {
  out += '\n';
  out.Pad(indent);
}

// The blank at `at` of a text that has more on both sides becomes a line break where it stands
// beyond the width and alone.
bool FoldsAt(std::string_view text, std::size_t at) {
  return at > 0 && at + 1 < text.size() && text[at - 1] != ' ' && text[at + 1] != ' ';
}

// In single quotes a quote is written twice.
void AppendRun(Output& out, std::string_view run, Style style) {
  if (style == Style::kSingleQuoted) {
    for (std::size_t quote; (quote = run.find('\'')) != std::string_view::npos;) {
      out += run.substr(0, quote + 1);
      out += '\'';
      run.remove_prefix(quote + 1);
    }
  }
  out += run;
}

// Where in the text `columns` more have been written, or its end.
std::size_t Advance(std::string_view text, std::size_t at, std::size_t columns, Style style,
                    ByteKinds kinds) {
  const std::string_view next = text.substr(at, columns);
  if ((kinds & kHasNonAscii) == 0 &&
      (style == Style::kPlain || next.find('\'') == std::string_view::npos)) {
    return at + next.size();
  }
  for (std::size_t written = 0; at < text.size() && written < columns; ++at) {
    if ((static_cast<unsigned char>(text[at]) & 0xc0) != 0x80) ++written;
    if (text[at] == '\'' && style == Style::kSingleQuoted) ++written;
  }
  return at;
}

// A text without line breaks, plain or in single quotes, broken at blanks.
void AppendFolded(Output& out, std::string_view text, ByteKinds kinds, Style style,
                  const Place& place) {
  std::size_t column = Column(out, place);
  for (std::size_t at = 0;;) {
    const std::size_t room = column > place.width ? 0 : place.width + 1 - column;
    std::size_t blank = text.find(' ', Advance(text, at, room, style, kinds));
    while (blank != std::string_view::npos && !FoldsAt(text, blank)) {
      blank = text.find(' ', blank + 1);
    }
    if (blank == std::string_view::npos) return AppendRun(out, text.substr(at), style);
    AppendRun(out, text.substr(at, blank - at), style);
    BreakLine(out, place.indent);
    column = place.indent;
    at = blank + 1;
  }
}

void AppendPlain(Output& out, std::string_view text, ByteKinds kinds, const Place& place) {
  if (MayFold(out, text, kinds, place)) return AppendFolded(out, text, kinds, Style::kPlain, place);
  out += text;
}

// Only U+2028 and U+2029 break lines here: they stand as they are, and what follows is indented.
void AppendBrokenSingleQuoted(Output& out, std::string_view text, const Place& place) {
  std::size_t column = Column(out, place);
  bool after_break = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = RuneLength(text[at]);
    const bool is_break = BreakLength(text.substr(at)) != 0;
    if (is_break) {
      column = 0;
    } else if (text[at] == ' ' && column > place.width && FoldsAt(text, at)) {
      BreakLine(out, place.indent);
      column = place.indent;
      ++at;
      continue;
    } else {
      if (after_break) {
        out.Pad(place.indent);
        column = place.indent;
      }
      if (text[at] == '\'') out += '\'';
      column += text[at] == '\'' ? 2 : 1;
    }
    out += text.substr(at, length);
    after_break = is_break;
    at += length;
  }
}

void AppendSingleQuoted(Output& out, std::string_view text, ByteKinds kinds, const Place& place) {
  out += '\'';
  if ((kinds & kHasNonAscii) != 0) {
    AppendBrokenSingleQuoted(out, text, place);
  } else if (MayFold(out, text, kinds, place)) {
    AppendFolded(out, text, kinds, Style::kSingleQuoted, place);
  } else {
    AppendRun(out, text, Style::kSingleQuoted);
  }
  out += '\'';
}

// The letter after the backslash; 0 for runes that are written in hexadecimal.
char EscapeLetter(char32_t rune) {
  static constexpr std::string_view kBelowU000E = "0......abtnvfr";
  if (rune < kBelowU000E.size()) {
    const char letter = kBelowU000E[rune];
    return letter == '.' ? '\0' : letter;
  }
  switch (rune) {
    case 0x1b:
      return 'e';
    case '"':
    case '\\':
      return static_cast<char>(rune);
    case 0x85:
      return 'N';
    case 0xa0:
      return '_';
    case 0x2028:
      return 'L';
    case 0x2029:
      return 'P';
    default:
      return '\0';
  }
}

void AppendEscape(Output& out, char32_t rune) {
  out += '\\';
  if (const char letter = EscapeLetter(rune)) {
    out += letter;
    return;
  }
  out += rune <= 0xff ? 'x' : rune <= 0xffff ? 'u' : 'U';
  for (int shift = rune <= 0xff ? 4 : rune <= 0xffff ? 12 : 28; shift >= 0; shift -= 4) {
    out += "0123456789ABCDEF"[rune >> shift & 0xf];
  }
}

class DoubleQuoted {
 public:
  DoubleQuoted(Output& out, std::string_view text, const Place& place)
      : out_(out),
        text_(text),
        place_(place),
        // is_bom in go-yaml looks at the text's start, wherever it stands: every rune of a text
        // that starts with U+FEFF is escaped.
        escape_all_(text.starts_with(kByteOrderMark)) {}

  void Run() {
    column_ = Column(out_, place_);
    for (std::size_t at = 0; at < text_.size();) {
      const std::size_t run = escape_all_ ? 0 : PlainRun(at);
      at += run > 0 ? PutRun(at, run) : Put(at);
    }
  }

 private:
  // How many bytes from `at` on are neither escaped nor blanks nor beyond ASCII.
  std::size_t PlainRun(std::size_t at) const {
    const std::size_t from = at;
    const auto plain = [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '\\'; };
    while (at < text_.size() && plain(text_[at])) ++at;
    return at - from;
  }

  std::size_t PutRun(std::size_t at, std::size_t size) {
    out_ += text_.substr(at, size);
    column_ += size;
    after_space_ = false;
    return size;
  }

  std::size_t Put(std::size_t at) {
    const char c = text_[at];
    const std::size_t length = RuneLength(c);
    const bool plain = c != '"' && c != '\\' && !escape_all_ &&
                       IsPrintable(text_.data() + at, length) && BreakLength(text_.substr(at)) == 0;
    if (!plain) {
      const std::size_t before = out_.size();
      AppendEscape(out_, DecodeRune(text_.substr(at)).rune);
      column_ += out_.size() - before;
      after_space_ = false;
    } else if (c == ' ' && !after_space_ && column_ > place_.width && at > 0 &&
               at + 1 < text_.size()) {
      Fold(at);
      after_space_ = true;
    } else {
      out_ += text_.substr(at, length);
      ++column_;
      after_space_ = c == ' ';
    }
    return length;
  }

  // A blank at the start of the next line needs a backslash to count.
  void Fold(std::size_t at) {
    BreakLine(out_, place_.indent);
    column_ = place_.indent;
    if (text_[at + 1] != ' ') return;
    out_ += '\\';
    ++column_;
  }

  Output& out_;
  std::string_view text_;
  const Place& place_;
  const bool escape_all_;
  std::size_t column_ = 0;
  bool after_space_ = false;
};

void AppendDoubleQuoted(Output& out, std::string_view text, ByteKinds kinds, const Place& place) {
  constexpr ByteKinds kEscaped = kHasNewline | kHasTab | kHasControl | kHasNonAscii;
  out += '"';
  if ((kinds & kEscaped) == 0 && !MayFold(out, text, kinds, place) &&
      text.find_first_of("\"\\") == std::string_view::npos) {
    out += text;
  } else {
    DoubleQuoted(out, text, place).Run();
  }
  out += '"';
}

// The length of the text's first line, without its break.
std::size_t LineLength(std::string_view text, ByteKinds kinds) {
  if ((kinds & kHasNonAscii) == 0) return std::min(text.find('\n'), text.size());
  std::size_t at = 0;
  while (at < text.size() && BreakLength(text.substr(at)) == 0) at += RuneLength(text[at]);
  return at;
}

// The character that says what becomes of the line breaks at the end; 0 for "one is kept".
char ChompingHint(std::string_view text) {
  const auto last_break = [](std::string_view part) -> std::size_t {
    if (part.ends_with('\n')) return 1;
    return part.ends_with("\u2028") || part.ends_with("\u2029") ? 3 : 0;
  };
  const std::size_t last = last_break(text);
  if (last == 0) return '-';
  text.remove_suffix(last);
  return text.empty() || last_break(text) != 0 ? '+' : '\0';
}

void AppendLiteral(Output& out, std::string_view text, ByteKinds kinds, const Place& place) {
  out += '|';
  if (text[0] == ' ' || BreakLength(text) != 0) out += '2';
  if (const char hint = ChompingHint(text)) out += hint;
  out += '\n';
  while (!text.empty()) {
    const std::size_t line = LineLength(text, kinds);
    if (line > 0) {
      out.Pad(place.indent);
      out += text.substr(0, line);
      text.remove_prefix(line);
    }
    const std::size_t broken = BreakLength(text);
    out += text.substr(0, broken);
    text.remove_prefix(broken);
  }
}

}  // namespace

void AppendScalar(Output& out, std::string_view text, ByteKinds kinds, Style style,
                  const Place& place) {
  switch (style) {
    case Style::kPlain:
      return AppendPlain(out, text, kinds, place);
    case Style::kSingleQuoted:
      return AppendSingleQuoted(out, text, kinds, place);
    case Style::kDoubleQuoted:
      return AppendDoubleQuoted(out, text, kinds, place);
    case Style::kLiteral:
      return AppendLiteral(out, text, kinds, place);
  }
}

bool EndsWithBreak(std::string_view text) {
  return text.ends_with('\n') || text.ends_with("\u2028") || text.ends_with("\u2029");
}

}  // namespace swell::yaml
