#include "base/value/yaml_shape.h"

#include <array>

#include "base/value/yaml_scalar.h"

namespace swell::yaml {
namespace {

// Digits, signs, hexadecimal letters, prefixes, and what times are written with.
constexpr std::string_view kNumeric = "0123456789+-._:,xXoObBaAcCdDeEfFtTzZ ";

constexpr std::array<ByteKinds, 256> MakeKinds() {
  std::array<ByteKinds, 256> kinds{};
  for (std::size_t c = 0; c < 256; ++c) {
    ByteKinds kind = kHasNonNumeric;
    if (kNumeric.find(static_cast<char>(c)) != std::string_view::npos) kind = 0;
    if (c < 0x20 || c == 0x7f) kind |= kHasControl;
    if (c >= 0x80) kind |= kHasNonAscii;
    kinds[c] = kind;
  }
  kinds[' '] |= kHasSpace;
  kinds['\n'] = kHasNewline | kHasNonNumeric;
  kinds['\t'] = kHasTab | kHasNonNumeric;
  kinds[':'] |= kHasColon;
  kinds['#'] |= kHasHash;
  return kinds;
}
constexpr std::array<ByteKinds, 256> kKinds = MakeKinds();

bool IsBlank(char c) { return c == ' ' || c == '\t'; }

bool BlankOrEnd(std::string_view text, std::size_t at) {
  return at >= text.size() || IsBlank(text[at]);
}

// What the first byte of a text leaves open.
enum class Start : std::uint8_t { kString, kWord, kNumber, kIndicator };

constexpr std::array<Start, 256> kStarts = [] {
  std::array<Start, 256> starts{};  // kString
  for (const char c : std::string_view("yYnNtTfFoO~")) {
    starts[static_cast<unsigned char>(c)] = Start::kWord;
  }
  for (const char c : std::string_view("0123456789+.")) {
    starts[static_cast<unsigned char>(c)] = Start::kNumber;
  }
  for (const char c : std::string_view("#,[]{}&*!|>'\"%@`?:- ")) {
    starts[static_cast<unsigned char>(c)] = Start::kIndicator;
  }
  return starts;
}();
constexpr std::size_t kLongestWord = 5;

Start StartOf(std::string_view text) { return kStarts[static_cast<unsigned char>(text[0])]; }

// What a plain scalar must not start with.
bool StartsWithIndicator(std::string_view text) {
  switch (text[0]) {
    case '#':
    case ',':
    case '[':
    case ']':
    case '{':
    case '}':
    case '&':
    case '*':
    case '!':
    case '|':
    case '>':
    case '\'':
    case '"':
    case '%':
    case '@':
    case '`':
      return true;
    case '-':
      return BlankOrEnd(text, 1) || text.starts_with("---");
    case '?':
    case ':':
      return BlankOrEnd(text, 1);
    case '.':
      return text.starts_with("...");
    default:
      return false;
  }
}

// ": ", or ':' at the end.
bool HasKeyIndicator(std::string_view text) {
  for (std::size_t at = text.find(':'); at != std::string_view::npos; at = text.find(':', at + 1)) {
    if (BlankOrEnd(text, at + 1)) return true;
  }
  return false;
}

// Which styles the syntax allows a text that is not empty.
struct Allowed {
  bool plain = true;
  bool single_quoted = true;
  bool literal = true;
  bool has_break = false;
};

// Of a text of one line of printable ASCII.
Allowed AllowedForLine(std::string_view text, ByteKinds kinds) {
  Allowed allowed;
  allowed.plain = !StartsWithIndicator(text);
  if ((kinds & kHasSpace) != 0 && (text.front() == ' ' || text.back() == ' '))
    allowed.plain = false;
  if ((kinds & kHasColon) != 0 && HasKeyIndicator(text)) allowed.plain = false;
  if ((kinds & kHasHash) != 0 && text.find(" #") != std::string_view::npos) allowed.plain = false;
  return allowed;
}

// Of several lines of printable ASCII, which are a literal or in double quotes.
Allowed AllowedForLines(std::string_view text) {
  Allowed allowed{.literal = text.back() != ' ', .has_break = true};
  for (std::size_t at = text.find('\n'); at != std::string_view::npos;
       at = text.find('\n', at + 1)) {
    if (at > 0 && text[at - 1] == ' ') allowed.literal = false;
  }
  return allowed;
}

// Of any text, rune by rune.
class Analysis {
 public:
  Analysis(std::string_view text, Printer printer) : text_(text), printer_(printer) {}

  Allowed Run() {
    indicator_ = StartsWithIndicator(text_) || HasKeyIndicator(text_);
    for (std::size_t at = 0; at < text_.size();) at += Look(at);
    Allowed allowed;
    allowed.has_break = has_break_;
    allowed.literal = !trailing_space_ && !space_break_ && !special_;
    allowed.single_quoted = !break_space_ && !space_break_ && !special_ && !tab_;
    allowed.plain = allowed.single_quoted && !indicator_ && !has_break_ && text_.front() != ' ' &&
                    !trailing_space_;
    return allowed;
  }

 private:
  enum class Kind { kOther, kSpace, kBreak };

  std::size_t Look(std::size_t at) {
    const char c = text_[at];
    if (c > ' ' && c < 0x7f) {
      if (c == '#' && after_blank_) indicator_ = true;
      previous_ = Kind::kOther;
      after_blank_ = false;
      return 1;
    }
    const std::size_t length = RuneLength(c);
    const bool is_break = BreakLength(text_.substr(at)) != 0;
    // go-yaml v3 lets tabs be where nothing is escaped: in literals.
    if (c == '\t' && printer_ == Printer::kGoYaml3) {
      tab_ = true;
    } else if (!IsPrintable(text_.data() + at, length)) {
      special_ = true;
    }
    if (c == ' ') {
      if (at + 1 == text_.size()) trailing_space_ = true;
      if (previous_ == Kind::kBreak) break_space_ = true;
      previous_ = Kind::kSpace;
    } else if (is_break) {
      has_break_ = true;
      if (previous_ == Kind::kSpace) space_break_ = true;
      previous_ = Kind::kBreak;
    } else {
      previous_ = Kind::kOther;
    }
    after_blank_ = IsBlank(c) || is_break || c == '\0';
    return length;
  }

  std::string_view text_;
  Printer printer_;
  Kind previous_ = Kind::kOther;
  bool after_blank_ = true;
  bool indicator_ = false;
  bool has_break_ = false;
  bool trailing_space_ = false;
  bool break_space_ = false;
  bool space_break_ = false;
  bool special_ = false;
  bool tab_ = false;
};

// Whether YAML would read the plain text as something else than a string.
bool MeansSomethingElse(std::string_view text, ByteKinds kinds) {
  // By the first byte, as resolve.go: what no word or number starts with is a string.
  const Start start = StartOf(text);
  if (start == Start::kString || (start == Start::kIndicator && text[0] != '-')) return false;
  if (start == Start::kWord) {
    return text.size() <= kLongestWord &&
           ResolvePlain(text, Schema::kYaml11).kind != ScalarKind::kString;
  }
  if ((kinds & kHasNonNumeric) != 0 && text.size() > kLongestWord) return false;
  return ResolvePlain(text, Schema::kYaml11).kind != ScalarKind::kString ||
         ((kinds & kHasColon) != 0 && IsBase60(text));
}

}  // namespace

ByteKinds KindsOf(std::string_view text) {
  ByteKinds kinds = 0;
#pragma GCC unroll 8
  for (const char c : text) kinds |= kKinds[static_cast<unsigned char>(c)];
  return kinds;
}

bool IsPlainWord(std::string_view text, ByteKinds kinds) {
  if ((kinds & ~kHasNonNumeric) != 0 || text.empty()) return false;
  const Start start = StartOf(text);
  return start == Start::kString || (start == Start::kWord && text.size() > kLongestWord);
}

std::size_t BreakLength(std::string_view text) {
  if (text.starts_with('\n') || text.starts_with('\r')) return 1;
  if (text.starts_with("\u0085")) return 2;
  return text.starts_with("\u2028") || text.starts_with("\u2029") ? 3 : 0;
}

bool IsPrintable(const char* at, std::size_t length) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(at[i]); };
  switch (length) {
    case 1:
      return byte(0) == '\n' || (byte(0) >= 0x20 && byte(0) < 0x7f);
    case 2:
      return byte(0) > 0xc2 || byte(1) >= 0xa0;  // U+0080 to U+009F are C1 controls
    case 3:
      // U+FEFF, U+FFFE and U+FFFF.
      return byte(0) != 0xef ||
             !((byte(1) == 0xbb && byte(2) == 0xbf) || (byte(1) == 0xbf && byte(2) >= 0xbe));
    default:
      return false;  // go-yaml escapes everything beyond U+FFFF
  }
}

Shape ShapeOf(std::string_view text, ByteKinds kinds, Printer printer) {
  if (text.empty()) return {.style = Style::kDoubleQuoted};
  const bool printable = (kinds & (kHasTab | kHasControl | kHasNonAscii)) == 0;
  const Allowed allowed = !printable                   ? Analysis(text, printer).Run()
                          : (kinds & kHasNewline) != 0 ? AllowedForLines(text)
                                                       : AllowedForLine(text, kinds);
  Shape shape{.style = Style::kDoubleQuoted, .has_break = allowed.has_break};
  if ((kinds & kHasNewline) != 0) {
    if (allowed.literal) shape.style = Style::kLiteral;
  } else if (!MeansSomethingElse(text, kinds)) {
    if (allowed.plain) {
      shape.style = Style::kPlain;
    } else if (allowed.single_quoted) {
      shape.style = Style::kSingleQuoted;
    }
  }
  return shape;
}

}  // namespace swell::yaml
