#include "base/value/yaml_cursor.h"

#include <algorithm>
#include <cstring>

#include "base/text/utf8.h"

namespace swell::yaml {
namespace {

// Of runes beyond ASCII, those that libyaml takes for line breaks or refuses stay with libyaml.
bool IsOrdinary(char32_t rune) {
  const bool c1 = rune < 0xa0;
  const bool line_break = rune == 0x2028 || rune == 0x2029;
  return !c1 && !line_break && rune != 0xfeff && rune != 0xfffe && rune != 0xffff;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

Cursor::Cursor(std::string_view text) {
  buffer_.reserve(1 + text.size() + kScanPadding);
  buffer_ += '\n';  // so that the first line starts like any other
  buffer_ += text;
  buffer_.append(kScanPadding, '\0');
  at_ = buffer_.data();
  end_ = at_ + 1 + text.size();
  line_start_ = counted_ = at_ + 1;
}

bool Cursor::IsSupported() const {
  const char* p = buffer_.data() + 1;
  for (;;) {
    p = FindUnusual(p);
    if (p == end_) return true;
    if (*p == '\t') {
      ++p;
      continue;
    }
    if (static_cast<unsigned char>(*p) < 0x80) return false;
    const std::string_view rest(p, static_cast<std::size_t>(end_ - p));
    if (Utf8SequenceLength(rest) == 0) return false;
    const DecodedRune decoded = DecodeRune(rest);
    if (!IsOrdinary(decoded.rune)) return false;
    p += decoded.length;
  }
}

int Cursor::Line() {
  lines_ += static_cast<int>(CountLineEnds(counted_, at_));
  counted_ = at_;
  return lines_;
}

bool Cursor::IsMarker(const char* line) const {
  return (std::strncmp(line, "---", 3) == 0 || std::strncmp(line, "...", 3) == 0) &&
         IsBlankOrEnd(line[3]);
}

bool Cursor::ToContent() {
  SkipBlanks();
  if (!AtLineEnd()) return false;
  const char* p = at_;
  passed_comment_ = *p == '#';
  if (*p == '#') p = FindAny<'\n', '\0'>(p);
  while (p != end_) {
    line_start_ = ++p;
    p = SkipSpaces(p);
    if (*p == '\n') continue;
    if (*p == '#') {
      passed_comment_ = true;
      p = FindAny<'\n', '\0'>(p);
      continue;
    }
    if (p == end_) break;
    at_ = p;
    column_ = static_cast<int>(p - line_start_);
    if (column_ == 0 && IsMarker(p)) column_ = -1;
    return *p != '\t' && (*p != '%' || column_ != 0);
  }
  at_ = end_;
  column_ = -1;
  return true;
}

bool Cursor::ToFlowContent() {
  for (;;) {
    SkipBlanks();
    if (*at_ == '#') {
      if (!IsBlank(at_[-1]) && at_[-1] != '\n') return false;
      at_ = FindAny<'\n', '\0'>(at_);
    }
    if (*at_ != '\n') return *at_ != '\0' && *at_ != '\t';
    ++at_;
    // Nothing of what could be a marker or a directive.
    if (*at_ == '-' || *at_ == '.' || *at_ == '%') return false;
  }
}

Cursor::Plain Cursor::ScanPlain() {
  const char* const start = at_;
  const char* p = start;
  for (;; ++p) {
    p = FindAny<':', '#', '\n', '\0'>(p);
    if (*p == ':' ? IsBlankOrEnd(p[1]) : *p != '#' || (p != start && IsBlank(p[-1]))) break;
  }
  at_ = p;
  while (p != start && IsBlank(p[-1])) --p;
  const Stop stop = *at_ == ':' ? Stop::kColon : *at_ == '#' ? Stop::kComment : Stop::kLineEnd;
  return {{start, static_cast<std::size_t>(p - start)}, stop};
}

bool Cursor::ScanFlowPlain(Plain& out) {
  const char* const start = at_;
  const char* p = start;
  for (;; ++p) {
    p = FindAny<':', '#', '\n', '\0', ',', '[', ']', '{', '}', '?'>(p);
    if (*p == ':') {
      if (IsBlankOrEnd(p[1])) break;
      if (std::strchr(",?[]{}", p[1]) != nullptr) return false;
    } else if (*p == '?') {
      return false;
    } else if (*p != '#' || (p != start && IsBlank(p[-1]))) {
      break;
    }
  }
  at_ = p;
  while (p != start && IsBlank(p[-1])) --p;
  out.text = {start, static_cast<std::size_t>(p - start)};
  out.stop = *at_ == ':'                    ? Stop::kColon
             : *at_ == '#'                  ? Stop::kComment
             : *at_ == '\n' || *at_ == '\0' ? Stop::kLineEnd
                                            : Stop::kFlow;
  return true;
}

bool Cursor::ReadPlainLines(const char* start, int indent, std::string_view& out) {
  scratch_.clear();
  at_ = start;
  for (;;) {
    const Plain line = ScanPlain();
    scratch_ += line.text;
    out = scratch_;
    if (line.stop == Stop::kColon) return false;
    if (line.stop == Stop::kComment) return true;
    const char* p = at_;
    const char* content = p;
    std::size_t breaks = 0;
    while (*p == '\n') {
      ++breaks;
      content = ++p;
      p = SkipSpaces(p);
    }
    const auto column = p - content;
    if (*p == '\0' || *p == '#' || column <= indent) return true;
    if (*p == '\t' || column == 0) return false;
    if (breaks == 1) {
      scratch_ += ' ';
    } else {
      scratch_.append(breaks - 1, '\n');
    }
    at_ = p;
  }
}

bool Cursor::ReadQuoted(Quoted& out) {
  const char quote = *at_++;
  const char* const start = at_;
  const char* const p =
      quote == '"' ? FindAny<'"', '\\', '\n', '\0'>(start) : FindAny<'\'', '\n', '\0'>(start);
  if (*p != quote || (quote == '\'' && p[1] == quote)) return ReadQuotedLines(quote, out);
  at_ = p + 1;
  out = {{start, static_cast<std::size_t>(p - start)}, true};
  return true;
}

bool Cursor::ReadQuotedLines(char quote, Quoted& out) {
  scratch_.clear();
  out.one_line = true;
  for (const char* p = at_;;) {
    const char* const start = p;
    p = quote == '"' ? FindAny<'"', '\\', '\n', '\0'>(p) : FindAny<'\'', '\n', '\0'>(p);
    if (*p == '\0') return false;
    scratch_.append(start, p);
    if (*p == quote) {
      if (quote == '\'' && p[1] == quote) {
        scratch_ += quote;
        p += 2;
        continue;
      }
      at_ = p + 1;
      out.text = scratch_;
      return true;
    }
    if (*p == '\\' && p[1] != '\n') {
      if (!ReadEscape(p)) return false;
      continue;
    }
    out.one_line = false;
    const bool escaped = *p == '\\';
    if (escaped) {
      ++p;
    } else {  // blanks that are written as such do not count before a line's end
      for (const char* q = p; q != start && IsBlank(q[-1]); --q) scratch_.pop_back();
    }
    std::size_t breaks = 0;
    if (!FoldLines(p, breaks)) return false;
    if (breaks == 1 && !escaped) {
      scratch_ += ' ';
    } else {
      scratch_.append(breaks - 1, '\n');
    }
  }
}

bool Cursor::FoldLines(const char*& p, std::size_t& breaks) const {
  while (*p == '\n') {
    ++breaks;
    ++p;
    if (IsMarker(p)) return false;
    while (IsBlank(*p)) ++p;
  }
  return true;
}

bool Cursor::ReadEscape(const char*& p) {
  static constexpr std::string_view kLetters = "0abt\tnvfre \"\\N_LP";
  static constexpr std::string_view kMeanings[] = {std::string_view("\0", 1),
                                                   "\a",
                                                   "\b",
                                                   "\t",
                                                   "\t",
                                                   "\n",
                                                   "\v",
                                                   "\f",
                                                   "\r",
                                                   "\x1b",
                                                   " ",
                                                   "\"",
                                                   "\\",
                                                   "\u0085",
                                                   "\u00a0",
                                                   "\u2028",
                                                   "\u2029"};
  const char letter = p[1];
  if (letter == '\0') return false;
  p += 2;
  const std::size_t known = kLetters.find(letter);
  if (known != std::string_view::npos) {
    scratch_ += kMeanings[known];
    return true;
  }
  const int digits = letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
  if (digits == 0) return false;
  char32_t rune = 0;
  for (int i = 0; i < digits; ++i, ++p) {
    const int digit = HexDigit(*p);
    if (digit < 0) return false;
    rune = rune * 16 + static_cast<char32_t>(digit);
  }
  if (rune > 0x10ffff || (rune >= 0xd800 && rune <= 0xdfff)) return false;
  AppendUtf8(scratch_, rune);
  return true;
}

struct Cursor::BlockHeader {
  enum class Chomp { kClip, kStrip, kKeep };
  bool literal = true;
  Chomp chomp = Chomp::kClip;
  int increment = 0;  // 0: the content tells
};

// "|", ">-", "|2+"; the cursor moves to the first line of the content.
bool Cursor::ReadBlockHeader(BlockHeader& out) {
  out.literal = *at_++ == '|';
  bool has_chomp = false;
  for (int i = 0; i < 2; ++i) {
    if (!has_chomp && (*at_ == '-' || *at_ == '+')) {
      has_chomp = true;
      out.chomp = *at_++ == '-' ? BlockHeader::Chomp::kStrip : BlockHeader::Chomp::kKeep;
    } else if (out.increment == 0 && *at_ >= '1' && *at_ <= '9') {
      out.increment = *at_++ - '0';
    }
  }
  SkipBlanks();
  if (!AtLineEnd()) return false;
  at_ = FindAny<'\n', '\0'>(at_);
  if (*at_ == '\0') return false;
  ++at_;
  return true;
}

// The indentation of a block whose header names none: that of its widest line up to the first
// that is not empty, but not less than it has to be.
bool Cursor::FindBlockIndent(int& indent) const {
  std::ptrdiff_t widest = 0;
  for (const char* p = at_;; ++p) {
    const char* const content = SkipSpaces(p);
    widest = std::max(widest, content - p);
    if (*content == '\t') return false;
    if (*content == '\n') {
      p = content;
      continue;
    }
    indent = std::max(indent, static_cast<int>(widest));
    return true;
  }
}

bool Cursor::ReadBlock(int indent, Block& out) {
  BlockHeader header;
  if (!ReadBlockHeader(header)) return false;
  int width =
      header.increment > 0 ? std::max(indent, 0) + header.increment : std::max(indent + 1, 1);
  if (header.increment == 0 && !FindBlockIndent(width)) return false;
  scratch_.clear();
  bool line_ended = false;   // a line's end is due, or a space in its place
  bool after_blank = false;  // the last line of text started with a blank
  std::size_t breaks = 0;    // empty lines since
  const char* p = at_;
  for (;;) {
    const char* text = SkipSpaces(p);
    if (*text == '\n' && text - p <= width) {
      ++breaks;
      p = text + 1;
      continue;
    }
    if (text - p < width) {
      if (*text == '\t') return false;
      break;
    }
    text = p + width;
    if (*text == '\0') break;
    const bool blank = IsBlank(*text);
    if (line_ended && (header.literal || after_blank || blank)) {
      scratch_ += '\n';
    } else if (line_ended && breaks == 0) {
      scratch_ += ' ';
    }
    scratch_.append(breaks, '\n');
    breaks = 0;
    after_blank = blank;
    const char* const line_end = FindAny<'\n', '\0'>(text);
    scratch_.append(text, line_end);
    line_ended = *line_end == '\n';
    p = line_ended ? line_end + 1 : line_end;
  }
  at_ = p[-1] == '\n' ? p - 1 : p;
  if (header.chomp != BlockHeader::Chomp::kStrip && line_ended) scratch_ += '\n';
  if (header.chomp == BlockHeader::Chomp::kKeep) scratch_.append(breaks, '\n');
  out = {scratch_, !header.literal};
  return true;
}

}  // namespace swell::yaml
