#include "cli/commands/healing_view.h"

namespace swell::cli {

std::string ObjectText(const v1::ObjectName& object) {
  return object.kind() + (object.group().empty() ? "" : "." + object.group()) + " " +
         (object.namespace_().empty() ? "" : object.namespace_() + "/") + object.name();
}

}  // namespace swell::cli
