#include "base/value/json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <optional>
#include <span>
#include <vector>

#include "base/text/utf8.h"
#include "base/value/number.h"

namespace swell::json {
namespace {

// A recursive descent over the bytes. Finished elements wait on two stacks until their
// container closes, so that a container is one allocation of the right size.
class Parser {
 public:
  Parser(std::string_view text, const ParseOptions& options)
      : begin_(text.data()), at_(begin_), end_(begin_ + text.size()), options_(options) {}

  Result<Value> Run() {
    Value value;
    SkipSpace();
    if (ParseValue(value, 0)) {
      SkipSpace();
      if (at_ == end_) return value;
      Refuse("unexpected text after the document");
    }
    return Fail(std::move(*error_));
  }

 private:
  bool RefuseAs(ErrorCode code, const char* place, std::string message) {
    int line = 1;
    const char* line_start = begin_;
    for (const char* p = begin_; p < place; ++p) {
      if (*p == '\n') {
        ++line;
        line_start = p + 1;
      }
    }
    error_ = Error(code, std::move(message))
                 .At({options_.file, line, static_cast<int>(place - line_start) + 1});
    return false;
  }
  bool Refuse(std::string message) {
    return RefuseAs(ErrorCode::kInvalidArgument, at_, "invalid JSON: " + std::move(message));
  }
  bool RefuseHere(const char* expected) {
    if (at_ == end_) return Refuse(std::string("the text ends where ") + expected + " belongs");
    return Refuse("unexpected " + ShowChar() + " where " + expected + " belongs");
  }
  std::string ShowChar() const {
    const auto c = static_cast<unsigned char>(*at_);
    if (c > 0x20 && c < 0x7f) return std::string("'") + *at_ + "'";
    char text[16];
    std::snprintf(text, sizeof text, "byte 0x%02x", c);
    return text;
  }

  void SkipSpace() {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) ++at_;
  }

  bool ParseValue(Value& out, std::size_t depth) {
    if (++nodes_ > options_.max_nodes) {
      return RefuseAs(ErrorCode::kResourceExhausted, at_,
                      "the document has more than " + std::to_string(options_.max_nodes) +
                          " values (budget max_nodes)");
    }
    if (at_ == end_) return RefuseHere("a value");
    switch (*at_) {
      case '{':
        return ParseObject(out, depth);
      case '[':
        return ParseArray(out, depth);
      case '"': {
        std::string_view text;
        if (!ParseString(text)) return false;
        out = Value(text);
        return true;
      }
      case 't':
        out = Value(true);
        return ParseWord("true");
      case 'f':
        out = Value(false);
        return ParseWord("false");
      case 'n':
        out = Value();
        return ParseWord("null");
      default:
        return ParseNumber(out);
    }
  }

  bool ParseWord(std::string_view word) {
    if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(word)) {
      return RefuseHere("a value");
    }
    at_ += word.size();
    return true;
  }

  bool EnterContainer(std::size_t depth) {
    if (depth < options_.max_depth) {
      ++at_;
      SkipSpace();
      return true;
    }
    return RefuseAs(ErrorCode::kResourceExhausted, at_,
                    "the document nests deeper than " + std::to_string(options_.max_depth) +
                        " levels (budget max_depth)");
  }

  bool ParseArray(Value& out, std::size_t depth) {
    if (!EnterContainer(depth)) return false;
    const std::size_t base = items_.size();
    if (at_ < end_ && *at_ == ']') {
      ++at_;
      out = Value::EmptyArray();
      return true;
    }
    for (;;) {
      Value item;
      if (!ParseValue(item, depth + 1)) return false;
      items_.push_back(std::move(item));
      SkipSpace();
      if (at_ == end_ || (*at_ != ',' && *at_ != ']')) return RefuseHere("',' or ']'");
      if (*at_++ == ']') break;
      SkipSpace();
    }
    out = Value::ArrayFrom(std::span(items_).subspan(base));
    items_.erase(items_.begin() + static_cast<std::ptrdiff_t>(base), items_.end());
    return true;
  }

  bool ParseObject(Value& out, std::size_t depth) {
    if (!EnterContainer(depth)) return false;
    const std::size_t base = members_.size();
    if (at_ < end_ && *at_ == '}') {
      ++at_;
      out = Value::EmptyObject();
      return true;
    }
    for (;;) {
      if (at_ == end_ || *at_ != '"') return RefuseHere("a key in double quotes");
      std::string_view key;
      if (!ParseString(key)) return false;
      Value name(key);
      SkipSpace();
      if (at_ == end_ || *at_ != ':') return RefuseHere("':'");
      ++at_;
      SkipSpace();
      Value value;
      if (!ParseValue(value, depth + 1)) return false;
      members_.emplace_back(std::move(name), std::move(value));
      SkipSpace();
      if (at_ == end_ || (*at_ != ',' && *at_ != '}')) return RefuseHere("',' or '}'");
      if (*at_++ == '}') break;
      SkipSpace();
    }
    out = Value::ObjectFrom(std::span(members_).subspan(base));
    members_.erase(members_.begin() + static_cast<std::ptrdiff_t>(base), members_.end());
    return true;
  }

  // The view points into the text, or into scratch_ where there are escapes: it is valid
  // until the next string.
  bool ParseString(std::string_view& out) {
    const char* const open = at_++;
    const char* run = at_;
    bool plain = true;
    scratch_.clear();
    for (;;) {
      if (at_ == end_) {
        at_ = open;
        return Refuse("the string that starts here has no closing quote");
      }
      const auto c = static_cast<unsigned char>(*at_);
      if (c == '"') break;
      if (c < 0x20) return Refuse("a string holds the control character " + ShowChar());
      if (c == '\\') {
        plain = false;
        scratch_.append(run, at_);
        if (!ParseEscape()) return false;
        run = at_;
      } else if (c < 0x80) {
        ++at_;
      } else {
        const int length =
            Utf8SequenceLength(std::string_view(at_, static_cast<std::size_t>(end_ - at_)));
        if (length == 0) return Refuse("a string is not valid UTF-8");
        at_ += length;
      }
    }
    if (plain) {
      out = {run, static_cast<std::size_t>(at_ - run)};
    } else {
      scratch_.append(run, at_);
      out = scratch_;
    }
    ++at_;
    return true;
  }

  bool ParseEscape() {
    static constexpr std::string_view kFrom = "\"\\/bfnrt", kTo = "\"\\/\b\f\n\r\t";
    ++at_;
    if (at_ == end_) return RefuseHere("an escape");
    if (const auto i = kFrom.find(*at_); i != std::string_view::npos) {
      scratch_ += kTo[i];
      ++at_;
      return true;
    }
    if (*at_ != 'u') return Refuse("unknown escape \\" + ShowChar());
    ++at_;
    unsigned code = 0;
    if (!ParseHex4(code)) return Refuse("\\u needs four hex digits");
    if (code >= 0xd800 && code < 0xdc00 && end_ - at_ >= 6 && at_[0] == '\\' && at_[1] == 'u') {
      const char* const before = at_;
      at_ += 2;
      unsigned low = 0;
      if (!ParseHex4(low)) return Refuse("\\u needs four hex digits");
      if (low >= 0xdc00 && low < 0xe000) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      } else {
        at_ = before;
      }
    }
    // A lone surrogate becomes U+FFFD, as in Go's encoding/json.
    if (code >= 0xd800 && code < 0xe000) code = 0xfffd;
    AppendUtf8(scratch_, code);
    return true;
  }

  bool ParseHex4(unsigned& code) {
    if (end_ - at_ < 4) return false;
    const auto [stop, error] = std::from_chars(at_, at_ + 4, code, 16);
    if (error != std::errc{} || stop != at_ + 4) return false;
    at_ = stop;
    return true;
  }

  static bool IsDigit(char c) { return c >= '0' && c <= '9'; }
  bool SkipDigits() {
    const char* const start = at_;
    while (at_ < end_ && IsDigit(*at_)) ++at_;
    return at_ > start;
  }

  bool ParseNumber(Value& out) {
    const char* const start = at_;
    if (*at_ == '-') ++at_;
    if (at_ < end_ && *at_ == '0') {
      ++at_;
      if (at_ < end_ && IsDigit(*at_)) return Refuse("a number starts with a needless 0");
    } else if (!SkipDigits()) {
      if (at_ == start) return RefuseHere("a value");
      return RefuseHere("a digit");
    }
    bool whole = true;
    if (at_ < end_ && *at_ == '.') {
      whole = false;
      ++at_;
      if (!SkipDigits()) return RefuseHere("a digit");
    }
    if (at_ < end_ && (*at_ == 'e' || *at_ == 'E')) {
      whole = false;
      ++at_;
      if (at_ < end_ && (*at_ == '+' || *at_ == '-')) ++at_;
      if (!SkipDigits()) return RefuseHere("a digit");
    }
    if (whole) {
      std::int64_t number = 0;
      const bool minus_zero = *start == '-' && start[1] == '0';  // a float's, as Go keeps it
      if (!minus_zero && std::from_chars(start, at_, number).ec == std::errc{}) {
        out = Value(number);
        return true;
      }
    }
    const auto number = ParseFloat({start, static_cast<std::size_t>(at_ - start)});
    if (!number) {
      at_ = start;
      return Refuse("a number is too large for a 64-bit float");
    }
    out = Value(*number);
    return true;
  }

  const char* const begin_;
  const char* at_;
  const char* const end_;
  const ParseOptions& options_;
  std::size_t nodes_ = 0;
  std::vector<Value> items_;
  std::vector<Member> members_;
  std::string scratch_;
  std::optional<Error> error_;
};

// Bytes that may not stand in a string as they are.
enum class Look : std::uint8_t { kNone, kEscape, kHtml, kRune };

constexpr std::array<Look, 256> kLooks = [] {
  std::array<Look, 256> looks{};
  for (std::size_t c = 0; c < 0x20; ++c) looks[c] = Look::kEscape;
  for (std::size_t c = 0x80; c < 256; ++c) looks[c] = Look::kRune;
  looks['"'] = looks['\\'] = Look::kEscape;
  looks['<'] = looks['>'] = looks['&'] = Look::kHtml;
  return looks;
}();

void AppendEscape(std::string& out, unsigned char c) {
  static constexpr std::string_view kFrom = "\"\\\b\f\n\r\t", kTo = "\"\\bfnrt";
  if (const auto i = kFrom.find(static_cast<char>(c)); i != std::string_view::npos) {
    out += '\\';
    out += kTo[i];
    return;
  }
  static constexpr char kHex[] = "0123456789abcdef";
  out += "\\u00";
  out += kHex[c >> 4];
  out += kHex[c & 15];
}

// How a rune beyond ASCII is written where it is not itself: bad bytes and line separators.
std::string_view RuneEscape(std::string_view rune) {
  if (rune.empty()) return "\\ufffd";
  if (rune == "\u2028") return "\\u2028";
  return rune == "\u2029" ? "\\u2029" : "";
}

class Writer {
 public:
  explicit Writer(bool pretty) : pretty_(pretty) {}

  void Put(const Value& value) {
    switch (value.type()) {
      case Value::Type::kNull:
        out_ += "null";
        break;
      case Value::Type::kBool:
        out_ += value.as_bool() ? "true" : "false";
        break;
      case Value::Type::kInt: {
        char text[24];
        const auto end = std::to_chars(text, text + sizeof text, value.as_int()).ptr;
        out_.append(text, end);
        break;
      }
      case Value::Type::kFloat:
        if (const auto exact = value.exact_unsigned()) {
          out_ += std::to_string(*exact);
        } else if (std::isfinite(value.as_float())) {
          AppendFloatJson(out_, value.as_float());
        } else {
          out_ += "null";
        }
        break;
      case Value::Type::kString:
        AppendString(out_, value.as_string());
        break;
      case Value::Type::kArray:
        PutArray(value.items());
        break;
      case Value::Type::kObject:
        PutObject(value.members());
        break;
    }
  }

  std::string Take() { return std::move(out_); }

 private:
  void NewLine() {
    if (!pretty_) return;
    out_ += '\n';
    out_.append(depth_ * 2, ' ');
  }

  void PutArray(std::span<const Value> items) {
    out_ += '[';
    ++depth_;
    bool first = true;
    for (const Value& item : items) {
      if (!first) out_ += ',';
      first = false;
      NewLine();
      Put(item);
    }
    --depth_;
    if (!items.empty()) NewLine();
    out_ += ']';
  }

  void PutObject(std::span<const Member> members) {
    out_ += '{';
    ++depth_;
    bool first = true;
    for (const Member& member : members) {
      if (!first) out_ += ',';
      first = false;
      NewLine();
      AppendString(out_, member.name());
      out_ += pretty_ ? ": " : ":";
      Put(member.value);
    }
    --depth_;
    if (!members.empty()) NewLine();
    out_ += '}';
  }

  const bool pretty_;
  std::size_t depth_ = 0;
  std::string out_;
};

}  // namespace

Result<Value> Parse(std::string_view text, const ParseOptions& options) {
  return Parser(text, options).Run();
}

void AppendString(std::string& out, std::string_view text, Escaping escaping) {
  out += '"';
  std::size_t run = 0, i = 0;
  while (i < text.size()) {
    const auto c = static_cast<unsigned char>(text[i]);
    const Look look = kLooks[c];
    if (look == Look::kNone || (look == Look::kHtml && escaping == Escaping::kPlain)) {
      ++i;
      continue;
    }
    std::size_t length = 1;
    std::string_view escape;
    if (look == Look::kRune) {
      const auto valid = static_cast<std::size_t>(Utf8SequenceLength(text.substr(i)));
      escape = RuneEscape(text.substr(i, valid));
      length = std::max<std::size_t>(valid, 1);
      if (escape.empty()) {
        i += length;
        continue;
      }
    }
    out += text.substr(run, i - run);
    if (escape.empty()) {
      AppendEscape(out, c);
    } else {
      out += escape;
    }
    run = i += length;
  }
  out += text.substr(run);
  out += '"';
}

std::string Write(const Value& value) {
  Writer writer(false);
  writer.Put(value);
  return writer.Take();
}

std::string WritePretty(const Value& value) {
  Writer writer(true);
  writer.Put(value);
  return writer.Take();
}

}  // namespace swell::json
