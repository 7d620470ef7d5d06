// os.time, os.date and os.difftime, over the one instant that the run was given, in UTC: a
// verdict depends on the object and that instant alone.

#include <cstring>
#include <ctime>

#include "reconciler/health/lua/run.h"

namespace swell::lua {
namespace {

std::int64_t Seconds(Timestamp at) {
  return std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
}

int Field(lua_State* L, const char* name, int fallback) {
  lua_getfield(L, 1, name);
  if (lua_isnil(L, -1) && fallback < 0) {
    luaL_error(L, "field '%s' missing in date table", name);
  }
  const double value = lua_isnil(L, -1) ? fallback : lua_tonumber(L, -1);
  if (!(value >= -1e6 && value <= 1e6)) luaL_error(L, "field '%s' is out of range", name);
  lua_pop(L, 1);
  return static_cast<int>(value);
}

int Time(lua_State* L) {
  if (lua_isnoneornil(L, 1)) {
    lua_pushnumber(L, static_cast<double>(Seconds(RunOf(L).now)));
    return 1;
  }
  luaL_checktype(L, 1, LUA_TTABLE);
  std::tm time{};
  time.tm_year = Field(L, "year", -1) - 1900;
  time.tm_mon = Field(L, "month", -1) - 1;
  time.tm_mday = Field(L, "day", -1);
  time.tm_hour = Field(L, "hour", 12);
  time.tm_min = Field(L, "min", 0);
  time.tm_sec = Field(L, "sec", 0);
  lua_pushnumber(L, static_cast<double>(::timegm(&time)));
  return 1;
}

void PushField(lua_State* L, const char* name, int value) {
  lua_pushnumber(L, value);
  lua_setfield(L, -2, name);
}

void PushTable(lua_State* L, const std::tm& time) {
  lua_createtable(L, 0, 9);
  PushField(L, "year", time.tm_year + 1900);
  PushField(L, "month", time.tm_mon + 1);
  PushField(L, "day", time.tm_mday);
  PushField(L, "hour", time.tm_hour);
  PushField(L, "min", time.tm_min);
  PushField(L, "sec", time.tm_sec);
  PushField(L, "wday", time.tm_wday + 1);
  PushField(L, "yday", time.tm_yday + 1);
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "isdst");
}

int Date(lua_State* L) {
  const char* format = luaL_optstring(L, 1, "%c");
  if (*format == '!') ++format;  // UTC, as everything here
  const double at = luaL_optnumber(L, 2, static_cast<double>(Seconds(RunOf(L).now)));
  if (!(at >= -6e10 && at <= 2.5e11)) return luaL_error(L, "the time is out of range");
  const auto seconds = static_cast<std::time_t>(at);
  std::tm time{};
  ::gmtime_r(&seconds, &time);
  if (std::strncmp(format, "*t", 2) == 0) {
    PushTable(L, time);
    return 1;
  }
  if (std::strlen(format) > 128) return luaL_error(L, "the format is longer than 128 bytes");
  char text[4096];
  lua_pushlstring(L, text, std::strftime(text, sizeof text, format, &time));
  return 1;
}

int Difference(lua_State* L) {
  lua_pushnumber(L, luaL_checknumber(L, 1) - luaL_optnumber(L, 2, 0));
  return 1;
}

}  // namespace

void OpenTime(lua_State* L, int library) {
  lua_pushcfunction(L, Time);
  lua_setfield(L, library, "time");
  lua_pushcfunction(L, Date);
  lua_setfield(L, library, "date");
  lua_pushcfunction(L, Difference);
  lua_setfield(L, library, "difftime");
}

}  // namespace swell::lua
