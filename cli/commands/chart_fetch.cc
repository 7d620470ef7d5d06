#include "cli/commands/chart_fetch.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "base/core/strings.h"
#include "reconciler/charts/dependencies.h"
#include "reconciler/domain/application.h"

namespace swell::cli {
namespace {

Status ReadRepositoryFile(const std::string& file, std::vector<Repository>& out) {
  std::ifstream in(file, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) return Fail(NotFound("cannot read " + file));
  const std::size_t before = out.size();
  for (Resource& resource : TRY(ParseResources(text.str(), file))) {
    if (auto* repository = std::get_if<Repository>(&resource)) {
      out.push_back(std::move(*repository));
    }
  }
  if (out.size() > before) return {};
  return Fail(InvalidArgument(file + " holds no Repository"));
}

}  // namespace

Result<std::string> CacheFolder(std::string_view what) {
  const std::string folder = "/swell/" + std::string(what);
  const char* cache = std::getenv("XDG_CACHE_HOME");
  if (cache != nullptr && *cache == '/') return cache + folder;
  const char* home = std::getenv("HOME");
  if (home != nullptr && *home == '/') return std::string(home) + "/.cache" + folder;
  return Fail(
      FailedPrecondition("what is fetched is kept in the user's cache folder: set HOME or "
                         "XDG_CACHE_HOME"));
}

Result<std::vector<Repository>> ReadRepositories(const std::vector<std::string>& files) {
  std::vector<Repository> out;
  for (const std::string& file : files) TRY(ReadRepositoryFile(file, out));
  return out;
}

Result<std::unique_ptr<charts::Fetcher>> OpenFetcher(
    const std::vector<std::string>& repository_files) {
  std::vector<Repository> repositories = TRY(ReadRepositories(repository_files));
  auto fetcher = std::make_unique<charts::Fetcher>(TRY(CacheFolder("charts")));
  fetcher->SetRepositories(std::move(repositories));
  return fetcher;
}

Result<CompletedChart> CompleteChart(FileTreePtr tree, const std::string& folder,
                                     const ChartFetchOptions& options) {
  CompletedChart out;
  auto opened = OpenFetcher(options.repository_files);
  if (!opened && options.fetching == Fetching::kAllowed) return Fail(std::move(opened.error()));
  // Without a cache there is nothing in it; what needs none is found nevertheless.
  out.fetcher = opened ? *std::move(opened) : std::make_unique<charts::Fetcher>("/nonexistent");
  charts::Dependencies dependencies(*out.fetcher);
  charts::Completed completed = TRY(dependencies.FromCache(tree, {folder}));
  if (!completed.missing.empty() && options.fetching == Fetching::kNever) {
    return Fail(FailedPrecondition(
        "Chart.yaml declares what charts/ does not hold: " + Join(completed.missing, ", ") +
        "; --fetch-dependencies fetches it as the server does"));
  }
  if (!completed.missing.empty()) {
    completed = TRY(dependencies.Complete(std::move(tree), {folder},
                                          Deadline::After(out.fetcher->limits().timeout)));
  }
  out.tree = std::move(completed.tree);
  out.warnings = std::move(completed.warnings);
  return out;
}

}  // namespace swell::cli
