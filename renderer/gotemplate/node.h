#pragma once
// The syntax tree of one template. Immutable after parsing; shared between threads.
//
// Nodes live in their source's arena, next to each other: they are made and freed by the
// thousand, and a chart has a hundred thousand. None has a destructor, so they hold views (into
// the text or the arena) and spans (of the arena) alone.

#include <algorithm>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "renderer/gotemplate/function.h"

namespace swell::gotemplate {

enum class NodeType : std::uint8_t {
  kText,
  kAction,
  kList,
  kPipe,
  kCommand,
  kIdentifier,
  kVariable,
  kDot,
  kNil,
  kField,
  kChain,
  kBool,
  kNumber,
  kString,
  kIf,
  kWith,
  kRange,
  kTemplate,
  kBreak,
  kContinue,
  kElse,  // while parsing only
  kEnd,   // while parsing only
};

using Names = std::span<const std::string_view>;

struct Node {
  Node(NodeType t, std::uint32_t p) : type(t), pos(p) {}
  const NodeType type;
  const std::uint32_t pos;  // byte offset in the text
};

struct TextNode final : Node {
  TextNode(std::uint32_t p, std::string_view t) : Node(NodeType::kText, p), text(t) {}
  std::string_view text;  // into the source
};

struct ListNode final : Node {
  explicit ListNode(std::uint32_t p) : Node(NodeType::kList, p) {}
  std::span<const Node* const> nodes;
};

// $x.A.B: idents {"$x", "A", "B"}
struct VariableNode final : Node {
  VariableNode(std::uint32_t p, Names i) : Node(NodeType::kVariable, p), idents(i) {}
  Names idents;
};

struct CommandNode final : Node {
  explicit CommandNode(std::uint32_t p) : Node(NodeType::kCommand, p) {}
  std::span<const Node* const> args;  // never empty
};

struct PipeNode final : Node {
  explicit PipeNode(std::uint32_t p) : Node(NodeType::kPipe, p) {}
  bool is_assign = false;
  std::span<const VariableNode* const> decls;
  std::span<const CommandNode* const> commands;  // never empty
};

struct ActionNode final : Node {
  ActionNode(std::uint32_t p, const PipeNode* n) : Node(NodeType::kAction, p), pipe(n) {}
  const PipeNode* pipe;
};

struct IdentifierNode final : Node {
  IdentifierNode(std::uint32_t p, std::string_view n, const Function* f)
      : Node(NodeType::kIdentifier, p), name(n), function(f) {}
  std::string_view name;
  const Function* function;
};

// .A.B
struct FieldNode final : Node {
  FieldNode(std::uint32_t p, Names i) : Node(NodeType::kField, p), idents(i) {}
  Names idents;
};

// (pipeline).A.B
struct ChainNode final : Node {
  ChainNode(std::uint32_t p, const Node* n, Names f)
      : Node(NodeType::kChain, p), node(n), fields(f) {}
  const Node* node;
  Names fields;
};

struct BoolNode final : Node {
  BoolNode(std::uint32_t p, bool v) : Node(NodeType::kBool, p), value(v) {}
  bool value;
};

// Go's untyped constants: one literal may be read as an integer and as a float.
struct NumberNode final : Node {
  NumberNode(std::uint32_t p, std::string_view t) : Node(NodeType::kNumber, p), text(t) {}
  std::string_view text;
  bool is_int = false;
  bool is_uint = false;
  bool is_float = false;
  bool is_complex = false;
  bool looks_float = false;  // has one of ".eEpP" and is neither hexadecimal nor a character
  std::int64_t int_value = 0;
  std::uint64_t uint_value = 0;
  double float_value = 0;
  double imaginary = 0;  // with float_value as the real part
};

struct StringNode final : Node {
  StringNode(std::uint32_t p, std::string_view q, std::string_view t)
      : Node(NodeType::kString, p), quoted(q), text(t) {}
  std::string_view quoted;  // as written
  std::string_view text;
};

// if, with and range
struct BranchNode final : Node {
  BranchNode(NodeType t, std::uint32_t p, const PipeNode* n) : Node(t, p), pipe(n) {}
  const PipeNode* pipe;
  const ListNode* list = nullptr;
  const ListNode* else_list = nullptr;  // may be null
};

struct TemplateNode final : Node {
  TemplateNode(std::uint32_t p, std::string_view n, const PipeNode* a)
      : Node(NodeType::kTemplate, p), name(n), pipe(a) {}
  std::string_view name;
  const PipeNode* pipe;  // may be null
};

// break, continue, dot, nil, else, end
struct MarkNode final : Node {
  using Node::Node;
};

// One source text and the nodes parsed from it; shared by all templates that it defines.
struct Source {
  Source(std::string_view n, std::shared_ptr<const std::string> t)
      : name(n), text(std::move(t)), arena(FirstBytes(text->size())) {}

  const std::string name;
  const std::shared_ptr<const std::string> text;
  std::pmr::monotonic_buffer_resource arena;

 private:
  // Nodes take about as much as the actions' text, which is seldom all of a long text.
  static constexpr std::size_t FirstBytes(std::size_t text) {
    return std::clamp<std::size_t>(text / 2, 512, 32u << 10);
  }
};

// One template.
struct Tree {
  std::string name;
  std::shared_ptr<const Source> source;
  const ListNode* root = nullptr;
  bool empty = false;  // nothing but white space and comments

  // "name:line:column" of a node, counted as Go does: lines from 1, columns from 0, in bytes.
  std::string Location(const Node& node) const;
};

// The node as Go prints it in error texts.
std::string ToString(const Node& node);

}  // namespace swell::gotemplate
