#pragma once
// Go's template lexer: text and actions into tokens.

#include <cstdint>
#include <string>
#include <string_view>

namespace swell::gotemplate {

enum class TokenType : std::uint8_t {
  kError,  // value is the message
  kBool,
  kChar,  // a printable ASCII character that means nothing else: ','
  kCharConstant,
  kComplex,
  kAssign,   // =
  kDeclare,  // :=
  kEof,
  kField,  // .name
  kIdentifier,
  kLeftDelim,
  kLeftParen,
  kNumber,
  kPipe,
  kRawString,
  kRightDelim,
  kRightParen,
  kString,
  kText,
  kVariable,  // $ or $name
  kKeyword,   // keywords come after
  kBlock,
  kBreak,
  kContinue,
  kDot,
  kDefine,
  kElse,
  kEnd,
  kIf,
  kNil,
  kRange,
  kTemplate,
  kWith,
};

struct Token {
  TokenType type = TokenType::kEof;
  bool spaced = false;  // inside of an action: white space stands before it
  std::uint32_t pos = 0;
  std::string_view value;  // into the text; an error's into the lexer
};

// As Go prints a token in messages: "EOF", <if>, "abc" (cut after 10 characters).
std::string ToString(const Token& token);

// The text must outlive the lexer. After an error or the end, Next goes on giving it. A token is
// valid until the next one is asked for.
class Lexer {
 public:
  explicit Lexer(std::string_view text)
      : begin_(text.data()), end_(text.data() + text.size()), start_(begin_), at_(begin_) {}
  const Token& Next();

 private:
  enum class State : std::uint8_t { kText, kLeftDelim, kComment, kInside, kDone };

  // Each runs one state; true once token_ is set.
  bool Text();
  bool LeftDelim();
  bool Comment();
  bool Inside();
  bool OtherInside();
  bool Identifier();
  bool FieldOrVariable(TokenType type);
  bool Quoted(char quote);
  bool RawQuoted();
  bool Number();
  bool ScanNumber();
  // "}}", and of " -}}" the blank and the hyphen before it.
  enum class Trim : std::uint8_t { kNo, kYes };
  bool RightDelim(Trim trim);

  bool Emit(TokenType type);
  bool Error(std::string message);
  bool BadCharacter(char32_t rune);
  void Ignore() { start_ = at_; }
  void SkipBlanks();
  void SkipAlphaNumerics();
  bool StartsWith(std::string_view prefix) const { return Rest().starts_with(prefix); }
  bool AtTerminator() const;
  bool Accept(std::string_view set);
  void AcceptRun(std::string_view set);
  char32_t Peek(std::size_t* width = nullptr) const;
  bool AtEnd() const { return at_ == end_; }
  std::string_view Rest() const { return {at_, end_}; }
  std::string_view Lexeme() const { return {start_, at_}; }

  const char* const begin_;
  const char* const end_;
  const char* start_;  // of the token that is being read
  const char* at_;
  int paren_depth_ = 0;
  State state_ = State::kText;
  bool spaced_ = false;  // what the next token is to say
  Token token_;
  std::string error_;
};

}  // namespace swell::gotemplate
