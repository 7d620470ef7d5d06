// Text -> Tree, through libyaml's events; comments are found beside the tokens.

#include <yaml.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/core/strings.h"
#include "base/value/yaml_tree.h"
#include "base/value/yaml_wording.h"

namespace swell::yaml {
namespace {

constexpr std::size_t kMaxDepth = 200;
constexpr std::size_t kNoLine = static_cast<std::size_t>(-1);

// What the lines of the text hold beside comments.
struct Line {
  std::string_view text;
  std::size_t last_end = 0;  // column behind its last token, in bytes
  bool has_token = false;
};

// A key or an item of a block collection, which comments can belong to.
struct Entry {
  std::size_t line = 0;
  std::size_t column = 0;
  std::vector<std::size_t> path;   // child indices from the root
  std::vector<std::size_t> inner;  // of the last entry that starts on the line ("- a: 1")
};

class TreeReader {
 public:
  TreeReader(std::string_view text, const ParseOptions& options) : text_(text), options_(options) {
    for (std::string_view line : Split(text, '\n')) lines_.push_back({.text = line});
    ready_ = yaml_parser_initialize(&parser_) != 0;
    if (!ready_) return;
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
  }
  ~TreeReader() {
    if (filled_) yaml_event_delete(&event_);
    if (ready_) yaml_parser_delete(&parser_);
  }
  TreeReader(const TreeReader&) = delete;
  TreeReader& operator=(const TreeReader&) = delete;

  Result<Tree> Run() {
    if (!ready_) return Fail(ResourceExhausted("no memory for a YAML parser"));
    Tree tree;
    TRY(Next());
    TRY(Next());
    if (event_.type == YAML_STREAM_END_EVENT) return Fail(InvalidArgument("the text is empty"));
    const auto& start = event_.data.document_start;
    if (start.version_directive || start.tag_directives.start != start.tag_directives.end) {
      return Fail(Refused("a directive"));
    }
    TRY(Next());
    std::vector<std::size_t> path;
    TRY(ReadNode(tree.root, path, Context::kBlock));
    TRY(Next());
    TRY(Next());
    if (event_.type != YAML_STREAM_END_EVENT) return Fail(Refused("a second document"));
    TRY(PlaceComments(tree));
    return tree;
  }

 private:
  enum class Context : std::uint8_t { kBlock, kFlow };

  Error Refused(const std::string& what) const {
    return Unimplemented("YAML text with " + what +
                         " cannot be changed while its comments and styles are kept")
        .At({options_.file, static_cast<int>(event_.start_mark.line) + 1,
             static_cast<int>(event_.start_mark.column) + 1});
  }

  Status Next() {
    if (filled_) yaml_event_delete(&event_);
    filled_ = yaml_parser_parse(&parser_, &event_) != 0;
    if (filled_) return {};
    return Fail(SyntaxError(parser_, text_, options_));
  }

  // libyaml's columns count characters.
  std::size_t ByteColumn(const yaml_mark_t& mark) const {
    if (mark.line >= lines_.size()) return 0;
    const std::string_view line = lines_[mark.line].text;
    std::size_t at = 0;
    for (std::size_t column = 0; column < mark.column && at < line.size(); ++column) {
      ++at;
      while (at < line.size() && (static_cast<unsigned char>(line[at]) & 0xc0) == 0x80) ++at;
    }
    return at;
  }

  void NoteToken(const yaml_mark_t& start, const yaml_mark_t& end) {
    if (start.line < lines_.size()) lines_[start.line].has_token = true;
    for (std::size_t i = start.line + 1; i <= end.line && i < lines_.size(); ++i) {
      // A block scalar ends at the start of the line behind it.
      if (i == end.line && end.column == 0) break;
      lines_[i].has_token = true;
      if (i < end.line) lines_[i].last_end = lines_[i].text.size();
    }
    if (end.line < lines_.size()) {
      Line& last = lines_[end.line];
      last.last_end = std::max(last.last_end, ByteColumn(end));
    }
  }

  Status CheckProperties(const yaml_char_t* anchor, const yaml_char_t* tag) const {
    if (anchor) return Fail(Refused("an anchor"));
    if (tag) return Fail(Refused("a tag"));
    return {};
  }

  Status ReadNode(TreeNode& node, std::vector<std::size_t>& path, Context context) {
    if (path.size() > kMaxDepth) {
      return Fail(ResourceExhausted("YAML text is nested deeper than 200 levels"));
    }
    switch (event_.type) {
      case YAML_SCALAR_EVENT:
        return ReadScalar(node);
      case YAML_SEQUENCE_START_EVENT:
        return ReadSequence(node, path, context);
      case YAML_MAPPING_START_EVENT:
        return ReadMapping(node, path, context);
      default:
        return Fail(Refused("an alias"));
    }
  }

  Status ReadScalar(TreeNode& node) {
    const auto& scalar = event_.data.scalar;
    TRY(CheckProperties(scalar.anchor, scalar.tag));
    node.text.assign(reinterpret_cast<const char*>(scalar.value), scalar.length);
    switch (scalar.style) {
      case YAML_SINGLE_QUOTED_SCALAR_STYLE:
        node.style = TreeNode::Style::kSingle;
        break;
      case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
        node.style = TreeNode::Style::kDouble;
        break;
      case YAML_LITERAL_SCALAR_STYLE:
        node.style = TreeNode::Style::kLiteral;
        break;
      case YAML_FOLDED_SCALAR_STYLE:
        return Fail(Refused("a folded block"));
      default:
        break;
    }
    // An absent value has a place, but is no token.
    if (event_.start_mark.index != event_.end_mark.index) {
      NoteToken(event_.start_mark, event_.end_mark);
    }
    return {};
  }

  Status ReadSequence(TreeNode& node, std::vector<std::size_t>& path, Context context) {
    const auto& sequence = event_.data.sequence_start;
    TRY(CheckProperties(sequence.anchor, sequence.tag));
    const bool flow = sequence.style == YAML_FLOW_SEQUENCE_STYLE;
    const yaml_mark_t start = event_.start_mark;
    node.kind = TreeNode::Kind::kSequence;
    node.style = flow ? TreeNode::Style::kFlow : TreeNode::Style::kBlock;
    for (;;) {
      TRY(Next());
      if (event_.type == YAML_SEQUENCE_END_EVENT) break;
      path.push_back(node.children.size());
      if (!flow) NoteEntry(event_.start_mark.line, start.column, path);
      TreeNode item;
      TRY(ReadNode(item, path, flow ? Context::kFlow : Context::kBlock));
      node.children.push_back(std::move(item));
      path.pop_back();
    }
    if (flow && context == Context::kBlock) return CloseFlow(start);
    return {};
  }

  Status ReadMapping(TreeNode& node, std::vector<std::size_t>& path, Context context) {
    const auto& mapping = event_.data.mapping_start;
    TRY(CheckProperties(mapping.anchor, mapping.tag));
    const bool flow = mapping.style == YAML_FLOW_MAPPING_STYLE;
    const yaml_mark_t start = event_.start_mark;
    node.kind = TreeNode::Kind::kMapping;
    node.style = flow ? TreeNode::Style::kFlow : TreeNode::Style::kBlock;
    const Context inner = flow ? Context::kFlow : Context::kBlock;
    for (;;) {
      TRY(Next());
      if (event_.type == YAML_MAPPING_END_EVENT) break;
      if (event_.type != YAML_SCALAR_EVENT) return Fail(Refused("a key that is no scalar"));
      path.push_back(node.children.size());
      if (!flow) NoteEntry(event_.start_mark.line, event_.start_mark.column, path);
      TreeNode key;
      TRY(ReadScalar(key));
      node.children.push_back(std::move(key));
      path.back() = node.children.size();
      TRY(Next());
      TreeNode value;
      TRY(ReadNode(value, path, inner));
      node.children.push_back(std::move(value));
      path.pop_back();
    }
    if (flow && context == Context::kBlock) return CloseFlow(start);
    return {};
  }

  Status CloseFlow(const yaml_mark_t& start) {
    for (std::size_t i = start.line; i < event_.end_mark.line && i < lines_.size(); ++i) {
      if (CommentOf(lines_[i])) return Fail(Refused("comments inside of [] or {}"));
    }
    NoteToken(start, event_.end_mark);
    return {};
  }

  // Of several entries that start on one line ("- a: 1") the outermost has the comments.
  void NoteEntry(std::size_t line, std::size_t column, const std::vector<std::size_t>& path) {
    if (!entries_.empty() && entries_.back().line == line) {
      entries_.back().inner = path;
    } else {
      entries_.push_back({line, column, path, path});
    }
  }

  // --- comments ---

  struct Comment {
    std::string text;
    std::size_t column = 0;
  };

  // Behind the last token of the line.
  static std::optional<Comment> CommentOf(const Line& line) {
    std::string_view text = line.text;
    if (text.ends_with('\r')) text.remove_suffix(1);
    for (std::size_t at = line.last_end; at < text.size(); ++at) {
      if (text[at] != '#') continue;
      if (at > 0 && text[at - 1] != ' ' && text[at - 1] != '\t') continue;
      return Comment{std::string(Trim(text.substr(at))), at};
    }
    return std::nullopt;
  }

  static TreeNode& NodeAt(Tree& tree, const std::vector<std::size_t>& path) {
    TreeNode* node = &tree.root;
    for (std::size_t index : path) node = &node->children[index];
    return *node;
  }

  Status PlaceComments(Tree& tree) {
    std::size_t from = 0;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      PlaceBetween(tree, from, entries_[i].line, i);
      from = entries_[i].line;
      const std::size_t end = i + 1 < entries_.size() ? entries_[i + 1].line : lines_.size();
      for (std::size_t line = from; line < end; ++line) {
        if (!lines_[line].has_token) continue;
        const auto comment = CommentOf(lines_[line]);
        if (comment) NodeAt(tree, entries_[i].inner).line_comment = comment->text;
        from = line + 1;
      }
    }
    PlaceBetween(tree, from, lines_.size(), entries_.size());
    return {};
  }

  // The comments of the lines in [from, to), which hold nothing else: those that touch the entry
  // `next` are its own, the others go to what they are below.
  void PlaceBetween(Tree& tree, std::size_t from, std::size_t to, std::size_t next) {
    std::vector<std::vector<Comment>> groups;
    bool open = false;
    for (std::size_t i = from; i < to; ++i) {
      if (lines_[i].has_token) continue;
      const auto comment = CommentOf(lines_[i]);
      if (comment && !open) groups.emplace_back();
      if (comment) groups.back().push_back(*comment);
      open = comment.has_value();
    }
    if (open && next < entries_.size()) {
      for (Comment& comment : groups.back()) {
        NodeAt(tree, entries_[next].path).head.push_back(std::move(comment.text));
      }
      groups.pop_back();
    }
    for (std::vector<Comment>& group : groups) {
      std::vector<std::string>& place = PlaceAbove(tree, next, group.front().column);
      if (!place.empty()) place.emplace_back();
      for (Comment& comment : group) place.push_back(std::move(comment.text));
    }
  }

  // Of the nearest entry before `next` that is not further in than the column.
  std::vector<std::string>& PlaceAbove(Tree& tree, std::size_t next, std::size_t column) const {
    for (std::size_t i = next; i > 0; --i) {
      if (entries_[i - 1].column <= column) return NodeAt(tree, entries_[i - 1].path).foot;
    }
    return next == 0 ? tree.head : NodeAt(tree, entries_[0].path).foot;
  }

  const std::string_view text_;
  const ParseOptions& options_;
  yaml_parser_t parser_;
  yaml_event_t event_;
  bool ready_ = false;
  bool filled_ = false;
  std::vector<Line> lines_;
  std::vector<Entry> entries_;
};

}  // namespace

Result<Tree> ReadTree(std::string_view text, const ParseOptions& options) {
  return TreeReader(text, options).Run();
}

}  // namespace swell::yaml
