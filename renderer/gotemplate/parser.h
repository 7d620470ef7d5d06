#pragma once
// Go's template parser: tokens into trees.

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "base/core/result.h"
#include "renderer/gotemplate/budget.h"
#include "renderer/gotemplate/function.h"
#include "renderer/gotemplate/lexer.h"
#include "renderer/gotemplate/node.h"
#include "renderer/gotemplate/template.h"

namespace swell::gotemplate {

// The value of a number literal. Errors are Go's texts without a place.
Status ParseNumber(TokenType type, NumberNode& node);

// One run over one text. The rules and the names are those of Go's text/template/parse.
class Parser {
 public:
  Parser(std::shared_ptr<Source> source, const FunctionMap& functions, const Limits& limits);

  Status Parse();
  Trees TakeTrees() { return std::move(trees_); }

 private:
  // Which clause a pipeline belongs to, for messages.
  using Clause = std::string_view;
  struct Items {
    const ListNode* list = nullptr;
    NodeType end = NodeType::kEnd;  // kEnd or kElse
  };
  struct DepthGuard;

  // What a function returns that has put the error into error_: no node, no items, false. An
  // Error in each return value would cost more than the parsing itself.
  struct Refusal {
    template <class T>
    operator T*() const {
      return nullptr;
    }
    operator bool() const { return false; }
    operator Items() const { return {}; }
  };
  Refusal Refuse(Error error);

  // parser.cc: blocks
  bool ParseTopLevel();
  bool ParseDefinition();
  Items ItemList();
  const Node* TextOrAction();
  const Node* Action();
  const Node* Control(NodeType type, Clause clause);
  const Node* BreakOrContinue(NodeType type, std::string_view text, std::uint32_t pos);
  const Node* Block();
  const Node* TemplateCall();
  const Node* Else();
  const Node* End();
  std::optional<std::string_view> TemplateName(const Token& token, Clause clause);
  bool AddTree(std::string_view name, const ListNode* root);

  // parser_pipeline.cc: what stands inside an action
  const PipeNode* Pipeline(Clause clause, TokenType end);
  bool Declarations(PipeNode& pipe, Clause clause);
  bool CheckPipeline(const PipeNode& pipe, Clause clause);
  const CommandNode* Command();
  const Node* Operand();  // nullptr: none here, or an error
  const Node* Term();     // nullptr: none here, or an error
  const Node* Variable(const Token& token);

  // Tokens. What Peek and Next return is valid until a token is read again.
  const Token& Next() {
    if (peek_count_ > 0) return tokens_[static_cast<std::size_t>(--peek_count_)];
    return tokens_[0] = lexer_.Next();
  }
  void Backup() { ++peek_count_; }
  void Backup2(const Token& before);
  const Token& Peek() {
    if (peek_count_ > 0) return tokens_[static_cast<std::size_t>(peek_count_ - 1)];
    peek_count_ = 1;
    return tokens_[0] = lexer_.Next();
  }
  // ".x" with no white space before it.
  bool AtAdjoiningField() {
    const Token& token = Peek();
    return token.type == TokenType::kField && !token.spaced;
  }
  const Token* Expect(TokenType type, Clause clause);  // nullptr: an error

  Error ErrorAt(std::string message) const;
  Error Unexpected(const Token& token, Clause clause) const;

  // What goes into the source's arena is never destroyed. The budget of nodes is looked at once a
  // list item and operand.
  template <class T, class... Args>
  T* Make(Args&&... args) {
    static_assert(std::is_trivially_destructible_v<T>);
    ++nodes_;
    return new (source_->arena.allocate(sizeof(T), alignof(T))) T(std::forward<Args>(args)...);
  }
  // The elements of a stack above `mark`, moved from it into the arena.
  template <class T>
  std::span<const T> Take(std::vector<T>& stack, std::size_t mark);
  Names OneName(std::string_view name);
  // Go's Unquote; the text itself where nothing is escaped.
  std::optional<std::string_view> Unquoted(const Token& token);
  Error TooManyNodes() const;
  int LineOf(std::uint32_t pos) const;
  Error TooManyVariables() const;

  std::shared_ptr<Source> source_;
  const FunctionMap& functions_;
  const Limits& limits_;
  Lexer lexer_;
  std::array<Token, 2> tokens_{};
  int peek_count_ = 0;
  std::optional<std::uint32_t> action_;  // where the action begins that is being parsed
  int range_depth_ = 0;
  int depth_ = 0;
  std::size_t nodes_ = 0;
  std::optional<Error> error_;
  // Elements of lists, commands and pipelines that are not closed yet: one stack each, which
  // the nested ones share.
  std::vector<const Node*> items_;
  std::vector<const CommandNode*> commands_;
  std::vector<std::string_view> names_;
  std::vector<std::string_view> variables_;  // in scope
  Trees trees_;
  std::unordered_map<std::string_view, std::size_t> tree_at_;  // into trees_, by name
};

template <class T>
std::span<const T> Parser::Take(std::vector<T>& stack, std::size_t mark) {
  const std::size_t count = stack.size() - mark;
  if (count == 0) return {};
  T* const to = static_cast<T*>(source_->arena.allocate(count * sizeof(T), alignof(T)));
  for (std::size_t i = 0; i < count; ++i) new (to + i) T(stack[mark + i]);
  stack.resize(mark);
  return {to, count};
}

}  // namespace swell::gotemplate
