// swell helm template NAME CHART …: what `helm template` prints.

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>

#include "base/core/strings.h"
#include "cli/commands/chart_fetch.h"
#include "cli/commands/local.h"
#include "reconciler/charts/archive.h"
#include "renderer/helm/helm.h"
#include "renderer/source/path.h"
#include "renderer/source/trees.h"

namespace swell::cli {
namespace {

constexpr std::string_view kUsage =
    "usage: swell helm template [NAME] CHART [-n NAMESPACE] [-f FILE]... [--set K=V]...\n"
    "         [--set-string K=V]... [--set-file K=PATH]... [--set-json K=JSON]...\n"
    "         [--set-literal K=V]... [--include-crds] [--kube-version VERSION]\n"
    "         [--api-versions VERSION]... [--is-upgrade] [--no-hooks] [--skip-tests]\n"
    "         [--skip-schema-validation] [-s TEMPLATE]...\n"
    "         [--render-max-steps N] [--render-max-output SIZE] [--render-max-memory SIZE]\n"
    "         [--render-max-chart SIZE] [--repo URL] [--version VERSION] [--plain-http]\n"
    "         CHART: a folder, a .tgz, oci://HOST/PATH[:VERSION], or a name with --repo URL";

struct Request {
  std::vector<std::string> positional;
  std::vector<std::string> value_files;
  std::vector<std::string> show_only;
  helm::ValueSources values;
  helm::Options options;
  bool skip_tests = false;
  // Of a chart that is fetched.
  std::string repo;
  std::string version;
  bool plain_http = false;
};

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

// Parses the words after "template". Flags as pflag has them: --flag=value, --flag value, -n v,
// -nv; "--" ends them.
class FlagParser {
 public:
  explicit FlagParser(std::span<const std::string> args) : args_(args) {}

  Result<Request> Parse() {
    for (; at_ < args_.size(); ++at_) {
      const std::string& word = args_[at_];
      if (flags_ended_ || word.size() < 2 || word[0] != '-') {
        request_.positional.push_back(word);
      } else if (word == "--") {
        flags_ended_ = true;
      } else {
        TRY(ParseFlag(word));
      }
    }
    return std::move(request_);
  }

 private:
  Status ParseFlag(const std::string& word) {
    std::string name = word;
    std::optional<std::string> value;
    if (word.starts_with("--")) {
      if (const std::size_t equals = word.find('='); equals != std::string::npos) {
        name = word.substr(0, equals);
        value = word.substr(equals + 1);
      }
    } else if (word.size() > 2) {
      name = word.substr(0, 2);
      value = word.substr(word[2] == '=' ? 3 : 2);
    }
    if (bool* flag = Switch(name)) {
      *flag = !value || *value == "true" || *value == "1";
      if (value && !*flag && *value != "false" && *value != "0") {
        return Fail(InvalidArgument("invalid argument " + Quote(*value) + " for " + name));
      }
      return {};
    }
    if (!value) {
      if (at_ + 1 >= args_.size()) {
        return Fail(InvalidArgument("flag needs an argument: " + name));
      }
      value = args_[++at_];
    }
    return SetFlag(name, *std::move(value));
  }

  bool* Switch(std::string_view name) {
    if (name == "--include-crds") return &request_.options.include_crds;
    if (name == "--is-upgrade") return &request_.options.is_upgrade;
    if (name == "--no-hooks") return &request_.options.skip_hooks;
    if (name == "--skip-schema-validation") return &request_.options.skip_schema_validation;
    if (name == "--skip-tests") return &request_.skip_tests;
    if (name == "--plain-http") return &request_.plain_http;
    return nullptr;
  }

  Status SetFlag(const std::string& name, std::string value) {
    helm::ValueSources& values = request_.values;
    const std::map<std::string_view, std::vector<std::string>*> lists = {
        {"--set", &values.set},
        {"--set-string", &values.set_string},
        {"--set-json", &values.set_json},
        {"--set-literal", &values.set_literal},
        {"--set-file", &values.set_file_paths},
    };
    if (const auto list = lists.find(name); list != lists.end()) {
      list->second->push_back(std::move(value));
    } else if (name == "-n" || name == "--namespace") {
      request_.options.ns = std::move(value);
    } else if (name == "-f" || name == "--values") {
      AppendSplit(value, request_.value_files);
    } else if (name == "-s" || name == "--show-only") {
      request_.show_only.push_back(std::move(value));
    } else if (name == "--repo") {
      request_.repo = std::move(value);
    } else if (name == "--version") {
      request_.version = std::move(value);
    } else if (name == "--kube-version") {
      request_.options.kube_version = std::move(value);
    } else if (name == "-a" || name == "--api-versions") {
      AppendSplit(value, request_.options.api_versions);
    } else if (name.starts_with("--render-max-")) {
      return helm::SetLimit(request_.options.limits, name, value);
    } else {
      return Fail(Unimplemented("unknown flag: " + name + "\n" + std::string(kUsage)));
    }
    return {};
  }

  static void AppendSplit(const std::string& value, std::vector<std::string>& into) {
    for (std::string_view part : Split(value, ',')) into.emplace_back(part);
  }

  std::span<const std::string> args_;
  std::size_t at_ = 0;
  bool flags_ended_ = false;
  Request request_;
};

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
  auto tree = OpenDiskTree(chart);
  if (!tree) {
    if (tree.error().code() != ErrorCode::kNotFound) return Fail(std::move(tree).error());
    return Fail(NotFound("path " + Quote(chart) + " not found"));
  }
  return helm::Render(*std::move(tree), "", request.values, request.options);
}

Result<std::string> Run(std::span<const std::string> args) {
  Request request = TRY(FlagParser(args).Parse());
  if (request.positional.empty() || request.positional.size() > 2) {
    return Fail(InvalidArgument("\"helm template\" takes a release name and a chart\n" +
                                std::string(kUsage)));
  }
  if (request.positional.size() == 2) request.options.release_name = request.positional[0];
  for (const std::string& file : request.value_files) {
    request.values.files.emplace_back(file, TRY(ReadWhole(file)));
  }
  request.values.read_file = &ReadWhole;
  helm::Output output = TRY(RenderChartAt(request.positional.back(), request));
  if (request.skip_tests) {
    std::erase_if(output.documents, [](const auto& document) { return document.is_test; });
  }
  for (const std::string& warning : output.warnings) {
    std::cerr << "level=WARN msg=" << Quote(warning) << "\n";
  }
  const std::string stream = helm::TemplateStream(output);
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
