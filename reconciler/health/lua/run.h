#pragma once
// What the parts of one run share. Private to the room: it includes Lua's headers.
//
// Functions here are called by Lua and leave by lua_error in the midst: what they hold across a
// call into Lua has no destructor.

#include <cstdint>
#include <lua.hpp>

#include "reconciler/health/lua/script.h"

namespace swell::lua {

enum class Exhausted { kNo, kSteps, kTime, kMemory };

struct Run {
  const Limits& limits;
  const Value& object;
  std::string_view source;
  Timestamp now;
  std::int64_t steps_left = 0;
  std::int64_t time_end = 0;  // ns of the thread's CPU time
  std::size_t memory = 0;     // bytes in use
  Exhausted exhausted = Exhausted::kNo;
  std::uintptr_t stack = 0;  // where the C stack was when the run began
  Answer answer;
};

// The run that a state belongs to.
Run& RunOf(lua_State* L);

// Takes `steps` from the budget; raises an error where it is used up.
void Charge(lua_State* L, std::int64_t steps);
// The same for what has been taken from steps_left already.
void CheckBudget(lua_State* L);
// Before a C function calls back into Lua: raises an error where such calls nest too deeply.
void CheckNesting(lua_State* L);

// sandbox.cc. Makes the globals that a script may see the globals of `L`.
void OpenSandbox(lua_State* L);
// convert.cc. Pushes the value as gopher-lua shows it to Argo CD's scripts: numbers are doubles,
// null is nil, lists count from 1.
void PushValue(lua_State* L, const Value& value, int depth);
// The answer on top of the stack into the run.
void ReadAnswer(lua_State* L);

// Each replaces what Lua's library of that name may not do here.
void OpenStrings(lua_State* L, int library);  // strings.cc
void OpenTables(lua_State* L, int library);   // tables.cc
int Pairs(lua_State* L);                      // tables.cc
void OpenTime(lua_State* L, int library);     // time.cc

}  // namespace swell::lua
