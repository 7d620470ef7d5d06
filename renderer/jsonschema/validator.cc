#include "renderer/jsonschema/validator.h"

#include "base/value/pointer.h"

namespace swell::jsonschema {

Result<std::optional<Failure>> Validator::Run(const Value& schema, const Value& instance,
                                              const std::string& location, int depth,
                                              Evaluated& evaluated) {
  if (Status spent = Spend(1 + location.size() / 64); !spent) {
    return Fail(std::move(spent).error().Wrap("at '" + location + "'"));
  }
  if (depth > limits_.max_depth) {
    return Fail(ResourceExhausted("at '" + location + "': schemas apply each other deeper than " +
                                  std::to_string(limits_.max_depth) +
                                  " levels (budget max_depth); does a $ref lead back?"));
  }
  if (schema.is_bool()) {
    if (schema.as_bool()) return std::nullopt;
    return Failure{Failure::Kind::kLeaf, location, "false schema", {}};
  }
  Frame frame{schema, instance, location, depth, evaluated, {}};
  if (!TRY(CheckValue(frame))) {
    TRY(CountFailures(frame.failures));
    return std::move(frame.failures.front());
  }
  const bool siblings = TRY(CheckReference(frame));
  if (siblings) {
    TRY(CheckObject(frame));
    TRY(CheckArray(frame));
    TRY(CheckString(frame));
    CheckNumber(frame);
    TRY(CheckCombined(frame));
    TRY(CheckUnevaluated(frame));
  }
  if (frame.failures.empty()) return std::nullopt;
  TRY(CountFailures(frame.failures));
  if (frame.failures.size() == 1) return std::move(frame.failures.front());
  return Failure{Failure::Kind::kGroup, location, "validation failed", std::move(frame.failures)};
}

Status Validator::Spend(std::uint64_t steps) {
  steps_ += steps;
  if (steps_ <= limits_.max_steps) return {};
  return Fail(ResourceExhausted("validation takes more than " + std::to_string(limits_.max_steps) +
                                " steps (budget max_steps)"));
}

// Failures of alternatives count too, though another may match: they are kept until then.
Status Validator::CountFailures(std::span<const Failure> failures) {
  failed_ += failures.size();
  for (const Failure& f : failures) failed_bytes_ += f.message.size() + f.location.size();
  if (failed_ > limits_.max_failures) {
    return Fail(ResourceExhausted("more than " + std::to_string(limits_.max_failures) +
                                  " schemas fail (budget max_failures)"));
  }
  if (failed_bytes_ > limits_.max_failure_bytes) {
    return Fail(ResourceExhausted("what fails takes more than " +
                                  std::to_string(limits_.max_failure_bytes) +
                                  " bytes to tell (budget max_failure_bytes)"));
  }
  return {};
}

Result<std::optional<Failure>> Validator::Try(Frame& frame, const Value& schema) {
  Evaluated evaluated;
  auto failure = TRY(Run(schema, frame.instance, frame.location, frame.depth + 1, evaluated));
  if (!failure) frame.evaluated.Merge(evaluated);
  return failure;
}

Result<bool> Validator::Same(Frame& frame, const Value& schema) {
  auto failure = TRY(Try(frame, schema));
  if (!failure) return true;
  frame.failures.push_back(*std::move(failure));
  return false;
}

Status Validator::Inside(Frame& frame, const Value& schema, const Value& instance,
                         std::string_view token) {
  Evaluated evaluated;
  auto failure = TRY(Run(schema, instance, frame.location + "/" + EscapePointerToken(token),
                         frame.depth + 1, evaluated));
  if (failure) frame.failures.push_back(*std::move(failure));
  return {};
}

// True where the schema's other keywords count too.
Result<bool> Validator::CheckReference(Frame& frame) {
  const auto follow = [&](const auto& targets) -> Status {
    const auto target = targets.find(&frame.schema);
    if (target == targets.end()) return {};
    auto failure = TRY(Try(frame, *target->second));
    if (!failure) return {};
    std::vector<Failure> causes;
    if (failure->kind == Failure::Kind::kGroup) {
      causes = std::move(failure->causes);
    } else {
      causes.push_back(*std::move(failure));
    }
    frame.failures.push_back(
        {Failure::Kind::kReference, frame.location, "validation failed", std::move(causes)});
    return {};
  };
  TRY(follow(compiled_.references));
  if (compiled_.draft < Draft::k2019 && frame.schema.Has("$ref")) return false;
  TRY(follow(compiled_.dynamic));
  return true;
}

Status Validator::CheckCombined(Frame& frame) {
  if (const Value* schema = frame.Find("not")) {
    if (!TRY(Try(frame, *schema))) frame.Add("'not' failed");
  }
  if (const Value* all = frame.Find("allOf")) {
    std::vector<Failure> failures;
    for (const Value& schema : all->items()) {
      if (auto failure = TRY(Try(frame, schema))) failures.push_back(*std::move(failure));
    }
    if (!failures.empty()) frame.Add("'allOf' failed", std::move(failures));
  }
  if (const Value* any = frame.Find("anyOf")) {
    std::vector<Failure> failures;
    bool matched = any->empty();
    for (const Value& schema : any->items()) {
      auto failure = TRY(Try(frame, schema));
      matched = matched || !failure;
      if (failure) failures.push_back(*std::move(failure));
    }
    if (!matched) frame.Add("'anyOf' failed", std::move(failures));
  }
  TRY(CheckOneOf(frame));
  if (compiled_.draft < Draft::k7) return {};
  if (const Value* condition = frame.Find("if")) {
    const Value* branch = frame.Find(TRY(Try(frame, *condition)) ? "else" : "then");
    if (branch != nullptr) TRY(Same(frame, *branch));
  }
  return {};
}

Status Validator::CheckOneOf(Frame& frame) {
  const Value* one = frame.Find("oneOf");
  if (one == nullptr || one->empty()) return {};
  std::vector<Failure> failures;
  std::vector<std::size_t> matched;
  for (std::size_t i = 0; i < one->size() && matched.size() < 2; ++i) {
    auto failure = TRY(Try(frame, (*one)[i]));
    if (failure) {
      failures.push_back(*std::move(failure));
    } else {
      matched.push_back(i);
    }
  }
  if (matched.empty()) {
    frame.Add("'oneOf' failed, none matched", std::move(failures));
  } else if (matched.size() > 1) {
    frame.Add("'oneOf' failed, subschemas " + std::to_string(matched[0]) + ", " +
              std::to_string(matched[1]) + " matched");
  }
  return {};
}

Status Validator::CheckUnevaluated(Frame& frame) {
  if (compiled_.draft < Draft::k2019) return {};
  if (const Value* schema = frame.Find("unevaluatedProperties")) {
    for (const Member& m : frame.instance.members()) {
      if (frame.evaluated.properties.contains(m.name())) continue;
      TRY(Inside(frame, *schema, m.value, m.name()));
      frame.evaluated.properties.insert(m.name());
    }
  }
  if (const Value* schema = frame.Find("unevaluatedItems")) {
    for (std::size_t i = 0; i < frame.instance.items().size(); ++i) {
      if (frame.evaluated.items.contains(i)) continue;
      TRY(Inside(frame, *schema, frame.instance[i], std::to_string(i)));
      frame.evaluated.items.insert(i);
    }
  }
  return {};
}

Status Schema::Validate(const Value& instance, const Limits& limits) const {
  Evaluated evaluated;
  auto failure =
      TRY(Validator(*compiled_, limits).Run(compiled_->root, instance, "", 0, evaluated));
  if (!failure) return {};
  return Fail(InvalidArgument(PrintFailures(*failure)));
}

}  // namespace swell::jsonschema
