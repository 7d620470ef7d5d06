#include "renderer/gotemplate/node.h"

#include <algorithm>

#include "renderer/gotemplate/format.h"

namespace swell::gotemplate {

std::string Tree::Location(const Node& node) const {
  const std::string_view before = std::string_view(*source->text).substr(0, node.pos);
  const std::size_t newline = before.rfind('\n');
  const std::size_t column =
      newline == std::string_view::npos ? before.size() : before.size() - newline - 1;
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  return source->name + ":" + std::to_string(line) + ":" + std::to_string(column);
}

namespace {

class Writer {
 public:
  void Write(const Node& node) {
    switch (node.type) {
      case NodeType::kText:
        out += QuoteGo(static_cast<const TextNode&>(node).text);
        return;
      case NodeType::kAction:
        out += "{{";
        Write(*static_cast<const ActionNode&>(node).pipe);
        out += "}}";
        return;
      case NodeType::kList:
        for (const Node* item : static_cast<const ListNode&>(node).nodes) Write(*item);
        return;
      case NodeType::kPipe:
        return WritePipe(static_cast<const PipeNode&>(node));
      case NodeType::kCommand:
        return WriteCommand(static_cast<const CommandNode&>(node));
      case NodeType::kIdentifier:
        out += static_cast<const IdentifierNode&>(node).name;
        return;
      case NodeType::kVariable:
        return WriteVariable(static_cast<const VariableNode&>(node));
      case NodeType::kDot:
        out += ".";
        return;
      case NodeType::kNil:
        out += "nil";
        return;
      case NodeType::kField:
        for (const std::string_view name : static_cast<const FieldNode&>(node).idents) {
          out.append(".").append(name);
        }
        return;
      case NodeType::kChain:
        return WriteChain(static_cast<const ChainNode&>(node));
      case NodeType::kBool:
        out += static_cast<const BoolNode&>(node).value ? "true" : "false";
        return;
      case NodeType::kNumber:
        out += static_cast<const NumberNode&>(node).text;
        return;
      case NodeType::kString:
        out += static_cast<const StringNode&>(node).quoted;
        return;
      case NodeType::kIf:
        return WriteBranch("if", static_cast<const BranchNode&>(node));
      case NodeType::kWith:
        return WriteBranch("with", static_cast<const BranchNode&>(node));
      case NodeType::kRange:
        return WriteBranch("range", static_cast<const BranchNode&>(node));
      case NodeType::kTemplate:
        return WriteTemplate(static_cast<const TemplateNode&>(node));
      case NodeType::kBreak:
        out += "{{break}}";
        return;
      case NodeType::kContinue:
        out += "{{continue}}";
        return;
      case NodeType::kElse:
        out += "{{else}}";
        return;
      case NodeType::kEnd:
        out += "{{end}}";
        return;
    }
  }

  std::string out;

 private:
  void WriteVariable(const VariableNode& node) {
    for (std::size_t i = 0; i < node.idents.size(); ++i) {
      if (i > 0) out += ".";
      out += node.idents[i];
    }
  }

  void WritePipe(const PipeNode& node) {
    for (std::size_t i = 0; i < node.decls.size(); ++i) {
      if (i > 0) out += ", ";
      WriteVariable(*node.decls[i]);
    }
    if (!node.decls.empty()) out += node.is_assign ? " = " : " := ";
    for (std::size_t i = 0; i < node.commands.size(); ++i) {
      if (i > 0) out += " | ";
      WriteCommand(*node.commands[i]);
    }
  }

  void WriteCommand(const CommandNode& node) {
    for (std::size_t i = 0; i < node.args.size(); ++i) {
      if (i > 0) out += " ";
      WriteParenthesised(*node.args[i]);
    }
  }

  void WriteParenthesised(const Node& node) {
    if (node.type != NodeType::kPipe) return Write(node);
    out += "(";
    Write(node);
    out += ")";
  }

  void WriteChain(const ChainNode& node) {
    WriteParenthesised(*node.node);
    for (const std::string_view field : node.fields) out.append(".").append(field);
  }

  void WriteBranch(std::string_view keyword, const BranchNode& node) {
    out += "{{";
    out += keyword;
    out += " ";
    WritePipe(*node.pipe);
    out += "}}";
    Write(*node.list);
    if (node.else_list != nullptr) {
      out += "{{else}}";
      Write(*node.else_list);
    }
    out += "{{end}}";
  }

  void WriteTemplate(const TemplateNode& node) {
    out += "{{template " + QuoteGo(node.name);
    if (node.pipe != nullptr) {
      out += " ";
      WritePipe(*node.pipe);
    }
    out += "}}";
  }
};

}  // namespace

std::string ToString(const Node& node) {
  Writer writer;
  writer.Write(node);
  return std::move(writer.out);
}

}  // namespace swell::gotemplate
