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
  kSpace,
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
  std::uint32_t pos = 0;
  std::string_view value;  // into the text; an error's into the lexer
};

// As Go prints a token in messages: "EOF", <if>, "abc" (cut after 10 characters).
std::string ToString(const Token& token);

// The text must outlive the lexer. After an error or the end, Next goes on giving it. A token is
// valid until the next one is asked for.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}
  const Token& Next();

 private:
  enum class State : std::uint8_t { kText, kLeftDelim, kComment, kRightDelim, kInside, kDone };

  // Each runs one state; true once token_ is set.
  bool Text();
  bool LeftDelim();
  bool Comment();
  bool RightDelim();
  bool Inside();
  bool EndInside();
  bool OtherInside();
  bool Space();
  bool Identifier();
  bool FieldOrVariable(TokenType type);
  bool Quoted(char quote);
  bool RawQuoted();
  bool Number();
  bool ScanNumber();

  bool Emit(TokenType type);
  bool Error(std::string message);
  bool BadCharacter(char32_t rune);
  void Ignore() { start_ = pos_; }
  void SkipAlphaNumerics();
  bool AtRightDelim(bool* trim) const;
  bool AtTerminator() const;
  bool Accept(std::string_view set);
  void AcceptRun(std::string_view set);
  char32_t Peek(std::size_t* width = nullptr) const;
  bool AtEnd() const { return pos_ >= text_.size(); }
  std::string_view Rest() const { return text_.substr(pos_); }

  std::string_view text_;
  std::size_t start_ = 0;
  std::size_t pos_ = 0;
  int paren_depth_ = 0;
  State state_ = State::kText;
  Token token_;
  std::string error_;
};

}  // namespace swell::gotemplate
