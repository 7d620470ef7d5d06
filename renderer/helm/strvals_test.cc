#include "renderer/helm/strvals.h"

#include <gtest/gtest.h>

#include "base/value/json.h"

namespace swell::helm {
namespace {

Value Json(std::string_view text) {
  auto value = json::Parse(text);
  EXPECT_TRUE(value) << text;
  return value ? *value : Value();
}

std::string Result(const Status& status, const Value& dest) {
  return status ? json::Write(dest) : "error: " + status.error().ToString();
}

std::string Typed(std::string_view text, std::string_view base = "{}") {
  Value dest = Json(base);
  const Status status = SetTyped(text, dest);
  return Result(status, dest);
}

// The expected results and messages are helm 4.1.4's.
TEST(SetTyped, FollowsHelmsGrammar) {
  const std::pair<const char*, const char*> cases[] = {
      {"a=1,b=true,c=null,d=x,e=1.5,f=,g=0,h=01,i=-5,j=TRUE",
       R"({"a":1,"b":true,"c":null,"d":"x","e":"1.5","f":"","g":0,"h":"01","i":-5,"j":true})"},
      {"a=9223372036854775807,b=9223372036854775808,c=+5",
       R"({"a":9223372036854775807,"b":"9223372036854775808","c":5})"},
      {"a.b.c=1,a.b.d=2", R"({"a":{"b":{"c":1,"d":2}}})"},
      {"a={x,3,true,null}", R"({"a":["x",3,true,null]})"},
      {"a={}", R"({"a":[""]})"},
      {"a={x,y},b={z}", R"({"a":["x","y"],"b":["z"]})"},
      {"a[2]=z", R"({"a":[null,null,"z"]})"},
      {"a[0].k=1,a[0].l=2,a[1]=x", R"({"a":[{"k":1,"l":2},"x"]})"},
      {"a[1][0]=x", R"({"a":[null,["x"]]})"},
      {R"(a\.b=1,c=x\,y,d=q\=r,e\[0\]=5)", R"({"a.b":1,"c":"x,y","d":"q=r","e[0]":5})"},
      {"a=b=c", R"({"a":"b=c"})"},
      {"a= spaced out ", R"({"a":" spaced out "})"},
      {"=1", "{}"},
      {"", "{}"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(Typed(text), expected) << text;
}

TEST(SetTyped, ChangesWhatIsThere) {
  EXPECT_EQ(Typed("a.b=2", R"({"a":{"b":1,"c":3}})"), R"({"a":{"b":2,"c":3}})");
  EXPECT_EQ(Typed("l[1]=x", R"({"l":[1,2,3]})"), R"({"l":[1,"x",3]})");
  EXPECT_EQ(Typed("l[0].a=x", R"({"l":[{"b":1}]})"), R"({"l":[{"a":"x","b":1}]})");
  EXPECT_EQ(Typed("a=null", R"({"a":{"b":1}})"), R"({"a":null})");
}

TEST(SetTyped, RefusesInHelmsWords) {
  const std::pair<const char*, const char*> cases[] = {
      {"a", "key \"a\" has no value"},
      {"a,b=1", "key \"a\" has no value (cannot end with ,)"},
      {"a.=1", "key map \"a\" has no value"},
      {"a..b=1", "key map \"a\" has no value"},
      {"a[x]=1", "error parsing index: strconv.Atoi: parsing \"x\": invalid syntax"},
      {"a[-1]=1", "negative -1 index not allowed"},
      {"a[70000]=1", "index of 70000 is greater than maximum supported index of 65536"},
      {"a={x", "list must terminate with '}'"},
      {"a[0]x=1", "unexpected data at end of array index: \"x\""},
      {"a=1,a.b=2",
       "unable to parse key: interface conversion: interface {} is int64, not "
       "map[string]interface {}"},
      {"a=1,a[0]=2",
       "unable to parse key: interface conversion: interface {} is int64, not []interface {}"},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(Typed(text), std::string("error: ") + expected) << text;
  }
  std::string deep = "a";
  for (int i = 0; i <= kMaxSetNesting; ++i) deep += ".a";
  EXPECT_NE(Typed(deep + "=1").find("maximum supported nested level of 30"), std::string::npos);
}

std::string Many(std::string_view text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

TEST(SetTyped, IsBounded) {
  std::string lists, keys;
  for (int i = 0; i < 1'000; ++i) lists += "a" + std::to_string(i) + "[65536]=x,";
  for (int i = 0; i < 10'000; ++i) keys += "k" + std::to_string(i) + "=1,";
  for (const std::string& text :
       {lists, keys, "a" + Many("[0]", 100'000) + "=1", "a" + Many("[0].b", 100'000) + "=1",
        "a" + Many("[65536]", 101) + "=1"}) {
    Value dest = Value::EmptyObject();
    const Status status = SetTyped(text, dest);
    ASSERT_FALSE(status) << text.substr(0, 50);
    EXPECT_TRUE(status.error().code() == ErrorCode::kResourceExhausted ||
                status.error().ToString().find("maximum supported") != std::string::npos)
        << status.error().ToString();
  }
  // The budget is one for all flags of a release.
  SetBudget budget{.items = 100'000};
  Value dest = Value::EmptyObject();
  EXPECT_TRUE(SetTyped("a[65536]=x", dest, &budget));
  EXPECT_FALSE(SetTyped("b[65536]=x", dest, &budget));
}

TEST(SetTyped, TakesAnyBytes) {
  EXPECT_EQ(Typed("a=\xff\xfe"), R"({"a":"\ufffd\ufffd"})");
  EXPECT_EQ(Typed("a=x\\"), R"({"a":"x"})");
  EXPECT_EQ(Typed(std::string_view("a\0b=c\0", 6)), R"({"a\u0000b":"c\u0000"})");
}

TEST(SetString, KeepsText) {
  Value dest = Value::EmptyObject();
  const Status status = SetString("a=1,b=true,c=null,d=,l={1,2}", dest);
  EXPECT_EQ(Result(status, dest), R"({"a":"1","b":"true","c":"null","d":"","l":["1","2"]})");
}

TEST(SetJson, TakesOneValueEach) {
  Value dest = Value::EmptyObject();
  const Status status = SetJson(R"(a={"x":1,"y":[1,2]},b=null,c=5,d="s,t",e=,f[1].g="q")", dest);
  EXPECT_EQ(Result(status, dest),
            R"({"a":{"x":1,"y":[1,2]},"b":null,"c":5,"d":"s,t","e":null,"f":[null,{"g":"q"}]})");
  EXPECT_TRUE(dest["c"].is_float());  // encoding/json's numbers are float64
  EXPECT_FALSE(SetJson("a=bad", dest));
  EXPECT_FALSE(SetJson("a={", dest));
}

TEST(SetFile, ReadsEachValue) {
  Value dest = Value::EmptyObject();
  const auto read = [](const std::string& path) -> swell::Result<std::string> {
    if (path == "missing") return Fail(NotFound("open missing: no such file or directory"));
    return "<" + path + ">";
  };
  EXPECT_TRUE(SetFile("a=one,b.c=two", read, dest));
  EXPECT_EQ(json::Write(dest), R"({"a":"<one>","b":{"c":"<two>"}})");
  const Status status = SetFile("a=missing", read, dest);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().ToString(), "open missing: no such file or directory");
}

TEST(SetLiteral, TakesTheRestVerbatim) {
  Value dest = Value::EmptyObject();
  const Status status = SetLiteral(R"(a.b=x,y={z}\=,c=1)", dest);
  EXPECT_EQ(Result(status, dest), R"({"a":{"b":"x,y={z}\\=,c=1"}})");
}

}  // namespace
}  // namespace swell::helm
