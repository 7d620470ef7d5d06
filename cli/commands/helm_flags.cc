#include "cli/commands/helm_flags.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>

#include "base/core/strings.h"

namespace swell::cli {

const std::string_view kHelmTemplateUsage =
    "usage: swell helm template [NAME] CHART [-n NAMESPACE] [-f FILE]... [--set K=V]...\n"
    "         [--set-string K=V]... [--set-file K=PATH]... [--set-json K=JSON]...\n"
    "         [--set-literal K=V]... [--include-crds] [--kube-version VERSION]\n"
    "         [--api-versions VERSION]... [--is-upgrade] [--no-hooks] [--skip-tests]\n"
    "         [--skip-schema-validation] [-s TEMPLATE]...\n"
    "         [--render-max-steps N] [--render-max-output SIZE] [--render-max-memory SIZE]\n"
    "         [--render-max-chart SIZE] [--repo URL] [--version VERSION] [--plain-http]\n"
    "         CHART: a folder, a .tgz, oci://HOST/PATH[:VERSION], or a name with --repo URL";

namespace {

// Of installing, of connections and of colours: what is printed does not depend on them.
constexpr std::array kIgnoredSwitches = {
    std::string_view("--atomic"),
    std::string_view("--create-namespace"),
    std::string_view("--disable-openapi-validation"),
    std::string_view("--force-conflicts"),
    std::string_view("--force-replace"),
    std::string_view("--hide-notes"),
    std::string_view("--insecure-skip-tls-verify"),
    std::string_view("--kube-insecure-skip-tls-verify"),
    std::string_view("--pass-credentials"),
    std::string_view("--render-subchart-notes"),
    std::string_view("--replace"),
    std::string_view("--rollback-on-failure"),
    std::string_view("--server-side"),
    std::string_view("--take-ownership"),
    std::string_view("--validate"),
    std::string_view("--wait"),
    std::string_view("--wait-for-jobs"),
};
constexpr std::array kIgnoredValues = {
    std::string_view("--burst-limit"),
    std::string_view("--color"),
    std::string_view("--colour"),
    std::string_view("--content-cache"),
    std::string_view("--description"),
    std::string_view("--kube-apiserver"),
    std::string_view("--kube-as-group"),
    std::string_view("--kube-as-user"),
    std::string_view("--kube-ca-file"),
    std::string_view("--kube-context"),
    std::string_view("--kube-tls-server-name"),
    std::string_view("--kube-token"),
    std::string_view("--kubeconfig"),
    std::string_view("-l"),
    std::string_view("--labels"),
    std::string_view("--qps"),
    std::string_view("--registry-config"),
    std::string_view("--repository-cache"),
    std::string_view("--repository-config"),
    std::string_view("--timeout"),
};

// helm's flags that would change what is printed or trusted, and what to do instead.
const std::map<std::string_view, std::string_view>& Refused() {
  static const std::map<std::string_view, std::string_view> kRefused = {
      {"--ca-file", "declare a Repository with caFile for the server"},
      {"--cert-file", "client certificates are not supported for chart repositories"},
      {"--dependency-update", "`swell render --fetch-dependencies` fetches what charts/ lacks"},
      {"--devel", "say --version '>0.0.0-0'"},
      {"--enable-dns", "a render asks nobody: getHostByName gives \"\""},
      {"-g", "give the release a name"},
      {"--generate-name", "give the release a name"},
      {"--key-file", "client certificates are not supported for chart repositories"},
      {"--keyring", "provenance files are not checked; a Chart.lock's digests are"},
      {"--name-template", "give the release a name"},
      {"--output-dir", "redirect the output; `# Source:` names each document's template"},
      {"--password", "declare a Repository with passwordFile for the server"},
      {"--post-renderer",
       "no program is run; kustomize's helmCharts can change what a chart prints"},
      {"--post-renderer-args", "no program is run"},
      {"--release-name", "it belongs to --output-dir, which is not supported"},
      {"--username", "declare a Repository with username and passwordFile for the server"},
      {"--verify", "provenance files are not checked; a Chart.lock's digests are"},
  };
  return kRefused;
}

template <std::size_t N>
bool Contains(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

class FlagParser {
 public:
  explicit FlagParser(std::span<const std::string> args) : args_(args) {}

  Result<HelmTemplateRequest> Parse() {
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
    if (const auto refused = Refused().find(name); refused != Refused().end()) {
      return Fail(Unimplemented(name + ": " + std::string(refused->second)));
    }
    if (name == "--dry-run") return CheckDryRun(value.value_or("client"));
    if (Contains(kIgnoredSwitches, name)) return {};
    if (bool* flag = Switch(name)) {
      const auto on = TRY(ParseBool(name, value.value_or("true")));
      *flag = on;
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

  static Result<bool> ParseBool(const std::string& name, std::string_view text) {
    constexpr std::array<std::string_view, 6> kTrue = {"1", "t", "T", "true", "TRUE", "True"};
    constexpr std::array<std::string_view, 6> kFalse = {"0", "f", "F", "false", "FALSE", "False"};
    if (Contains(kTrue, text)) return true;
    if (Contains(kFalse, text)) return false;
    return Fail(InvalidArgument("invalid argument " + Quote(text) + " for " + Quote(name) +
                                " flag: strconv.ParseBool: parsing " + Quote(text) +
                                ": invalid syntax"));
  }

  static Status CheckDryRun(std::string_view mode) {
    if (mode == "client" || mode == "true" || mode == "none" || mode == "false") return {};
    if (mode != "server") return Fail(InvalidArgument("invalid --dry-run: " + std::string(mode)));
    return Fail(
        Unimplemented("--dry-run=server: nothing is asked of a cluster here; "
                      "`swell diff` shows what an application would change in its own"));
  }

  bool* Switch(std::string_view name) {
    if (name == "--include-crds") return &request_.options.include_crds;
    if (name == "--is-upgrade") return &request_.options.is_upgrade;
    if (name == "--no-hooks") return &request_.options.skip_hooks;
    if (name == "--skip-schema-validation") return &request_.options.skip_schema_validation;
    if (name == "--skip-tests") return &request_.skip_tests;
    if (name == "--skip-crds") return &request_.skip_crds;
    if (name == "--debug") return &request_.debug;
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
    } else if (!Contains(kIgnoredValues, name)) {
      return Fail(
          InvalidArgument("unknown flag: " + name + "\n" + std::string(kHelmTemplateUsage)));
    }
    return {};
  }

  static void AppendSplit(const std::string& value, std::vector<std::string>& into) {
    for (std::string_view part : Split(value, ',')) into.emplace_back(part);
  }

  std::span<const std::string> args_;
  std::size_t at_ = 0;
  bool flags_ended_ = false;
  HelmTemplateRequest request_;
};

}  // namespace

Result<HelmTemplateRequest> ParseHelmTemplate(std::span<const std::string> args) {
  return FlagParser(args).Parse();
}

}  // namespace swell::cli
