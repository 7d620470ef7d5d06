#include "renderer/gotemplate/parser.h"

#include <algorithm>

#include "base/text/utf8.h"
#include "renderer/gotemplate/strconv.h"

namespace swell::gotemplate {

namespace {

// White space alone prints nothing that matters: such a definition does not replace another.
bool IsEmpty(const ListNode& root) {
  return std::all_of(root.nodes.begin(), root.nodes.end(), [](const Node* node) {
    return node->type == NodeType::kText &&
           static_cast<const TextNode*>(node)->text.find_first_not_of(" \t\r\n\v\f") ==
               std::string_view::npos;
  });
}

}  // namespace

struct Parser::DepthGuard {
  explicit DepthGuard(int& d) : depth(d) { ++depth; }
  ~DepthGuard() { --depth; }
  DepthGuard(const DepthGuard&) = delete;
  DepthGuard& operator=(const DepthGuard&) = delete;
  int& depth;
};

Result<Trees> ParseTemplate(std::string_view name, std::shared_ptr<const std::string> text,
                            const FunctionMap& functions, const Limits& limits) {
  if (text->size() > limits.max_parse_bytes) {
    return Fail(ResourceExhausted("template: " + std::string(name) + ": the text has " +
                                  std::to_string(text->size()) + " bytes, more than the limit of " +
                                  std::to_string(limits.max_parse_bytes) +
                                  " (budget max_parse_bytes)"));
  }
  Parser parser(std::make_shared<Source>(name, std::move(text)), functions, limits);
  TRY(parser.Parse());
  return parser.TakeTrees();
}

Parser::Parser(std::shared_ptr<Source> source, const FunctionMap& functions, const Limits& limits)
    : source_(std::move(source)),
      functions_(functions),
      limits_(limits),
      lexer_(*source_->text),
      variables_{"$"} {}

Status Parser::Parse() {
  if (ParseTopLevel()) return {};
  return Fail(std::move(*error_));
}

Parser::Refusal Parser::Refuse(Error error) {
  error_ = std::move(error);
  return {};
}

Error Parser::ErrorAt(std::string message) const {
  return InvalidArgument("template: " + source_->name + ":" +
                         std::to_string(LineOf(tokens_[0].pos)) + ": " + std::move(message));
}

// Lines are counted when a message needs one: a lexer that counts pays at every token.
int Parser::LineOf(std::uint32_t pos) const {
  const std::string_view before = std::string_view(*source_->text).substr(0, pos);
  return 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n'));
}

Names Parser::OneName(std::string_view name) {
  auto* const to = static_cast<std::string_view*>(
      source_->arena.allocate(sizeof(std::string_view), alignof(std::string_view)));
  return {new (to) std::string_view(name), 1};
}

std::optional<std::string_view> Parser::Unquoted(const Token& token) {
  const std::string_view inside = token.value.substr(1, token.value.size() - 2);
  const bool raw = token.type == TokenType::kRawString;
  if (raw ? inside.find('\r') == std::string_view::npos
          : inside.find('\\') == std::string_view::npos && IsValidUtf8(inside)) {
    return inside;
  }
  const std::optional<std::string> text = Unquote(token.value);
  if (!text) {
    Refuse(ErrorAt("invalid syntax"));
    return std::nullopt;
  }
  char* const to = static_cast<char*>(source_->arena.allocate(text->size() + 1, 1));
  std::ranges::copy(*text, to);
  return std::string_view(to, text->size());
}

Error Parser::TooManyNodes() const {
  return ResourceExhausted(
      "template: " + source_->name + ":" + std::to_string(LineOf(tokens_[0].pos)) + ": more than " +
      std::to_string(limits_.max_parse_nodes) + " syntax nodes (budget max_parse_nodes)");
}

Error Parser::TooManyVariables() const {
  return ResourceExhausted("template: " + source_->name + ":" +
                           std::to_string(LineOf(tokens_[0].pos)) + ": more than " +
                           std::to_string(limits_.max_parse_variables) +
                           " variables in scope (budget max_parse_variables)");
}

Error Parser::Unexpected(const Token& token, Clause clause) const {
  if (token.type != TokenType::kError) {
    return ErrorAt("unexpected " + ToString(token) + " in " + std::string(clause));
  }
  std::string message = ToString(token);
  if (action_ && LineOf(*action_) != LineOf(token.pos)) {
    const bool named = message.ends_with(" action");
    message += std::string(named ? "" : " in action") + " started at " + source_->name + ":" +
               std::to_string(LineOf(*action_));
  }
  return ErrorAt(std::move(message));
}

void Parser::Backup2(const Token& before) {
  tokens_[1] = before;
  peek_count_ = 2;
}

const Token* Parser::Expect(TokenType type, Clause clause) {
  const Token& token = Next();
  if (token.type != type) return Refuse(Unexpected(token, clause));
  return &token;
}

bool Parser::ParseTopLevel() {
  ListNode* root = Make<ListNode>(Peek().pos);
  const std::size_t mark = items_.size();
  while (Peek().type != TokenType::kEof) {
    if (Peek().type == TokenType::kLeftDelim) {
      const Token delim = Next();
      if (Next().type == TokenType::kDefine) {
        if (!ParseDefinition()) return false;
        continue;
      }
      Backup2(delim);
    }
    const Node* node = TextOrAction();
    if (node == nullptr) return false;
    if (node->type == NodeType::kEnd || node->type == NodeType::kElse) {
      return Refuse(ErrorAt("unexpected " + ToString(*node)));
    }
    if (nodes_ > limits_.max_parse_nodes) return Refuse(TooManyNodes());
    items_.push_back(node);
  }
  root->nodes = Take(items_, mark);
  return AddTree(source_->name, root);
}

// A definition has variables of its own: "$" alone.
bool Parser::ParseDefinition() {
  constexpr Clause kClause = "define clause";
  const Token token = Next();
  if (token.type != TokenType::kString && token.type != TokenType::kRawString) {
    return Refuse(Unexpected(token, kClause));
  }
  const std::optional<std::string_view> name = TemplateName(token, kClause);
  if (!name) return {};
  if (Expect(TokenType::kRightDelim, kClause) == nullptr) return false;
  std::vector<std::string_view> outer = std::exchange(variables_, {"$"});
  const int outer_ranges = std::exchange(range_depth_, 0);
  const Items items = ItemList();
  if (items.list == nullptr) return {};
  variables_ = std::move(outer);
  range_depth_ = outer_ranges;
  if (items.end != NodeType::kEnd) {
    return Refuse(ErrorAt("unexpected {{else}} in " + std::string(kClause)));
  }
  return AddTree(*name, items.list);
}

bool Parser::AddTree(std::string_view name, const ListNode* root) {
  auto tree = std::make_shared<Tree>();
  tree->name = name;
  tree->source = source_;
  tree->root = root;
  tree->empty = IsEmpty(*root);
  const auto [at, is_new] = tree_at_.try_emplace(name, trees_.size());
  if (is_new) {
    trees_.push_back(std::move(tree));
    return true;
  }
  std::shared_ptr<const Tree>& other = trees_[at->second];
  if (other->empty) {
    other = std::move(tree);
  } else if (!tree->empty) {
    return Refuse(ErrorAt("template: multiple definition of template " + QuoteGo(tree->name)));
  }
  return true;
}

Parser::Items Parser::ItemList() {
  DepthGuard guard(depth_);
  if (depth_ > limits_.max_parse_depth) {
    return Refuse(ResourceExhausted(
        "template: " + source_->name + ":" + std::to_string(LineOf(tokens_[0].pos)) +
        ": blocks are nested deeper than " + std::to_string(limits_.max_parse_depth) +
        " levels (budget max_parse_depth)"));
  }
  ListNode* list = Make<ListNode>(Peek().pos);
  const std::size_t mark = items_.size();
  while (Peek().type != TokenType::kEof) {
    const Node* node = TextOrAction();
    if (node == nullptr) return {};
    if (node->type == NodeType::kEnd || node->type == NodeType::kElse) {
      list->nodes = Take(items_, mark);
      return Items{.list = list, .end = node->type};
    }
    if (nodes_ > limits_.max_parse_nodes) return Refuse(TooManyNodes());
    items_.push_back(node);
  }
  return Refuse(ErrorAt("unexpected EOF"));
}

const Node* Parser::TextOrAction() {
  const Token token = Next();
  if (token.type == TokenType::kText) return Make<TextNode>(token.pos, token.value);
  if (token.type != TokenType::kLeftDelim) return Refuse(Unexpected(token, "input"));
  action_ = token.pos;
  const Node* node = Action();
  if (node == nullptr) return nullptr;
  action_.reset();
  return node;
}

const Node* Parser::Action() {
  const Token token = Next();
  switch (token.type) {
    case TokenType::kBlock:
      return Block();
    case TokenType::kBreak:
      return BreakOrContinue(NodeType::kBreak, "{{break}}", token.pos);
    case TokenType::kContinue:
      return BreakOrContinue(NodeType::kContinue, "{{continue}}", token.pos);
    case TokenType::kElse:
      return Else();
    case TokenType::kEnd:
      return End();
    case TokenType::kIf:
      return Control(NodeType::kIf, "if");
    case TokenType::kRange:
      return Control(NodeType::kRange, "range");
    case TokenType::kTemplate:
      return TemplateCall();
    case TokenType::kWith:
      return Control(NodeType::kWith, "with");
    default:
      break;
  }
  Backup();
  const std::uint32_t pos = Peek().pos;
  // Variables declared here last until the enclosing "end".
  const PipeNode* pipe = Pipeline("command", TokenType::kRightDelim);
  if (pipe == nullptr) return nullptr;
  return Make<ActionNode>(pos, pipe);
}

const Node* Parser::BreakOrContinue(NodeType type, std::string_view text, std::uint32_t pos) {
  const Token token = Next();
  if (token.type != TokenType::kRightDelim) return Refuse(Unexpected(token, text));
  if (range_depth_ == 0) return Refuse(ErrorAt(std::string(text) + " outside {{range}}"));
  return Make<MarkNode>(type, pos);
}

const Node* Parser::Control(NodeType type, Clause clause) {
  DepthGuard guard(depth_);
  const std::size_t mark = variables_.size();
  const PipeNode* pipe = Pipeline(clause, TokenType::kRightDelim);
  if (pipe == nullptr) return nullptr;
  BranchNode* branch = Make<BranchNode>(type, pipe->pos, pipe);
  if (type == NodeType::kRange) ++range_depth_;
  const Items body = ItemList();
  if (body.list == nullptr) return {};
  if (type == NodeType::kRange) --range_depth_;
  branch->list = body.list;
  if (body.end == NodeType::kElse) {
    const TokenType again = type == NodeType::kIf     ? TokenType::kIf
                            : type == NodeType::kWith ? TokenType::kWith
                                                      : TokenType::kError;
    if (again != TokenType::kError && Peek().type == again) {
      // {{else if x}} is {{else}}{{if x}} with one {{end}} for both.
      const Token token = Next();
      ListNode* list = Make<ListNode>(token.pos);
      if (depth_ > limits_.max_parse_depth) {
        ItemList();  // says so
        return nullptr;
      }
      const Node* nested = Control(type, clause);
      if (nested == nullptr) return nullptr;
      items_.push_back(nested);
      list->nodes = Take(items_, items_.size() - 1);
      branch->else_list = list;
    } else {
      const Items rest = ItemList();
      if (rest.list == nullptr) return {};
      if (rest.end != NodeType::kEnd) return Refuse(ErrorAt("expected end; found {{else}}"));
      branch->else_list = rest.list;
    }
  }
  variables_.resize(mark);
  return branch;
}

const Node* Parser::End() {
  const Token* token = Expect(TokenType::kRightDelim, "end");
  return token == nullptr ? nullptr : Make<MarkNode>(NodeType::kEnd, token->pos);
}

const Node* Parser::Else() {
  const Token peek = Peek();
  if (peek.type == TokenType::kIf || peek.type == TokenType::kWith) {
    return Make<MarkNode>(NodeType::kElse, peek.pos);
  }
  const Token* token = Expect(TokenType::kRightDelim, "else");
  return token == nullptr ? nullptr : Make<MarkNode>(NodeType::kElse, token->pos);
}

const Node* Parser::Block() {
  constexpr Clause kClause = "block clause";
  const Token token = Next();
  const std::optional<std::string_view> name = TemplateName(token, kClause);
  if (!name) return {};
  const PipeNode* pipe = Pipeline(kClause, TokenType::kRightDelim);
  if (pipe == nullptr) return nullptr;
  std::vector<std::string_view> outer = std::exchange(variables_, {"$"});
  const int outer_ranges = std::exchange(range_depth_, 0);
  const Items items = ItemList();
  if (items.list == nullptr) return {};
  variables_ = std::move(outer);
  range_depth_ = outer_ranges;
  if (items.end != NodeType::kEnd) {
    return Refuse(ErrorAt("unexpected {{else}} in " + std::string(kClause)));
  }
  if (!AddTree(*name, items.list)) return nullptr;
  return Make<TemplateNode>(token.pos, *name, pipe);
}

const Node* Parser::TemplateCall() {
  constexpr Clause kClause = "template clause";
  const Token token = Next();
  const std::optional<std::string_view> name = TemplateName(token, kClause);
  if (!name) return {};
  const PipeNode* pipe = nullptr;
  if (Next().type != TokenType::kRightDelim) {
    Backup();
    pipe = Pipeline(kClause, TokenType::kRightDelim);
    if (pipe == nullptr) return nullptr;
  }
  return Make<TemplateNode>(token.pos, *name, pipe);
}

std::optional<std::string_view> Parser::TemplateName(const Token& token, Clause clause) {
  if (token.type != TokenType::kString && token.type != TokenType::kRawString) {
    Refuse(Unexpected(token, clause));
    return std::nullopt;
  }
  return Unquoted(token);
}

}  // namespace swell::gotemplate
