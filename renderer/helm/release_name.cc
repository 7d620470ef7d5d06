#include "renderer/helm/release_name.h"

#include <chrono>

#include "renderer/funcs/helm_host.h"
#include "renderer/funcs/registry.h"
#include "renderer/gotemplate/template.h"
#include "renderer/source/path.h"

namespace swell::helm {

Result<std::string> NameFromTemplate(std::string_view text, const Options& options) {
  constexpr std::string_view kName = "name-template";
  gotemplate::TemplateSet set(funcs::HelmFunctions());
  TRY(set.Parse(kName, text));
  funcs::HelmHost host({.stable = options.stable, .lookups = options.lookups, .now = options.now});
  gotemplate::Session session({.limits = options.limits.templates, .host = &host});
  return set.Execute(kName, gotemplate::Any(), session);
}

Result<std::string> GeneratedName(std::string_view chart_folder, const Options& options) {
  std::string base(BaseName(chart_folder));
  if (base.empty()) base = "chart";
  const Timestamp now = options.now == Timestamp{} ? SystemClock().Now() : options.now;
  const auto make = [&]() -> Result<StableSource::Made> {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
    return StableSource::Made{Value(base + "-" + std::to_string(seconds.count())), {}};
  };
  if (!options.stable) return TRY(make()).value.str();
  const Value name = TRY(options.stable->Get(
      {.file = chart_folder, .function = "generate-name", .arguments = Digest::Of("")}, make));
  return name.str();
}

}  // namespace swell::helm
