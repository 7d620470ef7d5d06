#pragma once
// Objects as the commands of healing.h show them.

#include <string>

#include "cli/commands/messages.h"

namespace swell::cli {

// "Deployment.apps web/web"
std::string ObjectText(const v1::ObjectName& object);

}  // namespace swell::cli
