#include <charconv>
#include <map>
#include <memory>
#include <optional>
#include <variant>

#include "base/core/strings.h"
#include "base/text/utf8.h"
#include "base/value/number.h"
#include "renderer/funcs/toml.h"

namespace swell::funcs {
namespace {

constexpr int kMaxDepth = 128;          // of arrays and inline tables inside each other
constexpr std::size_t kMaxParts = 128;  // of one dotted key

// A table while it grows.
struct Node;
using Table = std::map<std::string, std::unique_ptr<Node>>;
struct Node {
  // A table, an array of tables ([[x]]), or a finished value.
  std::variant<Table, std::vector<std::unique_ptr<Node>>, Value> content;
  bool defined = false;  // by a header or as a value: not to be defined again
};

Value ToValue(const Node& node) {
  if (const auto* value = std::get_if<Value>(&node.content)) return *value;
  if (const auto* items = std::get_if<1>(&node.content)) {
    std::vector<Value> out;
    for (const auto& item : *items) out.push_back(ToValue(*item));
    return Value::Array(std::move(out));
  }
  std::vector<Member> members;
  for (const auto& [key, child] : std::get<Table>(node.content)) {
    members.emplace_back(key, ToValue(*child));
  }
  return Value::Object(std::move(members));
}

bool IsBareKey(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<Value> Parse() {
    for (SkipBlank(); at_ < text_.size(); SkipBlank()) {
      TRY(Peek() == '[' ? Header() : KeyValue(*current_));
      SkipSpace();
      if (Peek() == '#') SkipComment();
      if (at_ < text_.size() && Peek() != '\n' && Peek() != '\r') {
        return Wrong("expected a top-level item to end with a newline, comment, or EOF, but got " +
                     Shown() + " instead");
      }
    }
    return ToValue(root_);
  }

 private:
  char Peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  std::unexpected<Error> Wrong(const std::string& what) const {
    return Fail(InvalidArgument("toml: line " + std::to_string(line_) + ": " + what));
  }
  std::unexpected<Error> AlreadyDefined(const std::string& key) const {
    return Fail(InvalidArgument("toml: line " + std::to_string(line_) + " (last key " + Quote(key) +
                                "): Key '" + key + "' has already been defined."));
  }
  Error TooDeep(std::size_t levels) const {
    return ResourceExhausted("toml: line " + std::to_string(line_) +
                             ": values are nested deeper than " + std::to_string(levels) +
                             " levels");
  }
  std::string Shown() const {
    return at_ < text_.size() ? "'" + std::string(1, Peek()) + "'" : "EOF";
  }
  void SkipSpace() {
    while (Peek() == ' ' || Peek() == '\t') ++at_;
  }
  void SkipComment() {
    while (at_ < text_.size() && Peek() != '\n') ++at_;
  }
  // White space, newlines and comments.
  void SkipBlank() {
    for (;; ++at_) {
      if (Peek() == '#') SkipComment();
      if (Peek() == '\n') ++line_;
      if (Peek() != ' ' && Peek() != '\t' && Peek() != '\n' && Peek() != '\r') return;
    }
  }

  Result<std::string> SimpleKey() {
    if (Peek() == '"' || Peek() == '\'') return QuotedText();
    const std::size_t begin = at_;
    while (IsBareKey(Peek())) ++at_;
    if (at_ == begin) return Wrong("expected a key but found " + Shown() + " instead");
    return std::string(text_.substr(begin, at_ - begin));
  }

  Result<std::vector<std::string>> Key() {
    std::vector<std::string> parts;
    for (;;) {
      SkipSpace();
      parts.push_back(TRY(SimpleKey()));
      SkipSpace();
      if (Peek() != '.') return parts;
      if (parts.size() >= kMaxParts) return Fail(TooDeep(kMaxParts));
      ++at_;
    }
  }

  // The table at a key below `table`, made where it is not there; the last of an array of tables.
  Result<Node*> Descend(Node& table, const std::string& key) {
    Node* node = &table;
    auto& slot = std::get<Table>(node->content)[key];
    if (slot == nullptr) slot = std::make_unique<Node>();
    node = slot.get();
    if (auto* items = std::get_if<1>(&node->content)) node = items->back().get();
    if (!std::holds_alternative<Table>(node->content)) {
      return AlreadyDefined(key);
    }
    return node;
  }

  Status Header() {
    const bool array = Peek(1) == '[';
    at_ += array ? 2 : 1;
    const auto key = TRY(Key());
    for (int i = 0; i < (array ? 2 : 1); ++i, ++at_) {
      if (Peek() != ']')
        return Wrong("expected end of table name delimiter ']', but got " + Shown());
    }
    Node* table = &root_;
    for (std::size_t i = 0; i + 1 < key.size(); ++i) table = TRY(Descend(*table, key[i]));
    if (!array) {
      current_ = TRY(Descend(*table, key.back()));
      if (current_->defined) return AlreadyDefined(Join(key, "."));
      current_->defined = true;
      return {};
    }
    auto& slot = std::get<Table>(table->content)[key.back()];
    if (slot == nullptr) {
      slot = std::make_unique<Node>();
      slot->content.emplace<1>();
    }
    auto* items = std::get_if<1>(&slot->content);
    if (items == nullptr) return AlreadyDefined(Join(key, "."));
    items->push_back(std::make_unique<Node>());
    current_ = items->back().get();
    return {};
  }

  Status KeyValue(Node& into) {
    const auto key = TRY(Key());
    if (Peek() != '=') {
      if (at_ >= text_.size()) return Wrong("unexpected EOF; expected key separator '='");
      return Wrong("expected '.' or '=', but got " + Shown() + " instead");
    }
    ++at_;
    SkipSpace();
    Node* table = &into;
    for (std::size_t i = 0; i + 1 < key.size(); ++i) table = TRY(Descend(*table, key[i]));
    auto& slot = std::get<Table>(table->content)[key.back()];
    if (slot != nullptr) return AlreadyDefined(Join(key, "."));
    slot = std::make_unique<Node>();
    slot->defined = true;
    slot->content = TRY(Item(static_cast<int>(key.size()) - 1));
    return {};
  }

  Result<Value> Item(int depth) {
    if (depth > kMaxDepth) return Fail(TooDeep(kMaxDepth));
    const char c = Peek();
    if (c == '"' || c == '\'') return Value(TRY(QuotedText()));
    if (c == '[') return Array(depth);
    if (c == '{') return InlineTable(depth);
    const std::size_t begin = at_;
    while (at_ < text_.size() && (IsBareKey(Peek()) || Peek() == '+' || Peek() == '.' ||
                                  Peek() == ':' || IsDateSpace())) {
      ++at_;
    }
    const std::string word(text_.substr(begin, at_ - begin));
    if (word.empty()) return Wrong("expected value but found " + Shown() + " instead");
    return Scalar(word);
  }

  // The blank in "1979-05-27 07:32:00".
  bool IsDateSpace() const {
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    return Peek() == ' ' && at_ >= 10 && text_[at_ - 3] == '-' && text_[at_ - 6] == '-' &&
           digit(Peek(1)) && digit(Peek(2)) && Peek(3) == ':';
  }

  Result<Value> Scalar(std::string word) {
    if (word == "true" || word == "false") return Value(word == "true");
    const bool date = word.size() >= 10 && word[4] == '-' && word[7] == '-';
    if (date || (word.size() >= 8 && word[2] == ':' && word[5] == ':')) {
      if (date && word.size() > 10) word[10] = 'T';
      return Value(word);
    }
    std::string digits;
    for (std::size_t i = 0; i < word.size(); ++i) {
      if (word[i] != '_') digits += word[i];
    }
    std::string_view number = digits;
    const bool negative = number.starts_with('-');
    if (negative || number.starts_with('+')) number.remove_prefix(1);
    int base = 10;
    if (number.starts_with("0x")) base = 16;
    if (number.starts_with("0o")) base = 8;
    if (number.starts_with("0b")) base = 2;
    if (base != 10) number.remove_prefix(2);
    std::int64_t integer = 0;
    const std::string with_sign = (negative ? "-" : "") + std::string(number);
    const char* end = with_sign.data() + with_sign.size();
    const auto parsed = std::from_chars(with_sign.data(), end, integer, base);
    const bool leading_zero = base == 10 && number.size() > 1 && number[0] == '0' &&
                              number[1] != '.' && number[1] != 'e' && number[1] != 'E';
    if (parsed.ec == std::errc() && parsed.ptr == end && !leading_zero) return Value(integer);
    const auto real = leading_zero ? std::nullopt : ParseFloat(digits);
    if (real && number.front() != '.' && number.back() != '.') return Value(*real);
    return Wrong("expected value but found " + Quote(word) + " instead");
  }

  Result<Value> Array(int depth) {
    ++at_;
    std::vector<Value> items;
    for (;;) {
      SkipBlank();
      if (Peek() == ']') break;
      items.push_back(TRY(Item(depth + 1)));
      SkipBlank();
      if (Peek() == ',') {
        ++at_;
      } else if (Peek() != ']') {
        return Wrong("expected a comma (',') or array terminator (']'), but got " + Shown());
      }
    }
    ++at_;
    return Value::Array(std::move(items));
  }

  Result<Value> InlineTable(int depth) {
    ++at_;
    Node table;
    for (bool first = true;; first = false) {
      SkipBlank();
      if (Peek() == '}') break;
      if (!first) {
        if (Peek() != ',') return Wrong("expected a comma or an inline table terminator '}'");
        ++at_;
        SkipBlank();
      }
      TRY(InlineKeyValue(table, depth));
    }
    ++at_;
    return ToValue(table);
  }

  Status InlineKeyValue(Node& into, int depth) {
    const auto key = TRY(Key());
    if (Peek() != '=') return Wrong("expected '.' or '=', but got " + Shown() + " instead");
    ++at_;
    SkipSpace();
    Node* table = &into;
    for (std::size_t i = 0; i + 1 < key.size(); ++i) table = TRY(Descend(*table, key[i]));
    auto& slot = std::get<Table>(table->content)[key.back()];
    if (slot != nullptr) return AlreadyDefined(Join(key, "."));
    slot = std::make_unique<Node>();
    slot->content = TRY(Item(depth + static_cast<int>(key.size())));
    return {};
  }

  Result<std::string> QuotedText() {
    const char quote = Peek();
    const bool literal = quote == '\'';
    const bool multi = Peek(1) == quote && Peek(2) == quote;
    at_ += multi ? 3 : 1;
    if (multi && Peek() == '\r') ++at_;
    if (multi && Peek() == '\n') {
      ++at_;
      ++line_;
    }
    std::string out;
    for (;; ++at_) {
      if (at_ >= text_.size()) return Wrong("unexpected EOF; expected " + Quote({&quote, 1}));
      const char c = Peek();
      if (c == quote && !multi) break;
      if (c == quote && Peek(1) == quote && Peek(2) == quote) {
        // Up to two quotes may stand in front of the closing three.
        while (Peek(3) == quote) {
          out += quote;
          ++at_;
        }
        at_ += 2;
        break;
      }
      if (c == '\n') {
        if (!multi) return Wrong("strings cannot contain newlines");
        ++line_;
      }
      if (c == '\\' && !literal) {
        TRY(Escape(out, multi));
      } else {
        out += c;
      }
    }
    ++at_;
    return out;
  }

  // At a backslash; leaves at_ on the escape's last byte.
  Status Escape(std::string& out, bool multi) {
    const char c = Peek(1);
    ++at_;
    constexpr std::string_view kFrom = "btnfre\"\\";
    constexpr std::string_view kTo = "\b\t\n\f\r\x1b\"\\";
    if (const std::size_t simple = kFrom.find(c); simple != std::string_view::npos && c != '\0') {
      out += kTo[simple];
      return {};
    }
    if (c == 'u' || c == 'U') {
      const std::size_t length = c == 'u' ? 4 : 8;
      const std::string_view hex = text_.substr(at_ + 1, length);
      std::uint32_t rune = 0;
      const auto parsed = std::from_chars(hex.data(), hex.data() + hex.size(), rune, 16);
      if (hex.size() != length || parsed.ptr != hex.data() + hex.size() || rune > 0x10ffff) {
        return Wrong("expected " + std::to_string(length) + " hexadecimal digits in an escape");
      }
      AppendUtf8(out, rune);
      at_ += length;
      return {};
    }
    if (multi && (c == '\n' || c == ' ' || c == '\t' || c == '\r')) {
      while (at_ < text_.size() &&
             (Peek() == '\n' || Peek() == ' ' || Peek() == '\t' || Peek() == '\r')) {
        if (Peek() == '\n') ++line_;
        ++at_;
      }
      --at_;
      return {};
    }
    return Wrong("invalid escape character " + Quote({&c, 1}));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  Node root_;
  Node* current_ = &root_;
};

}  // namespace

Result<Value> ParseToml(std::string_view text) { return Parser(text).Parse(); }

}  // namespace swell::funcs
