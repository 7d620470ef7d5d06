#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/value/json.h"
#include "base/value/natural_order.h"
#include "base/value/yaml.h"

namespace swell {
namespace {

// Helm's JSON has no integers.
Value WithFloats(const Value& value) {
  if (value.is_int()) return Value(static_cast<double>(value.as_int()));
  std::vector<Value> items;
  for (const Value& item : value.items()) items.push_back(WithFloats(item));
  std::vector<Member> members;
  for (const Member& m : value.members()) members.emplace_back(m.name(), WithFloats(m.value));
  if (value.is_array()) return Value::Array(std::move(items));
  return value.is_object() ? Value::Object(std::move(members)) : value;
}

std::string WithoutLastBreak(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

// testdata/record_yaml_write.py had helm 4.1.4 print these values with toYaml and toYamlPretty.
TEST(YamlWriter, PrintsAsHelm) {
  std::ifstream in(SWELL_SOURCE_DIR "/base/value/testdata/yaml_write.json");
  std::stringstream text;
  text << in.rdbuf();
  const auto entries = json::Parse(text.str());
  ASSERT_TRUE(entries) << entries.error().ToString();
  ASSERT_GT(entries->size(), 800U);
  for (const Value& entry : entries->items()) {
    const Value value = WithFloats(entry[0]);
    const auto marshalled = yaml::Marshal(value);
    EXPECT_EQ(marshalled ? WithoutLastBreak(*marshalled) : "", entry[1].as_string())
        << json::Write(value);
    if (marshalled) {
      EXPECT_EQ(yaml::Write(value), *marshalled);
    }
    EXPECT_EQ(WithoutLastBreak(yaml::Write(value, {.printer = yaml::Printer::kGoYaml3})),
              entry[2].as_string())
        << json::Write(value);
  }
}

TEST(YamlWriter, DocumentsOfOneValue) {
  EXPECT_EQ(yaml::Write(Value()), "null\n");
  EXPECT_EQ(yaml::Write(Value("a")), "a\n");
  EXPECT_EQ(yaml::Write(Value::EmptyObject()), "{}\n");
  EXPECT_EQ(yaml::Write(Value("a\n\n")), "|+\n  a\n\n");
  EXPECT_EQ(yaml::Write(Value("bad\xff")), "bad\xef\xbf\xbd\n");
  EXPECT_EQ(yaml::Write(Value("a \u0085 b")), "a b\n");  // helm 4.1.4: micro case fold.019
}

// helm 4.1.4 on (b64dec "gICA") and (b64dec (repeat 30 "gICA")); JSON cannot hold them.
TEST(YamlWriter, GoYaml3PrintsBadBytesAsBinary) {
  const auto pretty = [](const Value& value) {
    return yaml::Write(value, {.printer = yaml::Printer::kGoYaml3});
  };
  const std::string lines =
      "!!binary |\n  gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\n"
      "  CAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICA\n";
  EXPECT_EQ(pretty(Value::Array({Value("\x80\x80\x80"), Value(std::string(90, '\x80'))})),
            "- !!binary gICA\n- " + lines);
  EXPECT_EQ(pretty(Value::Array({Value::Object({{"\x80\x80\x80", Value(1)}})})),
            "- !!binary gICA: 1\n");
  EXPECT_EQ(pretty(Value::Object({{std::string(90, '\x80'), Value::Array({Value(1)})}})),
            "? " + lines + ": - 1\n");
}

TEST(YamlWriter, RefusesWhatMarshalCannotPrint) {
  EXPECT_TRUE(yaml::Marshal(json::Parse(R"({"a":["\u0001é😀",1]})").value()));
  EXPECT_FALSE(yaml::Marshal(Value("del\x7f")));
  EXPECT_FALSE(yaml::Marshal(Value::Array({Value("\u0080")})));
  EXPECT_FALSE(yaml::Marshal(Value::Object({{std::string(1023, 'k'), Value(1)}})));
  EXPECT_TRUE(yaml::Marshal(Value::Object({{std::string(1022, 'k'), Value(1)}})));
}

// helm 4.1.4's order of these keys.
TEST(NaturalOrder, AsGoYamlSorts) {
  const char* kOrder[] = {"-x",  "_x", "1a", "01",  "A",  "B", "X",   "a",   "a-b", "a.b",
                          "a_b", "a1", "a9", "a10", "aa", "b", "x.y", "x/y", "é"};
  for (std::size_t i = 1; i < std::size(kOrder); ++i) {
    EXPECT_TRUE(NaturalLess(kOrder[i - 1], kOrder[i])) << kOrder[i - 1] << " " << kOrder[i];
    EXPECT_FALSE(NaturalLess(kOrder[i], kOrder[i - 1])) << kOrder[i - 1] << " " << kOrder[i];
    EXPECT_FALSE(NaturalLess(kOrder[i], kOrder[i]));
  }
}

}  // namespace
}  // namespace swell
