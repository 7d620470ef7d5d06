#include "reconciler/health/lua/pattern.h"

#include <gtest/gtest.h>

#include <lua.hpp>
#include <string>
#include <vector>

namespace swell::lua {
namespace {

// "2,3:cap,()4" : where the match is and what it captured; "-" where there is none, else what is
// wrong with the pattern.
std::string Ours(std::string_view subject, std::string_view text) {
  std::vector<std::max_align_t> storage(PatternBytes(text) / sizeof(std::max_align_t) + 1);
  if (const char* wrong = CompilePattern(text, Anchor::kAllowed, storage.data())) return wrong;
  std::int64_t steps = 1'000'000;
  Matcher matcher(storage.data(), subject, steps);
  std::size_t end = 0;
  const std::size_t begin = matcher.Find(0, end);
  if (begin == Matcher::kNone) return steps < 0 ? "exhausted" : "-";
  std::string out = std::to_string(begin + 1) + "," + std::to_string(end);
  for (int i = 0; i < matcher.captures(); ++i) {
    const auto& capture = matcher.capture(i);
    out += i == 0 ? ":" : ",";
    out += capture.length == Matcher::kPosition
               ? "()" + std::to_string(capture.begin + 1)
               : std::string(subject.substr(capture.begin, capture.length));
  }
  return out;
}

// The same from LuaJIT's own string.find.
std::string Theirs(std::string_view subject, std::string_view text) {
  lua_State* L = luaL_newstate();
  luaL_openlibs(L);
  lua_getglobal(L, "string");
  lua_getfield(L, -1, "find");
  lua_pushlstring(L, subject.data(), subject.size());
  lua_pushlstring(L, text.data(), text.size());
  const int base = lua_gettop(L) - 2;
  std::string out;
  if (lua_pcall(L, 2, LUA_MULTRET, 0) != 0) {
    out = "error";
  } else if (lua_isnil(L, base)) {
    out = "-";
  } else {
    out = std::to_string(lua_tointeger(L, base)) + "," + std::to_string(lua_tointeger(L, base + 1));
    for (int i = base + 2; i <= lua_gettop(L); ++i) {
      out += i == base + 2 ? ":" : ",";
      if (lua_type(L, i) == LUA_TNUMBER) out += "()";
      out += lua_tostring(L, i);
    }
  }
  lua_close(L);
  return out;
}

TEST(PatternTest, MatchesAsLuaDoes) {
  const struct {
    const char* subject;
    const char* pattern;
  } cases[] = {
      {"hello", "l"},
      {"hello", "l+"},
      {"hello", "^h"},
      {"hello", "^e"},
      {"hello", "o$"},
      {"hel$lo", "$l"},
      {"hello", ".-o"},
      {"hello", "l*$"},
      {"hello", "x?h"},
      {"hello", ""},
      {"", ""},
      {"", "a*"},
      {"", "."},
      {"key = value", "(%w+)%s*=%s*(%w+)"},
      {"a(b(c)d)e", "%b()"},
      {"a(b", "%b()"},
      {"THE (quick) fox", "%f[%a]%a+"},
      {"THE (quick) fox", "%((%a+)%)"},
      {"abcabc", "(abc)%1"},
      {"abcabd", "(abc)%1"},
      {"x", "()x()"},
      {"2024-01-02", "(%d+)-(%d+)-(%d+)"},
      {"a-b", "[a-]+"},
      {"a]b", "[]]"},
      {"a]b", "[^]]+"},
      {"abc", "[^%a]"},
      {"a_1", "[%w_]+"},
      {"a%b", "%%"},
      {"ab12", "%a+%d+"},
      {"tab\there", "%s"},
      {"x.y", "%."},
      {"aaab", "a-b"},
      {"aaab", "(a-)(a*)b"},
      {"ab", "((a)(b))"},
      {"ABC", "%u+"},
      {"ABC", "%L+"},
      {"0x1F", "%x+$"},
      {"a\nb", "%c"},
      {"!?", "%p+"},
      {"abc", "[a-c]+"},
      {"abc", "[c-a]"},
      {"a*b", "a%*b"},
      {"a+", "a++"},
      {"*a", "*a"},
      {"a^b", "a^b"},
      {"foobar", "(foo)(bar)"},
      {"foo", "(f)(o)(o)()"},
      {"aXb", "%f[%u]."},
      {"abab", "(ab)-$"},
      {"x]y", "[%]]"},
      {"a-z", "[%a-z]+"},
      {"-", "[a-%%]"},
      {"b", "[a-%%]"},
      {"foo.bar", "^(.-)%.(.*)$"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Ours(c.subject, c.pattern), Theirs(c.subject, c.pattern))
        << c.subject << " " << c.pattern;
  }
}

TEST(PatternTest, RefusesWhatLuaRefuses) {
  const struct {
    const char* pattern;
    const char* error;
  } cases[] = {
      {"%", "malformed pattern (ends with '%')"},
      {"[a", "malformed pattern (missing ']')"},
      {"[", "malformed pattern (missing ']')"},
      {"[%", "malformed pattern (missing ']')"},
      {"[]", "malformed pattern (missing ']')"},
      {"(a", "unfinished capture"},
      {"a)", "invalid pattern capture"},
      {"%1", "invalid capture index"},
      {"(%1)", "invalid capture index"},
      {"%0", "invalid capture index"},
      {"%b", "unbalanced pattern: missing arguments to '%b'"},
      {"%bx", "unbalanced pattern: missing arguments to '%b'"},
      {"%f", "missing '[' after '%f' in pattern"},
      {"%fa", "missing '[' after '%f' in pattern"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Ours("", c.pattern), c.error) << c.pattern;
    // Lua notices only what it comes across.
    EXPECT_TRUE(Theirs("a", c.pattern) == "error" || std::string(c.pattern) == "a)") << c.pattern;
  }
  std::string many;
  for (int i = 0; i < 33; ++i) many += "()";
  EXPECT_EQ(Ours("", many), "too many captures");
}

TEST(PatternTest, EndsWhenTheStepsDo) {
  std::string bomb;
  for (int i = 0; i < 20; ++i) bomb += "a-";
  EXPECT_EQ(Ours(std::string(99, 'a'), bomb + "b"), "exhausted");
  EXPECT_EQ(Ours(std::string(1'000'000, 'a'), ".-.-.-b"), "exhausted");
  EXPECT_EQ(Ours(std::string(500'000, '('), "%b()"), "exhausted");
  EXPECT_EQ(Ours(std::string(2'000, 'a'), "(a*)%1%1%1b"), "exhausted");
  EXPECT_EQ(Ours("b", std::string(512, 'a') + std::string(256, '?')), "-");
}

}  // namespace
}  // namespace swell::lua
