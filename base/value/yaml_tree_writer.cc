// Tree -> text, and changes to a Tree.

#include <algorithm>
#include <map>
#include <utility>

#include "base/value/json.h"
#include "base/value/yaml_scalar.h"
#include "base/value/yaml_styles.h"
#include "base/value/yaml_tree.h"

namespace swell::yaml {
namespace {

using Kind = TreeNode::Kind;
using NodeStyle = TreeNode::Style;

constexpr std::size_t kIndent = 2;

bool IsQuoted(NodeStyle style) { return style != NodeStyle::kPlain; }

class TreeWriter {
 public:
  std::string Write(const Tree& tree) && {
    for (const std::string& line : tree.head) PutComment(line, 0);
    if (!tree.head.empty()) out_ += '\n';
    const TreeNode& root = tree.root;
    if (IsBlock(root)) {
      PutBlock(root, 0, At::kLineStart);
    } else {
      PutInline(root, 0);
      out_ += '\n';
    }
    return std::move(out_).Take();
  }

 private:
  // Whether the first entry of a collection goes on in a line, as after "- ".
  enum class At : std::uint8_t { kLineStart, kInLine };

  static bool IsBlock(const TreeNode& node) {
    return node.style == NodeStyle::kBlock && !node.children.empty();
  }

  void PutComment(const std::string& line, std::size_t indent) {
    if (!line.empty()) {
      out_.Pad(indent);
      out_ += line;
    }
    out_ += '\n';
  }

  void StartLine(std::size_t indent) {
    line_start_ = out_.size();
    out_.Pad(indent);
  }

  void PutBlock(const TreeNode& node, std::size_t indent, At at) {
    const std::size_t step = node.kind == Kind::kMapping ? 2 : 1;
    for (std::size_t i = 0; i < node.children.size(); i += step) {
      const TreeNode& entry = node.children[i];
      const bool in_line = i == 0 && at == At::kInLine;
      if (!in_line) {
        for (const std::string& line : entry.head) PutComment(line, indent);
        StartLine(indent);
      }
      if (node.kind == Kind::kMapping) {
        PutScalar(entry, 0, kNoFolding);
        out_ += ':';
        PutMemberValue(entry, node.children[i + 1], indent);
      } else {
        out_ += "- ";
        PutItem(entry, indent);
      }
      for (const std::string& line : entry.foot) PutComment(line, indent);
      if (!entry.foot.empty() && i + step < node.children.size()) out_ += '\n';
    }
  }

  void EndLine(const TreeNode& entry) {
    if (std::exchange(line_ended_, false)) return;
    if (!entry.line_comment.empty()) {
      out_ += ' ';
      out_ += entry.line_comment;
    }
    out_ += '\n';
  }

  void PutMemberValue(const TreeNode& key, const TreeNode& value, std::size_t indent) {
    if (IsBlock(value)) {
      EndLine(key);
      const std::size_t deeper = value.kind == Kind::kSequence ? indent : indent + kIndent;
      return PutBlock(value, deeper, At::kLineStart);
    }
    if (value.kind == Kind::kScalar && value.style == NodeStyle::kPlain && value.text.empty()) {
      return EndLine(key);
    }
    out_ += ' ';
    PutInline(value, indent + kIndent);
    EndLine(key);
  }

  void PutItem(const TreeNode& item, std::size_t indent) {
    if (IsBlock(item)) return PutBlock(item, indent + kIndent, At::kInLine);
    PutInline(item, indent + kIndent);
    EndLine(item);
  }

  void PutInline(const TreeNode& node, std::size_t indent) {
    if (node.kind == Kind::kScalar) return PutScalar(node, indent, kNoFolding);
    const bool mapping = node.kind == Kind::kMapping;
    out_ += mapping ? '{' : '[';
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      const bool value = mapping && i % 2 == 1;
      if (i > 0) out_ += value ? ": " : ", ";
      PutInline(node.children[i], indent);
    }
    out_ += mapping ? '}' : ']';
  }

  void PutScalar(const TreeNode& node, std::size_t indent, std::size_t width) {
    const ByteKinds kinds = KindsOf(node.text);
    const Shape shape = ShapeOf(node.text, kinds, Printer::kGoYaml3);
    Style style = shape.style;
    const bool simple = (kinds & kNeedsEscapes) == 0;
    // What the node was written as, where that can hold the text.
    if (node.style == NodeStyle::kDouble) {
      style = Style::kDoubleQuoted;
    } else if (node.style == NodeStyle::kSingle && (simple || style == Style::kPlain)) {
      style = Style::kSingleQuoted;
    } else if (node.style == NodeStyle::kPlain && style == Style::kDoubleQuoted &&
               !node.text.empty() && simple) {
      style = Style::kPlain;  // a number or word that only a string would be quoted for
    } else if (node.style == NodeStyle::kPlain && node.text.empty()) {
      return;
    }
    if (!node.tag.empty()) {
      out_ += node.tag;
      out_ += ' ';
    }
    AppendScalar(out_, node.text, kinds, style,
                 {.line_start = line_start_, .indent = indent, .width = width});
    line_ended_ = style == Style::kLiteral && out_.From(out_.size() - 1) == "\n";
  }

  static constexpr ByteKinds kNeedsEscapes = kHasNewline | kHasTab | kHasControl | kHasNonAscii;

  Output out_;
  std::size_t line_start_ = 0;
  bool line_ended_ = false;  // by a block that keeps its last line breaks
};

std::string TextOf(const Value& value) {
  return value.is_string() ? value.str() : value.is_null() ? "null" : json::Write(value);
}

TreeNode NodeOf(const Value& value) {
  TreeNode node;
  if (value.is_array() || value.is_object()) {
    node.kind = value.is_array() ? Kind::kSequence : Kind::kMapping;
    node.style = value.empty() ? NodeStyle::kFlow : NodeStyle::kBlock;
    for (const Value& item : value.items()) node.children.push_back(NodeOf(item));
    for (const Member& member : value.members()) {
      node.children.push_back(NodeOf(member.key));
      node.children.push_back(NodeOf(member.value));
    }
    return node;
  }
  node.text = TextOf(value);
  const bool text = value.is_string();
  if (text && ResolvePlain(node.text, Schema::kYaml12).kind != ScalarKind::kString) {
    node.style = NodeStyle::kDouble;
  }
  return node;
}

// go-yaml keeps the type of what is not quoted, and says so where the text is of another one.
std::string TagOf(const Value& value) {
  if (value.is_bool()) return "!!bool";
  if (value.is_int()) return "!!int";
  if (value.is_float()) return "!!float";
  return value.is_null() ? "!!null" : "";
}

void UpdateScalar(TreeNode& node, const Value& before, const Value& after) {
  TreeNode fresh = NodeOf(after);
  if (after.is_string()) node.tag = TagOf(before);
  node.text = std::move(fresh.text);
  if (!after.is_string()) node.style = NodeStyle::kPlain;
  if (!IsQuoted(node.style)) node.style = fresh.style;
}

}  // namespace

void UpdateTree(TreeNode& node, const Value& before, const Value& after) {
  if (before == after) return;
  const bool same_kind =
      before.is_array() == after.is_array() && before.is_object() == after.is_object();
  if (!same_kind) {
    TreeNode fresh = NodeOf(after);
    node.kind = fresh.kind;
    node.style = fresh.style;
    node.text = std::move(fresh.text);
    node.children = std::move(fresh.children);
    return;
  }
  if (node.kind == Kind::kScalar) return UpdateScalar(node, before, after);
  if (node.kind == Kind::kSequence) {
    node.children.resize(std::min(node.children.size(), after.size()));
    for (std::size_t i = 0; i < after.size(); ++i) {
      if (i < node.children.size()) {
        UpdateTree(node.children[i], before[i], after[i]);
      } else {
        node.children.push_back(NodeOf(after[i]));
      }
    }
    return;
  }
  for (std::size_t i = 0; i + 1 < node.children.size();) {
    const std::string key = node.children[i].text;
    const Value* value = after.Find(key);
    if (!value) {
      node.children.erase(node.children.begin() + static_cast<std::ptrdiff_t>(i),
                          node.children.begin() + static_cast<std::ptrdiff_t>(i) + 2);
      continue;
    }
    UpdateTree(node.children[i + 1], before[key], *value);
    i += 2;
  }
  for (const Member& member : after.members()) {
    if (before.Has(member.name())) continue;
    node.children.push_back(NodeOf(member.key));
    node.children.push_back(NodeOf(member.value));
  }
  if (node.style == NodeStyle::kFlow && before.empty()) node.style = NodeStyle::kBlock;
}

std::string WriteTree(const Tree& tree) { return TreeWriter().Write(tree); }

}  // namespace swell::yaml
