#include "renderer/gotemplate/lexer.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "base/text/utf8.h"
#include "renderer/gotemplate/format.h"
#include "renderer/gotemplate/unicode.h"

namespace swell::gotemplate {

namespace {

constexpr std::string_view kLeft = "{{";
constexpr std::string_view kRight = "}}";
constexpr std::string_view kCommentStart = "/*";
constexpr std::string_view kCommentEnd = "*/";
constexpr std::size_t kTrimLength = 2;  // "- " and " -"
constexpr char32_t kEof = 0xffffffff;

constexpr std::array<std::pair<std::string_view, TokenType>, 11> kKeywords{{
    {"block", TokenType::kBlock},
    {"break", TokenType::kBreak},
    {"continue", TokenType::kContinue},
    {"define", TokenType::kDefine},
    {"else", TokenType::kElse},
    {"end", TokenType::kEnd},
    {"if", TokenType::kIf},
    {"nil", TokenType::kNil},
    {"range", TokenType::kRange},
    {"template", TokenType::kTemplate},
    {"with", TokenType::kWith},
}};

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
// ASCII is looked up: names are nearly all that a lexer reads.
enum : std::uint8_t { kName = 1, kEndsName = 2 };
constexpr auto kAscii = [] {
  std::array<std::uint8_t, 256> table{};
  for (unsigned c = 0; c < 128; ++c) {
    const bool name =
        c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (name) table[c] = kName;
  }
  for (const unsigned char c : {' ', '\t', '\r', '\n', '.', ',', '|', ':', ')', '('}) {
    table[c] = kEndsName;
  }
  return table;
}();
bool IsAsciiName(char c) { return (kAscii[static_cast<unsigned char>(c)] & kName) != 0; }
bool IsAlphaNumeric(char32_t rune) {
  if (rune < 128) return (kAscii[rune] & kName) != 0;
  return rune != kEof && (IsLetter(rune) || IsDigit(rune));
}

// The trimming half of a delimiter: "- " after {{, " -" before }}.
bool HasLeftTrim(std::string_view s) { return s.size() >= 2 && s[0] == '-' && IsBlank(s[1]); }
bool HasRightTrim(std::string_view s) { return s.size() >= 2 && IsBlank(s[0]) && s[1] == '-'; }

}  // namespace

std::string ToString(const Token& token) {
  if (token.type == TokenType::kEof) return "EOF";
  if (token.type == TokenType::kError) return std::string(token.value);
  if (token.type > TokenType::kKeyword) return "<" + std::string(token.value) + ">";
  std::string_view rest = token.value;
  std::size_t cut = 0;
  for (int i = 0; i < 10 && !rest.empty(); ++i) {
    const auto length = static_cast<std::size_t>(DecodeRune(rest).length);
    cut += length;
    rest.remove_prefix(length);
  }
  if (token.value.size() > 10) return QuoteGo(token.value.substr(0, cut)) + "...";
  return QuoteGo(token.value);
}

const Token& Lexer::Next() {
  while (true) {
    bool emitted = false;
    switch (state_) {
      case State::kText:
        emitted = Text();
        break;
      case State::kLeftDelim:
        emitted = LeftDelim();
        break;
      case State::kComment:
        emitted = Comment();
        break;
      case State::kInside:
        emitted = Inside();
        break;
      case State::kDone:
        return token_;
    }
    if (emitted) return token_;
  }
}

bool Lexer::Emit(TokenType type) {
  token_ = {type, spaced_, static_cast<std::uint32_t>(start_ - begin_), Lexeme()};
  spaced_ = false;
  Ignore();
  return true;
}

bool Lexer::Error(std::string message) {
  error_ = std::move(message);
  token_ = {TokenType::kError, spaced_, static_cast<std::uint32_t>(start_ - begin_), error_};
  state_ = State::kDone;
  return true;
}

bool Lexer::BadCharacter(char32_t rune) {
  char code[16];
  std::snprintf(code, sizeof code, "U+%04X", rune == kEof ? 0xfffd : static_cast<unsigned>(rune));
  std::string message = std::string("bad character ") + code;
  if (rune != kEof && IsPrintable(rune)) {
    message += " '";
    AppendUtf8(message, rune);
    message += "'";
  }
  return Error(std::move(message));
}

char32_t Lexer::Peek(std::size_t* width) const {
  if (AtEnd()) return kEof;
  if (const auto byte = static_cast<unsigned char>(*at_); byte < 128) {
    if (width != nullptr) *width = 1;
    return byte;
  }
  const DecodedRune decoded = DecodeRune(Rest());
  if (width != nullptr) *width = static_cast<std::size_t>(decoded.length);
  return decoded.rune;
}

bool Lexer::AtTerminator() const {
  if (AtEnd()) return true;
  if ((kAscii[static_cast<unsigned char>(*at_)] & kEndsName) != 0) return true;
  return StartsWith(kRight);
}

bool Lexer::Text() {
  const std::size_t found = Rest().find(kLeft);
  if (found == std::string_view::npos) {
    at_ = end_;
    if (at_ > start_) return Emit(TokenType::kText);
    Emit(TokenType::kEof);
    state_ = State::kDone;
    return true;
  }
  const char* const left = at_ + found;
  at_ = left;
  if (HasLeftTrim({left + kLeft.size(), end_})) {
    while (at_ > start_ && IsBlank(at_[-1])) --at_;
  }
  state_ = State::kLeftDelim;
  const bool emitted = at_ > start_ && Emit(TokenType::kText);
  at_ = left;
  Ignore();
  return emitted;
}

bool Lexer::LeftDelim() {
  at_ += kLeft.size();
  const std::size_t after = HasLeftTrim(Rest()) ? kTrimLength : 0;
  if (Rest().substr(after).starts_with(kCommentStart)) {
    at_ += after;
    Ignore();
    state_ = State::kComment;
    return false;
  }
  Emit(TokenType::kLeftDelim);
  at_ += after;
  Ignore();
  paren_depth_ = 0;
  state_ = State::kInside;
  return true;
}

bool Lexer::Comment() {
  at_ += kCommentStart.size();
  const std::size_t end = Rest().find(kCommentEnd);
  if (end == std::string_view::npos) return Error("unclosed comment");
  at_ += end + kCommentEnd.size();
  const bool trim = HasRightTrim(Rest());
  if (!Rest().substr(trim ? kTrimLength : 0).starts_with(kRight)) {
    return Error("comment ends before closing delimiter");
  }
  at_ += kRight.size();
  if (trim) {
    at_ += kTrimLength;
    SkipBlanks();
  }
  Ignore();
  state_ = State::kText;
  return false;
}

bool Lexer::RightDelim(Trim trim) {
  if (paren_depth_ != 0) return Error("unclosed left paren");
  if (trim == Trim::kYes) at_ += kTrimLength;
  Ignore();
  at_ += kRight.size();
  Emit(TokenType::kRightDelim);
  if (trim == Trim::kYes) {
    SkipBlanks();
    Ignore();
  }
  state_ = State::kText;
  return true;
}

void Lexer::SkipBlanks() {
  while (!AtEnd() && IsBlank(*at_)) ++at_;
}

bool Lexer::Inside() {
  if (!AtEnd() && IsBlank(*at_)) {
    SkipBlanks();
    // The last blank may belong to a trimming delimiter.
    const bool trim = StartsWith("-}}");
    if (trim) --at_;
    Ignore();
    if (trim) return RightDelim(Trim::kYes);
    spaced_ = true;
  }
  if (AtEnd()) return Error("unclosed action");
  const char c = *at_;
  if (IsAsciiName(c) && (c < '0' || c > '9')) return Identifier();
  switch (c) {
    case '}':
      if (StartsWith(kRight)) return RightDelim(Trim::kNo);
      break;
    case '.':
      ++at_;
      if (!AtEnd() && *at_ >= '0' && *at_ <= '9') {
        --at_;
        return Number();
      }
      return FieldOrVariable(TokenType::kField);
    case '$':
      ++at_;
      return FieldOrVariable(TokenType::kVariable);
    case '"':
    case '\'':
      ++at_;
      return Quoted(c);
    case '`':
      ++at_;
      return RawQuoted();
    case '|':
      ++at_;
      return Emit(TokenType::kPipe);
    case '(':
      ++at_;
      ++paren_depth_;
      return Emit(TokenType::kLeftParen);
    case ')':
      ++at_;
      if (--paren_depth_ < 0) return Error("unexpected right paren");
      return Emit(TokenType::kRightParen);
    case '=':
      ++at_;
      return Emit(TokenType::kAssign);
    case ':':
      ++at_;
      if (!Accept("=")) return Error("expected :=");
      return Emit(TokenType::kDeclare);
    default:
      break;
  }
  if (c == '+' || c == '-' || (c >= '0' && c <= '9')) return Number();
  return OtherInside();
}

// Letters beyond ASCII, and what means nothing.
bool Lexer::OtherInside() {
  std::size_t width = 0;
  const char32_t rune = Peek(&width);
  if (IsAlphaNumeric(rune)) return Identifier();
  at_ += width;
  if (rune < 0x80 && IsPrintable(rune)) return Emit(TokenType::kChar);
  BadCharacter(rune);
  return Error("unrecognized character in action: " +
               error_.substr(std::string_view("bad character ").size()));
}

void Lexer::SkipAlphaNumerics() {
  while (true) {
    while (!AtEnd() && IsAsciiName(*at_)) ++at_;
    std::size_t width = 0;
    if (AtEnd() || static_cast<unsigned char>(*at_) < 0x80 || !IsAlphaNumeric(Peek(&width))) {
      return;
    }
    at_ += width;
  }
}

bool Lexer::Identifier() {
  SkipAlphaNumerics();
  if (!AtTerminator()) return BadCharacter(Peek());
  const std::string_view word = Lexeme();
  if (word.size() <= 8) {
    for (const auto& [keyword, type] : kKeywords) {
      if (word[0] == keyword[0] && word == keyword) return Emit(type);
    }
  }
  if (word == "true" || word == "false") return Emit(TokenType::kBool);
  return Emit(TokenType::kIdentifier);
}

bool Lexer::FieldOrVariable(TokenType type) {
  if (AtTerminator()) {
    return Emit(type == TokenType::kVariable ? TokenType::kVariable : TokenType::kDot);
  }
  SkipAlphaNumerics();
  if (!AtTerminator()) return BadCharacter(Peek());
  return Emit(type);
}

bool Lexer::Quoted(char quote) {
  const char* what =
      quote == '"' ? "unterminated quoted string" : "unterminated character constant";
  while (true) {
    if (AtEnd() || *at_ == '\n') return Error(what);
    const char c = *at_++;
    if (c == quote) break;
    if (c != '\\') continue;
    if (AtEnd() || *at_ == '\n') return Error(what);
    ++at_;
  }
  return Emit(quote == '"' ? TokenType::kString : TokenType::kCharConstant);
}

bool Lexer::RawQuoted() {
  const std::size_t end = Rest().find('`');
  if (end == std::string_view::npos) return Error("unterminated raw quoted string");
  at_ += end + 1;
  return Emit(TokenType::kRawString);
}

bool Lexer::Accept(std::string_view set) {
  if (AtEnd() || set.find(*at_) == std::string_view::npos) return false;
  ++at_;
  return true;
}

void Lexer::AcceptRun(std::string_view set) {
  while (Accept(set)) {
  }
}

bool Lexer::Number() {
  const auto bad = [this] { return Error("bad number syntax: " + QuoteGo(Lexeme())); };
  if (!ScanNumber()) return bad();
  if (Peek() != '+' && Peek() != '-') return Emit(TokenType::kNumber);
  if (!ScanNumber() || at_[-1] != 'i') return bad();
  return Emit(TokenType::kComplex);
}

bool Lexer::ScanNumber() {
  constexpr std::string_view kDecimal = "0123456789_";
  constexpr std::string_view kHexadecimal = "0123456789abcdefABCDEF_";
  Accept("+-");
  std::string_view digits = kDecimal;
  if (Accept("0")) {
    if (Accept("xX")) {
      digits = kHexadecimal;
    } else if (Accept("oO")) {
      digits = "01234567_";
    } else if (Accept("bB")) {
      digits = "01_";
    }
  }
  AcceptRun(digits);
  if (Accept(".")) AcceptRun(digits);
  if ((digits == kDecimal && Accept("eE")) || (digits == kHexadecimal && Accept("pP"))) {
    Accept("+-");
    AcceptRun(kDecimal);
  }
  Accept("i");
  std::size_t width = 0;
  if (!IsAlphaNumeric(Peek(&width))) return true;
  at_ += width;
  return false;
}

}  // namespace swell::gotemplate
