#include <cmath>

#include "base/text/utf8.h"
#include "reconciler/health/lua/run.h"

namespace swell::lua {
namespace {

// Cuts between two characters. `text` is well-formed.
void Shorten(std::string& text, std::size_t most) {
  if (text.size() <= most) return;
  std::size_t cut = most - 3;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80) --cut;
  text.resize(cut);
  text += "...";
}

// A member of the answer: a text, or a number as Lua writes it; anything else is an error.
const char* TextMember(lua_State* L, int table, const char* name, std::size_t& size) {
  size = 0;
  lua_pushstring(L, name);
  lua_rawget(L, table);
  switch (lua_type(L, -1)) {
    case LUA_TNIL:
      return "";
    case LUA_TSTRING:
    case LUA_TNUMBER:
      return lua_tolstring(L, -1, &size);
    default:
      luaL_error(L, "the %s that the script returned is a %s, not a text", name,
                 luaL_typename(L, -1));
      return "";
  }
}

}  // namespace

void PushValue(lua_State* L, const Value& value, int depth) {
  if (depth > RunOf(L).limits.depth) luaL_error(L, "the object is nested too deeply for a script");
  luaL_checkstack(L, 4, "the object");
  switch (value.type()) {
    case Value::Type::kNull:
      lua_pushnil(L);
      break;
    case Value::Type::kBool:
      lua_pushboolean(L, value.as_bool() ? 1 : 0);
      break;
    case Value::Type::kInt:
    case Value::Type::kFloat:
      lua_pushnumber(L, value.as_float());
      break;
    case Value::Type::kString:
      lua_pushlstring(L, value.as_string().data(), value.as_string().size());
      break;
    case Value::Type::kArray: {
      lua_createtable(L, static_cast<int>(value.size()), 0);
      // gopher-lua appends: what follows a null moves up.
      int index = 0;
      for (const Value& item : value.items()) {
        if (item.is_null()) continue;
        PushValue(L, item, depth + 1);
        lua_rawseti(L, -2, ++index);
      }
      break;
    }
    case Value::Type::kObject:
      lua_createtable(L, 0, static_cast<int>(value.size()));
      for (const Member& member : value.members()) {
        if (member.value.is_null()) continue;
        lua_pushlstring(L, member.name().data(), member.name().size());
        PushValue(L, member.value, depth + 1);
        lua_rawset(L, -3);
      }
      break;
  }
}

void ReadAnswer(lua_State* L) {
  Run& run = RunOf(L);
  if (lua_gettop(L) == 0 || lua_isnil(L, -1)) return;
  if (!lua_istable(L, -1)) {
    luaL_error(L, "the script returned a %s, not a table", luaL_typename(L, -1));
  }
  const int table = lua_gettop(L);
  lua_pushnil(L);
  if (lua_next(L, table) == 0) return;
  std::size_t status_size = 0;
  std::size_t message_size = 0;
  const char* status = TextMember(L, table, "status", status_size);
  const char* message = TextMember(L, table, "message", message_size);
  // Nothing of Lua is called from here on.
  run.answer.empty = false;
  run.answer.status = std::string(status, std::min<std::size_t>(status_size, 64));
  // No sequence is longer than four bytes: what is cut here is cut again between characters.
  const std::size_t taken = std::min(message_size, run.limits.message + 4);
  run.answer.message = ReplaceInvalidUtf8(std::string_view(message, taken));
  Shorten(run.answer.message, run.limits.message);
}

}  // namespace swell::lua
