#include "renderer/helm/engine.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "base/core/strings.h"
#include "renderer/funcs/registry.h"
#include "renderer/gotemplate/template.h"
#include "renderer/helm/coalesce.h"
#include "renderer/helm/engine_errors.h"
#include "renderer/helm/objects.h"
#include "renderer/helm/parallel.h"

namespace swell::helm {
namespace {

using gotemplate::Any;
namespace types = gotemplate::types;

struct Renderable {
  std::string name;          // "chart/templates/a.yaml"
  std::ptrdiff_t depth = 0;  // slashes in the name
  std::string base_path;
  std::shared_ptr<const std::string> text;
  Any top;  // the map that the template sees as "."
};

std::string_view BaseOf(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// Walks the charts and gives each template its top object.
class Collector {
 public:
  Collector(Any release, Any capabilities)
      : release_(std::move(release)), capabilities_(std::move(capabilities)) {}

  Any Add(const Chart& chart, const std::string& path, const Any& values, bool is_root) {
    Any subcharts = Any::NewMap();
    for (const ChartPtr& sub : chart.dependencies) {
      const Any* own = values.as_map()->Find(sub->name());
      const Any table =
          own != nullptr && own->is_map() ? own->SeenAsValues() : Any::NewMap(types::kValues);
      subcharts.as_map()->Set(sub->name(),
                              Add(*sub, path + "/charts/" + sub->name(), table, false));
    }
    Any top = Any::NewMap();
    top.as_map()->Set("Capabilities", capabilities_);
    top.as_map()->Set("Chart", MakeChart(chart.metadata, is_root));
    top.as_map()->Set("Files", files_.Make(chart.files));
    top.as_map()->Set("Release", release_);
    top.as_map()->Set("Subcharts", subcharts);
    top.as_map()->Set("Values", values);
    for (const ChartFile& file : chart.templates) {
      if (chart.is_library() && !BaseOf(file.name).starts_with('_')) continue;
      std::string name = path + "/" + file.name;
      const auto depth = std::ranges::count(name, '/');
      // The text lives as long as what holds it.
      std::shared_ptr<const std::string> text(file.data, &file.data->Text());
      renderables.push_back({std::move(name), depth, path + "/templates", std::move(text), top});
    }
    return top;
  }

  std::vector<Renderable> renderables;

 private:
  Any release_;
  Any capabilities_;
  FilesMaker files_;
};

// Deepest first, and among equals the last name first: what is parsed later wins, so a parent's
// defines override its subcharts'.
void SortForRendering(std::vector<Renderable>& renderables) {
  std::ranges::sort(renderables, [](const Renderable& a, const Renderable& b) {
    return a.depth != b.depth ? a.depth > b.depth : a.name > b.name;
  });
}

Any MakeRelease(const ReleaseFacts& release) {
  Any out = Any::NewMap();
  out.as_map()->Set("Name", Any::String(release.name));
  out.as_map()->Set("Namespace", Any::String(release.ns));
  out.as_map()->Set("IsUpgrade", Any::Bool(release.is_upgrade));
  out.as_map()->Set("IsInstall", Any::Bool(!release.is_upgrade));
  out.as_map()->Set("Revision", Any::Int(release.revision));
  out.as_map()->Set("Service", Any::String("Helm"));
  return out;
}

// Every text's trees, or why it does not parse. Big charts are shared between threads.
std::vector<Result<gotemplate::Trees>> ParseEach(const std::vector<Renderable>& renderables,
                                                 const EngineInput& input) {
  constexpr std::size_t kWorthAThread = 128u << 10;  // bytes of text
  const auto functions = funcs::HelmFunctions();
  std::vector<Result<gotemplate::Trees>> parsed(renderables.size());
  std::size_t bytes = 0;
  for (const Renderable& r : renderables) bytes += r.text->size();
  ForEach(renderables.size(), bytes > kWorthAThread ? input.threads : 1, [&](std::size_t i) {
    const Renderable& r = renderables[i];
    parsed[i] = input.templates != nullptr
                    ? input.templates->Parse(r.name, r.text, *functions, input.limits)
                    : gotemplate::ParseTemplate(r.name, r.text, *functions, input.limits);
  });
  return parsed;
}

Result<gotemplate::TemplateSet> ParseAll(const std::vector<Renderable>& renderables,
                                         gotemplate::Session& session, const EngineInput& input) {
  for (const Renderable& r : renderables) {
    // As a tpl text's is; the many copies of a chart that aliases make are parsed each for itself.
    if (Status spent = session.budget().Spend(1 + r.text->size() / 16); !spent) {
      return Fail(std::move(spent).error().Wrap("parse " + r.name));
    }
  }
  const auto parsed = ParseEach(renderables, input);
  gotemplate::TemplateSet set(funcs::HelmFunctions(), input.limits);
  for (std::size_t i = 0; i < parsed.size(); ++i) {
    if (!parsed[i]) {
      const Error& error = parsed[i].error();
      if (error.code() != ErrorCode::kInvalidArgument) return Fail(error);
      return Fail(InvalidArgument(CleanParseError(renderables[i].name, error.message())));
    }
    set.Add(*parsed[i]);
  }
  return set;
}

// A file that a template asked for and that could not be read is not an empty file.
Status CheckFiles(const Chart& chart) {
  for (const ChartFile& file : chart.files) {
    if (file.data->failed()) return Fail(*file.data->error());
  }
  for (const ChartPtr& sub : chart.dependencies) TRY(CheckFiles(*sub));
  return {};
}

}  // namespace

Result<EngineOutput> RenderTemplates(const EngineInput& input) {
  EngineOutput out;
  const funcs::HelmHost host(input.host);
  gotemplate::Session session(
      {.missing_key = gotemplate::MissingKey::kZero, .limits = input.limits, .host = &host});
  Collector collector(MakeRelease(input.release),
                      MakeCapabilities(input.capabilities, &out.used_capabilities));
  collector.Add(input.chart, input.chart.name(), MakeValues(input.values), true);
  auto& renderables = collector.renderables;
  SortForRendering(renderables);
  const gotemplate::TemplateSet set = TRY(ParseAll(renderables, session, input));
  std::uint64_t bytes = 0;
  for (const Renderable& r : renderables) {
    if (BaseOf(r.name).starts_with('_')) continue;
    Any self = Any::NewMap(types::kValues);
    self.as_map()->Set("Name", Any::String(r.name));
    self.as_map()->Set("BasePath", Any::String(r.base_path));
    r.top.as_map()->Set("Template", std::move(self));
    auto text = set.Execute(r.name, r.top.SeenAsValues(), session);
    if (!text) {
      const Error& error = text.error();
      return Fail(Error(error.code(), ReformatExecError(error.message())));
    }
    constexpr std::string_view kNoValue = "<no value>";
    std::string& file = out.files[r.name] = *std::move(text);
    if (file.find(kNoValue) != std::string::npos) file = ReplaceAll(file, kNoValue, "");
    bytes += file.size();
    if (bytes > input.limits.max_output_bytes) {
      return Fail(ResourceExhausted(
          "template: " + r.name + ": the chart's templates print more than " +
          std::to_string(input.limits.max_output_bytes) + " bytes (budget max_output_bytes)"));
    }
  }
  TRY(CheckFiles(input.chart));
  out.steps = session.budget().steps();
  return out;
}

}  // namespace swell::helm
