#include "base/value/pointer.h"

#include <gtest/gtest.h>

#include "base/value/json.h"

namespace swell {
namespace {

Value J(std::string_view text) { return json::Parse(text).value(); }

TEST(Pointer, ParsesFormatsAndFinds) {
  const Value document = J(R"({"a/b":{"m~n":[10,20]},"":5})");
  const auto tokens = ParsePointer("/a~1b/m~0n/1").value();
  EXPECT_EQ(tokens, (PointerTokens{"a/b", "m~n", "1"}));
  EXPECT_EQ(FormatPointer(tokens), "/a~1b/m~0n/1");
  EXPECT_EQ(FindPointer(document, tokens)->as_int(), 20);
  EXPECT_EQ(FindPointer(document, ParsePointer("").value()), &document);
  EXPECT_EQ(FindPointer(document, ParsePointer("/").value())->as_int(), 5);
  for (const char* absent : {"/x", "/a~1b/m~0n/2", "/a~1b/m~0n/01", "/a~1b/m~0n/-", "/a~1b/0"}) {
    EXPECT_EQ(FindPointer(document, ParsePointer(absent).value()), nullptr) << absent;
  }
  for (const char* bad : {"a", "/~", "/~2", "/a~"}) EXPECT_FALSE(ParsePointer(bad)) << bad;
}

TEST(JsonPatch, AppliesEveryOperation) {
  const struct {
    const char *document, *patch, *result;
  } kCases[] = {
      {R"({"a":1})", R"([{"op":"add","path":"/b","value":2}])", R"({"a":1,"b":2})"},
      {R"({"a":[1,3]})", R"([{"op":"add","path":"/a/1","value":2}])", R"({"a":[1,2,3]})"},
      {R"({"a":[1]})", R"([{"op":"add","path":"/a/-","value":2}])", R"({"a":[1,2]})"},
      {R"({"a":[]})", R"([{"op":"add","path":"/a/0","value":2}])", R"({"a":[2]})"},
      {R"({"a":[1,2]})", R"([{"op":"remove","path":"/a/0"}])", R"({"a":[2]})"},
      {R"({"a":{"b":1}})", R"([{"op":"replace","path":"/a/b","value":null}])",
       R"({"a":{"b":null}})"},
      {R"({"a":1,"b":{}})", R"([{"op":"move","from":"/a","path":"/b/c"}])", R"({"b":{"c":1}})"},
      {R"({"a":{"x":1}})", R"([{"op":"copy","from":"/a","path":"/a/y"}])",
       R"({"a":{"x":1,"y":{"x":1}}})"},
      {R"({"a":1.0})", R"([{"op":"test","path":"/a","value":1},{"op":"remove","path":"/a"}])",
       "{}"},
      {"1", R"([{"op":"replace","path":"","value":[2]}])", "[2]"},
  };
  for (const auto& c : kCases) {
    const auto result = ApplyJsonPatch(J(c.document), J(c.patch));
    ASSERT_TRUE(result) << c.patch << ": " << result.error().ToString();
    EXPECT_EQ(*result, J(c.result)) << c.patch;
  }
}

TEST(JsonPatch, RefusesAndNamesTheOperation) {
  const struct {
    const char *patch, *message;
  } kCases[] = {
      {"{}", "array of operations"},
      {"[1]", "operation 0 is not an object"},
      {R"([{"op":"add","path":"/x/y","value":1}])", "operation 0 (add /x/y): nothing is at \"/x\""},
      {R"([{"op":"add","path":"/l/9","value":1}])", "nothing is at"},
      {R"([{"op":"add","path":"/l/x","value":1}])", "not an index"},
      {R"([{"op":"replace","path":"/x","value":1}])", "nothing is at"},
      {R"([{"op":"remove","path":"/l/2"}])", "nothing is at"},
      {R"([{"op":"add","path":"/x"}])", "no \"value\""},
      {R"([{"op":"add","value":1}])", "no string \"path\""},
      {R"([{"op":"move","path":"/x"}])", "no string \"from\""},
      {R"([{"op":"move","from":"/o","path":"/o/p"}])", "into itself"},
      {R"([{"op":"test","path":"/l","value":[]}])", "test failed"},
      {R"([{"op":"frob","path":"/l"}])", "unknown op \"frob\""},
      {R"([{"op":"test","path":"/o","value":{}},{"op":"remove","path":"/zz"}])",
       "operation 1 (remove"},
  };
  const Value document = J(R"({"l":[1,2],"o":{}})");
  for (const auto& c : kCases) {
    const auto result = ApplyJsonPatch(document, J(c.patch));
    ASSERT_FALSE(result) << c.patch;
    EXPECT_NE(result.error().ToString().find(c.message), std::string::npos)
        << result.error().ToString();
  }
  EXPECT_FALSE(ApplyJsonPatch(J("[]"), J(R"([{"op":"remove","path":"/0"}])")));
}

// The examples of RFC 7386, appendix A.
TEST(MergePatch, RfcExamples) {
  const struct {
    const char *document, *patch, *result;
  } kCases[] = {
      {R"({"a":"b"})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":"b"})", R"({"b":"c"})", R"({"a":"b","b":"c"})"},
      {R"({"a":"b"})", R"({"a":null})", "{}"},
      {R"({"a":["b"]})", R"({"a":"c"})", R"({"a":"c"})"},
      {R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})", R"({"a":{"b":"d"}})"},
      {R"(["a","b"])", R"(["c","d"])", R"(["c","d"])"},
      {R"({"a":"foo"})", "null", "null"},
      {R"({"e":null})", R"({"a":1})", R"({"e":null,"a":1})"},
      {"[1,2]", R"({"a":"b","c":null})", R"({"a":"b"})"},
      {"{}", R"({"a":{"bb":{"ccc":null}}})", R"({"a":{"bb":{}}})"},
  };
  for (const auto& c : kCases) EXPECT_EQ(ApplyMergePatch(J(c.document), J(c.patch)), J(c.result));
}

TEST(MergePatch, CreateIsTheInverse) {
  const Value from = J(R"({"a":{"b":1,"c":2},"d":[1],"e":1})");
  const Value to = J(R"({"a":{"b":1,"c":3},"d":[1,2],"f":{"g":1}})");
  const Value patch = CreateMergePatch(from, to);
  EXPECT_EQ(patch, J(R"({"a":{"c":3},"d":[1,2],"e":null,"f":{"g":1}})"));
  EXPECT_EQ(ApplyMergePatch(from, patch), to);
  EXPECT_EQ(CreateMergePatch(from, from), Value::EmptyObject());
}

}  // namespace
}  // namespace swell
