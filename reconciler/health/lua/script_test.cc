#include "reconciler/health/lua/script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text/utf8.h"
#include "base/value/json.h"

namespace swell::lua {
namespace {

using ::testing::HasSubstr;

constexpr char kObject[] = R"({"apiVersion":"e.com/v1","kind":"Widget",
  "metadata":{"name":"w","generation":7,"labels":{"b":"2","a":"1","c":"3"}},
  "spec":{"replicas":3,"ratio":0.25,"big":9007199254740993,"paused":false,"nothing":null},
  "status":{"list":["x",null,"y"],"empty":{},"none":[]}})";

Result<Answer> RunText(const std::string& source, const Limits& limits = {}) {
  const Script script = TRY(Script::Compile(source));
  return script.Run(*json::Parse(kObject), Timestamp{std::chrono::seconds(1'700'000'000)}, limits);
}

// The text of an expression, or the error.
std::string Evaluate(const std::string& expression) {
  const auto answer = RunText("return {status = 'Healthy', message = " + expression + "}");
  return answer ? answer->message : "error: " + answer.error().message();
}

TEST(ScriptTest, ShowsTheObjectAsArgoCdDoes) {
  const struct {
    const char* expression;
    const char* text;
  } cases[] = {
      {"obj.metadata.name", "w"},
      {"obj.metadata.generation", "7"},
      {"'' .. obj.spec.replicas", "3"},
      {"obj.spec.replicas / 2", "1.5"},
      {"'' .. obj.spec.ratio", "0.25"},
      {"type(obj.spec.big) .. (obj.spec.big == 9007199254740992 and ' rounded' or '')",
       "number rounded"},
      {"type(obj.spec.paused)", "boolean"},
      {"tostring(obj.spec.nothing)", "nil"},
      // A null in a list is not there: gopher-lua appends.
      {"#obj.status.list .. obj.status.list[1] .. obj.status.list[2]", "2xy"},
      {"tostring(next(obj.status.empty)) .. #obj.status.none", "nil0"},
      {"table.concat((function() local k = {} for key in pairs(obj.metadata.labels) do "
       "k[#k + 1] = key end return k end)(), ',')",
       "a,b,c"},
  };
  for (const auto& c : cases) EXPECT_EQ(Evaluate(c.expression), c.text) << c.expression;
}

TEST(ScriptTest, Answers) {
  const struct {
    const char* source;
    bool empty;
    const char* status;
    const char* message;
  } cases[] = {
      {"return {status = 'Healthy', message = 'fine'}", false, "Healthy", "fine"},
      {"return {status = 'Healthy'}", false, "Healthy", ""},
      {"return {status = 'healthy'}", false, "healthy", ""},
      {"return {message = 5}", false, "", "5"},
      {"return {'Healthy'}", false, "", ""},
      {"return {}", true, "", ""},
      {"return nil", true, "", ""},
      {"", true, "", ""},
      {"return 1, {status = 'Degraded'}", false, "Degraded", ""},
      {"hs = {} hs.status = obj.kind return hs", false, "Widget", ""},
      {"return {status = 'Healthy', message = 'a\\255b\\0c'}", false, "Healthy", "a\uFFFDb"},
  };
  for (const auto& c : cases) {
    const auto answer = RunText(c.source);
    ASSERT_TRUE(answer) << c.source << ": " << answer.error().ToString();
    EXPECT_EQ(answer->empty, c.empty) << c.source;
    EXPECT_EQ(answer->status, c.status) << c.source;
    EXPECT_THAT(answer->message, HasSubstr(c.message)) << c.source;
  }
}

TEST(ScriptTest, ErrorsSayWhere) {
  const struct {
    const char* source;
    const char* error;
  } cases[] = {
      {"local x = 1\nreturn obj.missing.field", "lua:2: attempt to index field 'missing'"},
      {"error('broken')", "lua:1: broken"},
      {"error({})", "an error that is no text but a table"},
      {"error()", "an error that is no text but a nil"},
      {"return 'Healthy'", "returned a string, not a table"},
      {"return function() end", "returned a function, not a table"},
      {"return {status = {}}", "the status that the script returned is a table, not a text"},
      {"return {status = 'Healthy', message = {}}", "the message that the script returned"},
      {"print('x')", "print is not available in health checks"},
      {"load('return 1')", "load is not available in health checks"},
      {"require('io')", "there is no module io"},
  };
  for (const auto& c : cases) {
    const auto answer = RunText(c.source);
    ASSERT_FALSE(answer) << c.source;
    EXPECT_THAT(answer.error().message(), HasSubstr(c.error)) << c.source;
  }
}

TEST(ScriptTest, WhatDoesNotCompileIsRefused) {
  const auto script = Script::Compile("hs = {}\nif then");
  ASSERT_FALSE(script);
  EXPECT_EQ(script.error().code(), ErrorCode::kInvalidArgument);
  EXPECT_THAT(script.error().message(), HasSubstr("lua:2: unexpected symbol near 'then'"));
  EXPECT_FALSE(Script::Compile("\x1bLJ\x02\x0a"));  // bytecode
  EXPECT_FALSE(Script::Compile(std::string(200'000, ' ')));
  EXPECT_FALSE(Script::Compile("return " + std::string(5'000, '(') + "1"));
  EXPECT_FALSE(Script::Compile("return " + std::string(100'000, '{')));
}

TEST(SandboxTest, HasNoWayOut) {
  const char* names[] = {"io",
                         "debug",
                         "package",
                         "coroutine",
                         "jit",
                         "ffi",
                         "os.execute",
                         "os.exit",
                         "os.getenv",
                         "os.remove",
                         "string.dump",
                         "string.gfind",
                         "table.foreach",
                         "os.clock",
                         "bit",
                         "_VERSION",
                         "getmetatable('')",
                         "_G.io",
                         "_G._G.debug"};
  for (const char* name : names) {
    const std::string answer = Evaluate("tostring(" + std::string(name) + ")");
    EXPECT_TRUE(answer == "nil" || answer == "false") << name << " is " << answer;
  }
}

TEST(SandboxTest, TimeIsTheGivenInstantInUtc) {
  EXPECT_EQ(Evaluate("os.time()"), "1700000000");
  EXPECT_EQ(Evaluate("os.date('%Y-%m-%dT%H:%M:%SZ')"), "2023-11-14T22:13:20Z");
  EXPECT_EQ(Evaluate("os.date('!%H', 3600)"), "01");
  EXPECT_EQ(Evaluate("os.date('*t').year"), "2023");
  EXPECT_EQ(Evaluate("os.time({year = 2023, month = 11, day = 14, hour = 22, min = 13, sec = 20})"),
            "1700000000");
  EXPECT_EQ(Evaluate("os.difftime(5, 3)"), "2");
  EXPECT_EQ(Evaluate("require('os').time()"), "1700000000");
  EXPECT_THAT(Evaluate("os.time({year = 1e300, month = 1, day = 1})"), HasSubstr("out of range"));
  EXPECT_THAT(Evaluate("os.date('%c', 1e300)"), HasSubstr("out of range"));
  EXPECT_THAT(Evaluate("os.time({})"), HasSubstr("field 'year' missing"));
}

// Each must end by one of the limits, and say by which.
TEST(SandboxTest, HostileScriptsEnd) {
  const struct {
    const char* what;
    const char* source;
    const char* error;
  } cases[] = {
      {"an endless loop", "while true do end", "took more than"},
      {"an endless loop that catches", "while true do pcall(function() while true do end end) end",
       "took more than"},
      {"an endless loop in a handler",
       "xpcall(function() while true do end end, function() while true do end end)",
       "took more than"},
      {"a caught end", "pcall(function() while true do end end) return {status = 'Healthy'}",
       "took more than"},
      {"a repeated text", "return {message = ('x'):rep(1e9)}", "longer than"},
      {"a doubled text", "local s = 'x' while true do s = s .. s end", "memory"},
      {"copies of long texts", "local s = ('x'):rep(2^21) while true do local t = s .. 'y' end",
       "took more than"},
      {"recursion", "local function f() return 1 + f() end f()", "stack overflow"},
      {"recursion in a callback", "local function f() return (('x'):gsub('x', f)) end f()",
       "calls nest too deeply"},
      {"recursion in a comparison", "local function f() table.sort({1, 2}, f) return true end f()",
       "calls nest too deeply"},
      {"recursion in xpcall", "local function f() return xpcall(f, f) end return f()", nullptr},
      {"recursion in __tostring",
       "local t t = setmetatable({}, {__tostring = function() return ('%s'):format(t) end}) "
       "tostring(t)",
       "calls nest too deeply"},
      {"recursion in __index",
       "local t t = setmetatable({}, {__index = function(_, k) return t[k] end}) return t.x",
       "stack overflow"},
      {"a loop of __index", "local t = {} setmetatable(t, {__index = t}) return t.x", "loop"},
      {"tables without end", "local t = {} while true do t = {t, {}, {}, {}} end", "memory"},
      {"a list without end", "local t = {} for i = 1, 1e9 do t[i] = i end", "memory"},
      {"a table of names", "local t = {} for i = 1, 1e9 do t['k' .. i] = i end", "memory"},
      {"a large concat",
       "local s, t = ('x'):rep(1e5), {} for i = 1, 1000 do t[i] = s end "
       "return {message = table.concat(t)}",
       "memory"},
      {"a pattern", "return {message = ('a'):rep(99):find(('a-'):rep(20) .. 'b')}",
       "took more than"},
      {"a pattern in gsub", "return {message = ('a'):rep(99):gsub(('a-'):rep(20) .. 'b', '')}",
       "took more than"},
      {"a pattern in gmatch", "for _ in ('a'):rep(99):gmatch(('a-'):rep(20) .. 'b') do end",
       "took more than"},
      {"a long pattern", "return {message = ('x'):find(('x'):rep(2000))}", "longer than 1024"},
      {"inserts at the front",
       "local t = {} for i = 1, 2e5 do t[i] = i end while true do table.insert(t, 1, 0) end",
       "took"},
      {"a bad comparison",
       "local t = {} for i = 1, 1e5 do t[i] = i end while true do "
       "table.sort(t, function() return true end) end",
       "took more than"},
      {"pairs of a large table",
       "local t = {} for i = 1, 1e5 do t[i .. ''] = i end while true do pairs(t) end",
       "took more than"},
      {"many results", "return unpack({}, 1, 1e8)", "too many results"},
      {"a wide format", "return {message = ('%999d'):format(1)}", "invalid"},
      {"an iterator without its table", "pairs({})()", "table expected"},
      {"a poisoned metatable", "getmetatable('').__index = nil", "attempt to index"},
  };
  for (const auto& c : cases) {
    const auto answer = RunText(c.source, {.time = std::chrono::milliseconds(500)});
    if (c.error == nullptr) continue;  // ends, whatever it says
    ASSERT_FALSE(answer) << c.what;
    EXPECT_THAT(answer.error().message(), HasSubstr(c.error)) << c.what;
  }
}

TEST(SandboxTest, NothingOutlivesARun) {
  ASSERT_TRUE(
      RunText("string.upper = function() return 'poisoned' end left = 1 "
              "setmetatable(_G, {__index = function() return 'poisoned' end}) return {}"));
  EXPECT_EQ(Evaluate("('x'):upper() .. tostring(left)"), "Xnil");
}

TEST(SandboxTest, StepsAreCounted) {
  const std::string loop = "local n = 0 for i = 1, 50000 do n = n + i end return {message = n}";
  const auto first = RunText(loop);
  const auto second = RunText(loop);
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->steps, second->steps);
  EXPECT_GT(first->steps, 100'000);
  EXPECT_FALSE(RunText(loop, {.steps = 100'000}));
}

TEST(SandboxTest, MessagesAreBoundedAndWellFormed) {
  const auto answer = RunText("return {status = 'Healthy', message = ('\u00e4'):rep(100000)}");
  ASSERT_TRUE(answer);
  EXPECT_LE(answer->message.size(), Limits().message);
  EXPECT_TRUE(IsValidUtf8(answer->message));
  EXPECT_TRUE(answer->message.ends_with("\u00e4..."));
}

TEST(SandboxTest, DeepObjectsAreRefused) {
  const std::string deep = std::string(300, '[') + std::string(300, ']');
  const auto script = Script::Compile("return {}");
  ASSERT_TRUE(script);
  const auto answer = script->Run(Value::Object({{"x", *json::Parse(deep)}}), Timestamp{});
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message(), HasSubstr("nested too deeply"));
}

TEST(LibraryTest, Functions) {
  const struct {
    const char* expression;
    const char* text;
  } cases[] = {
      {"string.rep('ab', 3)", "ababab"},
      {"('x'):rep(0) .. ('x'):rep(-1) .. (''):rep(1e9)", ""},
      {"table.concat({('key=value'):match('(%w+)=(%w+)')}, ':')", "key:value"},
      {"table.concat({('hello'):find('l+')}, ',')", "3,4"},
      {"table.concat({('a.b'):find('.', 1, true)}, ',')", "2,2"},
      {"table.concat({('abc'):find('()c')}, ',')", "3,3,3"},
      {"('hello world'):gsub('o', '0')", "hell0 w0rld"},
      {"('hello'):gsub('', '-')", "-h-e-l-l-o-"},
      {"('abc'):gsub('%w', '%0%0', 2)", "aabbc"},
      {"('$x $y'):gsub('%$(%w+)', {x = 'one'})", "one $y"},
      {"('abc'):gsub('b', function(c) return c:upper() end)", "aBc"},
      {"(function() local t = {} for k in ('a b c'):gmatch('%a') do t[#t + 1] = k end "
       "return table.concat(t, ',') end)()",
       "a,b,c"},
      {"('%5.1f|%d|%s'):format(1.5, 3, 'x')", "  1.5|3|x"},
      {"(function() local t = {3, 1, 2} table.sort(t) return table.concat(t) end)()", "123"},
      {"(function() local t = {3, 1, 2, 5, 4} table.sort(t, function(a, b) return a > b end) "
       "return table.concat(t) end)()",
       "54321"},
      {"table.getn({1, 2})", "2"},
      {"select('#', xpcall(function() return 1, 2 end, error))", "3"},
      {"tostring(select(2, xpcall(function() error('x', 0) end, function(e) return e .. '!' end)))",
       "x!"},
      {"(function() local n = 0 for k, v in pairs({1, 2, x = 3, [true] = 4}) do "
       "n = n * 10 + v end return n end)()",
       "4123"},
      {"math.floor(2.5) .. math.max(1, 2)", "22"},
      {"('\\228'):byte()", "228"},
  };
  for (const auto& c : cases) EXPECT_EQ(Evaluate(c.expression), c.text) << c.expression;
}

}  // namespace
}  // namespace swell::lua
