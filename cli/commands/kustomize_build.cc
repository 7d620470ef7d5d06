#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "cli/commands/local.h"
#include "cli/commands/remote_fetch.h"
#include "renderer/kustomize/git_url.h"
#include "renderer/kustomize/kustomize.h"
#include "renderer/kustomize/limits.h"
#include "renderer/source/trees.h"

namespace swell::cli {
namespace {

constexpr char kUsage[] =
    "usage: swell kustomize build DIR|URL [--load-restrictor LoadRestrictionsNone] "
    "[--enable-helm]\n"
    "           [--enable-remote [--repository FILE]...] [--render-max-steps N]\n"
    "           [--render-max-output SIZE] [--render-max-memory SIZE] [--render-max-chart SIZE]";

struct BuildArgs {
  std::string folder = ".";
  kustomize::Options options;
  RemoteFetchOptions remotes{.flag = "--enable-remote"};
};

Result<kustomize::LoadRestrictor> ParseRestrictor(std::string_view text) {
  if (text == "LoadRestrictionsNone") return kustomize::LoadRestrictor::kNone;
  if (text == "LoadRestrictionsRootOnly") return kustomize::LoadRestrictor::kRootOnly;
  return Fail(InvalidArgument("illegal flag value --load-restrictor " + std::string(text) +
                              "; legal values: LoadRestrictionsRootOnly, LoadRestrictionsNone"));
}

Result<BuildArgs> ParseArgs(std::span<const std::string> args) {
  constexpr std::string_view kRestrictor = "--load-restrictor";
  BuildArgs parsed;
  bool has_folder = false;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const std::string& arg = args[i];
    if (arg == "--enable-helm" || arg == "--enable-helm=true") {
      parsed.options.enable_helm = true;
    } else if (arg == "--enable-remote" || arg == "--enable-remote=true") {
      parsed.remotes.fetching = Fetching::kAllowed;
    } else if (arg == "--repository" || arg.starts_with("--repository=")) {
      const bool separate = !arg.contains('=');
      if (separate && ++i == args.size()) {
        return Fail(InvalidArgument("flag needs an argument: --repository"));
      }
      parsed.remotes.repository_files.push_back(separate ? args[i] : arg.substr(arg.find('=') + 1));
    } else if (const std::size_t equals = arg.find('='); arg.starts_with("--render-max-")) {
      const bool separate = equals == std::string::npos;
      if (separate && ++i == args.size()) {
        return Fail(InvalidArgument("flag needs an argument: " + arg));
      }
      TRY(kustomize::SetLimit(parsed.options.limits, parsed.options.helm.limits,
                              arg.substr(0, equals), separate ? args[i] : arg.substr(equals + 1)));
    } else if (arg == kRestrictor) {
      if (++i == args.size()) {
        return Fail(InvalidArgument("flag needs an argument: --load-restrictor"));
      }
      parsed.options.load_restrictor = TRY(ParseRestrictor(args[i]));
    } else if (arg.starts_with(kRestrictor) && arg[kRestrictor.size()] == '=') {
      parsed.options.load_restrictor =
          TRY(ParseRestrictor(std::string_view(arg).substr(kRestrictor.size() + 1)));
    } else if (arg.starts_with('-')) {
      return Fail(InvalidArgument("unknown flag: " + arg + "\n" + kUsage));
    } else if (has_folder) {
      return Fail(InvalidArgument(std::string("specify one path to a kustomization\n") + kUsage));
    } else {
      parsed.folder = arg;
      has_folder = true;
    }
  }
  return parsed;
}

Result<std::string> RealPathOnDisk(const std::string& path) {
  std::error_code error;
  const std::filesystem::path real = std::filesystem::canonical("/" + path, error);
  if (error) return Fail(NotFound("'/" + path + "': " + error.message()));
  return real.relative_path().string();
}

Result<std::string> BuildStream(std::span<const std::string> args) {
  BuildArgs parsed = TRY(ParseArgs(args));
  kustomize::Options options = parsed.options;
  if (kustomize::ParseGitUrl(parsed.folder)) {
    options.remote_root = std::exchange(parsed.folder, ".");
  }
  // Bases may lie anywhere on the disk, so the tree is the whole of it; the root of a
  // kustomization is a folder without symlinks.
  std::error_code error;
  const std::filesystem::path root = std::filesystem::canonical(parsed.folder, error);
  if (error) {
    return Fail(NotFound("'" + parsed.folder + "' is no directory: " + error.message()));
  }
  const FileTreePtr disk = TRY(OpenDiskTree("/"));
  options.real_path = RealPathOnDisk;
  RemoteStore store(parsed.remotes);
  for (;;) {
    options.remotes = store.remotes();
    const auto built =
        kustomize::Build(store.Mounted(disk), root.relative_path().string(), options);
    if (!built) {
      if (!TRY(store.FetchWanted())) return Fail(built.error());
      continue;
    }
    for (const std::string& warning : built->warnings) {
      std::fprintf(stderr, "%s\n", warning.c_str());
    }
    return kustomize::BuildStream(built->objects);
  }
}

}  // namespace

int KustomizeBuild(std::span<const std::string> args) {
  const Result<std::string> stream = BuildStream(args);
  if (!stream) {
    std::fprintf(stderr, "Error: %s\n", stream.error().ToString().c_str());
    return 1;
  }
  if (std::fwrite(stream->data(), 1, stream->size(), stdout) != stream->size() ||
      std::fflush(stdout) != 0) {
    std::fprintf(stderr, "Error: cannot write to standard output\n");
    return 1;
  }
  return 0;
}

}  // namespace swell::cli
