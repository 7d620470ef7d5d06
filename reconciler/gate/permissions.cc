#include "reconciler/gate/permissions.h"

#include <algorithm>

#include "base/core/strings.h"

namespace swell::gate {
namespace {

struct Rule {
  std::string_view field;
  std::string_view what;  // "may not WHAT web"
  std::vector<std::string> PermissionSpec::* list;
};

const Rule& RuleOf(Deed deed) {
  static constexpr Rule kRules[] = {
      {"sync", "sync, pause, resume, cancel or freeze", &PermissionSpec::sync},
      {"rollback", "roll back", &PermissionSpec::rollback},
      {"approve", "approve plans of", &PermissionSpec::approve},
      {"override", "break the glass for", &PermissionSpec::override_},
      {"delete", "delete, or confirm deletions of,", &PermissionSpec::remove},
  };
  return kRules[static_cast<int>(deed)];
}

}  // namespace

std::string_view DeedName(Deed deed) { return RuleOf(deed).field; }

bool IsAmong(const std::vector<std::string>& list, std::string_view actor,
             const std::vector<Team>& teams) {
  if (list.empty()) return true;
  return std::ranges::any_of(list, [&](const std::string& name) {
    if (name == actor) return true;
    const auto team = std::ranges::find(teams, name, &Team::name);
    return team != teams.end() && std::ranges::find(team->members, actor) != team->members.end();
  });
}

Status CheckPermission(const Application& application, Deed deed, std::string_view actor,
                       const std::vector<Team>& teams) {
  const Rule& rule = RuleOf(deed);
  const std::vector<std::string>& list = application.permissions.*rule.list;
  if (IsAmong(list, actor, teams)) return {};
  return Fail(Error(ErrorCode::kPermissionDenied,
                    std::string(actor) + " may not " + std::string(rule.what) + " " +
                        application.name + ": its spec.permissions." + std::string(rule.field) +
                        " names " + Join(list, ", ")));
}

}  // namespace swell::gate
