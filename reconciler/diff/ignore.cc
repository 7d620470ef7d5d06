#include "reconciler/diff/ignore.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "base/core/strings.h"
#include "base/value/json.h"

namespace swell::diff {
namespace {

constexpr std::size_t kMaxLength = 4096;
constexpr std::size_t kMaxFound = 100'000;

bool IsNameChar(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

}  // namespace

class PathParser {
 public:
  using Step = PathExpression::Step;
  explicit PathParser(std::string_view text) : text_(text) {}

  Result<std::vector<Step>> Pipeline() {
    std::vector<Step> steps;
    while (true) {
      SkipSpace();
      if (text_.substr(at_).starts_with("select")) {
        steps.push_back(TRY(Select()));
      } else {
        TRY(Path(steps));
      }
      SkipSpace();
      if (AtEnd()) return steps;
      if (!Take('|')) return Fail(Bad("expected \"|\" or the end"));
    }
  }

 private:
  Error Bad(const std::string& what) const {
    return InvalidArgument("path expression " + Quote(text_) + ", column " +
                           std::to_string(at_ + 1) + ": " + what);
  }
  bool AtEnd() const { return at_ >= text_.size(); }
  char Peek() const { return AtEnd() ? '\0' : text_[at_]; }
  bool Take(char c) {
    if (Peek() != c) return false;
    ++at_;
    return true;
  }
  void SkipSpace() {
    while (Peek() == ' ' || Peek() == '\t') ++at_;
  }
  std::string_view Name() {
    const std::size_t begin = at_;
    while (IsNameChar(Peek())) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  Result<Value> Literal() {
    const std::size_t begin = at_;
    if (Peek() == '"') {
      for (++at_; !AtEnd() && Peek() != '"'; ++at_) {
        if (Peek() == '\\') ++at_;
      }
      if (!Take('"')) return Fail(Bad("the string does not end"));
    } else {
      while (IsNameChar(Peek()) || Peek() == '-' || Peek() == '.') ++at_;
    }
    auto value = json::Parse(text_.substr(begin, at_ - begin));
    if (!value) return Fail(Bad("expected a string, number, true, false or null"));
    return *value;
  }

  Result<Step> Bracket() {
    Step step;
    SkipSpace();
    if (Take(']')) {
      step.kind = Step::Kind::kEach;
      return step;
    }
    const Value key = TRY(Literal());
    SkipSpace();
    if (!Take(']')) return Fail(Bad("expected \"]\""));
    if (key.is_string()) {
      step.field = key.str();
    } else if (key.is_int() && key.as_int() >= 0) {
      step.kind = Step::Kind::kIndex;
      step.index = static_cast<std::size_t>(key.as_int());
    } else {
      return Fail(Bad("expected a field name or an index that is not negative"));
    }
    return step;
  }

  // Appends the steps of one path; "." alone has none.
  Status Path(std::vector<Step>& steps) {
    if (Peek() != '.') {
      const std::string_view name = Name();
      if (name.empty()) return Fail(Bad("expected a path, which begins with \".\""));
      return Fail(Unimplemented("path expression " + Quote(text_) + ": the jq function " +
                                Quote(name) + " is not supported; paths and select are"));
    }
    while (true) {
      if (Take('[')) {
        steps.push_back(TRY(Bracket()));
      } else if (Take('.')) {
        if (Peek() == '[') continue;
        if (Peek() == '"') {
          Step step;
          step.field = TRY(Literal()).str();
          steps.push_back(std::move(step));
          continue;
        }
        const std::string_view name = Name();
        if (name.empty()) return {};
        Step step;
        step.field = std::string(name);
        steps.push_back(std::move(step));
      } else {
        Take('?');
        return {};
      }
    }
  }

  Result<Step> Select() {
    at_ += std::string_view("select").size();
    SkipSpace();
    if (!Take('(')) return Fail(Bad("expected \"(\" after select"));
    Step step;
    step.kind = Step::Kind::kSelect;
    SkipSpace();
    TRY(Path(step.condition));
    SkipSpace();
    constexpr std::array<std::string_view, 6> kOps = {"==", "!=", "<=", ">=", "<", ">"};
    for (std::string_view op : kOps) {
      if (!text_.substr(at_).starts_with(op)) continue;
      at_ += op.size();
      SkipSpace();
      step.op = std::string(op);
      step.literal = TRY(Literal());
      break;
    }
    SkipSpace();
    if (!Take(')')) {
      return Fail(Unimplemented("path expression " + Quote(text_) + ", column " +
                                std::to_string(at_ + 1) +
                                ": select takes one path, or one comparison of a path with a "
                                "literal"));
    }
    return step;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

Result<PathExpression> PathExpression::Parse(std::string_view text) {
  if (text.size() > kMaxLength) {
    return Fail(InvalidArgument("path expression of " + std::to_string(text.size()) +
                                " bytes: at most " + std::to_string(kMaxLength) + " are allowed"));
  }
  PathExpression expression;
  expression.steps_ = TRY(PathParser(text).Pipeline());
  return expression;
}

bool PathExpression::Holds(const Value& node, const Step& select) {
  std::vector<PointerTokens> found;
  PointerTokens at;
  Walk(node, select.condition, at, found);
  const Value* value = found.empty() ? nullptr : FindPointer(node, found.front());
  const Value& left = value ? *value : Value();
  if (select.op.empty()) return !left.is_null() && !(left.is_bool() && !left.as_bool());
  const Value& right = select.literal;
  const bool numbers = left.is_number() && right.is_number();
  if (select.op == "==" || select.op == "!=") {
    const bool equal = numbers ? left.as_float() == right.as_float() : left == right;
    return equal == (select.op == "==");
  }
  // Order between kinds of values is jq's affair; here only like compares with like.
  if (!numbers && !(left.is_string() && right.is_string())) return false;
  const int order =
      numbers ? (left.as_float() > right.as_float()) - (left.as_float() < right.as_float())
              : left.as_string().compare(right.as_string());
  if (select.op == "<") return order < 0;
  if (select.op == "<=") return order <= 0;
  if (select.op == ">") return order > 0;
  return order >= 0;
}

void PathExpression::Walk(const Value& node, std::span<const Step> steps, PointerTokens& at,
                          std::vector<PointerTokens>& found) {
  if (found.size() >= kMaxFound) return;
  if (steps.empty()) {
    found.push_back(at);
    return;
  }
  const Step& step = steps.front();
  const auto rest = steps.subspan(1);
  const auto descend = [&](const Value& child, std::string token) {
    at.push_back(std::move(token));
    Walk(child, rest, at, found);
    at.pop_back();
  };
  switch (step.kind) {
    case Step::Kind::kSelect:
      if (Holds(node, step)) Walk(node, rest, at, found);
      return;
    case Step::Kind::kField:
      if (const Value* child = node.Find(step.field)) descend(*child, step.field);
      return;
    case Step::Kind::kIndex:
      if (step.index < node.items().size()) descend(node[step.index], std::to_string(step.index));
      return;
    case Step::Kind::kEach:
      for (std::size_t i = 0; i < node.items().size(); ++i) descend(node[i], std::to_string(i));
      for (const Member& member : node.members()) descend(member.value, member.key.str());
      return;
  }
}

std::vector<PointerTokens> PathExpression::Find(const Value& document) const {
  std::vector<PointerTokens> found;
  PointerTokens at;
  Walk(document, steps_, at, found);
  return found;
}

}  // namespace swell::diff
