#include "renderer/helm/manifests.h"

#include <algorithm>
#include <array>

#include "base/core/strings.h"
#include "renderer/funcs/sigs_yaml.h"
#include "renderer/helm/go_decode.h"
#include "renderer/helm/parallel.h"
#include "renderer/object/object.h"

namespace swell::helm {
namespace {

constexpr std::size_t kMaxDocuments = 100'000;
constexpr std::array<std::string_view, 10> kHookEvents = {
    "pre-install",  "post-install", "pre-delete",    "post-delete", "pre-upgrade",
    "post-upgrade", "pre-rollback", "post-rollback", "test",        "test-success"};

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

// Unknown kinds come after all known ones, by name.
void SortByKind(std::vector<Manifest>& manifests) {
  const int unknown = InstallRank("");
  std::ranges::stable_sort(manifests, [unknown](const Manifest& a, const Manifest& b) {
    const int rank_a = InstallRank(a.kind), rank_b = InstallRank(b.kind);
    if (rank_a != rank_b) return rank_a < rank_b;
    return rank_a == unknown && a.kind < b.kind;
  });
}

enum class Role { kManifest, kHook, kTestHook, kDropped };

Role RoleOf(const std::map<std::string, std::string>& annotations) {
  const auto hook = annotations.find("helm.sh/hook");
  if (hook == annotations.end()) return Role::kManifest;
  Role role = Role::kHook;
  for (std::string_view part : Split(hook->second, ',')) {
    const std::string event = ToLower(Trim(part));
    if (event.empty() || std::ranges::find(kHookEvents, event) == kHookEvents.end()) {
      return Role::kDropped;
    }
    if (event.starts_with("test")) role = Role::kTestHook;
  }
  return role;
}

// What ParseSigsYaml reads is the first document alone.
bool IsOneDocument(std::string_view text) {
  return !text.starts_with("---") && text.find("\n---") == std::string_view::npos &&
         text.find("\n...") == std::string_view::npos;
}

struct Placed {
  Role role = Role::kDropped;
  Manifest manifest;
};

Result<Placed> Place(const std::string& path, std::string text) {
  const Value content = TRY_WRAP(funcs::ParseSigsYaml(text, false), "YAML parse error on " + path);
  const GoStruct head = TRY_WRAP(GoStruct::Of(content, "SimpleHead", "util.SimpleHead"),
                                 "YAML parse error on " + path);
  std::string kind;
  std::string ignored;
  std::map<std::string, std::string> annotations;
  const auto read = [&]() -> Status {
    TRY(head.Read("apiVersion", ignored));
    TRY(head.Read("kind", kind));
    const GoStruct metadata =
        TRY(head.Nested("metadata",
                        "struct { Name string \"json:\\\"name\\\"\"; Annotations map[string]string "
                        "\"json:\\\"annotations\\\"\" }",
                        head.Find("metadata")));
    TRY(metadata.Read("name", ignored));
    return metadata.Read("annotations", annotations);
  };
  TRY_WRAP(read(), "YAML parse error on " + path);
  Placed out{.role = RoleOf(annotations)};
  const bool whole = IsOneDocument(text);
  out.manifest = {path, std::move(text), std::move(kind), out.role == Role::kTestHook};
  if (whole) out.manifest.content = content;
  return out;
}

struct Unread {
  const std::string* path;
  std::string text;
};

Result<std::vector<Unread>> SplitAll(const std::map<std::string, std::string>& files) {
  std::vector<Unread> out;
  for (const auto& [path, text] : files) {
    if (path.substr(path.rfind('/') + 1).starts_with('_')) continue;
    for (std::string& document : SplitManifests(text)) {
      if (out.size() >= kMaxDocuments) {
        return Fail(ResourceExhausted("at " + path + ": the chart prints more than " +
                                      std::to_string(kMaxDocuments) + " YAML documents"));
      }
      out.push_back({&path, std::move(document)});
    }
  }
  return out;
}

}  // namespace

std::vector<std::string> SplitManifests(std::string_view text) {
  text = Trim(text);
  std::vector<std::string> documents;
  const auto add = [&](std::string_view document) {
    if (!document.empty()) documents.emplace_back(Trim(document));
  };
  const auto skip_space = [&](std::size_t i) {
    while (i < text.size() && IsSpace(text[i])) ++i;
    return i;
  };
  std::size_t begin = text.starts_with("---") ? skip_space(3) : 0;
  for (;;) {
    const std::size_t newline = text.find("\n---", begin);
    if (newline == std::string_view::npos) break;
    std::size_t end = newline;
    while (end > begin && IsSpace(text[end - 1])) --end;
    add(text.substr(begin, end - begin));
    begin = skip_space(newline + 4);
  }
  add(text.substr(begin));
  return documents;
}

Result<SortedManifests> SortManifests(const std::map<std::string, std::string>& files,
                                      unsigned threads) {
  constexpr std::size_t kWorthAThread = 128u << 10;  // bytes of text
  std::vector<Unread> documents = TRY(SplitAll(files));
  std::size_t bytes = 0;
  for (const Unread& document : documents) bytes += document.text.size();
  std::vector<Result<Placed>> placed(documents.size());
  ForEach(documents.size(), bytes > kWorthAThread ? threads : 1, [&](std::size_t i) {
    placed[i] = Place(*documents[i].path, std::move(documents[i].text));
  });
  SortedManifests out;
  for (Result<Placed>& one : placed) {
    if (!one) return Fail(std::move(one).error());
    if (one->role == Role::kDropped) continue;
    auto& list = one->role == Role::kManifest ? out.manifests : out.hooks;
    list.push_back(std::move(one->manifest));
  }
  SortByKind(out.manifests);
  SortByKind(out.hooks);
  return out;
}

}  // namespace swell::helm
