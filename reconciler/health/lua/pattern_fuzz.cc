// Whatever pattern and text come: no crash, an end within the steps, and LuaJIT's own string.find
// finds the same where it may be asked (it has no steps to count).
//
// The input is the pattern, a zero byte, and the text.

#include <cstddef>
#include <cstdint>
#include <lua.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/core/check.h"
#include "reconciler/health/lua/pattern.h"

namespace swell::lua {
namespace {

struct Found {
  bool error = false;
  long begin = 0;  // 0: no match
  long end = 0;
};

Found Theirs(std::string_view text, std::string_view pattern) {
  static lua_State* L = [] {
    lua_State* state = luaL_newstate();
    luaL_openlibs(state);
    return state;
  }();
  lua_settop(L, 0);
  lua_getglobal(L, "string");
  lua_getfield(L, 1, "find");
  lua_pushlstring(L, text.data(), text.size());
  lua_pushlstring(L, pattern.data(), pattern.size());
  if (lua_pcall(L, 2, 2, 0) != 0) return {.error = true};
  return {false, static_cast<long>(lua_tointeger(L, 2)), static_cast<long>(lua_tointeger(L, 3))};
}

void Compare(std::string_view text, std::string_view pattern) {
  std::vector<std::max_align_t> storage(PatternBytes(pattern) / sizeof(std::max_align_t) + 1);
  // Lua notices an error only where a match comes across it.
  if (CompilePattern(pattern, Anchor::kAllowed, storage.data()) != nullptr) return;
  std::int64_t steps = 20'000;
  Matcher matcher(storage.data(), text, steps);
  std::size_t end = 0;
  const std::size_t begin = matcher.Find(0, end);
  if (steps < 0) return;
  for (int i = 0; begin != Matcher::kNone && i < matcher.captures(); ++i) {
    const auto& capture = matcher.capture(i);
    const auto length = capture.length < 0 ? 0 : static_cast<std::size_t>(capture.length);
    SWELL_CHECK(capture.begin + length <= text.size());
  }
  const Found theirs = Theirs(text, pattern);
  if (theirs.error) return;  // "pattern too complex", and back references in positions
  SWELL_CHECK((begin == Matcher::kNone) == (theirs.begin == 0));
  if (begin == Matcher::kNone) return;
  SWELL_CHECK(static_cast<long>(begin) + 1 == theirs.begin);
  SWELL_CHECK(static_cast<long>(end) == theirs.end);
}

}  // namespace
}  // namespace swell::lua

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t split = input.find('\0');
  if (split == std::string_view::npos || split > swell::lua::kMaxPattern) return 0;
  swell::lua::Compare(input.substr(split + 1), input.substr(0, split));
  return 0;
}
