// The --set family: whatever is written, it is refused or gives a table, the same one each time.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/core/check.h"
#include "renderer/helm/helm.h"
#include "renderer/helm/strvals.h"

namespace {

using namespace swell;

using Setter = Status (*)(std::string_view, Value&, helm::SetBudget*);

Status SetFileEchoed(std::string_view text, Value& dest, helm::SetBudget* budget) {
  return helm::SetFile(
      text, [](const std::string& path) -> Result<std::string> { return path; }, dest, budget);
}

void Check(Setter set, std::string_view text) {
  Value once = Value::EmptyObject();
  if (!set(text, once, nullptr)) return;
  SWELL_CHECK(once.is_object());
  Value fresh = Value::EmptyObject();
  SWELL_CHECK(set(text, fresh, nullptr).has_value());
  SWELL_CHECK(fresh == once);
  // What was set may be in the way of setting it again ("a.b=1,a=2"), which is an error then.
  Value twice = once;
  (void)set(text, twice, nullptr);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const Setter set :
       {&helm::SetTyped, &helm::SetString, &helm::SetJson, &helm::SetLiteral, &SetFileEchoed}) {
    Check(set, text);
  }
  const std::string line(text);
  (void)helm::MergeValueSources({.set_json = {line}, .set = {line}, .set_string = {line}});
  return 0;
}
