#include "base/value/json.h"

#include <gtest/gtest.h>

namespace swell {
namespace {

TEST(Json, ReadsAndPrintsEveryType) {
  const struct {
    const char* text;
    const char* printed;
  } kCases[] = {
      {"null", "null"},
      {" true ", "true"},
      {"[]", "[]"},
      {"{}", "{}"},
      {"[1,-2, 9223372036854775807]", "[1,-2,9223372036854775807]"},
      {"9223372036854775808", "9223372036854776000"},
      {"[1.0,1.5,1e3,1e21,1e-7,0.000001,1E+2]", "[1,1.5,1000,1e+21,1e-7,0.000001,100]"},
      {"1e-999", "0"},
      {"[-0,-0.0,0]", "[-0,-0,0]"},
      {R"({"b":1,"a":{"z":[]},"b":2})", R"({"a":{"z":[]},"b":2})"},
      {R"("\u0041\n\t\"\\\/\u00e9\ud83d\ude00")", "\"A\\n\\t\\\"\\\\/é😀\""},
      {R"("\ud800x")", "\"\xef\xbf\xbdx\""},
      {R"("\ud800\u0041")", "\"\xef\xbf\xbd\x41\""},
      {R"("\u2028<>&\u0001\u007f")", "\"\\u2028<>&\\u0001\x7f\""},
  };
  for (const auto& c : kCases) {
    const auto value = json::Parse(c.text);
    ASSERT_TRUE(value) << c.text << ": " << value.error().ToString();
    EXPECT_EQ(json::Write(*value), c.printed) << c.text;
    // Whole floats come back as integers, as they do through any JSON reader.
    EXPECT_EQ(json::Write(json::Parse(json::Write(*value)).value()), c.printed) << c.text;
  }
}

TEST(Json, IntegersAndFloatsAreApart) {
  EXPECT_TRUE(json::Parse("1")->is_int());
  EXPECT_TRUE(json::Parse("1.0")->is_float());
  EXPECT_TRUE(json::Parse("-9223372036854775808")->is_int());
  EXPECT_TRUE(json::Parse("-9223372036854775809")->is_float());
}

TEST(Json, PrettyIndentsByTwo) {
  EXPECT_EQ(json::WritePretty(json::Parse(R"({"a":[1,{}],"b":[]})").value()),
            "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": []\n}");
}

TEST(Json, BadTextIsRefusedWithItsPlace) {
  const struct {
    std::string text;
    int line, column;
    const char* message;
  } kCases[] = {
      {"", 1, 1, "ends where a value belongs"},
      {"{\n  \"a\": 1,\n}", 3, 1, "a key in double quotes"},
      {"[1,]", 1, 4, "where a value belongs"},
      {"[1 2]", 1, 4, "',' or ']'"},
      {"{\"a\" 1}", 1, 6, "':'"},
      {"{a:1}", 1, 2, "key in double quotes"},
      {"[1", 1, 3, "the text ends"},
      {"\"abc", 1, 1, "no closing quote"},
      {"\"a\nb\"", 1, 3, "control character"},
      {"\"\\x\"", 1, 3, "unknown escape"},
      {"\"\\u12g4\"", 1, 4, "four hex digits"},
      {"\"\xff\"", 1, 2, "UTF-8"},
      {"\"\xed\xa0\x80\"", 1, 2, "UTF-8"},
      {"01", 1, 2, "needless 0"},
      {"1.", 1, 3, "a digit"},
      {"1e", 1, 3, "a digit"},
      {"-", 1, 2, "a digit"},
      {"+1", 1, 1, "a value"},
      {".5", 1, 1, "a value"},
      {"1e999", 1, 1, "too large"},
      {"nul", 1, 1, "a value"},
      {"NaN", 1, 1, "a value"},
      {"1 1", 1, 3, "after the document"},
      {"// x\n1", 1, 1, "a value"},
      {std::string("[\0]", 3), 1, 2, "byte 0x00"},
  };
  for (const auto& c : kCases) {
    const auto value = json::Parse(c.text, {.file = "f.json"});
    ASSERT_FALSE(value) << c.text;
    EXPECT_EQ(value.error().code(), ErrorCode::kInvalidArgument) << c.text;
    ASSERT_TRUE(value.error().span()) << c.text;
    EXPECT_EQ(*value.error().span(), (SourceSpan{"f.json", c.line, c.column})) << c.text;
    EXPECT_NE(value.error().message().find(c.message), std::string::npos)
        << c.text << ": " << value.error().message();
  }
}

TEST(Json, BudgetsAreNamed) {
  const std::string deep = std::string(600, '[') + std::string(600, ']');
  const auto too_deep = json::Parse(deep);
  ASSERT_FALSE(too_deep);
  EXPECT_EQ(too_deep.error().code(), ErrorCode::kResourceExhausted);
  EXPECT_NE(too_deep.error().message().find("max_depth"), std::string::npos);
  EXPECT_TRUE(json::Parse(deep, {.max_depth = 600}));
  EXPECT_FALSE(json::Parse(deep, {.max_depth = 599}));

  const auto too_many = json::Parse("[1,2,3]", {.max_nodes = 3});
  ASSERT_FALSE(too_many);
  EXPECT_EQ(too_many.error().code(), ErrorCode::kResourceExhausted);
  EXPECT_TRUE(json::Parse("[1,2,3]", {.max_nodes = 4}));
}

}  // namespace
}  // namespace swell
