#include "renderer/gotemplate/values_methods.h"

#include "base/core/strings.h"
#include "base/value/yaml.h"
#include "renderer/gotemplate/format.h"
#include "renderer/gotemplate/function.h"

namespace swell::gotemplate {
namespace {

using Args = std::span<const Any>;

bool IsTable(const Any& any) { return any.is_map() && any.as_map()->type() == types::kAnyMap; }

Error NoValue(std::string_view key) { return InvalidArgument(QuoteGo(key) + " is not a value"); }

Result<Any> Table(const Any& values, std::string_view path) {
  Any table = values;
  for (const std::string_view key : Split(path, '.')) {
    const Any* found = table.as_map()->Find(key);
    if (found == nullptr || !IsTable(*found)) {
      return Fail(InvalidArgument(QuoteGo(key) + " is not a table"));
    }
    table = *found;
  }
  return table.SeenAsValues();
}

Result<Any> TableMethod(Context&, Args args) { return Table(args[0], args[1].as_string()); }

Result<Any> PathValue(Context&, Args args) {
  const std::string_view path = args[1].as_string();
  if (path.empty()) return Fail(InvalidArgument("YAML path cannot be empty"));
  const std::size_t dot = path.rfind('.');
  const std::string_view key = path.substr(dot + 1);  // npos + 1 is 0
  Any table = args[0];
  if (dot != std::string_view::npos) {
    auto below = Table(args[0], path.substr(0, dot));
    if (!below) return Fail(NoValue(key));
    table = *std::move(below);
  }
  const Any* found = table.as_map()->Find(key);
  if (found == nullptr || IsTable(*found)) return Fail(NoValue(key));
  return *found;
}

Result<Any> AsMap(Context&, Args args) { return args[0].SeenAsMap(); }

Result<Any> Yaml(Context& context, Args args) {
  const Value value = TRY(ToValue(args[0], context.budget()));
  std::string text = TRY(yaml::Marshal(value));
  TRY(context.budget().Allow(text.size()));
  return Any::String(std::move(text));
}

Result<Any> Encode(Context&, Args) {
  return Fail(InvalidArgument("there is no io.Writer in a template"));
}

}  // namespace

const Function* FindValuesMethod(std::string_view name) {
  static const Function kMethods[] = {
      {.name = "AsMap", .call = &AsMap},
      {.name = "Encode", .params = {types::kWriter}, .call = &Encode},
      {.name = "PathValue", .params = {types::kString}, .call = &PathValue},
      {.name = "Table", .params = {types::kString}, .call = &TableMethod},
      {.name = "YAML", .call = &Yaml},
  };
  // Asked for every field of .Values: most begin with a small letter.
  if (name.empty() || name[0] < 'A' || name[0] > 'Y') return nullptr;
  for (const Function& method : kMethods) {
    if (method.name == name) return &method;
  }
  return nullptr;
}

}  // namespace swell::gotemplate
