// Charts in process: loading, and rendering what is loaded with values that differ each time, as
// a server does for a fleet. SWELL_BENCH_CHARTS names chart folders, separated by ':'.

#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/core/strings.h"
#include "renderer/helm/chart_cache.h"
#include "renderer/helm/helm.h"
#include "renderer/source/trees.h"

namespace swell::helm {
namespace {

void LoadChartBench(benchmark::State& state, const FileTreePtr& tree) {
  for (auto _ : state) {
    if (!Load(tree, "", {})) return state.SkipWithError("the chart does not load");
  }
}

void RenderAgain(benchmark::State& state, const LoadedChartPtr& chart) {
  std::int64_t release = 0;
  std::size_t bytes = 0;
  for (auto _ : state) {
    Options options;
    options.release_name = "release-" + std::to_string(release++ % 1000);
    const auto output = Render(*chart, {}, options);
    if (!output) return state.SkipWithError("the chart does not render");
    bytes = 0;
    for (const RenderedDocument& document : output->documents) bytes += document.text.size();
  }
  state.counters["bytes"] = static_cast<double>(bytes);
}

int Register() {
  const char* charts = std::getenv("SWELL_BENCH_CHARTS");
  if (charts == nullptr) {
    std::fprintf(stderr, "set SWELL_BENCH_CHARTS to chart folders, separated by ':'\n");
    return 0;
  }
  for (const std::string_view folder : Split(charts, ':')) {
    const auto tree = OpenDiskTree(std::string(folder));
    const auto loaded = tree ? Load(*tree, "", {}) : Fail(tree.error());
    if (!loaded) {
      std::fprintf(stderr, "%s\n", loaded.error().ToString().c_str());
      continue;
    }
    const std::string name((*loaded)->chart->name());
    benchmark::RegisterBenchmark(("load/" + name).c_str(), LoadChartBench, *tree)
        ->Unit(benchmark::kMillisecond);
    benchmark::RegisterBenchmark(("render again/" + name).c_str(), RenderAgain, *loaded)
        ->Unit(benchmark::kMillisecond);
  }
  return 0;
}

const int registered = Register();

}  // namespace
}  // namespace swell::helm
