#include "reconciler/gates/promql_tokens.h"

#include <algorithm>

#include "base/core/strings.h"

namespace swell::gates {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsAlpha(char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsWordPart(char c) { return IsAlpha(c) || IsDigit(c); }

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view query) : query_(query) {}

  Result<std::vector<PromqlToken>> Run() {
    while (true) {
      SkipSpaceAndComments();
      if (at_ == query_.size()) break;
      TRY(Next());
    }
    tokens_.push_back({PromqlKind::kEnd, {}, at_});
    return std::move(tokens_);
  }

 private:
  char Peek(std::size_t ahead = 0) const {
    return at_ + ahead < query_.size() ? query_[at_ + ahead] : '\0';
  }

  void SkipSpaceAndComments() {
    while (at_ < query_.size()) {
      if (IsSpace(query_[at_])) {
        ++at_;
      } else if (query_[at_] == '#') {
        at_ = std::min(query_.find_first_of("\r\n", at_), query_.size());
      } else {
        return;
      }
    }
  }

  Status Next() {
    const char c = Peek();
    if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) {
      Emit(PromqlKind::kNumber, NumberEnd());
    } else if (c == '"' || c == '\'' || c == '`') {
      Emit(PromqlKind::kString, TRY(StringEnd(c)));
    } else if (IsAlpha(c) || (c == ':' && !bracket_ && !brace_)) {
      Emit(PromqlKind::kWord, WordEnd());
    } else {
      const std::size_t length = SymbolLength();
      if (length == 0) {
        return Fail(
            InvalidArgument("there is no " + Quote(query_.substr(at_, RuneLength())) + " in PromQL")
                .At(PromqlPlace(query_, at_)));
      }
      // A colon is part of a name but where a subquery's step follows it, and in no label.
      if (c == '[' || c == ']') bracket_ = c == '[';
      if (c == '{' || c == '}') brace_ = c == '{';
      Emit(PromqlKind::kSymbol, at_ + length);
    }
    return {};
  }

  void Emit(PromqlKind kind, std::size_t end) {
    tokens_.push_back({kind, query_.substr(at_, end - at_), at_});
    at_ = end;
  }

  std::size_t WordEnd() const {
    std::size_t end = at_;
    const bool colons = !bracket_ && !brace_;
    while (end < query_.size() && (IsWordPart(query_[end]) || (colons && query_[end] == ':'))) {
      ++end;
    }
    return end;
  }

  // Whatever Prometheus takes for one number or duration, and more that it refuses.
  std::size_t NumberEnd() const {
    std::size_t end = at_;
    bool plain = true;  // digits, dots and underscores so far: an e begins an exponent
    while (end < query_.size()) {
      const char c = query_[end];
      const bool exponent = plain && (c == 'e' || c == 'E');
      if (!IsWordPart(c) && c != '.') break;
      if (!IsDigit(c) && c != '.' && c != '_') plain = false;
      ++end;
      if (exponent && end < query_.size() && (query_[end] == '+' || query_[end] == '-')) ++end;
    }
    return end;
  }

  Result<std::size_t> StringEnd(char quote) const {
    for (std::size_t end = at_ + 1; end < query_.size(); ++end) {
      const char c = query_[end];
      if (c == quote) return end + 1;
      if (quote == '`') continue;
      if (c == '\n') break;
      if (c == '\\') ++end;
    }
    return Fail(
        InvalidArgument("the string that begins here does not end").At(PromqlPlace(query_, at_)));
  }

  std::size_t SymbolLength() const {
    static constexpr std::string_view kTwo[] = {"==", "!=", "=~", "!~", "<=", ">=", "</", ">/"};
    static constexpr std::string_view kOne = "(){}[],:+-*/%^<>=@";
    if (std::ranges::find(kTwo, query_.substr(at_, 2)) != std::end(kTwo)) return 2;
    return kOne.find(Peek()) == std::string_view::npos ? 0 : 1;
  }

  // Of UTF-8, so that a message shows what somebody wrote.
  std::size_t RuneLength() const {
    std::size_t length = 1;
    while (length < 4 && (Peek(length) & 0xc0) == 0x80) ++length;
    return length;
  }

  const std::string_view query_;
  std::size_t at_ = 0;
  bool bracket_ = false;
  bool brace_ = false;
  std::vector<PromqlToken> tokens_;
};

}  // namespace

Result<std::vector<PromqlToken>> TokenizePromql(std::string_view query) {
  return Tokenizer(query).Run();
}

SourceSpan PromqlPlace(std::string_view query, std::size_t at) {
  const std::string_view before = query.substr(0, at);
  const std::size_t line = static_cast<std::size_t>(std::ranges::count(before, '\n'));
  const std::size_t start = before.rfind('\n') == before.npos ? 0 : before.rfind('\n') + 1;
  return {"query", static_cast<int>(line) + 1, static_cast<int>(at - start) + 1};
}

}  // namespace swell::gates
