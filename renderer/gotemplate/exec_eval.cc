#include "renderer/gotemplate/executor.h"
#include "renderer/gotemplate/strconv.h"

namespace swell::gotemplate {

Result<Any> Frame::Pipeline(const Any& dot, const PipeNode* pipe) {
  Any value;
  if (pipe == nullptr) return value;
  At(*pipe);
  Final final = nullptr;
  for (const CommandNode* command : pipe->commands) {
    value = TRY(Command(dot, *command, final));
    // What comes out of a command is the bare value, no longer an interface holding it.
    Executor::ClearInterface(value);
    final = &value;
  }
  for (const VariableNode* variable : pipe->decls) {
    if (pipe->is_assign) {
      TRY(Assign(variable->idents[0], value));
    } else {
      variables_.push_back({variable->idents[0], value});
    }
  }
  return value;
}

Status Frame::NotAFunction(Args args, Final final) {
  if (args.size() <= 1 && final == nullptr) return {};
  return Fail(ErrorHere("can't give argument to non-function " + ToString(*args[0])));
}

Result<Any> Frame::Command(const Any& dot, const CommandNode& command, Final final) {
  TRY(Step());
  const Node& first = *command.args[0];
  const Args args(command.args);
  switch (first.type) {
    case NodeType::kField: {
      At(first);
      return FieldChain(dot, dot, first, static_cast<const FieldNode&>(first).idents, args, final);
    }
    case NodeType::kChain:
      return Chain(dot, static_cast<const ChainNode&>(first), args, final);
    case NodeType::kIdentifier: {
      At(first);
      const auto& identifier = static_cast<const IdentifierNode&>(first);
      return Call(dot, *identifier.function, nullptr, command, identifier.name, args, final);
    }
    case NodeType::kPipe:
      TRY(NotAFunction(args, final));
      return Pipeline(dot, static_cast<const PipeNode*>(&first));
    case NodeType::kVariable:
      return VariableValue(dot, static_cast<const VariableNode&>(first), args, final);
    default:
      break;
  }
  At(first);
  TRY(NotAFunction(args, final));
  return Constant(dot, first);
}

Result<Any> Frame::Constant(const Any& dot, const Node& node) {
  switch (node.type) {
    case NodeType::kBool:
      return Any::Bool(static_cast<const BoolNode&>(node).value);
    case NodeType::kDot:
      return dot;
    case NodeType::kNil:
      return Fail(ErrorHere("nil is not a command"));
    case NodeType::kNumber:
      return Number(static_cast<const NumberNode&>(node));
    case NodeType::kString:
      return Any::String(static_cast<const StringNode&>(node).text);
    default:
      return Fail(ErrorHere("can't evaluate command " + QuoteGo(ToString(node))));
  }
}

// The type that an untyped constant gets where none is asked for.
Result<Any> Frame::Number(const NumberNode& node) {
  if (node.is_complex) return Any::Complex(node.float_value, node.imaginary);
  if (node.is_float && node.looks_float) return Any::Float(node.float_value);
  if (node.is_int) return Any::Int(node.int_value);
  return Fail(ErrorHere(std::string(node.text) + " overflows int"));
}

Result<Any> Frame::Chain(const Any& dot, const ChainNode& node, Args args, Final final) {
  At(node);
  if (node.node->type == NodeType::kNil) {
    return Fail(ErrorHere("indirection through explicit nil in " + ToString(node)));
  }
  const Any receiver = TRY(Argument(dot, types::kAny, *node.node));
  return FieldChain(dot, receiver, node, node.fields, args, final);
}

Result<Any> Frame::VariableValue(const Any& dot, const VariableNode& node, Args args, Final final) {
  At(node);
  const Any* found = FindVariable(node.idents[0]);
  if (found == nullptr)
    return Fail(ErrorHere("undefined variable: " + std::string(node.idents[0])));
  Any value = *found;
  if (node.idents.size() == 1) {
    TRY(NotAFunction(args, final));
    return value;
  }
  return FieldChain(dot, value, node, node.idents.subspan(1), args, final);
}

Result<Any> Frame::FieldChain(const Any& dot, const Any& receiver, const Node& node, Names names,
                              Args args, Final final) {
  if (names.size() == 1) return Field(dot, names[0], node, args, final, receiver);
  Any value = receiver;
  for (const std::string_view name : names.first(names.size() - 1)) {
    value = TRY(Field(dot, name, node, {}, nullptr, value));
  }
  // Only the last may be a method that takes the arguments.
  return Field(dot, names.back(), node, args, final, value);
}

Result<Any> Frame::MapField(const Map& map, std::string_view name) {
  Any value;
  const Type* elem = map.type()->elem;
  if (const Any* found = map.Find(name)) {
    value = *found;
    Executor::MarkInterface(value, elem);
    return value;
  }
  switch (executor_.session_.options().missing_key) {
    case MissingKey::kDefault:
      return value;
    case MissingKey::kError:
      return Fail(ErrorHere("map has no entry for key " + QuoteGo(name)));
    case MissingKey::kZero:
      break;
  }
  if (elem == types::kString) return Any::String("");
  if (elem->kind == "slice") return Any::NilList(elem);
  Executor::MarkInterface(value, elem);
  return value;
}

Result<Any> Frame::Field(const Any& dot, std::string_view name, const Node& node, Args args,
                         Final final, const Any& receiver) {
  const bool missing_is_error = executor_.session_.options().missing_key == MissingKey::kError;
  if (receiver.is_nil() && !receiver.from_interface()) {
    if (missing_is_error) {
      return Fail(ErrorHere("nil data; no entry for key " + QuoteGo(name)));
    }
    return Any();
  }
  if (receiver.is_nil()) {
    return Fail(ErrorHere("nil pointer evaluating interface {}." + std::string(name)));
  }
  const Type* type = receiver.type();
  const Function* method = receiver.kind() == Kind::kObject ? receiver.as_object()->FindMethod(name)
                           : type->find_method != nullptr   ? type->find_method(name)
                                                            : nullptr;
  if (method != nullptr) return Call(dot, *method, &receiver, node, name, args, final);
  const bool has_args = args.size() > 1 || final != nullptr;
  if (const Map* map = receiver.as_map()) {
    if (has_args) return Fail(ErrorHere(std::string(name) + " is not a method but has arguments"));
    return MapField(*map, name);
  }
  if (receiver.kind() == Kind::kObject) {
    if (std::optional<Any> field = receiver.as_object()->Field(name)) {
      if (has_args) {
        return Fail(
            ErrorHere(std::string(name) + " has arguments but cannot be invoked as function"));
      }
      return std::move(*field);
    }
  }
  const std::string_view shown = receiver.from_interface() ? types::kAny->name : type->name;
  return Fail(
      ErrorHere("can't evaluate field " + std::string(name) + " in type " + std::string(shown)));
}

}  // namespace swell::gotemplate
