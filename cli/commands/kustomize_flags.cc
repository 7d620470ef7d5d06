#include "cli/commands/kustomize_flags.h"

#include <functional>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "renderer/kustomize/limits.h"

namespace swell::cli {
namespace {

constexpr char kUsage[] =
    "usage: swell kustomize build DIR|URL [--load-restrictor LoadRestrictionsNone] "
    "[--enable-helm]\n"
    "           [--helm-kube-version V] [--helm-api-versions A]... [-o FILE|DIR]\n"
    "           [--enable-remote [--repository FILE]...] [--render-max-steps N]\n"
    "           [--render-max-output SIZE] [--render-max-memory SIZE] [--render-max-chart SIZE]";

// kustomize's flags for what Swell does not do, and what to do instead.
const std::map<std::string_view, std::string_view>& Refused() {
  static const std::map<std::string_view, std::string_view> kRefused = {
      {"--as-current-user", "no containers are run"},
      {"--enable-alpha-plugins", "no plugins are run but those with apiVersion builtin"},
      {"--enable-exec", "no programs are run; commit what they make"},
      {"--env", "no functions are run"},
      {"-e", "no functions are run"},
      {"--helm-debug", "errors of charts name template and line without it"},
      {"--mount", "no containers are run"},
      {"--network", "no containers are run"},
      {"--network-name", "no containers are run"},
  };
  return kRefused;
}

Result<kustomize::LoadRestrictor> ParseRestrictor(std::string_view text) {
  if (text == "LoadRestrictionsNone") return kustomize::LoadRestrictor::kNone;
  if (text == "LoadRestrictionsRootOnly") return kustomize::LoadRestrictor::kRootOnly;
  return Fail(InvalidArgument("illegal flag value --load-restrictor " + std::string(text) +
                              "; legal values: LoadRestrictionsRootOnly, LoadRestrictionsNone"));
}

class FlagParser {
 public:
  explicit FlagParser(std::span<const std::string> args) : args_(args) {}

  Result<KustomizeBuildRequest> Parse() {
    bool has_folder = false;
    for (; at_ < args_.size(); ++at_) {
      const std::string& word = args_[at_];
      if (word.size() > 1 && word[0] == '-') {
        TRY(ParseFlag(word));
      } else if (has_folder) {
        return Fail(InvalidArgument(std::string("specify one path to a kustomization\n") + kUsage));
      } else {
        request_.folder = word;
        has_folder = true;
      }
    }
    return std::move(request_);
  }

 private:
  Status ParseFlag(const std::string& word) {
    std::string name = word;
    std::optional<std::string> value;
    if (const std::size_t equals = word.find('='); equals != word.npos) {
      name = word.substr(0, equals);
      value = word.substr(equals + 1);
    }
    if (const auto refused = Refused().find(name); refused != Refused().end()) {
      return Fail(Unimplemented(name + ": " + std::string(refused->second)));
    }
    if (name == "--enable-helm") return Switch(name, value, request_.options.enable_helm);
    if (name == "--stack-trace") return Switch(name, value, ignored_);
    if (name == "--enable-remote") {
      bool enabled = false;
      TRY(Switch(name, value, enabled));
      request_.remotes.fetching = enabled ? Fetching::kAllowed : Fetching::kNever;
      return {};
    }
    return ParseValue(name, std::move(value));
  }

  Status ParseValue(const std::string& name, std::optional<std::string> given) {
    const bool limit = name.starts_with("--render-max-");
    const bool known = limit || name == "--load-restrictor" || name == "--repository" ||
                       name == "--helm-kube-version" || name == "--helm-api-versions" ||
                       name == "--helm-command" || name == "-o" || name == "--output";
    if (!known) return Fail(InvalidArgument("unknown flag: " + name + "\n" + kUsage));
    if (!given) {
      if (++at_ == args_.size()) {
        return Fail(InvalidArgument("flag needs an argument: " + name));
      }
      given = args_[at_];
    }
    if (limit) {
      return kustomize::SetLimit(request_.options.limits, request_.options.helm.limits, name,
                                 *given);
    }
    if (name == "--load-restrictor") {
      request_.options.load_restrictor = TRY(ParseRestrictor(*given));
    } else if (name == "--repository") {
      request_.remotes.repository_files.push_back(std::move(*given));
    } else if (name == "--helm-kube-version") {
      request_.options.helm.kube_version = std::move(*given);
    } else if (name == "--helm-api-versions") {
      request_.options.helm.api_versions.push_back(std::move(*given));
    } else if (name != "--helm-command") {  // there is no program to name
      request_.output = std::move(*given);
    }
    return {};
  }

  Status Switch(const std::string& name, const std::optional<std::string>& value, bool& out) {
    if (value && *value != "true" && *value != "false") {
      return Fail(InvalidArgument("invalid argument \"" + *value + "\" for \"" + name +
                                  "\" flag: it is true or false"));
    }
    out = !value || *value == "true";
    return {};
  }

  const std::span<const std::string> args_;
  std::size_t at_ = 0;
  KustomizeBuildRequest request_;
  bool ignored_ = false;
};

}  // namespace

Result<KustomizeBuildRequest> ParseKustomizeBuild(std::span<const std::string> args) {
  return FlagParser(args).Parse();
}

}  // namespace swell::cli
