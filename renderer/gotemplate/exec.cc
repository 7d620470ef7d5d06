#include <algorithm>

#include "renderer/gotemplate/executor.h"
#include "renderer/gotemplate/format.h"

namespace swell::gotemplate {

Frame::Frame(Executor& executor, const Tree& tree, const Any& data, std::string& out)
    : executor_(executor), tree_(tree), out_(out), node_(tree.root) {
  variables_.push_back({"$", data});
  Executor::ClearInterface(variables_.back().value);
}

Status Frame::Execute() {
  const Any dot = variables_.front().value;
  TRY(WalkList(dot, *tree_.root));
  return {};
}

Error Frame::ErrorHere(std::string message, ErrorCode code) const {
  return {code, "template: " + tree_.Location(*node_) + ": executing " + QuoteGo(tree_.name) +
                    " at <" + ToString(*node_) + ">: " + std::move(message)};
}

Status Frame::Step() {
  if (Status spent = executor_.budget().Spend(); !spent) [[unlikely]] {
    return Fail(ErrorHere(spent.error()));
  }
  return {};
}

Status Frame::CheckOutput() {
  const std::uint64_t limit = executor_.budget().limits().max_output_bytes;
  if (out_.size() <= limit) return {};
  return Fail(ErrorHere(
      "the output is longer than " + std::to_string(limit) + " bytes (budget max_output_bytes)",
      ErrorCode::kResourceExhausted));
}

Any* Frame::FindVariable(std::string_view name) {
  for (auto it = variables_.rbegin(); it != variables_.rend(); ++it) {
    if (it->name == name) return &it->value;
  }
  return nullptr;
}

Status Frame::Assign(std::string_view name, Any value) {
  Any* variable = FindVariable(name);
  if (variable == nullptr) {
    return Fail(ErrorHere("undefined variable: " + std::string(name)));
  }
  *variable = std::move(value);
  return {};
}

Result<Frame::Flow> Frame::Walk(const Any& dot, const Node& node) {
  At(node);
  TRY(Step());
  switch (node.type) {
    case NodeType::kText:
      out_ += static_cast<const TextNode&>(node).text;
      TRY(CheckOutput());
      return Flow::kNext;
    case NodeType::kAction: {
      // Variables declared here last until the enclosing end; a declaration prints nothing.
      const PipeNode* pipe = static_cast<const ActionNode&>(node).pipe;
      const Any value = TRY(Pipeline(dot, pipe));
      if (pipe->decls.empty()) TRY(Print(node, value));
      return Flow::kNext;
    }
    case NodeType::kList:
      return WalkList(dot, static_cast<const ListNode&>(node));
    case NodeType::kIf:
    case NodeType::kWith:
      return WalkBranch(dot, static_cast<const BranchNode&>(node));
    case NodeType::kRange:
      return WalkRange(dot, static_cast<const BranchNode&>(node));
    case NodeType::kTemplate:
      TRY(WalkTemplate(dot, static_cast<const TemplateNode&>(node)));
      return Flow::kNext;
    case NodeType::kBreak:
      return Flow::kBreak;
    case NodeType::kContinue:
      return Flow::kContinue;
    default:
      return Fail(ErrorHere("unknown node: " + ToString(node)));
  }
}

Result<Frame::Flow> Frame::WalkList(const Any& dot, const ListNode& list) {
  for (const Node* node : list.nodes) {
    const Flow flow = TRY(Walk(dot, *node));
    if (flow != Flow::kNext) return flow;
  }
  return Flow::kNext;
}

Status Frame::Print(const Node& node, const Any& value) {
  At(node);
  if (Status printed = AppendAction(out_, value, executor_.budget()); !printed) {
    return Fail(ErrorHere(printed.error()));
  }
  return CheckOutput();
}

Result<Frame::Flow> Frame::WalkBranch(const Any& dot, const BranchNode& node) {
  const std::size_t mark = variables_.size();
  const Any value = TRY(Pipeline(dot, node.pipe));
  Flow flow = Flow::kNext;
  if (Truth(value)) {
    flow = TRY(WalkList(node.type == NodeType::kWith ? value : dot, *node.list));
  } else if (node.else_list != nullptr) {
    flow = TRY(WalkList(dot, *node.else_list));
  }
  variables_.resize(mark);
  return flow;
}

Result<Frame::Flow> Frame::WalkRange(const Any& dot, const BranchNode& node) {
  const std::size_t mark = variables_.size();
  const Any value = TRY(Pipeline(dot, node.pipe));
  bool empty = false;
  switch (value.kind()) {
    case Kind::kNil:
      empty = true;
      break;
    case Kind::kSlice:
      empty = value.as_list()->size() == 0;
      TRY(RangeList(node, value));
      break;
    case Kind::kMap:
      empty = value.as_map()->size() == 0;
      TRY(RangeMap(node, value));
      break;
    case Kind::kInt:
    case Kind::kInt64:
    case Kind::kUint8:
    case Kind::kUint64:
      if (node.pipe->decls.size() > 1) {
        return Fail(ErrorHere("can't use " + TRY(FormatValue(value, executor_.budget())) +
                              " to iterate over more than one variable"));
      }
      empty = value.as_int() <= 0;
      TRY(RangeInteger(node, value));
      break;
    default:
      return Fail(
          ErrorHere("range can't iterate over " + TRY(FormatValue(value, executor_.budget()))));
  }
  Flow flow = Flow::kNext;
  if (empty && node.else_list != nullptr) flow = TRY(WalkList(dot, *node.else_list));
  variables_.resize(mark);
  // In the else branch a break ends this range and a continue goes on with the outer one, as
  // Go's panics happen to be caught.
  return flow == Flow::kBreak ? Flow::kNext : flow;
}

Status Frame::RangeList(const BranchNode& node, const Any& value) {
  const std::size_t mark = variables_.size();
  const List& list = *value.as_list();
  for (std::size_t i = 0; i < list.size(); ++i) {
    Any element = list[i];
    Executor::MarkInterface(element, list.type()->elem);
    const Any index = Any::Int(static_cast<std::int64_t>(i));
    if (TRY(Iterate(node, mark, index, std::move(element))) == Flow::kBreak) break;
  }
  return {};
}

Status Frame::RangeMap(const BranchNode& node, const Any& value) {
  const std::size_t mark = variables_.size();
  // The body may change the map; the loop goes over what was there.
  const std::shared_ptr<const Map::Entries> entries = value.as_map()->Snapshot();
  for (const Map::Entry& entry : *entries) {
    Any element = entry.value;
    Executor::MarkInterface(element, value.type()->elem);
    if (TRY(Iterate(node, mark, entry.key, std::move(element))) == Flow::kBreak) break;
  }
  return {};
}

Status Frame::RangeInteger(const BranchNode& node, const Any& value) {
  const std::size_t mark = variables_.size();
  const std::int64_t end = value.as_int();
  for (std::int64_t i = 0; i < end; ++i) {
    Any element;
    switch (value.kind()) {
      case Kind::kInt64:
        element = Any::Int64(i);
        break;
      case Kind::kUint8:
        element = Any::Uint8(static_cast<std::uint8_t>(i));
        break;
      case Kind::kUint64:
        element = Any::Uint64(static_cast<std::uint64_t>(i));
        break;
      default:
        element = Any::Int(i);
    }
    if (TRY(Iterate(node, mark, {}, std::move(element))) == Flow::kBreak) break;
  }
  return {};
}

Result<Frame::Flow> Frame::Iterate(const BranchNode& node, std::size_t mark, const Any& index,
                                   Any element) {
  TRY(Step());
  const auto& decls = node.pipe->decls;
  const std::size_t top = variables_.size();
  if (!decls.empty()) {
    if (!node.pipe->is_assign) {
      // The pipeline pushed them: the last is the element, the one before it the index.
      variables_[top - 1].value = element;
      if (decls.size() > 1) variables_[top - 2].value = index;
    } else {
      TRY(Assign(decls[0]->idents[0], decls.size() > 1 ? index : element));
      if (decls.size() > 1) TRY(Assign(decls[1]->idents[0], element));
    }
  }
  const Flow flow = TRY(WalkList(element, *node.list));
  variables_.resize(mark);
  return flow;
}

Status Frame::WalkTemplate(const Any& dot, const TemplateNode& node) {
  const Tree* tree = executor_.Find(node.name);
  if (tree == nullptr) {
    return Fail(ErrorHere("template " + QuoteGo(node.name) + " not defined"));
  }
  if (Status room = executor_.CheckNesting(); !room) return Fail(ErrorHere(room.error()));
  const Any data = TRY(Pipeline(dot, node.pipe));
  return executor_.RunFrame(*tree, data, out_);
}

}  // namespace swell::gotemplate
