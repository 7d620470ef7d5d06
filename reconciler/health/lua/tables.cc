// table.* and pairs. Sorting is our own: Lua's takes time quadratic to some inputs, all of it in
// C, where no instruction is counted. pairs has an order: Lua's differs from run to run, and so
// would the message of a script that looks at more than one key.

#include "reconciler/health/lua/run.h"

namespace swell::lua {
namespace {

// Positions of the heap are those of the list, from 1.
template <class Less>
void SiftDown(lua_State* L, int list, int root, int size, Less less) {
  while (root * 2 <= size) {
    int child = root * 2;
    lua_rawgeti(L, list, child);
    if (child < size) {
      lua_rawgeti(L, list, child + 1);
      if (less(L, -2, -1)) {
        lua_remove(L, -2);
        ++child;
      } else {
        lua_pop(L, 1);
      }
    }
    lua_rawgeti(L, list, root);
    if (!less(L, -1, -2)) {
      lua_pop(L, 2);
      return;
    }
    lua_rawseti(L, list, child);
    lua_rawseti(L, list, root);
    root = child;
  }
}

// Heapsort: bounded whatever `less` answers, and nothing but Lua's stack to keep in order.
template <class Less>
void Sort(lua_State* L, int list, int size, Less less) {
  for (int root = size / 2; root >= 1; --root) SiftDown(L, list, root, size, less);
  for (int last = size; last > 1; --last) {
    lua_rawgeti(L, list, 1);
    lua_rawgeti(L, list, last);
    lua_rawseti(L, list, 1);
    lua_rawseti(L, list, last);
    SiftDown(L, list, 1, last - 1, less);
  }
}

// Of table.sort, whose arguments are the list and perhaps a function.
bool UserLess(lua_State* L, int a, int b) {
  Charge(L, 4);
  if (lua_isnil(L, 2)) return lua_lessthan(L, a, b) != 0;
  lua_pushvalue(L, 2);
  lua_pushvalue(L, a - 1);
  lua_pushvalue(L, b - 2);
  lua_call(L, 2, 1);
  const bool less = lua_toboolean(L, -1) != 0;
  lua_pop(L, 1);
  return less;
}

int TableSort(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  if (!lua_isnoneornil(L, 2)) luaL_checktype(L, 2, LUA_TFUNCTION);
  CheckNesting(L);
  lua_settop(L, 2);
  luaL_checkstack(L, 8, "sort");
  Sort(L, 1, static_cast<int>(lua_objlen(L, 1)), UserLess);
  return 0;
}

// Numbers, then texts by their bytes, then the rest by type.
bool KeyLess(lua_State* L, int a, int b) {
  Charge(L, 1);
  const int type = lua_type(L, a);
  if (type != lua_type(L, b)) return type < lua_type(L, b);
  if (type == LUA_TNUMBER) return lua_tonumber(L, a) < lua_tonumber(L, b);
  if (type == LUA_TBOOLEAN) return lua_toboolean(L, a) < lua_toboolean(L, b);
  if (type != LUA_TSTRING) return false;
  std::size_t size_a = 0;
  std::size_t size_b = 0;
  const char* text_a = lua_tolstring(L, a, &size_a);
  const char* text_b = lua_tolstring(L, b, &size_b);
  return std::string_view(text_a, size_a) < std::string_view(text_b, size_b);
}

// Upvalues: the sorted keys, and how many were given out.
int NextPair(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  auto index = static_cast<int>(lua_tointeger(L, lua_upvalueindex(2)));
  for (;;) {
    lua_settop(L, 1);
    lua_rawgeti(L, lua_upvalueindex(1), ++index);
    if (lua_isnil(L, -1)) return 1;
    lua_pushvalue(L, -1);
    lua_rawget(L, 1);
    if (!lua_isnil(L, -1)) break;  // else it was removed on the way
    Charge(L, 1);
  }
  lua_pushinteger(L, index);
  lua_replace(L, lua_upvalueindex(2));
  return 2;
}

void CopyField(lua_State* L, int from, const char* name, int to) {
  lua_getfield(L, from, name);
  lua_setfield(L, to, name);
}

}  // namespace

int Pairs(lua_State* L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checkstack(L, 8, "pairs");
  lua_settop(L, 1);
  lua_newtable(L);
  int size = 0;
  bool sorted = true;
  lua_pushnil(L);
  while (lua_next(L, 1) != 0) {
    lua_pop(L, 1);
    if (size > 0 && sorted) {
      lua_rawgeti(L, 2, size);
      sorted = KeyLess(L, -1, -2);
      lua_pop(L, 1);
    }
    lua_pushvalue(L, -1);
    lua_rawseti(L, 2, ++size);
    Charge(L, 1);
  }
  if (!sorted) Sort(L, 2, size, KeyLess);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, NextPair, 2);
  lua_insert(L, 1);
  lua_pushnil(L);
  return 3;
}

void OpenTables(lua_State* L, int library) {
  lua_getglobal(L, LUA_TABLIBNAME);
  const int all = lua_gettop(L);
  for (const char* name : {"concat", "getn", "insert", "maxn", "remove"}) {
    CopyField(L, all, name, library);
  }
  lua_settop(L, library);
  lua_pushcfunction(L, TableSort);
  lua_setfield(L, library, "sort");
}

}  // namespace swell::lua
