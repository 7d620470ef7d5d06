#pragma once
// A YAML document as it is written: the order of keys, styles and comments. For texts that people
// keep inside of other documents, where a change to one value must leave the rest alone.

#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "base/value/value.h"
#include "base/value/yaml.h"

namespace swell::yaml {

struct TreeNode {
  enum class Kind : std::uint8_t { kScalar, kSequence, kMapping };
  // Of a scalar, how it is quoted; of a collection, block or flow.
  enum class Style : std::uint8_t { kPlain, kSingle, kDouble, kLiteral, kBlock, kFlow };

  Kind kind = Kind::kScalar;
  Style style = Style::kPlain;
  std::string text;                // of a scalar
  std::string tag;                 // "!!int" where the text is none any more, else ""
  std::vector<TreeNode> children;  // items; of a mapping, keys and values in turn
  // Comments, with their '#'. Of a mapping's key or a sequence's item: the lines above it, the one
  // behind it (behind the value, where that is on the key's line), and those below it that an
  // empty line parts from what follows.
  std::vector<std::string> head;
  std::string line_comment;
  std::vector<std::string> foot;
};

struct Tree {
  std::vector<std::string> head;  // comments that an empty line parts from the document
  TreeNode root;
};

// One document. kUnimplemented for what a Tree does not keep: anchors, aliases, tags, folded
// blocks, directives,
// "? " keys, comments inside of flow collections. Other errors as of Parse.
Result<Tree> ReadTree(std::string_view text, const ParseOptions& options = {});

// The value of every scalar of `before` that is another one in `after`, and what is new, gone or
// of another kind, put into the node, which holds `before`. Scalars keep their style where it can
// hold the new text.
void UpdateTree(TreeNode& node, const Value& before, const Value& after);

// As go-yaml v3 prints it with an indent of 2 and lists at their keys' indent; empty lines are kept
// only where they part comments. Ends with a line break.
std::string WriteTree(const Tree& tree);

}  // namespace swell::yaml
