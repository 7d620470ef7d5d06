// string.*: what matches patterns or repeats is our own, and counts what it does.

#include <cstring>

#include "reconciler/health/lua/pattern.h"
#include "reconciler/health/lua/run.h"

namespace swell::lua {
namespace {

struct Text {
  const char* data;
  std::size_t size;
  operator std::string_view() const { return {data, size}; }
};

Text CheckText(lua_State* L, int argument) {
  Text text{};
  text.data = luaL_checklstring(L, argument, &text.size);
  return text;
}

// Pushes the compiled pattern as a userdata.
void* PushPattern(lua_State* L, std::string_view text, Anchor anchor) {
  if (text.size() > kMaxPattern) {
    luaL_error(L, "the pattern is longer than %d bytes", static_cast<int>(kMaxPattern));
  }
  void* storage = lua_newuserdata(L, PatternBytes(text));
  if (const char* wrong = CompilePattern(text, anchor, storage)) luaL_error(L, "%s", wrong);
  return storage;
}

Matcher MatcherOf(lua_State* L, const void* pattern, std::string_view subject) {
  return {pattern, subject, RunOf(L).steps_left};
}

// Capture `index`, or the whole match where the pattern has none.
void PushCapture(lua_State* L, const Matcher& matcher, int index, std::string_view subject,
                 std::size_t begin, std::size_t end) {
  if (matcher.captures() == 0) {
    lua_pushlstring(L, subject.data() + begin, end - begin);
    return;
  }
  const Matcher::Capture& capture = matcher.capture(index);
  if (capture.length == Matcher::kPosition) {
    lua_pushinteger(L, static_cast<lua_Integer>(capture.begin + 1));
  } else {
    lua_pushlstring(L, subject.data() + capture.begin, static_cast<std::size_t>(capture.length));
  }
}

int PushCaptures(lua_State* L, const Matcher& matcher, std::string_view subject, std::size_t begin,
                 std::size_t end) {
  const int count = matcher.captures() == 0 ? 1 : matcher.captures();
  luaL_checkstack(L, count + 2, "too many captures");
  for (int i = 0; i < count; ++i) PushCapture(L, matcher, i, subject, begin, end);
  return count;
}

// The third argument of find and match, as an offset; negative ones count from the end.
std::size_t Start(lua_State* L, std::size_t size) {
  const auto length = static_cast<lua_Integer>(size);
  lua_Integer from = luaL_optinteger(L, 3, 1);
  if (from < 0) from = from + length < 0 ? 1 : from + length + 1;
  if (from == 0) from = 1;
  return static_cast<std::size_t>(from > length + 1 ? length + 1 : from) - 1;
}

int FindPlain(lua_State* L, std::string_view subject, std::string_view wanted, std::size_t from) {
  Charge(L, static_cast<std::int64_t>(subject.size() - from) / 16);
  const void* found = wanted.empty() ? subject.data() + from
                                     : ::memmem(subject.data() + from, subject.size() - from,
                                                wanted.data(), wanted.size());
  if (found == nullptr) {
    lua_pushnil(L);
    return 1;
  }
  const auto begin = static_cast<const char*>(found) - subject.data();
  lua_pushinteger(L, begin + 1);
  lua_pushinteger(L, begin + static_cast<lua_Integer>(wanted.size()));
  return 2;
}

enum class Search { kFind, kMatch };

int SearchText(lua_State* L, Search search) {
  const Text subject = CheckText(L, 1);
  const Text wanted = CheckText(L, 2);
  const std::size_t from = Start(L, subject.size);
  if (search == Search::kFind && lua_toboolean(L, 4) != 0) {
    return FindPlain(L, subject, wanted, from);
  }
  const void* pattern = PushPattern(L, wanted, Anchor::kAllowed);
  Matcher matcher = MatcherOf(L, pattern, subject);
  std::size_t end = 0;
  const std::size_t begin = matcher.Find(from, end);
  Charge(L, 0);
  if (begin == Matcher::kNone) {
    lua_pushnil(L);
    return 1;
  }
  if (search == Search::kMatch) return PushCaptures(L, matcher, subject, begin, end);
  lua_pushinteger(L, static_cast<lua_Integer>(begin + 1));
  lua_pushinteger(L, static_cast<lua_Integer>(end));
  return matcher.captures() == 0 ? 2 : 2 + PushCaptures(L, matcher, subject, begin, end);
}

int Find(lua_State* L) { return SearchText(L, Search::kFind); }
int Match(lua_State* L) { return SearchText(L, Search::kMatch); }

// Upvalues: the subject, the compiled pattern, and where to go on.
int NextMatch(lua_State* L) {
  std::size_t size = 0;
  const char* data = lua_tolstring(L, lua_upvalueindex(1), &size);
  const std::string_view subject(data, size);
  const auto from = static_cast<std::size_t>(lua_tointeger(L, lua_upvalueindex(3)));
  Matcher matcher = MatcherOf(L, lua_touserdata(L, lua_upvalueindex(2)), subject);
  std::size_t end = 0;
  const std::size_t begin = from > size ? Matcher::kNone : matcher.Find(from, end);
  Charge(L, 0);
  if (begin == Matcher::kNone) return 0;
  lua_pushinteger(L, static_cast<lua_Integer>(end == begin ? end + 1 : end));
  lua_replace(L, lua_upvalueindex(3));
  return PushCaptures(L, matcher, subject, begin, end);
}

int EachMatch(lua_State* L) {
  CheckText(L, 1);
  const Text wanted = CheckText(L, 2);
  lua_settop(L, 2);
  PushPattern(L, wanted, Anchor::kLiteral);
  lua_remove(L, 2);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, NextMatch, 3);
  return 1;
}

// "%1" of a replacement.
void AddExpanded(lua_State* L, luaL_Buffer* out, std::string_view with, const Matcher& matcher,
                 std::string_view subject, std::size_t begin, std::size_t end) {
  for (std::size_t i = 0; i < with.size(); ++i) {
    if (with[i] != '%' || i + 1 == with.size()) {
      luaL_addchar(out, with[i]);
      continue;
    }
    const char c = with[++i];
    if (c < '0' || c > '9') {
      luaL_addchar(out, c);
    } else if (c == '0') {
      luaL_addlstring(out, subject.data() + begin, end - begin);
    } else {
      const int index = c - '1';
      if (index >= (matcher.captures() == 0 ? 1 : matcher.captures())) {
        luaL_error(L, "invalid capture index %%%d in replacement string", index + 1);
      }
      PushCapture(L, matcher, index, subject, begin, end);
      luaL_addvalue(out);
    }
  }
}

// What the third argument of gsub makes of a match; the match itself where that is false or nil.
void AddReplaced(lua_State* L, luaL_Buffer* out, const Matcher& matcher, std::string_view subject,
                 std::size_t begin, std::size_t end) {
  const int type = lua_type(L, 3);
  if (type == LUA_TSTRING || type == LUA_TNUMBER) {
    std::size_t size = 0;
    const char* with = lua_tolstring(L, 3, &size);
    return AddExpanded(L, out, {with, size}, matcher, subject, begin, end);
  }
  if (type == LUA_TFUNCTION) {
    lua_pushvalue(L, 3);
    lua_call(L, PushCaptures(L, matcher, subject, begin, end), 1);
  } else {
    PushCapture(L, matcher, 0, subject, begin, end);
    lua_gettable(L, 3);
  }
  if (lua_toboolean(L, -1) == 0) {
    lua_pop(L, 1);
    lua_pushlstring(L, subject.data() + begin, end - begin);
  } else if (lua_isstring(L, -1) == 0) {
    luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
  }
  luaL_addvalue(out);
}

int Substitute(lua_State* L) {
  const Text subject = CheckText(L, 1);
  const Text wanted = CheckText(L, 2);
  const int type = lua_type(L, 3);
  if (type != LUA_TSTRING && type != LUA_TNUMBER && type != LUA_TFUNCTION && type != LUA_TTABLE) {
    return luaL_argerror(L, 3, "string, function or table expected");
  }
  const lua_Integer most = luaL_optinteger(L, 4, static_cast<lua_Integer>(subject.size) + 1);
  CheckNesting(L);
  const void* pattern = PushPattern(L, wanted, Anchor::kAllowed);
  luaL_Buffer out;
  luaL_buffinit(L, &out);
  lua_Integer count = 0;
  std::size_t at = 0;
  while (count < most) {
    Matcher matcher = MatcherOf(L, pattern, subject);
    const std::size_t end = matcher.MatchAt(at);
    Charge(L, 1);
    if (end != Matcher::kNone) {
      ++count;
      AddReplaced(L, &out, matcher, subject, at, end);
    }
    if (end != Matcher::kNone && end > at) {
      at = end;
    } else if (at < subject.size) {
      luaL_addchar(&out, subject.data[at++]);
    } else {
      break;
    }
    if (static_cast<const Pattern*>(pattern)->anchored) break;
  }
  luaL_addlstring(&out, subject.data + at, subject.size - at);
  luaL_pushresult(&out);
  lua_pushinteger(L, count);
  return 2;
}

// Lua's own would make the text before it finds that it is too long.
int Repeat(lua_State* L) {
  const Text text = CheckText(L, 1);
  const lua_Integer count = luaL_checkinteger(L, 2);
  if (count <= 0 || text.size == 0) {
    lua_pushlstring(L, "", 0);
    return 1;
  }
  const std::size_t most = RunOf(L).limits.block / text.size;
  if (static_cast<std::size_t>(count) > most) {
    return luaL_error(L, "the text would be longer than %d bytes",
                      static_cast<int>(RunOf(L).limits.block));
  }
  Charge(L, count);
  luaL_Buffer out;
  luaL_buffinit(L, &out);
  for (lua_Integer i = 0; i < count; ++i) luaL_addlstring(&out, text.data, text.size);
  luaL_pushresult(&out);
  return 1;
}

// Lua's own, which may call back for __tostring. Upvalue: that function.
int Format(lua_State* L) {
  CheckNesting(L);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, 1);
  return 1;
}

constexpr luaL_Reg kOurs[] = {
    {"find", Find}, {"match", Match}, {"gmatch", EachMatch}, {"gsub", Substitute}, {"rep", Repeat}};
constexpr const char* kTheirs[] = {"byte",  "char",    "format", "len",
                                   "lower", "reverse", "sub",    "upper"};

bool IsKept(const char* name) {
  for (const char* kept : kTheirs) {
    if (std::strcmp(kept, name) == 0) return true;
  }
  return false;
}

}  // namespace

void OpenStrings(lua_State* L, int library) {
  // The table itself is what the methods of texts are looked up in: it is emptied, not replaced.
  lua_pushnil(L);
  while (lua_next(L, library) != 0) {
    lua_pop(L, 1);
    if (IsKept(lua_tostring(L, -1))) continue;
    lua_pushvalue(L, -1);
    lua_pushnil(L);
    lua_rawset(L, library);
  }
  for (const luaL_Reg& function : kOurs) {
    lua_pushcfunction(L, function.func);
    lua_setfield(L, library, function.name);
  }
  lua_getfield(L, library, "format");
  lua_pushcclosure(L, Format, 1);
  lua_setfield(L, library, "format");
  // getmetatable("") tells nothing.
  lua_pushlstring(L, "", 0);
  if (lua_getmetatable(L, -1) != 0) {
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
  }
  lua_settop(L, library);
}

}  // namespace swell::lua
