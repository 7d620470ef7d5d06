// swell helm template NAME CHART …: what `helm template` prints.

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <thread>

#include "base/core/strings.h"
#include "cli/commands/chart_fetch.h"
#include "cli/commands/helm_flags.h"
#include "cli/commands/local.h"
#include "reconciler/charts/archive.h"
#include "renderer/helm/helm.h"
#include "renderer/source/path.h"
#include "renderer/source/trees.h"

namespace swell::cli {
namespace {

using Request = HelmTemplateRequest;

constexpr std::size_t kMaxFileBytes = 256u << 20;

// Not all of a file without an end, such as /dev/zero.
Result<std::string> ReadStream(std::istream& in, const std::string& path) {
  std::string text;
  char buffer[64 << 10];
  while (in.read(buffer, sizeof buffer) || in.gcount() > 0) {
    text.append(buffer, static_cast<std::size_t>(in.gcount()));
    if (text.size() > kMaxFileBytes) {
      return Fail(ResourceExhausted("read " + path + ": it is larger than " +
                                    std::to_string(kMaxFileBytes >> 20) + " MiB"));
    }
  }
  if (in.bad()) return Fail(Unavailable("read " + path + " failed"));
  return text;
}

Result<std::string> ReadWhole(const std::string& path) {
  if (path == "-") return ReadStream(std::cin, "standard input");
  if (path.find("://") != std::string::npos) {
    return Fail(
        Unimplemented("reading values from " + Quote(path) + " is not supported: give a file"));
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return Fail(NotFound("open " + path + ": no such file or directory"));
  return ReadStream(file, path);
}

// "oci://host/team/web:1.2.3" as the repository and the version, which --version may repeat.
Result<charts::ChartReference> RegistryReference(const std::string& chart,
                                                 const std::string& version) {
  charts::ChartReference out{.repository = chart, .version = version};
  const std::size_t at = std::min(chart.find_first_of(":@", chart.rfind('/')), chart.size());
  if (at == chart.size()) return out;
  out.repository = chart.substr(0, at);
  out.version = chart.substr(at + 1);
  if (version.empty() || version == out.version) return out;
  return Fail(InvalidArgument("chart reference and version mismatch: " + version + " is not " +
                              out.version));
}

Result<helm::Output> RenderFetched(const std::string& chart, const Request& request) {
  charts::ChartReference reference{request.repo, chart, request.version};
  if (request.repo.empty()) reference = TRY(RegistryReference(chart, request.version));
  const auto fetcher = TRY(OpenFetcher({}));
  if (request.plain_http) {
    Repository plain;
    plain.name = "--plain-http";
    plain.url = reference.repository;
    plain.plain_http = true;
    fetcher->SetRepositories({std::move(plain)});
  }
  const charts::FetchedChart fetched =
      TRY(fetcher->Fetch(reference, Deadline::After(fetcher->limits().timeout)));
  const std::string bytes = TRY(fetcher->cache().Archive(fetched.digest));
  return helm::RenderArchive(TRY(OpenArchive(bytes, charts::kMaxArchiveBytes, chart)),
                             request.values, request.options);
}

// On one's own machine symlinks may lead anywhere, as with helm: the tree is the whole disk, and
// the chart a folder of it. In the server they stay inside the repository.
Result<helm::Output> RenderFolder(const std::string& chart, const Request& request) {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::canonical(chart, error);
  if (error || !std::filesystem::is_directory(folder, error)) {
    return Fail(NotFound("path " + Quote(chart) + " not found"));
  }
  return helm::Render(TRY(OpenDiskTree("/")), folder.relative_path().string(), request.values,
                      request.options);
}

Result<helm::Output> RenderChartAt(const std::string& chart, const Request& request) {
  if (!request.repo.empty() || chart.starts_with("oci://")) return RenderFetched(chart, request);
  if (chart.find("://") != std::string::npos) {
    return Fail(
        Unimplemented("chart " + Quote(chart) +
                      " would have to be fetched: give a folder, an archive, an oci:// URL, "
                      "or its name with --repo"));
  }
  if (chart.ends_with(".tgz") || chart.ends_with(".tar.gz")) {
    const std::string bytes = TRY(ReadWhole(chart));
    const std::uint64_t max_bytes = request.options.limits.max_chart_bytes;
    return helm::RenderArchive(TRY(OpenArchive(bytes, max_bytes, chart)), request.values,
                               request.options);
  }
  return RenderFolder(chart, request);
}

// With --debug helm prints what its templates gave even where that is no YAML.
void ExplainFailure(const Request& request, const helm::Progress& progress, Error& error) {
  if (!progress.rendering) return;
  if (request.debug) {
    std::cout << Trim(progress.files) << "\n";
    std::cout.flush();
    return;
  }
  error = Error(error.code(), error.ToString() + "\n\nUse --debug flag to render out invalid YAML");
}

Result<std::string> Run(std::span<const std::string> args) {
  Request request = TRY(ParseHelmTemplate(args));
  if (request.positional.empty() || request.positional.size() > 2) {
    return Fail(InvalidArgument("\"helm template\" takes a release name and a chart\n" +
                                std::string(kHelmTemplateUsage)));
  }
  if (request.positional.size() == 2) request.options.release_name = request.positional[0];
  for (const std::string& file : request.value_files) {
    request.values.files.emplace_back(file, TRY(ReadWhole(file)));
  }
  request.values.read_file = &ReadWhole;
  if (request.skip_crds) request.options.include_crds = false;
  request.options.threads = std::thread::hardware_concurrency();
  helm::Progress progress;
  request.options.progress = &progress;
  auto rendered = RenderChartAt(request.positional.back(), request);
  if (!rendered) {
    ExplainFailure(request, progress, rendered.error());
    return Fail(std::move(rendered).error());
  }
  helm::Output output = *std::move(rendered);
  if (request.skip_tests) {
    std::erase_if(output.documents, [](const auto& document) { return document.is_test; });
  }
  for (const std::string& warning : output.warnings) {
    std::cerr << "level=WARN msg=" << Quote(warning) << "\n";
  }
  std::string stream = helm::TemplateStream(output);
  if (request.show_only.empty()) return stream;
  return helm::ShowOnly(stream, request.show_only);
}

}  // namespace

int HelmTemplate(std::span<const std::string> args) {
  auto text = Run(args);
  if (!text) {
    std::cerr << "Error: " << text.error().ToString() << "\n";
    return 1;
  }
  std::cout.write(text->data(), static_cast<std::streamsize>(text->size()));
  std::cout.flush();
  return std::cout ? 0 : 1;
}

}  // namespace swell::cli
