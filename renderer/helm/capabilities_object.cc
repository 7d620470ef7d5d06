#include <algorithm>

#include "renderer/gotemplate/function.h"
#include "renderer/helm/objects.h"

namespace swell::helm {
namespace {

using gotemplate::Any;
using gotemplate::Context;
using gotemplate::Function;
using gotemplate::JsonField;
using gotemplate::Object;
using gotemplate::Type;
namespace types = gotemplate::types;

constexpr std::string_view kHelmVersion = "v4.1.4";  // whose behaviour this room reproduces

const Function* KubeVersionMethod(std::string_view name);

const Function* VersionSetMethod(std::string_view name) {
  static const Function kHas{
      .name = "Has", .params = {types::kString}, .call = [](Context&, std::span<const Any> args) {
        const auto& items = args[0].as_list()->items();
        return Result<Any>(Any::Bool(std::ranges::any_of(
            items, [&](const Any& item) { return item.as_string() == args[1].as_string(); })));
      }};
  return name == "Has" ? &kHas : nullptr;
}

const Type* VersionSetType() {
  static const Type kType{.name = "common.VersionSet",
                          .kind = "slice",
                          .elem = types::kString,
                          .underlying = types::kStringList,
                          .find_method = &VersionSetMethod};
  return &kType;
}

class KubeVersionObject final : public Object {
 public:
  explicit KubeVersionObject(KubeVersion version) : version_(std::move(version)) {}

  const Type* type() const override {
    static const Type kType{.name = "common.KubeVersion", .kind = "struct"};
    return &kType;
  }
  std::optional<Any> Field(std::string_view name) const override {
    if (name == "Version") return Any::String(version_.version);
    if (name == "Major") return Any::String(version_.major);
    if (name == "Minor") return Any::String(version_.minor);
    return std::nullopt;
  }
  const Function* FindMethod(std::string_view name) const override {
    return KubeVersionMethod(name);
  }
  std::string ActionText() const override { return version_.normalized; }
  std::string PrintText() const override {
    return "{" + version_.version + " " + version_.normalized + " " + version_.major + " " +
           version_.minor + "}";
  }
  std::vector<JsonField> JsonFields() const override {
    return {{"Version", Any::String(version_.version)},
            {"Major", Any::String(version_.major)},
            {"Minor", Any::String(version_.minor)}};
  }
  bool Equals(const Object& other) const override {
    return PrintText() == static_cast<const KubeVersionObject&>(other).PrintText();
  }
  const KubeVersion& version() const { return version_; }

 private:
  KubeVersion version_;
};

const KubeVersion& Receiver(std::span<const Any> args) {
  return static_cast<const KubeVersionObject*>(args[0].as_object())->version();
}

const Function* KubeVersionMethod(std::string_view name) {
  static const Function kString{.name = "String", .call = [](Context&, std::span<const Any> args) {
                                  return Result<Any>(Any::String(Receiver(args).normalized));
                                }};
  static const Function kGitVersion{.name = "GitVersion",
                                    .call = [](Context&, std::span<const Any> args) {
                                      return Result<Any>(Any::String(Receiver(args).version));
                                    }};
  if (name == "String") return &kString;
  if (name == "GitVersion") return &kGitVersion;
  return nullptr;
}

class HelmVersionObject final : public Object {
 public:
  const Type* type() const override {
    static const Type kType{.name = "version.BuildInfo", .kind = "struct"};
    return &kType;
  }
  std::optional<Any> Field(std::string_view name) const override {
    for (const auto& [field, text] : kFields) {
      if (field == name) return Any::String(text);
    }
    return std::nullopt;
  }
  std::string PrintText() const override {
    std::string out = "{";
    for (const auto& [field, text] : kFields) {
      if (out.size() > 1) out += ' ';
      out += text;
    }
    return out + "}";
  }
  std::vector<JsonField> JsonFields() const override {
    return {{"version", Any::String(kFields[0].second)},
            {"git_commit", Any::String(kFields[1].second)},
            {"git_tree_state", Any::String(kFields[2].second)},
            {"go_version", Any::String(kFields[3].second)},
            {"kube_client_version", Any::String(kFields[4].second)}};
  }
  bool Equals(const Object&) const override { return true; }

 private:
  static constexpr std::pair<std::string_view, std::string_view> kFields[] = {
      {"Version", kHelmVersion},
      {"GitCommit", "05fa37973dc9e42b76e1d2883494c87174b6074f"},
      {"GitTreeState", "clean"},
      {"GoVersion", "go1.25.9"},
      {"KubeClientVersion", "v1.35"}};
};

class CapabilitiesObject final : public Object {
 public:
  CapabilitiesObject(const Capabilities& capabilities, bool* used) : used_(used) {
    kube_version_ = Any::Of(new KubeVersionObject(capabilities.kube_version));
    std::vector<Any> versions;
    for (const std::string& v : capabilities.api_versions) versions.push_back(Any::String(v));
    api_versions_ = Any::List(std::move(versions), VersionSetType());
    helm_version_ = Any::Of(new HelmVersionObject);
  }

  const Type* type() const override {
    static const Type kType{.name = "*common.Capabilities", .kind = "ptr"};
    return &kType;
  }
  std::optional<Any> Field(std::string_view name) const override {
    *used_ = true;
    if (name == "KubeVersion") return kube_version_;
    if (name == "APIVersions") return api_versions_;
    if (name == "HelmVersion") return helm_version_;
    return std::nullopt;
  }
  std::string PrintText() const override {
    *used_ = true;
    std::string out = "&{" + kube_version_.as_object()->PrintText() + " [";
    for (const Any& version : api_versions_.as_list()->items()) {
      if (out.back() != '[') out += ' ';
      out += version.as_string();
    }
    return out + "] " + helm_version_.as_object()->PrintText() + "}";
  }
  std::vector<JsonField> JsonFields() const override {
    *used_ = true;
    return {{"KubeVersion", kube_version_},
            {"APIVersions", api_versions_},
            {"HelmVersion", helm_version_}};
  }

 private:
  bool* used_;
  Any kube_version_;
  Any api_versions_;
  Any helm_version_;
};

}  // namespace

Any MakeCapabilities(const Capabilities& capabilities, bool* used) {
  return Any::Of(new CapabilitiesObject(capabilities, used));
}

}  // namespace swell::helm
