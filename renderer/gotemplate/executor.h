#pragma once
// Execution of templates. Internal to the room; template.h is the way in.

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "renderer/gotemplate/node.h"
#include "renderer/gotemplate/template.h"

namespace swell::gotemplate {

// Go puts every level of a nested call into the message; ten thousand of them would cost gigabytes
// of copying. What has grown too long loses its middle: the outermost place and the cause stay.
std::string Shortened(std::string message);

// What a tpl text defines, on top of what was there.
struct Overlay {
  const Overlay* below = nullptr;
  std::span<const std::shared_ptr<const Tree>> trees;
};

// Parsed tpl texts of a session, by name and text.
struct Session::TextCache {
  std::map<std::string, std::shared_ptr<const Trees>, std::less<>> trees;
  std::size_t bytes = 0;
};

// One Execute and everything it includes. What functions see as their Context.
class Executor final : public Context {
 public:
  Executor(const TemplateSet& set, Session& session);

  Budget& budget() override { return session_.budget_; }
  const Host& host() const override;
  CycleGuard& cycles() override { return session_.cycles_; }
  const RunningTemplate* running() const override { return running_; }
  bool HasTemplate(std::string_view name) const override { return Find(name) != nullptr; }
  Result<std::string> ExecuteTemplate(std::string_view name, const Any& data) override;
  Result<std::string> ExecuteText(std::string_view name, std::string_view text,
                                  const Any& data) override;

 private:
  friend class Frame;

  const Tree* Find(std::string_view name) const;
  Result<std::string> Run(const Tree& tree, const Any& data);
  // Executes the template one level deeper, appending to `out`.
  Status RunFrame(const Tree& tree, const Any& data, std::string& out);
  Status RunOnSecondStack(const Tree& tree, const Any& data, std::string& out);
  Result<std::shared_ptr<const Trees>> ParseText(std::string_view name, std::string_view text);
  Status CheckNesting() const;

  static void MarkInterface(Any& any, const Type* slot) {
    any.set_from_interface(slot == types::kAny);
  }
  static void ClearInterface(Any& any) { any.set_from_interface(false); }

  const TemplateSet& set_;
  Session& session_;
  const Overlay* overlay_ = nullptr;
  const RunningTemplate* running_ = nullptr;
  int depth_ = 0;
  const char* stack_end_;
  bool on_second_stack_ = false;
};

// One template being executed: Go's exec.state.
class Frame {
 public:
  Frame(Executor& executor, const Tree& tree, const Any& data, std::string& out);

  Status Execute();

 private:
  enum class Flow : std::uint8_t { kNext, kBreak, kContinue };
  struct Variable {
    std::string_view name;
    Any value;
  };
  // What a command gets from the one before it in the pipeline; null: nothing.
  using Final = const Any*;
  using Args = std::span<const Node* const>;

  // exec.cc: statements
  Result<Flow> Walk(const Any& dot, const Node& node);
  Result<Flow> WalkList(const Any& dot, const ListNode& list);
  Result<Flow> WalkBranch(const Any& dot, const BranchNode& node);
  Result<Flow> WalkRange(const Any& dot, const BranchNode& node);
  Status RangeInteger(const BranchNode& node, const Any& value);
  Status RangeList(const BranchNode& node, const Any& value);
  Status RangeMap(const BranchNode& node, const Any& value);
  Result<Flow> Iterate(const BranchNode& node, std::size_t mark, const Any& index, Any element);
  Status WalkTemplate(const Any& dot, const TemplateNode& node);
  Status Print(const Node& node, const Any& value);
  Status CheckOutput();

  // exec_eval.cc: expressions
  Result<Any> Pipeline(const Any& dot, const PipeNode* pipe);
  Result<Any> Command(const Any& dot, const CommandNode& command, Final final);
  Result<Any> Constant(const Any& dot, const Node& node);
  Result<Any> Number(const NumberNode& node);
  Result<Any> Chain(const Any& dot, const ChainNode& node, Args args, Final final);
  Result<Any> VariableValue(const Any& dot, const VariableNode& node, Args args, Final final);
  Result<Any> FieldChain(const Any& dot, const Any& receiver, const Node& node, Names names,
                         Args args, Final final);
  Result<Any> Field(const Any& dot, std::string_view name, const Node& node, Args args, Final final,
                    const Any& receiver);
  Result<Any> MapField(const Map& map, std::string_view name);
  Status NotAFunction(Args args, Final final);

  // exec_call.cc: calls and their arguments
  Result<Any> Call(const Any& dot, const Function& function, const Any* receiver, const Node& node,
                   std::string_view name, Args args, Final final);
  Result<Any> ShortCircuit(const Any& dot, const Function& function, Args args, Final final);
  Status CheckCount(const Function& function, std::string_view name, std::size_t args,
                    bool has_final);
  Result<Any> Argument(const Any& dot, const Type* type, const Node& node);
  Result<Any> Literal(const Any& dot, const Type* type, const Node& node);
  Result<Any> Validate(Any value, const Type* type);
  Result<Any> Invoke(const Function& function, std::string_view name, const Node& node,
                     std::span<const Any> args);

  // exec.cc: variables, errors
  Any* FindVariable(std::string_view name);
  Status Assign(std::string_view name, Any value);
  void At(const Node& node) { node_ = &node; }
  // Go's errorf: the message behind the place of the node that was last looked at.
  Error ErrorHere(std::string message, ErrorCode code = ErrorCode::kInvalidArgument) const;
  Error ErrorHere(const Error& cause) const { return ErrorHere(cause.ToString(), cause.code()); }
  Status Step();

  Executor& executor_;
  const Tree& tree_;
  std::string& out_;
  const Node* node_;
  std::vector<Variable> variables_;
};

}  // namespace swell::gotemplate
