#include <charconv>
#include <set>

#include "base/core/strings.h"
#include "base/text/semver.h"
#include "base/text/utf8.h"
#include "base/value/number.h"
#include "renderer/helm/chart.h"
#include "renderer/helm/go_decode.h"

namespace swell::helm {
namespace {

// Cleans what people paste into Chart.yaml: any white space becomes a blank, what does not
// print is dropped.
std::string Sanitize(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const DecodedRune d = DecodeRune(std::string_view(text).substr(i));
    const char32_t r = d.rune;
    const bool space = (r >= 9 && r <= 13) || r == 0x20 || r == 0x85 || r == 0xA0 || r == 0x1680 ||
                       (r >= 0x2000 && r <= 0x200A) || r == 0x2028 || r == 0x2029 || r == 0x202F ||
                       r == 0x205F || r == 0x3000;
    const bool hidden = r < 0x20 || (r >= 0x7F && r < 0xA0) || r == 0xAD ||
                        (r >= 0x200B && r <= 0x200F) || (r >= 0x202A && r <= 0x202E) ||
                        (r >= 0x2060 && r <= 0x206F) || (r >= 0xE000 && r <= 0xF8FF) || r == 0xFEFF;
    if (space) {
      out += ' ';
    } else if (!hidden) {
      AppendUtf8(out, r);
    }
    i += static_cast<std::size_t>(d.length);
  }
  return out;
}

Error Invalid(std::string message) { return InvalidArgument("validation: " + std::move(message)); }

bool IsAlias(std::string_view alias) {
  for (char c : alias) {
    const bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    c == '_' || c == '-';
    if (!ok) return false;
  }
  return true;
}

Status DecodeDependency(const GoStruct& in, Dependency& out) {
  TRY(in.Read("name", out.name));
  TRY(in.Read("version", out.version));
  TRY(in.Read("repository", out.repository));
  TRY(in.Read("condition", out.condition));
  TRY(in.Read("tags", out.tags));
  TRY(in.Read("enabled", out.enabled));
  TRY(in.Read("alias", out.alias));
  out.import_values = TRY(in.Items("import-values"));
  return {};
}

Status ValidateDependencies(Metadata& md) {
  std::set<std::string> seen;
  for (Dependency& d : md.dependencies) {
    for (std::string* s : {&d.name, &d.version, &d.repository, &d.condition}) *s = Sanitize(*s);
    for (std::string& tag : d.tags) tag = Sanitize(tag);
    if (!IsAlias(d.alias)) {
      return Fail(
          Invalid("dependency " + Quote(d.name) + " has disallowed characters in the alias"));
    }
    const std::string& key = d.alias.empty() ? d.name : d.alias;
    if (!seen.insert(key).second) {
      return Fail(Invalid("more than one dependency with name or alias " + Quote(key)));
    }
  }
  return {};
}

}  // namespace

bool Chart::is_library() const { return ToLower(metadata.type) == "library"; }

Status DecodeMetadata(std::string_view yaml, Metadata& md) {
  const GoStruct in = TRY(GoStruct::Parse(yaml, "Metadata", "v2.Metadata"));
  TRY(in.Read("name", md.name));
  TRY(in.Read("home", md.home));
  TRY(in.Read("sources", md.sources));
  TRY(in.Read("version", md.version));
  TRY(in.Read("description", md.description));
  TRY(in.Read("keywords", md.keywords));
  TRY(in.Read("icon", md.icon));
  TRY(in.Read("apiVersion", md.api_version));
  TRY(in.Read("condition", md.condition));
  TRY(in.Read("tags", md.tags));
  TRY(in.Read("appVersion", md.app_version));
  TRY(in.Read("deprecated", md.deprecated));
  TRY(in.Read("annotations", md.annotations));
  TRY(in.Read("kubeVersion", md.kube_version));
  TRY(in.Read("type", md.type));
  if (in.Has("maintainers")) md.maintainers.clear();
  for (const Value& item : TRY(in.Items("maintainers"))) {
    if (item.is_null()) {
      return Fail(Invalid("maintainers must not contain empty or null nodes"));
    }
    const GoStruct maintainer = TRY(in.Nested("maintainers", "v2.Maintainer", item));
    Maintainer& m = md.maintainers.emplace_back();
    TRY(maintainer.Read("name", m.name));
    TRY(maintainer.Read("email", m.email));
    TRY(maintainer.Read("url", m.url));
  }
  if (in.Has("dependencies")) md.dependencies.clear();
  for (const Value& item : TRY(in.Items("dependencies"))) {
    if (item.is_null()) {
      return Fail(Invalid("dependencies must not contain empty or null nodes"));
    }
    TRY(DecodeDependency(TRY(in.Nested("dependencies", "v2.Dependency", item)),
                         md.dependencies.emplace_back()));
  }
  return {};
}

Status ValidateMetadata(Metadata& md) {
  for (std::string* s : {&md.name, &md.description, &md.home, &md.icon, &md.condition, &md.tags,
                         &md.app_version, &md.kube_version}) {
    *s = Sanitize(*s);
  }
  for (std::string& s : md.sources) s = Sanitize(s);
  for (std::string& s : md.keywords) s = Sanitize(s);
  if (md.api_version.empty()) return Fail(Invalid("chart.metadata.apiVersion is required"));
  if (md.name.empty()) return Fail(Invalid("chart.metadata.name is required"));
  if (md.name == "." || md.name == "..") {
    return Fail(Invalid("chart.metadata.name " + Quote(md.name) + " is not allowed"));
  }
  if (md.name.find('/') != std::string::npos) {
    return Fail(Invalid("chart.metadata.name " + Quote(md.name) + " is invalid"));
  }
  if (md.version.empty()) return Fail(Invalid("chart.metadata.version is required"));
  if (!Semver::ParseLenient(md.version)) {
    return Fail(Invalid("chart.metadata.version " + Quote(md.version) + " is invalid"));
  }
  if (!md.type.empty() && md.type != "application" && md.type != "library") {
    return Fail(Invalid("chart.metadata.type must be application or library"));
  }
  for (Maintainer& m : md.maintainers) {
    for (std::string* s : {&m.name, &m.email, &m.url}) *s = Sanitize(*s);
  }
  return ValidateDependencies(md);
}

}  // namespace swell::helm
