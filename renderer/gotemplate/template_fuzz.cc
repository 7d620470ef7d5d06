// Any text: parsing and executing it ends with a result or an error, within the budgets.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "renderer/gotemplate/template.h"

namespace swell::gotemplate {
namespace {

std::shared_ptr<const FunctionMap> Functions() {
  static const std::shared_ptr<const FunctionMap> kFunctions = [] {
    auto functions = std::make_shared<FunctionMap>();
    RegisterBuiltins(*functions);
    functions->Add(
        "tpl", {types::kString, types::kAny},
        [](Context& context, std::span<const Any> args) -> Result<Any> {
          return Any::String(TRY(context.ExecuteText("gotpl", args[0].as_string(), args[1])));
        });
    return functions;
  }();
  return kFunctions;
}

Any Data() {
  Any data = Any::NewMap();
  Any nested = Any::NewMap();
  nested.as_map()->Set("s", Any::String("text"));
  data.as_map()->Set("m", nested);
  data.as_map()->Set("l", Any::List({Any::Int(1), Any(), Any::Float(2.5)}));
  data.as_map()->Set("n", Any());
  return data;
}

}  // namespace
}  // namespace swell::gotemplate

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace swell::gotemplate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Limits limits{.max_steps = 20'000,
                      .max_output_bytes = 1u << 20,
                      .max_value_bytes = 1u << 20,
                      .max_allocated_bytes = 16u << 20,
                      .max_template_depth = 100};
  TemplateSet set(Functions(), limits);
  if (!set.Parse("fuzz", text)) return 0;
  Session session({.missing_key = MissingKey::kZero, .limits = limits});
  (void)set.Execute("fuzz", Data(), session);
  return 0;
}
