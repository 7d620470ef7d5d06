#include "renderer/jsonschema/schema.h"

#include <gtest/gtest.h>

#include "base/value/json.h"

namespace swell::jsonschema {
namespace {

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

TEST(JsonSchema, HasBudgets) {
  auto schema = Schema::Compile(R"({"$ref":"#"})");
  ASSERT_TRUE(schema);
  const Status status = schema->Validate(Value(1));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code(), ErrorCode::kResourceExhausted);
}

}  // namespace
}  // namespace swell::jsonschema
