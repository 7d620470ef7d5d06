#include "renderer/jsonschema/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/value/json.h"

namespace swell::jsonschema {
namespace {

using ::testing::HasSubstr;

std::string Check(std::string_view schema, std::string_view instance) {
  auto compiled = Schema::Compile(schema);
  if (!compiled) return "compile: " + compiled.error().ToString();
  auto value = json::Parse(instance);
  if (!value) return "bad test: " + value.error().ToString();
  const Status status = compiled->Validate(*value);
  return status ? "" : status.error().message();
}

struct Case {
  const char* schema;
  const char* instance;
  const char* expected;  // texts as helm 4.1.4 prints them
};

TEST(JsonSchema, SaysWhatIsWrongAsHelmDoes) {
  const Case cases[] = {
      {R"({"type":"object","required":["a","b"]})", R"({})",
       "- at '': missing properties 'a', 'b'"},
      {R"({"required":["a"]})", R"({"a":1})", ""},
      {R"({"properties":{"b":{"type":["string","boolean"]}}})", R"({"b":5})",
       "- at '/b': got number, want boolean or string"},
      {R"({"properties":{"b":{"type":"integer"}}})", R"({"b":5.0})", ""},
      {R"({"properties":{"b":{"type":"integer"}}})", R"({"b":5.5})",
       "- at '/b': got number, want integer"},
      {R"({"properties":{"x":{"enum":["q",2,null]}}})", R"({"x":1})",
       "- at '/x': value must be one of 'q', 2, <nil>"},
      {R"({"additionalProperties":false,"properties":{"x":{}}})", R"({"x":1,"y":2})",
       "- at '': additional properties 'y' not allowed"},
      {R"({"properties":{"d":{"items":{"type":"integer"},"uniqueItems":true}}})",
       R"({"d":[1,"a",1]})",
       "- at '/d': items at 0 and 2 are equal\n- at '/d/1': got string, want integer"},
      {R"({"properties":{"e":{"anyOf":[{"type":"integer"},{"minLength":5}]}}})", R"({"e":"foo"})",
       "- at '/e': 'anyOf' failed\n  - at '/e': got string, want integer\n"
       "  - at '/e': minLength: got 3, want 5"},
      {R"({"properties":{"f":{"oneOf":[{"type":"string"},{"minLength":1}]}}})", R"({"f":"abc"})",
       "- at '/f': 'oneOf' failed, subschemas 0, 1 matched"},
      {R"({"properties":{"f":{"not":{"type":"string"}}}})", R"({"f":"abc"})",
       "- at '/f': 'not' failed"},
      {R"({"patternProperties":{"^x":{"const":1}}})", R"({"xa":2,"y":3})",
       "- at '/xa': value must be 1"},
      {R"({"if":{"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}})",
       R"({"a":1})", "- at '': missing property 'b'"},
      {R"({"items":{"minimum":3,"multipleOf":2}})", R"([4,5])",
       "- at '/1': multipleOf: got 5, want 2"},
      {R"({"prefixItems":[{"type":"string"}],"items":false})", R"(["a",1])",
       "- at '/1': false schema"},
      {R"({"allOf":[{"properties":{"a":{}}}],"unevaluatedProperties":false})", R"({"a":1,"b":2})",
       "- at '/b': false schema"},
  };
  for (const Case& c : cases) EXPECT_EQ(Check(c.schema, c.instance), c.expected) << c.schema;
}

TEST(JsonSchema, ReferencesAndDrafts) {
  EXPECT_EQ(Check(R"({"$defs":{"n":{"type":"number"}},"properties":{"a":{"$ref":"#/$defs/n"}}})",
                  R"({"a":"x"})"),
            "- at '/a': got string, want number");
  // A recursive schema.
  EXPECT_EQ(Check(R"({"properties":{"next":{"$ref":"#"},"v":{"type":"integer"}}})",
                  R"({"next":{"next":{"v":"x"}}})"),
            "- at '/next/next/v': got string, want integer");
  // By $id and $anchor.
  EXPECT_EQ(Check(R"({"$defs":{"x":{"$id":"https://e.com/s.json","type":"string"},
                      "y":{"$anchor":"why","type":"null"}},
                      "properties":{"a":{"$ref":"https://e.com/s.json"},"b":{"$ref":"#why"}}})",
                  R"({"a":"ok","b":1})"),
            "- at '/b': got number, want null");
  // Formats count up to draft-07 only, and there a $ref hides its siblings.
  EXPECT_EQ(Check(R"({"$schema":"http://json-schema.org/draft-07/schema#",
                      "properties":{"a":{"format":"ipv4"}}})",
                  R"({"a":"notip"})"),
            "- at '/a': 'notip' is not valid ipv4: expected four decimals");
  EXPECT_EQ(Check(R"({"properties":{"a":{"format":"ipv4"}}})", R"({"a":"notip"})"), "");
  EXPECT_EQ(Check(R"({"$schema":"http://json-schema.org/draft-07/schema#","definitions":{"d":{}},
                      "properties":{"a":{"$ref":"#/definitions/d","type":"string"}}})",
                  R"({"a":1})"),
            "");
}

TEST(JsonSchema, RefusesBadSchemas) {
  EXPECT_NE(Check(R"({"properties":{"a":{"type":"strin"}}})", "{}").find("/properties/a/type"),
            std::string::npos);
  EXPECT_NE(
      Check(R"j({"properties":{"a":{"pattern":"(?!x)"}}})j", "{}").find("/properties/a/pattern"),
      std::string::npos);
  EXPECT_NE(Check(R"({"$ref":"#/nope"})", "{}").find("jsonpointer \"/nope\" not found"),
            std::string::npos);
  auto remote = Schema::Compile(R"({"properties":{"a":{"$ref":"https://example.com/x.json"}}})");
  ASSERT_FALSE(remote);
  EXPECT_EQ(remote.error().code(), ErrorCode::kUnimplemented);
  EXPECT_NE(remote.error().message().find("https://example.com/x.json"), std::string::npos);
  EXPECT_NE(Check("{", "{}").find("compile: "), std::string::npos);
}

// {"$defs":{"a0":{"allOf":[a1,a1]},"a1":{"allOf":[a2,a2]},…}}: 2^40 applications.
std::string Doubling(std::string_view leaf) {
  std::string text = R"({"$ref":"#/$defs/a0","$defs":{)";
  for (int i = 0; i < 40; ++i) {
    const std::string next = R"({"$ref":"#/$defs/a)" + std::to_string(i + 1) + "\"}";
    text += "\"a" + std::to_string(i) + R"(":{"allOf":[)" + next + "," + next + "]},";
  }
  return text + R"("a40":)" + std::string(leaf) + "}}";
}

TEST(JsonSchema, EndsWhateverTheSchemaIs) {
  const Limits limits{.max_steps = 100'000};
  std::string array = "[0";
  for (int i = 1; i < 2000; ++i) array += "," + std::to_string(i);
  array += "]";
  const std::string text = "\"" + std::string(200'000, 'a') + "!\"";
  const struct {
    std::string schema;
    std::string instance;
    const char* budget;
  } kCases[] = {
      {R"({"$ref":"#"})", "1", "max_depth"},
      {R"({"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}},"$ref":"#/$defs/a"})", "1",
       "max_depth"},
      {R"({"anyOf":[{"$ref":"#"},{"$ref":"#"}]})", "1", "max_"},
      {Doubling("true"), "1", "max_steps"},
      {Doubling("false"), "1", "max_failures"},
      {R"({"uniqueItems":true})", array, "max_steps"},
      {R"({"items":{"enum":)" + array + "}}", array, "max_steps"},
      {R"({"items":false})", array.substr(0, 6000) + "0]", ""},
      {R"({"allOf":[)" +
           [] {
             std::string patterns;
             for (int i = 0; i < 200; ++i) {
               patterns += (i > 0 ? "," : "") + std::string(R"({"pattern":"^(a?b?){500})") +
                           std::to_string(i) + "$\"}";
             }
             return patterns;
           }() +
           "]}",
       text, "max_"},
  };
  for (const auto& c : kCases) {
    const auto schema = Schema::Compile(c.schema);
    ASSERT_TRUE(schema) << schema.error().ToString().substr(0, 300);
    const Status status = schema->Validate(*json::Parse(c.instance), limits);
    ASSERT_FALSE(status) << c.schema.substr(0, 100);
    if (*c.budget == '\0') continue;
    EXPECT_EQ(status.error().code(), ErrorCode::kResourceExhausted) << c.schema.substr(0, 100);
    EXPECT_NE(status.error().ToString().find(c.budget), std::string::npos)
        << status.error().ToString().substr(0, 300);
  }
}

TEST(JsonSchema, ReachesForNothingOutside) {
  for (const char* reference : {"http://127.0.0.1:1/x.json", "https://example.com/x",
                                "file:///etc/passwd", "/etc/passwd", "other.json#/a"}) {
    const auto schema = Schema::Compile(R"({"$ref":")" + std::string(reference) + "\"}");
    ASSERT_FALSE(schema) << reference;
    EXPECT_EQ(schema.error().code(), ErrorCode::kUnimplemented) << reference;
    EXPECT_NE(schema.error().ToString().find("does not fetch"), std::string::npos);
  }
}

TEST(JsonSchema, RefusesSchemasBeyondMeasure) {
  std::string patterns = R"({"patternProperties":{)";
  for (int i = 0; i < 10'001; ++i) patterns += "\"" + std::to_string(i) + "\":true,";
  patterns += R"("x":true}})";
  const std::string schemas[] = {std::string(100'000, '['),
                                 R"({"$id":")" + std::string(5'000, 'x') + "\"}", patterns,
                                 R"({"properties":{")" + std::string(5'000, 'x') + R"(":{}}})"};
  for (const std::string& text : schemas) {
    const auto schema = Schema::Compile(text);
    ASSERT_FALSE(schema) << text.substr(0, 50);
    EXPECT_EQ(schema.error().code(), ErrorCode::kResourceExhausted) << text.substr(0, 50);
  }
}

TEST(JsonSchema, HasBudgets) {
  auto schema = Schema::Compile(R"({"$ref":"#"})");
  ASSERT_TRUE(schema);
  const Status status = schema->Validate(Value(1));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code(), ErrorCode::kResourceExhausted);

  // Every element tells the whole enum.
  schema = Schema::Compile(R"({"items":{"enum":[")" + std::string(100'000, 'x') + R"("]}})");
  ASSERT_TRUE(schema);
  const Status all = schema->Validate(Value::Array(std::vector<Value>(1'000, Value(1))));
  ASSERT_FALSE(all);
  EXPECT_THAT(all.error().ToString(), HasSubstr("(budget max_failure_bytes)"));
}

}  // namespace
}  // namespace swell::jsonschema
