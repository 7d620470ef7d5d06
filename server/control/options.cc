#include "server/control/options.h"

namespace swell::control {

Status SetRenderLimit(Options& options, std::string_view flag, std::string_view text) {
  return SetLimit(options.render, flag, text);
}

}  // namespace swell::control
