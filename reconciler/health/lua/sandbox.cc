// What a script may see: chosen name by name, so that what a newer LuaJIT adds stays out.

#include "reconciler/health/lua/run.h"

namespace swell::lua {
namespace {

constexpr const char* kBase[] = {"assert",       "error",    "getmetatable", "ipairs", "next",
                                 "pcall",        "rawequal", "rawget",       "rawset", "select",
                                 "setmetatable", "tonumber", "tostring",     "type",   "unpack"};

// Functions that scripts for other hosts call: what they are told is clearer than "nil value".
constexpr const char* kRefused[] = {"collectgarbage", "dofile", "getfenv",  "load",  "loadfile",
                                    "loadstring",     "module", "newproxy", "print", "setfenv"};

int Refuse(lua_State* L) {
  return luaL_error(L, "%s is not available in health checks",
                    lua_tostring(L, lua_upvalueindex(1)));
}

// As Lua's own, but the handler runs after the unwinding: Lua runs it in the midst of the error,
// where an error that the counting hook raised keeps the hook from running again.
int ProtectedCallWithHandler(lua_State* L) {
  luaL_checkany(L, 2);
  CheckNesting(L);
  lua_settop(L, 2);
  lua_pushvalue(L, 1);
  if (lua_pcall(L, 0, LUA_MULTRET, 0) == 0) {
    lua_pushboolean(L, 1);
    lua_replace(L, 2);
    return lua_gettop(L) - 1;
  }
  lua_pushvalue(L, 2);
  lua_insert(L, -2);
  lua_call(L, 1, 1);
  lua_pushboolean(L, 0);
  lua_insert(L, -2);
  return 2;
}

// `local os = require("os")`, which Argo CD's documentation shows.
int Require(lua_State* L) {
  const char* name = luaL_checkstring(L, 1);
  lua_getfield(L, lua_upvalueindex(1), name);
  if (!lua_istable(L, -1)) {
    return luaL_error(L, "there is no module %s: health checks have math, os, string and table",
                      lua_tostring(L, 1));
  }
  return 1;
}

void Open(lua_State* L, lua_CFunction library, const char* name) {
  lua_pushcfunction(L, library);
  lua_pushstring(L, name);
  lua_call(L, 1, 0);
}

}  // namespace

void OpenSandbox(lua_State* L) {
  Open(L, luaopen_base, "");
  Open(L, luaopen_string, LUA_STRLIBNAME);
  Open(L, luaopen_table, LUA_TABLIBNAME);
  Open(L, luaopen_math, LUA_MATHLIBNAME);

  lua_newtable(L);
  const int globals = lua_gettop(L);
  for (const char* name : kBase) {
    lua_getglobal(L, name);
    lua_setfield(L, globals, name);
  }
  for (const char* name : kRefused) {
    lua_pushstring(L, name);
    lua_pushcclosure(L, Refuse, 1);
    lua_setfield(L, globals, name);
  }
  lua_pushcfunction(L, Pairs);
  lua_setfield(L, globals, "pairs");
  lua_pushcfunction(L, ProtectedCallWithHandler);
  lua_setfield(L, globals, "xpcall");

  lua_getglobal(L, LUA_MATHLIBNAME);
  lua_setfield(L, globals, LUA_MATHLIBNAME);
  lua_getglobal(L, LUA_STRLIBNAME);
  OpenStrings(L, lua_gettop(L));
  lua_setfield(L, globals, LUA_STRLIBNAME);
  lua_newtable(L);
  OpenTables(L, lua_gettop(L));
  lua_setfield(L, globals, LUA_TABLIBNAME);
  lua_newtable(L);
  OpenTime(L, lua_gettop(L));
  lua_setfield(L, globals, LUA_OSLIBNAME);

  lua_newtable(L);
  for (const char* name : {LUA_MATHLIBNAME, LUA_STRLIBNAME, LUA_TABLIBNAME, LUA_OSLIBNAME}) {
    lua_getfield(L, globals, name);
    lua_setfield(L, -2, name);
  }
  lua_pushcclosure(L, Require, 1);
  lua_setfield(L, globals, "require");
  lua_pushvalue(L, globals);
  lua_setfield(L, globals, "_G");
  lua_replace(L, LUA_GLOBALSINDEX);

  // Lua's collector must keep up with the limit, which it does not know.
  lua_gc(L, LUA_GCSETPAUSE, 120);
}

}  // namespace swell::lua
