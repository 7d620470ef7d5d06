#pragma once
// Who may do what with an application (Application::permissions). Actors are the names that
// clients state: nobody proves theirs yet, so this keeps honest people from mistakes, and no
// attacker out (docs/safety.md).

#include <string>
#include <string_view>
#include <vector>

#include "base/core/result.h"
#include "reconciler/domain/application.h"

namespace swell::gate {

enum class Deed : std::uint8_t { kSync, kRollback, kApprove, kOverride, kRemove };
std::string_view DeedName(Deed deed);  // the field's name: "sync"

// Whether `list` names the actor or a team that it is in. An empty list names everybody.
bool IsAmong(const std::vector<std::string>& list, std::string_view actor,
             const std::vector<Team>& teams);

// kPermissionDenied with who may.
Status CheckPermission(const Application& application, Deed deed, std::string_view actor,
                       const std::vector<Team>& teams);

}  // namespace swell::gate
