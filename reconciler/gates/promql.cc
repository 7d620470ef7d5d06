#include "reconciler/gates/promql.h"

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <span>

#include "base/core/strings.h"
#include "base/text/regex.h"
#include "reconciler/gates/promql_tokens.h"

namespace swell::gates {
namespace {

using Names = std::span<const std::string_view>;

constexpr std::string_view kAggregators[] = {
    "sum",    "avg",  "count",   "min",    "max",         "group",        "stddev",
    "stdvar", "topk", "bottomk", "limitk", "limit_ratio", "count_values", "quantile"};
constexpr std::string_view kWordOperators[] = {"and", "or", "unless", "atan2"};
constexpr std::string_view kSymbolOperators[] = {
    "+", "-", "*", "/", "%", "^", "==", "!=", "<", ">", "<=", ">=", "</", ">/"};
constexpr std::string_view kDurationWords[] = {"step", "range", "min_of", "max_of"};
// Keywords that no metric can be named after, as others can.
constexpr std::string_view kReserved[] = {"bool",       "on",          "ignoring",
                                          "group_left", "group_right", "atan2"};
// Keywords that no function can be named after.
constexpr std::string_view kNoFunction[] = {
    "bool",   "on",  "ignoring", "group_left", "group_right", "by",       "without",
    "offset", "and", "or",       "unless",     "atan2",       "anchored", "smoothed"};

bool IsOne(std::string_view word, Names names) {
  return std::ranges::find(names, word) != names.end();
}
bool IsOne(std::string_view word, std::initializer_list<std::string_view> names) {
  return IsOne(word, Names(names.begin(), names.size()));
}

class Restriction {
 public:
  Restriction(std::string_view query, std::string matcher)
      : query_(query), matcher_(std::move(matcher)) {}

  Result<std::string> Run() {
    tokens_ = TRY(TokenizePromql(query_));
    Place next = Place::kOperand;
    while (next != Place::kDone) {
      next = next == Place::kOperand ? TRY(Operand()) : TRY(Operator());
    }
    return out_ + std::string(query_.substr(copied_));
  }
  bool found() const { return found_; }

 private:
  using Kind = PromqlKind;
  // Where an operand may begin, or where one has just ended.
  enum class Place { kOperand, kOperator, kDone };
  struct Open {
    std::size_t at;
    bool call;
  };

  const PromqlToken& Peek() const { return tokens_[next_]; }
  const PromqlToken& Take() {
    const PromqlToken& token = tokens_[next_];
    if (token.kind != Kind::kEnd) ++next_;
    return token;
  }
  // Keywords are written in any case.
  std::string PeekWord() const {
    return Peek().kind == Kind::kWord ? ToLower(Peek().text) : std::string();
  }
  bool PeekSymbol(std::string_view symbol) const {
    return Peek().kind == Kind::kSymbol && Peek().text == symbol;
  }
  bool TakeSymbol(std::string_view symbol) {
    if (!PeekSymbol(symbol)) return false;
    ++next_;
    return true;
  }
  Error Unexpected(const PromqlToken& token, std::string_view wanted) const {
    const std::string found = token.kind == Kind::kEnd ? "the query ends" : Quote(token.text);
    return InvalidArgument(found + " where " + std::string(wanted) + " is expected")
        .At(PromqlPlace(query_, token.at));
  }
  Status Require(std::string_view symbol) {
    if (TakeSymbol(symbol)) return {};
    return Fail(Unexpected(Peek(), Quote(symbol)));
  }

  void Insert(std::size_t at, std::string_view text) {
    out_ += query_.substr(copied_, at - copied_);
    out_ += text;
    copied_ = at;
    found_ = true;
  }

  Result<Place> Operand() {
    const bool first_argument = !open_.empty() && open_.back().call && next_ > 0 &&
                                tokens_[next_ - 1].at == open_.back().at;
    const PromqlToken& token = Take();
    if (token.kind == Kind::kNumber || token.kind == Kind::kString) return Place::kOperator;
    if (token.kind == Kind::kWord) return Word(token);
    if (token.kind == Kind::kSymbol) {
      if (token.text == "+" || token.text == "-") return Place::kOperand;
      if (token.text == "(") {
        open_.push_back({token.at, false});
        return Place::kOperand;
      }
      if (token.text == "{") {
        TRY(Matchers());
        return Place::kOperator;
      }
      if (token.text == ")" && first_argument) {
        open_.pop_back();
        return Place::kOperator;
      }
    }
    return Fail(Unexpected(token, "an expression"));
  }

  Result<Place> Word(const PromqlToken& token) {
    const std::string word = ToLower(token.text);
    if (IsOne(word, kAggregators) && (PeekWord() == "by" || PeekWord() == "without")) {
      Take();
      TRY(Labels());
      if (!PeekSymbol("(")) return Fail(Unexpected(Peek(), "\"(\""));
    }
    if (PeekSymbol("(")) {
      if (IsOne(word, kNoFunction) || word.find(':') != word.npos) {
        return Fail(Unexpected(token, "a function"));
      }
      open_.push_back({Take().at, true});
      return Place::kOperand;
    }
    if (word == "inf" || word == "nan") return Place::kOperator;
    if (IsOne(word, kReserved)) return Fail(Unexpected(token, "an expression"));
    if (TakeSymbol("{")) {
      TRY(Matchers());
    } else {
      Insert(token.at + token.text.size(), "{" + matcher_ + "}");
    }
    return Place::kOperator;
  }

  // Behind "{", up to and with "}".
  Status Matchers() {
    bool comma = true;  // or the beginning
    while (!PeekSymbol("}")) {
      if (!comma) TRY(Require(","));
      if (!comma && PeekSymbol("}")) break;
      TRY(Matcher());
      comma = false;
    }
    const bool separated = tokens_[next_ - 1].text == "{" || tokens_[next_ - 1].text == ",";
    Insert(Take().at, (separated ? "" : ",") + matcher_);
    return {};
  }

  // label="value", "label"="value", or "metric".
  Status Matcher() {
    const PromqlToken& name = Take();
    if (name.kind != Kind::kWord && name.kind != Kind::kString) {
      return Fail(Unexpected(name, "a label"));
    }
    const bool alone = PeekSymbol(",") || PeekSymbol("}");
    if (name.kind == Kind::kString && alone) return {};
    const PromqlToken& comparison = Take();
    if (comparison.kind != Kind::kSymbol || !IsOne(comparison.text, {"=", "!=", "=~", "!~"})) {
      return Fail(Unexpected(comparison, "=, !=, =~ or !~"));
    }
    const PromqlToken& value = Take();
    if (value.kind != Kind::kString) return Fail(Unexpected(value, "a string"));
    return {};
  }

  Result<Place> Operator() {
    const PromqlToken& token = Take();
    if (token.kind == Kind::kEnd) {
      if (open_.empty()) return Place::kDone;
      return Fail(InvalidArgument("the parenthesis that begins here does not end")
                      .At(PromqlPlace(query_, open_.back().at)));
    }
    if (token.kind == Kind::kSymbol) return SymbolAfter(token);
    const std::string word = token.kind == Kind::kWord ? ToLower(token.text) : "";
    if (IsOne(word, kWordOperators)) return Modifiers();
    if (word == "anchored" || word == "smoothed") return Place::kOperator;
    if (word == "offset") {
      TRY(Offset());
      return Place::kOperator;
    }
    if ((word == "by" || word == "without") && tokens_[next_ - 2].text == ")") {
      TRY(Labels());
      return Place::kOperator;
    }
    return Fail(Unexpected(token, "an operator"));
  }

  Result<Place> SymbolAfter(const PromqlToken& token) {
    if (IsOne(token.text, kSymbolOperators)) return Modifiers();
    if (token.text == ")" && !open_.empty()) {
      open_.pop_back();
      return Place::kOperator;
    }
    if (token.text == "," && !open_.empty() && open_.back().call) return Place::kOperand;
    if (token.text == "[") {
      if (PeekSymbol("]")) return Fail(Unexpected(Peek(), "a duration"));
      TRY(Durations("]"));
      return Place::kOperator;
    }
    if (token.text == "@") {
      TRY(At());
      return Place::kOperator;
    }
    return Fail(Unexpected(token, "an operator"));
  }

  // Behind a binary operator.
  Result<Place> Modifiers() {
    if (PeekWord() == "bool") Take();
    if (PeekWord() == "on" || PeekWord() == "ignoring") {
      Take();
      TRY(Labels());
      if (PeekWord() == "group_left" || PeekWord() == "group_right") {
        Take();
        if (PeekSymbol("(")) TRY(Labels());
      }
    }
    while (IsOne(PeekWord(), {"fill", "fill_left", "fill_right"}) &&
           tokens_[next_ + 1].text == "(") {
      Take();
      Take();
      if (!TakeSymbol("-")) TakeSymbol("+");
      const PromqlToken& value = Take();
      const std::string word = value.kind == Kind::kWord ? ToLower(value.text) : "";
      if (value.kind != Kind::kNumber && word != "inf" && word != "nan") {
        return Fail(Unexpected(value, "a number"));
      }
      TRY(Require(")"));
    }
    return Place::kOperand;
  }

  // (a, "b", sum)
  Status Labels() {
    TRY(Require("("));
    while (!TakeSymbol(")")) {
      const PromqlToken& label = Take();
      if (label.kind != Kind::kWord && label.kind != Kind::kString) {
        return Fail(Unexpected(label, "a label"));
      }
      if (!PeekSymbol(")")) TRY(Require(","));
    }
    return {};
  }

  // Behind "offset".
  Status Offset() {
    while (TakeSymbol("-") || TakeSymbol("+")) {
    }
    if (Peek().kind == Kind::kNumber) {
      Take();
      return {};
    }
    if (IsOne(PeekWord(), kDurationWords)) Take();
    if (!TakeSymbol("(")) return Fail(Unexpected(Peek(), "a duration"));
    return Durations(")");
  }

  // Numbers and what computes with them, up to and with the end; no selector can be in it.
  Status Durations(std::string_view end) {
    int depth = 0;
    while (true) {
      const PromqlToken& token = Take();
      if (depth == 0 && token.kind == Kind::kSymbol && token.text == end) return {};
      if (token.text == "(") ++depth;
      const bool closes = token.text == ")" && depth > 0;
      if (closes) --depth;
      const bool known =
          token.kind == Kind::kNumber ||
          (token.kind == Kind::kWord && IsOne(ToLower(token.text), kDurationWords)) ||
          (token.kind == Kind::kSymbol &&
           (closes || IsOne(token.text, {"(", "+", "-", "*", "/", "%", "^", ",", ":"})));
      if (!known) return Fail(Unexpected(token, "a duration"));
    }
  }

  // Behind "@".
  Status At() {
    while (TakeSymbol("-") || TakeSymbol("+")) {
    }
    const PromqlToken& token = Take();
    const std::string word = token.kind == Kind::kWord ? ToLower(token.text) : "";
    if (token.kind == Kind::kNumber || word == "inf" || word == "nan") return {};
    if (word != "start" && word != "end") return Fail(Unexpected(token, "a time"));
    TRY(Require("("));
    return Require(")");
  }

  const std::string_view query_;
  const std::string matcher_;
  std::vector<PromqlToken> tokens_;
  std::size_t next_ = 0;
  std::vector<Open> open_;  // parentheses
  std::string out_;         // the query up to copied_, restricted
  std::size_t copied_ = 0;
  bool found_ = false;
};

bool IsLabelName(std::string_view label) {
  const auto letter = [](char c) {
    return c == '_' || std::isalpha(static_cast<unsigned char>(c));
  };
  return !label.empty() && letter(label[0]) && std::ranges::all_of(label, [&](char c) {
    return letter(c) || std::isdigit(static_cast<unsigned char>(c));
  });
}

std::string QuotePromql(std::string_view text) {
  std::string out = ReplaceAll(text, "\\", "\\\\");
  out = ReplaceAll(out, "\"", "\\\"");
  return "\"" + ReplaceAll(out, "\n", "\\n") + "\"";
}

std::string MatcherText(std::string_view label, const std::vector<std::string>& values) {
  if (values.size() == 1) return std::string(label) + "=" + QuotePromql(values[0]);
  std::vector<std::string> patterns;
  for (const std::string& value : values) patterns.push_back(QuoteRegex(value));
  return std::string(label) + "=~" + QuotePromql(Join(patterns, "|"));
}

}  // namespace

Result<std::string> RestrictQuery(std::string_view query, std::string_view label,
                                  const std::vector<std::string>& values) {
  if (!IsLabelName(label)) {
    return Fail(InvalidArgument("clusterLabel " + Quote(label) + " is not the name of a label"));
  }
  Restriction restriction(query, MatcherText(label, values));
  std::string out = TRY(restriction.Run());
  if (!restriction.found()) {
    return Fail(InvalidArgument("the query has no selector that clusterLabel " + Quote(label) +
                                " could restrict"));
  }
  return out;
}

}  // namespace swell::gates
