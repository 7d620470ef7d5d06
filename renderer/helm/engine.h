#pragma once
// All templates of a chart and its subcharts, executed in helm's order over shared values
// (helm's pkg/engine).

#include <map>
#include <string>

#include "base/core/result.h"
#include "renderer/funcs/helm_host.h"
#include "renderer/gotemplate/budget.h"
#include "renderer/helm/capabilities.h"
#include "renderer/helm/chart.h"
#include "renderer/helm/table.h"
#include "renderer/helm/template_cache.h"

namespace swell::helm {

struct ReleaseFacts {
  std::string name;
  std::string ns;
  int revision = 1;
  bool is_upgrade = false;
};

struct EngineInput {
  const Chart& chart;  // with its dependencies processed
  TablePtr values;     // coalesced
  ReleaseFacts release;
  Capabilities capabilities;
  gotemplate::Limits limits = {};
  funcs::HelmHostOptions host;
  TemplateCache* templates = nullptr;  // null: everything is parsed anew
  unsigned threads = 1;
};

struct EngineOutput {
  std::map<std::string, std::string> files;  // rendered text by path, partials left out
  std::uint64_t steps = 0;                   // that the templates took
  bool used_capabilities = false;
};

// Errors have helm's texts, with the template, line and column.
Result<EngineOutput> RenderTemplates(const EngineInput& input);

}  // namespace swell::helm
