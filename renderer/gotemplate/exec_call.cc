#include <array>

#include "renderer/gotemplate/executor.h"

namespace swell::gotemplate {

namespace {

// Every function looks at its operands at least once, so a call costs a step for each 64 bytes
// of text and each 16 elements. Small operands are free: the step of the node covers them.
std::uint64_t StepsFor(std::span<const Any> args) {
  std::uint64_t units = 0;
  for (const Any& arg : args) {
    if (arg.is_string()) {
      units += arg.as_string().size();
    } else if (const List* list = arg.as_list()) {
      units += 4 * list->size();
    } else if (const Map* map = arg.as_map()) {
      units += 4 * map->size();
    }
  }
  return units / 64;
}

// What every call costs, whatever the function itself charges: reading its operands, and the text
// that it makes.
Result<Any> CallWithin(Budget& budget, Context& context, const Function& function,
                       std::span<const Any> args) {
  if (const std::uint64_t steps = StepsFor(args); steps > 0) TRY(budget.Spend(steps));
  Result<Any> result = function.call(context, args);
  if (result && result->is_string() && result->as_string().size() >= sizeof(Any)) {
    TRY(budget.Allow(result->as_string().size()));
  }
  return result;
}

bool CanBeNil(const Type* type) {
  return type->kind == "interface" || type->kind == "map" || type->kind == "slice" ||
         type->kind == "ptr";
}

bool IsAssignable(const Type* value, const Type* to) {
  return value == to || value->underlying == to || to->underlying == value;
}

}  // namespace

Status Frame::CheckCount(const Function& function, std::string_view name, std::size_t args,
                         bool has_final) {
  const std::size_t given = args + (has_final ? 1 : 0);
  const std::size_t fixed = function.params.size();
  if (function.variadic != nullptr) {
    if (given >= fixed) return {};
    return Fail(ErrorHere("wrong number of args for " + std::string(name) + ": want at least " +
                          std::to_string(fixed) + " got " + std::to_string(args)));
  }
  if (given == fixed) return {};
  return Fail(ErrorHere("wrong number of args for " + std::string(name) + ": want " +
                        std::to_string(fixed) + " got " + std::to_string(given)));
}

Result<Any> Frame::Call(const Any& dot, const Function& function, const Any* receiver,
                        const Node& node, std::string_view name, Args args, Final final) {
  // The first word is the function itself.
  if (!args.empty()) args = args.subspan(1);
  TRY(CheckCount(function, name, args.size(), final != nullptr));
  if (function.evaluation == Evaluation::kAnd || function.evaluation == Evaluation::kOr) {
    return ShortCircuit(dot, function, args, final);
  }
  const bool named = function.evaluation == Evaluation::kCall;
  const std::size_t extra = (receiver != nullptr ? 1 : 0) + (named ? 1 : 0);
  const std::size_t count = extra + args.size() + (final != nullptr ? 1 : 0);
  std::array<Any, 6> few;
  std::vector<Any> many;
  if (count > few.size()) many.resize(count);
  const std::span<Any> values = count > few.size() ? std::span(many) : std::span(few).first(count);
  const auto type_of = [&function](std::size_t i) {
    return i < function.params.size() ? function.params[i] : function.variadic;
  };
  std::size_t next = 0;
  if (receiver != nullptr) values[next++] = *receiver;
  if (named) {
    values[next++] =
        Any::String(args.empty() ? std::string(final->as_string()) : ToString(*args[0]));
  }
  for (std::size_t i = 0; i < args.size(); ++i) {
    values[next++] = TRY(Argument(dot, type_of(i), *args[i]));
  }
  if (final != nullptr) values[next] = TRY(Validate(*final, type_of(args.size())));
  return Invoke(function, name, node, values);
}

Result<Any> Frame::Invoke(const Function& function, std::string_view name, const Node& node,
                          std::span<const Any> args) {
  Result<Any> result = CallWithin(executor_.budget(), executor_, function, args);
  if (result) [[likely]] {
    Executor::ClearInterface(*result);
    return result;
  }
  At(node);
  return Fail(
      ErrorHere("error calling " + std::string(name) + ": " + Shortened(result.error().ToString()),
                result.error().code()));
}

Result<Any> Frame::ShortCircuit(const Any& dot, const Function& function, Args args, Final final) {
  Any value;
  for (const Node* arg : args) {
    value = TRY(Argument(dot, types::kAny, *arg));
    if (Truth(value) == (function.evaluation == Evaluation::kOr)) return value;
  }
  if (final != nullptr) value = *final;
  return value;
}

Result<Any> Frame::Validate(Any value, const Type* type) {
  if (type == types::kAny) return value;
  if (value.is_nil()) {
    if (value.from_interface()) {
      return Fail(ErrorHere("wrong type for value; expected " + std::string(type->name) +
                            "; got interface {}"));
    }
    if (CanBeNil(type)) return value;
    return Fail(ErrorHere("invalid value; expected " + std::string(type->name)));
  }
  if (value.type() == type) return value;
  // Handed on, a named type becomes the parameter's own.
  if (value.type() == types::kValues && type == types::kAnyMap) return value.SeenAsMap();
  if (IsAssignable(value.type(), type)) return value;
  return Fail(ErrorHere("wrong type for value; expected " + std::string(type->name) + "; got " +
                        std::string(value.type_name())));
}

Result<Any> Frame::Argument(const Any& dot, const Type* type, const Node& node) {
  At(node);
  switch (node.type) {
    case NodeType::kDot:
      return Validate(dot, type);
    case NodeType::kNil:
      if (CanBeNil(type)) return Any();
      return Fail(ErrorHere("cannot assign nil to " + std::string(type->name)));
    case NodeType::kField:
      return Validate(
          TRY(FieldChain(dot, dot, node, static_cast<const FieldNode&>(node).idents, {}, nullptr)),
          type);
    case NodeType::kVariable:
      return Validate(TRY(VariableValue(dot, static_cast<const VariableNode&>(node), {}, nullptr)),
                      type);
    case NodeType::kPipe:
      return Validate(TRY(Pipeline(dot, static_cast<const PipeNode*>(&node))), type);
    case NodeType::kIdentifier: {
      const auto& identifier = static_cast<const IdentifierNode&>(node);
      return Validate(
          TRY(Call(dot, *identifier.function, nullptr, node, identifier.name, {}, nullptr)), type);
    }
    case NodeType::kChain:
      return Validate(TRY(Chain(dot, static_cast<const ChainNode&>(node), {}, nullptr)), type);
    default:
      return Literal(dot, type, node);
  }
}

// An untyped constant takes the parameter's type where it fits.
Result<Any> Frame::Literal(const Any& dot, const Type* type, const Node& node) {
  const auto expected = [&](std::string_view what) {
    return Fail(ErrorHere("expected " + std::string(what) + "; found " + ToString(node)));
  };
  const auto* number =
      node.type == NodeType::kNumber ? static_cast<const NumberNode*>(&node) : nullptr;
  if (type == types::kAny) return Constant(dot, node);
  if (type == types::kString) {
    if (node.type != NodeType::kString) return expected("string");
    return Any::String(static_cast<const StringNode&>(node).text);
  }
  if (type == types::kBool) {
    if (node.type != NodeType::kBool) return expected("bool");
    return Any::Bool(static_cast<const BoolNode&>(node).value);
  }
  if (type == types::kInt || type == types::kInt64) {
    if (number == nullptr || !number->is_int) return expected("integer");
    return type == types::kInt ? Any::Int(number->int_value) : Any::Int64(number->int_value);
  }
  if (type == types::kUint8 || type == types::kUint64) {
    if (number == nullptr || !number->is_uint) return expected("unsigned integer");
    return Any::Uint64(number->uint_value);
  }
  if (type == types::kFloat64) {
    if (number == nullptr || !number->is_float) return expected("float");
    return Any::Float(number->float_value);
  }
  return Fail(
      ErrorHere("can't handle " + ToString(node) + " for arg of type " + std::string(type->name)));
}

}  // namespace swell::gotemplate
