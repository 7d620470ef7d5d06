// Whatever bytes come: where the fast reader gives an answer, libyaml gives the same.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/core/check.h"
#include "base/value/yaml_fast_check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  SWELL_CHECK(swell::yaml::AnyDifference(text).empty());
  return 0;
}
