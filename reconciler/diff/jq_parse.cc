// The parser: recursive descent, one function a level of precedence.

#include <algorithm>
#include <array>
#include <cctype>

#include "base/core/strings.h"
#include "base/value/json.h"
#include "reconciler/diff/jq.h"

namespace swell::diff::jq {
namespace {

using Kind = Node::Kind;

constexpr std::size_t kMaxLength = 4096;
constexpr int kMaxDepth = 64;
constexpr int kMaxTerms = 1000;

struct Function {
  std::string_view name;
  int least;  // arguments
  int most;
};
constexpr std::array<Function, 17> kFunctions = {{
    {"select", 1, 1},
    {"first", 1, 1},
    {"recurse", 0, 0},
    {"empty", 0, 0},
    {"not", 0, 0},
    {"has", 1, 1},
    {"startswith", 1, 1},
    {"endswith", 1, 1},
    {"contains", 1, 1},
    {"test", 1, 2},
    {"any", 0, 1},
    {"all", 0, 1},
    {"length", 0, 0},
    {"keys", 0, 0},
    {"type", 0, 0},
    {"tostring", 0, 0},
    {"ascii_downcase", 0, 0},
}};

bool IsNameStart(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool IsDigit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }
bool IsNameChar(char c) { return IsNameStart(c) || IsDigit(c); }

std::unique_ptr<Node> Make(Kind kind) {
  auto node = std::make_unique<Node>();
  node->kind = kind;
  return node;
}

NodePtr Binary(Kind kind, NodePtr a, NodePtr b) {
  auto node = Make(kind);
  node->a = std::move(a);
  node->b = std::move(b);
  return node;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<NodePtr> Run() {
    NodePtr whole = TRY(Pipe());
    if (!AtEnd()) return Fail(Bad("expected \"|\" or the end"));
    TRY(CheckNamesPlaces(*whole));
    return whole;
  }

 private:
  std::string Where() const {
    return "path expression " + Quote(text_) + ", column " + std::to_string(at_ + 1) + ": ";
  }
  Error Bad(const std::string& what) const { return InvalidArgument(Where() + what); }
  Error Unsupported(const std::string& what) const {
    return Unimplemented(Where() + what +
                         " not supported; paths and conditions are (docs/diff.md)");
  }

  bool AtEnd() {
    SkipSpace();
    return at_ >= text_.size();
  }
  char Peek() {
    SkipSpace();
    return Here();
  }
  char Here() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void SkipSpace() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }
  bool Take(std::string_view token) {
    SkipSpace();
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }
  bool TakeWord(std::string_view word) {
    SkipSpace();
    const std::string_view rest = text_.substr(at_);
    if (!rest.starts_with(word)) return false;
    if (rest.size() > word.size() && IsNameChar(rest[word.size()])) return false;
    at_ += word.size();
    return true;
  }
  std::string_view Name() {
    const std::size_t begin = at_;
    while (IsNameChar(Here())) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  Result<NodePtr> Pipe() {
    if (++depth_ > kMaxDepth) return Fail(Bad("nested too deeply"));
    NodePtr left = TRY(Comma());
    if (Take("|")) {
      if (Here() == '=') return Fail(Unsupported("assignment is"));
      left = Binary(Kind::kPipe, std::move(left), TRY(Pipe()));
    }
    --depth_;
    return left;
  }

  Result<NodePtr> Comma() {
    NodePtr left = TRY(Alternative());
    while (Take(",")) left = Binary(Kind::kComma, std::move(left), TRY(Alternative()));
    return left;
  }

  Result<NodePtr> Alternative() {
    std::vector<NodePtr> parts;
    parts.push_back(TRY(Or()));
    while (Take("//")) parts.push_back(TRY(Or()));
    NodePtr right = std::move(parts.back());
    for (std::size_t i = parts.size() - 1; i-- > 0;) {
      right = Binary(Kind::kDefault, std::move(parts[i]), std::move(right));
    }
    return right;
  }

  Result<NodePtr> Or() {
    NodePtr left = TRY(And());
    while (TakeWord("or")) left = Binary(Kind::kOr, std::move(left), TRY(And()));
    return left;
  }

  Result<NodePtr> And() {
    NodePtr left = TRY(Comparison());
    while (TakeWord("and")) left = Binary(Kind::kAnd, std::move(left), TRY(Comparison()));
    return left;
  }

  Result<NodePtr> Comparison() {
    NodePtr left = TRY(Postfix());
    for (std::string_view op : {"==", "!=", "<=", ">=", "<", ">"}) {
      if (!Take(op)) continue;
      auto node = Make(Kind::kCompare);
      node->text = op;
      node->a = std::move(left);
      node->b = TRY(Postfix());
      return NodePtr(std::move(node));
    }
    for (std::string_view op : {"+", "-", "*", "%", "="}) {
      if (Peek() == op[0]) return Fail(Unsupported("the operator " + Quote(op) + " is"));
    }
    if (Peek() == '/' && !text_.substr(at_).starts_with("//")) {
      return Fail(Unsupported("the operator \"/\" is"));
    }
    return left;
  }

  Result<NodePtr> Postfix() {
    NodePtr left = TRY(Term());
    while (true) {
      if (TakeWord("as")) return Fail(Unsupported("\"as\" (a variable) is"));
      if (Take("?")) continue;
      const bool bracket = Peek() == '[';
      const bool field = Here() == '.' && at_ + 1 < text_.size() && text_[at_ + 1] != '.';
      if (!bracket && !field) return left;
      if (field) ++at_;
      left = Binary(Kind::kPipe, std::move(left), TRY(Step()));
    }
  }

  // What follows the dot: a name, a quoted name or a bracket.
  Result<NodePtr> Step() {
    if (Take("[")) return Bracket();
    auto node = Make(Kind::kField);
    if (Here() == '"') {
      node->text = TRY(Text());
    } else if (IsNameStart(Here())) {
      node->text = std::string(Name());
    } else {
      return Fail(Bad("expected a field name after \".\""));
    }
    return NodePtr(std::move(node));
  }

  Result<NodePtr> Bracket() {
    if (Take("]")) return NodePtr(Make(Kind::kEach));
    std::unique_ptr<Node> node;
    if (Peek() == '"') {
      node = Make(Kind::kField);
      node->text = TRY(Text());
    } else if (IsDigit(Here()) || Here() == '-') {
      const Value number = TRY(Number());
      if (Peek() == ':') return Fail(Unsupported("a slice of a list is"));
      if (!number.is_int()) return Fail(Bad("an index is a whole number"));
      node = Make(Kind::kIndex);
      node->index = number.as_int();
    } else if (Here() == ':') {
      return Fail(Unsupported("a slice of a list is"));
    } else {
      return Fail(Unsupported("an index that is computed is"));
    }
    if (!Take("]")) return Fail(Bad("expected \"]\""));
    return NodePtr(std::move(node));
  }

  Result<std::string> Text() {
    const std::size_t begin = at_;
    for (++at_; at_ < text_.size() && Here() != '"'; ++at_) {
      if (Here() != '\\') continue;
      ++at_;
      if (Here() == '(') return Fail(Unsupported("interpolation in strings is"));
    }
    if (Here() != '"') return Fail(Bad("the string does not end"));
    ++at_;
    const auto value = json::Parse(text_.substr(begin, at_ - begin));
    if (!value) return Fail(Bad("the string cannot be read: " + value.error().ToString()));
    return value->str();
  }

  Result<Value> Number() {
    const std::size_t begin = at_;
    while (IsDigit(Here()) || Here() == '-' || Here() == '+' || Here() == '.' || Here() == 'e') {
      ++at_;
    }
    auto value = json::Parse(text_.substr(begin, at_ - begin));
    if (!value || !value->is_number()) return Fail(Bad("expected a number"));
    return *value;
  }

  Result<NodePtr> Literal(Value value) {
    auto node = Make(Kind::kLiteral);
    node->value = std::move(value);
    return NodePtr(std::move(node));
  }

  Result<NodePtr> Term() {
    if (++terms_ > kMaxTerms) return Fail(Bad("too many parts"));
    const char c = Peek();
    if (Take("..")) return NodePtr(Make(Kind::kDescent));
    if (c == '.') return Path();
    if (c == '"') return Literal(Value(TRY(Text())));
    if (IsDigit(c) || c == '-') return Literal(TRY(Number()));
    if (Take("(")) {
      NodePtr inner = TRY(Pipe());
      if (!Take(")")) return Fail(Bad("expected \")\""));
      return inner;
    }
    if (Take("{}")) return Literal(Value::EmptyObject());
    if (Take("[")) return List();
    if (c == '{') return Fail(Unsupported("making objects is"));
    if (c == '$') return Fail(Unsupported("\"$\" (a variable) is"));
    if (c == '@') return Fail(Unsupported("\"@\" (a format) is"));
    if (IsNameStart(c)) return Word();
    return Fail(Bad("expected a path, which begins with \".\""));
  }

  // Of literals: what contains() and comparisons take.
  Result<NodePtr> List() {
    std::vector<Value> items;
    while (!Take("]")) {
      if (!items.empty() && !Take(",")) return Fail(Bad("expected \",\" or \"]\""));
      const NodePtr item = TRY(Term());
      if (item->kind != Kind::kLiteral) return Fail(Unsupported("making lists is"));
      items.push_back(item->value);
    }
    return Literal(Value::Array(std::move(items)));
  }

  Result<NodePtr> Path() {
    ++at_;  // the dot
    if (IsNameStart(Here()) || Here() == '"' || Here() == '[') return Step();
    return NodePtr(Make(Kind::kIdentity));
  }

  Result<NodePtr> Word() {
    if (TakeWord("null")) return Literal(Value());
    if (TakeWord("true")) return Literal(Value(true));
    if (TakeWord("false")) return Literal(Value(false));
    if (TakeWord("if")) return Branches();
    const std::size_t begin = at_;
    const std::string name(Name());
    const auto* known = std::ranges::find(kFunctions, name, &Function::name);
    if (known == kFunctions.end()) {
      at_ = begin;
      return Fail(Unsupported("the jq function " + Quote(name) + " is"));
    }
    return Call(*known);
  }

  Result<NodePtr> Call(const Function& function) {
    auto node = Make(Kind::kFunction);
    node->text = function.name;
    int given = 0;
    if (Take("(")) {
      do {
        NodePtr argument = TRY(Pipe());
        if (given == 0)
          node->a = std::move(argument);
        else
          node->b = std::move(argument);
        ++given;
      } while (given < 2 && Take(";"));
      if (!Take(")")) return Fail(Bad("expected \")\""));
    }
    if (given < function.least || given > function.most) {
      return Fail(Unsupported(std::string(function.name) + " with " + std::to_string(given) +
                              " arguments is"));
    }
    if (function.name == "test") TRY(CompileTest(*node));
    return NodePtr(std::move(node));
  }

  Status CompileTest(Node& node) {
    if (node.a->kind != Kind::kLiteral || !node.a->value.is_string() ||
        (node.b && (node.b->kind != Kind::kLiteral || !node.b->value.is_string()))) {
      return Fail(Unsupported("test with a pattern that is no string is"));
    }
    std::string flags;
    for (const char flag : node.b ? node.b->value.as_string() : std::string_view()) {
      if (flag == 'g' || flag == 'n') continue;  // which matches, not whether
      if (flag != 'i' && flag != 's') {
        return Fail(Unsupported("the flag " + Quote(std::string(1, flag)) + " of test is"));
      }
      flags += flag;
    }
    const std::string pattern = (flags.empty() ? "" : "(?" + flags + ")") + node.a->value.str();
    auto regex = Regex::Compile(pattern);
    if (!regex) return Fail(Bad("test: " + regex.error().ToString()));
    node.regex = std::make_shared<const Regex>(*std::move(regex));
    return {};
  }

  // After "if" or "elif".
  Result<NodePtr> Branches() {
    if (++depth_ > kMaxDepth) return Fail(Bad("nested too deeply"));
    auto node = Make(Kind::kIf);
    node->a = TRY(Pipe());
    if (!TakeWord("then")) return Fail(Bad("expected \"then\""));
    node->b = TRY(Pipe());
    if (TakeWord("elif")) {
      node->c = TRY(Branches());
    } else {
      node->c = Make(Kind::kIdentity);
      if (TakeWord("else")) node->c = TRY(Pipe());
      if (!TakeWord("end")) return Fail(Bad("expected \"end\""));
    }
    --depth_;
    return NodePtr(std::move(node));
  }

  // A value that is no place cannot be ignored; null names nothing.
  Status CheckNamesPlaces(const Node& node) const {
    switch (node.kind) {
      case Kind::kPipe:
      case Kind::kComma:
      case Kind::kDefault:
        TRY(CheckNamesPlaces(*node.a));
        return CheckNamesPlaces(*node.b);
      case Kind::kIf:
        TRY(CheckNamesPlaces(*node.b));
        return CheckNamesPlaces(*node.c);
      case Kind::kFunction:
        if (node.text == "first") return CheckNamesPlaces(*node.a);
        if (node.text == "select" || node.text == "recurse" || node.text == "empty") return {};
        return Fail(NoPlace("the result of " + node.text));
      case Kind::kLiteral:
        if (node.value.is_null()) return {};
        return Fail(NoPlace(json::Write(node.value)));
      case Kind::kCompare:
      case Kind::kAnd:
      case Kind::kOr:
        return Fail(NoPlace("a condition (put it into select)"));
      default:
        return {};
    }
  }
  Error NoPlace(const std::string& what) const {
    return InvalidArgument("path expression " + Quote(text_) +
                           " must name fields, but a part of it is " + what);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  int terms_ = 0;
};

}  // namespace

Result<NodePtr> Parse(std::string_view text) {
  if (text.size() > kMaxLength) {
    return Fail(InvalidArgument("path expression of " + std::to_string(text.size()) +
                                " bytes: at most " + std::to_string(kMaxLength) + " are allowed"));
  }
  return Parser(text).Run();
}

}  // namespace swell::diff::jq
