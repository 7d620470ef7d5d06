#pragma once
// Go's template parser: tokens into trees.

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "renderer/gotemplate/budget.h"
#include "renderer/gotemplate/function.h"
#include "renderer/gotemplate/lexer.h"
#include "renderer/gotemplate/node.h"

namespace swell::gotemplate {

// Parses one text: the template itself comes last, after everything it defines, in the order
// in which they are to be added to a set. Errors read `template: NAME:LINE: MESSAGE`.
Result<std::vector<std::shared_ptr<const Tree>>> ParseTemplate(std::string_view name,
                                                               std::string_view text,
                                                               const FunctionMap& functions,
                                                               const Limits& limits);

// The value of a number literal. Errors are Go's texts without a place.
Status ParseNumber(TokenType type, NumberNode& node);

// One run over one text. The rules and the names are those of Go's text/template/parse.
class Parser {
 public:
  Parser(std::shared_ptr<Source> source, const FunctionMap& functions, const Limits& limits);

  Status Parse();
  std::vector<std::shared_ptr<const Tree>> TakeTrees() { return std::move(trees_); }

 private:
  // Which clause a pipeline belongs to, for messages.
  using Clause = std::string_view;
  struct Items {
    const ListNode* list = nullptr;
    NodeType end = NodeType::kEnd;  // kEnd or kElse
  };
  struct DepthGuard;

  // parser.cc: blocks
  Status ParseTopLevel();
  Status ParseDefinition();
  Result<Items> ItemList();
  Result<const Node*> TextOrAction();
  Result<const Node*> Action();
  Result<const Node*> Control(NodeType type, Clause clause);
  Result<const Node*> BreakOrContinue(NodeType type, std::string_view text, std::uint32_t pos);
  Result<const Node*> Block();
  Result<const Node*> TemplateCall();
  Result<const Node*> Else();
  Result<const Node*> End();
  Result<std::string> TemplateName(const Token& token, Clause clause);
  Status AddTree(std::string name, const ListNode* root);

  // parser_pipeline.cc: what stands inside an action
  Result<const PipeNode*> Pipeline(Clause clause, TokenType end);
  Status Declarations(PipeNode& pipe, Clause clause);
  Status CheckPipeline(const PipeNode& pipe, Clause clause);
  Result<const CommandNode*> Command();
  Result<const Node*> Operand();  // nullptr: none here
  Result<const Node*> Term();     // nullptr: none here
  Result<const Node*> Variable(const Token& token);

  // tokens
  Token Next();
  void Backup() { ++peek_count_; }
  void Backup2(const Token& before);
  void Backup3(const Token& before2, const Token& before1);
  Token Peek();
  Token NextNonSpace();
  Token PeekNonSpace();
  Result<Token> Expect(TokenType type, Clause clause);

  Error ErrorAt(std::string message) const;
  Error Unexpected(const Token& token, Clause clause) const;

  template <class T, class... Args>
  Result<T*> Make(Args&&... args) {
    if (source_->nodes.size() >= limits_.max_parse_nodes) [[unlikely]]
      return Fail(TooManyNodes());
    auto node = std::make_unique<T>(std::forward<Args>(args)...);
    T* raw = node.get();
    source_->nodes.push_back(std::move(node));
    return raw;
  }
  Error TooManyNodes() const;
  Error TooManyVariables() const;

  std::shared_ptr<Source> source_;
  const FunctionMap& functions_;
  const Limits& limits_;
  Lexer lexer_;
  std::array<Token, 3> tokens_;
  int peek_count_ = 0;
  int action_line_ = 0;
  int range_depth_ = 0;
  int depth_ = 0;
  std::vector<std::string> variables_;
  std::vector<std::shared_ptr<const Tree>> trees_;
};

}  // namespace swell::gotemplate
