#include "renderer/kustomize/accumulate.h"

#include <optional>
#include <utility>

#include "base/core/check.h"
#include "base/core/strings.h"
#include "base/value/yaml.h"
#include "renderer/kustomize/crd_config.h"
#include "renderer/kustomize/resource_reader.h"
#include "renderer/kustomize/stages.h"
#include "renderer/schema/schema.h"
#include "renderer/source/path.h"

namespace swell::kustomize {
namespace {

// The origin of what a kustomization names. kustomize asks for a URL's path before it clones: the
// name that the clone's folder has until then shows where the path has no folder.
Origin Below(const Origin& origin, const std::string& path) {
  const auto url = ParseGitUrl(path);
  if (!url) return origin.Below(path);
  Origin remote = origin;
  remote.repo = url->CloneSpec();
  remote.ref = url->ref;
  remote.path.clear();
  return remote.Below(url->folder.empty() ? "notCloned" : url->folder);
}

Status AddFile(const Target& target, const std::string& path, BuildState& build, ResourceMap& map) {
  const Loader& loader = target.loader;
  const std::string text = TRY(loader.LoadResource(path));
  const std::string file = TRY(loader.Origin(path));
  std::shared_ptr<const std::set<std::string>> written;
  for (Value& object : TRY(ReadObjects(text, loader.ShowOrigin(file), build.budget))) {
    if (!build.types && !build.met_unknown_kind) {
      const GroupVersionKind gvk = GvkOf(object);
      build.met_unknown_kind = !BuiltinMergeSchema()->Find(gvk) &&
                               !schema::IsKustomizeClusterScoped(gvk.api_version(), gvk.kind);
    }
    if (target.origin) object = WithOrigin(object, Below(*target.origin, path));
    Resource resource = TRY(ResourceFromFile(std::move(object), file));
    if (HasNull(resource.value())) {
      if (!written) {
        written = std::make_shared<const std::set<std::string>>(KeysWithWrittenNull(text));
      }
      resource.written_nulls = written;
    }
    TRY_WRAP(map.Append(std::move(resource)), "merging resources from '" + path + "'");
  }
  return {};
}

using ConfigPtr = std::shared_ptr<const TransformerConfig>;

// What most kustomizations have.
const ConfigPtr& MergedDefault() {
  static const ConfigPtr config = [] {
    TransformerConfig merged;
    Budget budget{Limits()};
    SWELL_CHECK(MergeConfig(merged, DefaultConfig(), budget).has_value());
    return std::make_shared<const TransformerConfig>(std::move(merged));
  }();
  return config;
}

Status AddConfig(ConfigPtr more, Accumulated& into, Budget& budget) {
  if (!more || more == into.config) return {};
  if (!into.config && more == MergedDefault()) {
    into.config = std::move(more);
    return {};
  }
  TransformerConfig merged = into.config ? *into.config : TransformerConfig();
  TRY(MergeConfig(merged, *more, budget));
  into.config = std::make_shared<const TransformerConfig>(std::move(merged));
  return {};
}

enum class Role : std::uint8_t { kBase, kComponent };

// Loads and accumulates the kustomization in the folder `path`.
Result<Accumulated> AddFolder(const Target& parent, const std::string& path, Role role,
                              Accumulated into, BuildState& build) {
  const Loader child = TRY(parent.loader.Enter(path));
  const std::string shown = child.Show(child.root());
  const Kustomization k =
      TRY_WRAP(LoadKustomization(child, build), "couldn't make target for path '" + shown + "'");
  if (role == Role::kComponent && !k.is_component()) {
    return Fail(InvalidArgument("expected kind 'Component' for path '" + shown + "' but got '" +
                                k.kind + "'"));
  }
  if (role == Role::kBase && k.is_component()) {
    return Fail(InvalidArgument("expected kind != 'Component' for path '" + shown + "'"));
  }
  Target target{child, k, parent.origin};
  if (target.origin) target.origin = Below(*target.origin, path);
  const std::string doing = "recursed accumulation of path '" + shown + "'";
  const std::string merging = "recursed merging from path '" + shown + "'";
  if (role == Role::kComponent) {
    Accumulated all = TRY_WRAP(Accumulate(target, std::move(into), build), doing);
    // kustomize merges it into nothing, which can find that its configuration is at odds.
    const ConfigPtr config = std::exchange(all.config, nullptr);
    TRY_WRAP(AddConfig(config, all, build.budget), merging);
    return all;
  }
  Accumulated below = TRY_WRAP(Accumulate(target, Accumulated(build.budget), build), doing);
  TRY_WRAP(into.resources.AppendAll(std::move(below.resources)), merging);
  TRY_WRAP(MergeVars(into.vars, below.vars, build.budget), merging);
  TRY_WRAP(AddConfig(below.config, into, build.budget), merging);
  return into;
}

Result<Accumulated> AddResource(const Target& target, const std::string& path, Accumulated into,
                                BuildState& build) {
  if (target.loader.IsBase(path)) {
    return AddFolder(target, path, Role::kBase, std::move(into), build);
  }
  TRY_WRAP(AddFile(target, path, build, into.resources),
           "accumulating resources from '" + path + "'");
  return into;
}

}  // namespace

std::optional<Origin> Target::ConfiguredIn() const {
  if (!origin) return std::nullopt;
  Origin configured;
  configured.repo = origin->repo;
  configured.ref = origin->ref;
  configured.configured_in = origin->Below(kustomization.file_name).path;
  return configured;
}

Result<Accumulated> AddResources(const Target& target, const std::vector<std::string>& paths,
                                 Accumulated into, BuildState& build) {
  std::optional<Error> missing;
  for (const std::string& path : paths) {
    const std::size_t wanted = target.loader.Wanted();
    auto added = AddResource(target, path, std::move(into), build);
    into = added ? std::move(*added) : Accumulated(build.budget);
    if (added || missing) continue;
    if (target.loader.Wanted() == wanted) return Fail(std::move(added).error());
    // What is remote and not at hand: the others are looked at for what else has to be fetched.
    missing = std::move(added).error();
  }
  if (missing) return Fail(*std::move(missing));
  return into;
}

namespace {

// The built-in configuration with the files of `configurations`.
Result<ConfigPtr> LoadConfig(const Loader& loader, const Kustomization& k) {
  Budget& budget = loader.budget();
  if (k.configurations.empty()) return MergedDefault();
  TransformerConfig own;
  for (const std::string& path : k.configurations) {
    const std::string text = TRY(loader.Load(path));
    yaml::ParseOptions options;
    options.file = path;
    const Value document = TRY(yaml::Parse(text, options));
    TRY_WRAP(budget.Parsed(document), path);
    TRY_WRAP(MergeConfig(own, TRY(ParseConfig(document, path)), budget), "merging config " + path);
  }
  TransformerConfig merged = DefaultConfig();
  TRY_WRAP(MergeConfig(merged, own, budget), "merging config " + k.configurations.front());
  return std::make_shared<const TransformerConfig>(std::move(merged));
}

Status AddConfigurations(const Loader& loader, const Kustomization& k, Accumulated& into) {
  TRY(AddConfig(TRY(LoadConfig(loader, k)), into, loader.budget()));
  for (const std::string& path : k.crds) {
    const std::string text = TRY(loader.Load(path));
    auto more =
        std::make_shared<const TransformerConfig>(TRY(ParseCrdConfig(text, path, loader.budget())));
    TRY_WRAP(AddConfig(std::move(more), into, loader.budget()), "merging CRDs " + path);
  }
  return {};
}

// The schema by which the build merges from here on.
Status TakeOpenApi(const Loader& loader, const Kustomization& k, BuildState& build) {
  if (build.types) return {};
  auto version = k.openapi.find("version");
  auto path = k.openapi.find("path");
  if (path != k.openapi.end()) {
    const std::string text = TRY(loader.Load(path->second));
    if (version != k.openapi.end()) {
      return Fail(
          InvalidArgument("builtin version and custom schema provided, cannot use both (openapi)"));
    }
    // kustomize's schema is one of the whole process, and grows as it is used.
    const BuiltinTypes builtin = build.merged_by_builtin  ? BuiltinTypes::kUnder
                                 : build.met_unknown_kind ? BuiltinTypes::kOver
                                                          : BuiltinTypes::kNone;
    build.types = TRY(ParseMergeSchema(text, path->second, builtin));
    return {};
  }
  if (version == k.openapi.end() || version->second.empty()) return {};
  if (version->second != "v1.21.2") {
    return Fail(InvalidArgument("the specified OpenAPI version is not built in: openapi.version " +
                                Quote(version->second) + ", built in is v1.21.2"));
  }
  build.types = BuiltinMergeSchema();
  return {};
}

}  // namespace

Result<Kustomization> LoadKustomization(const Loader& loader, BuildState& build) {
  std::string text;
  std::string file_name;
  for (const char* name : {"kustomization.yaml", "kustomization.yml", "Kustomization"}) {
    auto content = loader.Load(name);
    if (!content) {
      if (content.error().code() == ErrorCode::kNotFound) continue;
      if (loader.IsFolder(name)) continue;
      return Fail(std::move(content).error());
    }
    if (!file_name.empty()) {
      return Fail(InvalidArgument("Found multiple kustomization files under: " +
                                  loader.Show(loader.root())));
    }
    text = std::move(*content);
    file_name = name;
  }
  const std::string folder = loader.Show(loader.root());
  if (file_name.empty()) {
    return Fail(
        NotFound("unable to find one of 'kustomization.yaml', 'kustomization.yml' or "
                 "'Kustomization' in directory '" +
                 folder + "'"));
  }
  Kustomization k = TRY(ParseKustomization(text, folder, file_name, loader.budget()));
  build.warnings.insert(build.warnings.end(), k.warnings.begin(), k.warnings.end());
  TRY_WRAP(TakeOpenApi(loader, k, build), k.file);
  return k;
}

Result<Accumulated> Accumulate(const Target& target, Accumulated start, BuildState& build) {
  const Loader& loader = target.loader;
  const Kustomization& k = target.kustomization;
  TRY_WRAP(build.budget.EnterKustomization(loader.depth()), k.file);
  const std::string outer_namespace = build.helm_namespace;
  if (!k.ns.empty()) build.helm_namespace = k.ns;
  Accumulated result = TRY_WRAP(AddResources(target, k.resources, std::move(start), build),
                                "accumulating resources");
  TRY_WRAP(AddConfigurations(loader, k, result), k.file);
  TRY_WRAP(RunGenerators(target, build, result.resources), k.file);
  for (const std::string& path : k.components) {
    result = TRY_WRAP(AddFolder(target, path, Role::kComponent, std::move(result), build),
                      "accumulating components");
  }
  TRY_WRAP(RunTransformers(target, build, result), k.file);
  TRY_WRAP(BindVars(result.resources, k.vars), k.file + ": merging vars");
  TRY_WRAP(MergeVars(result.vars, k.vars, build.budget), k.file + ": merging vars");
  build.helm_namespace = outer_namespace;
  return result;
}

}  // namespace swell::kustomize
