#include "renderer/gotemplate/parser.h"
#include "renderer/gotemplate/strconv.h"

namespace swell::gotemplate {

namespace {

// ".a" -> "a"
std::string_view FieldName(std::string_view token) { return token.substr(1); }

}  // namespace

const PipeNode* Parser::Pipeline(Clause clause, TokenType end) {
  if (++depth_ > limits_.max_parse_depth) {
    return Refuse(ResourceExhausted(
        "template: " + source_->name + ":" + std::to_string(LineOf(tokens_[0].pos)) +
        ": parentheses and blocks are nested deeper than " +
        std::to_string(limits_.max_parse_depth) + " levels (budget max_parse_depth)"));
  }
  PipeNode* pipe = Make<PipeNode>(Peek().pos);
  if (!Declarations(*pipe, clause)) return nullptr;
  const std::size_t mark = commands_.size();
  while (true) {
    const Token token = Next();
    if (token.type == end) break;
    switch (token.type) {
      case TokenType::kBool:
      case TokenType::kCharConstant:
      case TokenType::kComplex:
      case TokenType::kDot:
      case TokenType::kField:
      case TokenType::kIdentifier:
      case TokenType::kNumber:
      case TokenType::kNil:
      case TokenType::kRawString:
      case TokenType::kString:
      case TokenType::kVariable:
      case TokenType::kLeftParen:
        Backup();
        if (const CommandNode* command = Command()) {
          commands_.push_back(command);
          break;
        }
        return nullptr;
      default:
        return Refuse(Unexpected(token, clause));
    }
  }
  pipe->commands = Take(commands_, mark);
  if (!CheckPipeline(*pipe, clause)) return nullptr;
  --depth_;
  return pipe;
}

// $x :=, $x =, and for range $k, $v :=
bool Parser::Declarations(PipeNode& pipe, Clause clause) {
  std::vector<const VariableNode*> decls;
  while (true) {
    const Token variable = Peek();
    if (variable.type != TokenType::kVariable) {
      pipe.decls = Take(decls, 0);
      return true;
    }
    Next();
    const Token next = Peek();
    const bool declares = next.type == TokenType::kAssign || next.type == TokenType::kDeclare;
    const bool comma = next.type == TokenType::kChar && next.value == ",";
    if (!declares && !comma) {
      Backup2(variable);
      pipe.decls = Take(decls, 0);
      return true;
    }
    Next();
    // A variable is looked for among all that are in scope.
    if (variables_.size() >= limits_.max_parse_variables) return Refuse(TooManyVariables());
    variables_.push_back(variable.value);
    decls.push_back(Make<VariableNode>(variable.pos, OneName(variable.value)));
    if (declares) {
      pipe.is_assign = next.type == TokenType::kAssign;
      pipe.decls = Take(decls, 0);
      return true;
    }
    if (clause != "range" || decls.size() >= 2) {
      return Refuse(ErrorAt("too many declarations in " + std::string(clause)));
    }
    const TokenType second = Peek().type;
    if (second != TokenType::kVariable && second != TokenType::kRightDelim &&
        second != TokenType::kRightParen) {
      return Refuse(ErrorAt("range can only initialize variables"));
    }
  }
}

bool Parser::CheckPipeline(const PipeNode& pipe, Clause clause) {
  if (pipe.commands.empty()) return Refuse(ErrorAt("missing value for " + std::string(clause)));
  for (std::size_t i = 1; i < pipe.commands.size(); ++i) {
    switch (pipe.commands[i]->args[0]->type) {
      case NodeType::kBool:
      case NodeType::kDot:
      case NodeType::kNil:
      case NodeType::kNumber:
      case NodeType::kString:
        return Refuse(ErrorAt("non executable command in pipeline stage " + std::to_string(i + 1)));
      default:
        break;
    }
  }
  return true;
}

const CommandNode* Parser::Command() {
  CommandNode* command = Make<CommandNode>(Peek().pos);
  const std::size_t mark = items_.size();
  while (true) {
    const Node* operand = Operand();
    if (error_) return nullptr;
    if (operand != nullptr) items_.push_back(operand);
    if (nodes_ > limits_.max_parse_nodes) return Refuse(TooManyNodes());
    const Token& token = Peek();
    if (token.type == TokenType::kRightDelim || token.type == TokenType::kRightParen) break;
    if (token.type == TokenType::kPipe) {
      Next();
      break;
    }
    // White space divides operands.
    if (operand == nullptr || !token.spaced) return Refuse(Unexpected(token, "operand"));
  }
  command->args = Take(items_, mark);
  if (command->args.empty()) return Refuse(ErrorAt("empty command"));
  return command;
}

const Node* Parser::Operand() {
  const Node* node = Term();
  if (node == nullptr || !AtAdjoiningField()) return node;
  const std::uint32_t pos = Peek().pos;
  std::vector<std::string_view>& names = names_;  // no operand lies inside its own names
  names.clear();
  if (node->type == NodeType::kField) {
    names.push_back(static_cast<const FieldNode*>(node)->idents[0]);
  } else if (node->type == NodeType::kVariable) {
    names.push_back(static_cast<const VariableNode*>(node)->idents[0]);
  }
  while (AtAdjoiningField()) names.push_back(FieldName(Next().value));
  switch (node->type) {
    case NodeType::kField:
      return Make<FieldNode>(pos, Take(names, 0));
    case NodeType::kVariable:
      return Make<VariableNode>(pos, Take(names, 0));
    case NodeType::kBool:
    case NodeType::kString:
    case NodeType::kNumber:
    case NodeType::kNil:
    case NodeType::kDot:
      return Refuse(ErrorAt("unexpected . after term " + QuoteGo(ToString(*node))));
    default:
      return Make<ChainNode>(pos, node, Take(names, 0));
  }
}

const Node* Parser::Term() {
  const Token token = Next();
  switch (token.type) {
    case TokenType::kIdentifier: {
      const Function* function = functions_.Find(token.value);
      if (function == nullptr) {
        return Refuse(ErrorAt("function " + QuoteGo(token.value) + " not defined"));
      }
      return Make<IdentifierNode>(token.pos, token.value, function);
    }
    case TokenType::kDot:
      return Make<MarkNode>(NodeType::kDot, token.pos);
    case TokenType::kNil:
      return Make<MarkNode>(NodeType::kNil, token.pos);
    case TokenType::kVariable:
      return Variable(token);
    case TokenType::kField:
      return Make<FieldNode>(token.pos, OneName(FieldName(token.value)));
    case TokenType::kBool:
      return Make<BoolNode>(token.pos, token.value == "true");
    case TokenType::kCharConstant:
    case TokenType::kComplex:
    case TokenType::kNumber: {
      NumberNode* number = Make<NumberNode>(token.pos, token.value);
      if (Status parsed = ParseNumber(token.type, *number); !parsed) {
        return Refuse(ErrorAt(parsed.error().message()));
      }
      return number;
    }
    case TokenType::kLeftParen:
      return Pipeline("parenthesized pipeline", TokenType::kRightParen);
    case TokenType::kString:
    case TokenType::kRawString: {
      const std::optional<std::string_view> text = Unquoted(token);
      if (!text) return nullptr;
      return Make<StringNode>(token.pos, token.value, *text);
    }
    default:
      Backup();
      return nullptr;
  }
}

const Node* Parser::Variable(const Token& token) {
  for (const std::string_view name : variables_) {
    if (name == token.value) return Make<VariableNode>(token.pos, OneName(token.value));
  }
  return Refuse(ErrorAt("undefined variable " + QuoteGo(token.value)));
}

namespace {

bool LooksFloat(const NumberNode& node) {
  const std::string_view text = node.text;
  const bool hexadecimal = text.size() > 2 && text[0] == '0' && (text[1] | 0x20) == 'x' &&
                           text.find_first_of("pP") == std::string_view::npos;
  return !hexadecimal && text.front() != '\'' &&
         text.find_first_of(".eEpP") != std::string_view::npos;
}

void FromFloat(NumberNode& node, double f) {
  node.is_float = true;
  node.float_value = f;
  if (f >= -0x1p63 && f < 0x1p63 && static_cast<double>(static_cast<std::int64_t>(f)) == f) {
    node.is_int = true;
    node.int_value = static_cast<std::int64_t>(f);
  }
  if (f >= 0 && f < 0x1p64 && static_cast<double>(static_cast<std::uint64_t>(f)) == f) {
    node.is_uint = true;
    node.uint_value = static_cast<std::uint64_t>(f);
  }
}

// "1+2i"
Status ParseComplex(NumberNode& node) {
  const std::string_view text = node.text.substr(0, node.text.size() - 1);
  std::size_t split = text.find_last_of("+-");
  while (split != 0 && split != std::string_view::npos && (text[split - 1] | 0x20) == 'e') {
    split = text.find_last_of("+-", split - 1);
  }
  const auto real = ParseFloat(text.substr(0, split));
  const auto imaginary = ParseFloat(text.substr(split));
  if (!real || !imaginary) {
    return Fail(InvalidArgument("bad number syntax: " + QuoteGo(node.text)));
  }
  node.is_complex = true;
  FromFloat(node, *real);
  node.is_float = *imaginary == 0;
  node.is_int = node.is_int && node.is_float;
  node.is_uint = node.is_uint && node.is_float;
  node.imaginary = *imaginary;
  return {};
}

}  // namespace

Status ParseNumber(TokenType type, NumberNode& node) {
  const std::string_view text = node.text;
  if (type == TokenType::kCharConstant) {
    const UnquotedRune unquoted = UnquoteCharConstant(text);
    if (unquoted.malformed) {
      return Fail(InvalidArgument("malformed character constant: " + std::string(node.text)));
    }
    if (!unquoted.valid) return Fail(InvalidArgument("invalid syntax"));
    FromFloat(node, static_cast<double>(unquoted.rune));
    return {};
  }
  if (type == TokenType::kComplex) return ParseComplex(node);
  if (text.ends_with('i')) {
    if (const auto imaginary = ParseFloat(text.substr(0, text.size() - 1))) {
      node.is_complex = true;
      node.imaginary = *imaginary;
      if (*imaginary == 0) FromFloat(node, 0);
      return {};
    }
  }
  node.looks_float = LooksFloat(node);
  if (const auto u = ParseUint(text, 0)) {
    node.is_uint = true;
    node.uint_value = *u;
  }
  if (const auto i = ParseInt(text, 0)) {
    node.is_int = true;
    node.int_value = *i;
    if (*i == 0) node.is_uint = true;
  }
  if (node.is_int || node.is_uint) {
    node.is_float = true;
    node.float_value =
        node.is_int ? static_cast<double>(node.int_value) : static_cast<double>(node.uint_value);
    return {};
  }
  const auto f = ParseFloat(text);
  if (!f) return Fail(InvalidArgument("illegal number syntax: " + QuoteGo(text)));
  if (text.find_first_of(".eEpP") == std::string_view::npos) {
    return Fail(InvalidArgument("integer overflow: " + QuoteGo(text)));
  }
  FromFloat(node, *f);
  return {};
}

}  // namespace swell::gotemplate
