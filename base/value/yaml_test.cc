#include "base/value/yaml.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/value/json.h"

namespace swell {
namespace {

using yaml::Schema;

std::string ReadFile(const std::string& name) {
  std::ifstream in(std::string(SWELL_SOURCE_DIR) + "/base/value/testdata/" + name);
  std::stringstream out;
  out << in.rdbuf();
  return out.str();
}

std::string AsJson(std::string_view text, const yaml::ParseOptions& options = {}) {
  const auto documents = yaml::ParseAll(text, options);
  if (!documents) return documents.error().ToString();
  std::string out;
  for (const yaml::Document& d : *documents) out += (out.empty() ? "" : " ") + json::Write(d.value);
  return out;
}

// resources.golden.yaml is what `kubectl kustomize` (v5.5.0) prints for resources.yaml.
TEST(Yaml, ReadsAndPrintsAsKustomize) {
  const auto documents = yaml::ParseAll(ReadFile("resources.yaml"), {.schema = Schema::kYaml12});
  ASSERT_TRUE(documents) << documents.error().ToString();
  std::string printed;
  for (const yaml::Document& d : *documents) {
    printed += (printed.empty() ? "" : "---\n") + yaml::Write(d.value);
  }
  EXPECT_EQ(printed, ReadFile("resources.golden.yaml"));
  // What was printed reads back as the same, by either schema.
  for (const Schema schema : {Schema::kYaml11, Schema::kYaml12}) {
    const auto again = yaml::ParseAll(printed, {.schema = schema});
    ASSERT_TRUE(again) << again.error().ToString();
    ASSERT_EQ(again->size(), documents->size());
    for (std::size_t i = 0; i < again->size(); ++i) {
      EXPECT_TRUE(yaml::Write((*again)[i].value) == yaml::Write((*documents)[i].value)) << i;
    }
  }
}

// Measured on helm 4.1.4 and kubectl kustomize 5.5.0, which read values and kustomizations
// with go-yaml v2.
TEST(Yaml, SchemasDiffer) {
  const struct {
    const char *text, *yaml11, *yaml12;
  } kCases[] = {
      {"y", "true", "\"y\""},
      {"No", "false", "\"No\""},
      {"on", "true", "\"on\""},
      {"yEs", "\"yEs\"", "\"yEs\""},
      {"{y: 2}", R"({"true":2})", R"({"y":2})"},
      {"{1: a, 1.10: b, 0x10: c, 1234567.5: d}",
       R"({"1":"a","1.1":"b","1.2345675e+06":"d","16":"c"})",
       R"({"1":"a","1.1":"b","1.2345675e+06":"d","16":"c"})"},
      {"0777", "511", "511"},
      {"0o17", "15", "15"},
      {"08", "8", "8"},
      {"1:30", "\"1:30\"", "\"1:30\""},
      {"2020-1-2", "\"2020-1-2\"", "\"2020-01-02T00:00:00Z\""},
      {"1e1000", "\"1e1000\"", "\"1e1000\""},
      {"18446744073709551615", "18446744073709552000", "18446744073709551615"},
      {"!!str 12", "\"12\"", "\"12\""},
      {"!!float 12", "12", "12"},
      {"!!binary aGk=", "\"hi\"", "\"hi\""},
      {"'12'", "\"12\"", "\"12\""},
      {"{a: 1, <<: {a: 2}}", R"({"a":2})", R"({"a":1})"},
      {"{<<: {a: 2}, a: 1}", R"({"a":1})", R"({"a":1})"},
      {"{<<: [{a: 1}, {a: 2, b: 3}]}", R"({"a":1,"b":3})", R"({"a":1,"b":3})"},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(AsJson(c.text, {.schema = Schema::kYaml11}), c.yaml11) << c.text;
    EXPECT_EQ(AsJson(c.text, {.schema = Schema::kYaml12}), c.yaml12) << c.text;
  }
  EXPECT_TRUE(yaml::Parse("1", {.integers_as_float = true})->is_float());
  EXPECT_TRUE(yaml::Parse("1")->is_int());
}

TEST(Yaml, Documents) {
  EXPECT_EQ(AsJson(""), "");
  EXPECT_EQ(AsJson("# nothing\n---\n# here\n---\na: 1\n---\n"), R"({"a":1})");
  EXPECT_EQ(AsJson("---\n~\n"), "null");
  EXPECT_EQ(AsJson("\xef\xbb\xbf"
                   "a: 1"),
            R"({"a":1})");
  EXPECT_EQ(AsJson("a: 1\n...\n---\nb: 2\n"), R"({"a":1} {"b":2})");
  EXPECT_EQ(yaml::ParseAll("# c\n---\n\na: 1\n")->at(0).line, 4);
  EXPECT_TRUE(yaml::Parse("")->is_null());
  const auto two = yaml::Parse("a: 1\n---\nb: 2\n", {.file = "f"});
  ASSERT_FALSE(two);
  EXPECT_EQ(two.error().span()->line, 3);
  EXPECT_EQ(AsJson("a: 1\n---\n]", {.first_document_only = true}), R"({"a":1})");
  EXPECT_EQ(AsJson("---\n---\na: 1\n", {.first_document_only = true}), "null");
  EXPECT_EQ(AsJson("{a: 1, a: 2}", {.reject_duplicate_keys = false}), R"({"a":2})");
}

TEST(Yaml, BadTextIsRefusedWithItsPlace) {
  const struct {
    std::string text;
    int line, column;
    const char* message;
  } kCases[] = {
      {"a: [1\n", 2, 1, "did not find expected ',' or ']'"},
      {"a: b: c\n", 1, 5, "mapping values are not allowed in this context"},
      {"a:\n\tb: 1\n", 2, 1, "found character that cannot start any token"},
      {"a: 1\nb: 2\na: 3\n", 3, 1, "mapping key \"a\" already defined at line 1"},
      {"a: *x\n", 1, 4, "unknown anchor 'x' referenced"},
      {"a: &x 1\n---\nb: *x\n", 3, 4, "unknown anchor 'x'"},
      {"&a [*a]\n", 1, 5, "anchor 'a' value contains itself"},
      {"? [a]\n: 1\n", 1, 3, "key must be a scalar"},
      {"~: 1\n", 1, 1, "key must not be null"},
      {"a: .nan\n", 1, 4, "unsupported value: .nan"},
      {"a: -.inf\n", 1, 4, "unsupported value"},
      {"b: 1\na: \"\xff\"\n", 2, 5, "invalid leading UTF-8 octet"},
      {"a: x\x01\n", 1, 5, "control characters are not allowed"},
      {"!!int x\n", 1, 1, "cannot decode `x` as a !!int"},
      {"!!binary 'a*'\n", 1, 1, "invalid base64"},
      {"<<: 1\n", 1, 5, "map merge requires"},
      {"a: {<<: [1]}\n", 1, 9, "map merge requires"},
      {"\"\\d\"\n", 1, 2, "unknown escape character"},
      {"a: 'b\n", 2, 1, "unexpected end of stream"},
  };
  for (const auto& c : kCases) {
    const auto value = yaml::ParseAll(c.text, {.file = "f.yaml"});
    ASSERT_FALSE(value) << c.text;
    EXPECT_EQ(value.error().code(), ErrorCode::kInvalidArgument) << c.text;
    ASSERT_TRUE(value.error().span()) << c.text;
    EXPECT_EQ(*value.error().span(), (SourceSpan{"f.yaml", c.line, c.column}))
        << value.error().ToString();
    EXPECT_NE(value.error().message().find(c.message), std::string::npos)
        << value.error().message();
  }
}

// helm 4.1.4's words (go-yaml 2.4.3), through fromYaml.
TEST(Yaml, WordsErrorsAsGoYaml) {
  const struct {
    const char *text, *message;
  } kCases[] = {
      {"a: 1\nb:\n  c: x\n  d:\n    - 1\n  - 2\n", "yaml: line 5: did not find expected key"},
      {"a: 1\nb:\n  - c: x\n    d: 1\n   e: 2\n",
       "yaml: line 4: did not find expected '-' indicator"},
      {"a: 1\nb: {x: 1\nc: 2\n", "yaml: line 2: did not find expected ',' or '}'"},
      {"a: 1\nb: c\nfoo\nd: 1\n", "yaml: line 4: could not find expected ':'"},
      {"a: 1\nb: \"x\nc: 1\n", "yaml: line 4: found unexpected end of stream"},
      {"{a b: c", "yaml: line 1: did not find expected ',' or '}'"},
      {"a: [\n\n\n", "yaml: line 3: did not find expected node content"},
      {"[a]\n@", "yaml: line 2: found character that cannot start any token"},
      {"a: 'x\n---\ny'", "yaml: line 2: found unexpected document indicator"},
      {"a: -\n", "yaml: block sequence entries are not allowed in this context"},
      {"a: 'b' 'c'", "yaml: did not find expected key"},
      {"a: \x01", "yaml: control characters are not allowed"},
      {"{{x: }}: 1\n",
       "yaml: invalid map key: map[interface {}]interface {}"
       "{\"x\":interface {}(nil)}"},
      {"[1, 2.5, true, {}]: 2",
       "yaml: invalid map key: []interface {}{1, 2.5, true, "
       "map[interface {}]interface {}{}}"},
      {"~: d", "unsupported map key of type: %!s(<nil>), key: <nil>, value: \"d\""},
      {"~: ", "unsupported map key of type: %!s(<nil>), key: <nil>, value: <nil>"},
      {"!!int x", "yaml: cannot decode !!str `x` as a !!int"},
      {"!!bool 1.5", "yaml: cannot decode !!float `1.5` as a !!bool"},
      {"!!int .inf", "yaml: cannot decode !!float `.inf` as a !!int"},
      {"a: &a [*a]\n", "yaml: anchor 'a' value contains itself"},
      {"a: -.inf", "json: unsupported value: -Inf"},
      // What is wrong further down comes first where go-yaml finds it earlier.
      {"{a: .inf, b: [1]: 2", "yaml: did not find expected ',' or '}'"},
      {"a: !!binary x*\n\nb: }", "yaml: line 2: did not find expected node content"},
      {"a: .inf\n{b: c}: d\n",
       "yaml: invalid map key: map[interface {}]interface {}"
       "{\"b\":\"c\"}"},
      {"a: .inf\n~: 1\n", "unsupported map key of type: %!s(<nil>), key: <nil>, value: 1"},
      {"~: 1\n{a: }: 2\n[", "yaml: line 4: could not find expected ':'"},
      {"<<: 1\na: !!float .inf\n", "yaml: map merge requires map or sequence of maps as the value"},
  };
  for (const auto& c : kCases) {
    const auto value =
        yaml::ParseAll(c.text, {.integers_as_float = true, .wording = yaml::Wording::kGoYaml});
    ASSERT_FALSE(value) << c.text;
    EXPECT_EQ(value.error().message(), c.message) << c.text;
    EXPECT_TRUE(value.error().span()) << c.text;
  }
  EXPECT_EQ(AsJson("! \n"), "\"\"");
}

// An alias can stand for a value of any size; the error that shows it must not.
TEST(Yaml, ErrorsThatShowValuesStayShort) {
  std::string text =
      "a: &a [" + std::string(3000, 'x') + "]\nb: &b [*a, *a, *a, *a]\n? [*b, *b, *b]\n: 1\n";
  const auto value = yaml::ParseAll(text, {.wording = yaml::Wording::kGoYaml});
  ASSERT_FALSE(value);
  EXPECT_LT(value.error().message().size(), 10'000U);
}

TEST(Yaml, DuplicateMergeKeyIsRefusedIn12) {
  EXPECT_NE(AsJson("{<<: {a: 1}, <<: {b: 2}}", {.schema = Schema::kYaml12}).find("already defined"),
            std::string::npos);
  EXPECT_EQ(AsJson("{<<: {a: 1}, <<: {b: 2}}"), R"({"a":1,"b":2})");
}

TEST(Yaml, BudgetsAreNamed) {
  std::string laughs = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int k = 1; k < 10; ++k) laughs += "," + last;
    laughs += "]\n";
  }
  const auto refused = yaml::ParseAll(laughs);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kResourceExhausted);
  EXPECT_NE(refused.error().message().find("max_nodes"), std::string::npos);

  for (const std::string& deep : {std::string(100'000, '['), [] {
                                    std::string text;
                                    for (int i = 0; i < 5000; ++i) text += "- ";
                                    return text;
                                  }()}) {
    const auto too_deep = yaml::ParseAll(deep);
    ASSERT_FALSE(too_deep);
    EXPECT_EQ(too_deep.error().code(), ErrorCode::kResourceExhausted);
    EXPECT_NE(too_deep.error().message().find("max_depth"), std::string::npos);
  }
}

// &a0 [[…]], then each anchor nests the one before it once more.
TEST(Yaml, AliasesNestNoDeeperThanText) {
  const std::string open(100, '['), close(100, ']');
  std::string text = "a0: &a0 " + open + close + "\n";
  for (int i = 1; i < 1000; ++i) {
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " " + open + "*a" +
            std::to_string(i - 1) + close + "\n";
  }
  const auto refused = yaml::ParseAll(text);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kResourceExhausted);
  EXPECT_NE(refused.error().message().find("max_depth"), std::string::npos);
  EXPECT_EQ(refused.error().span()->line, 6);
  // Each of them alone is as deep as allowed.
  EXPECT_TRUE(
      yaml::ParseAll("a: &a " + std::string(510, '[') + std::string(510, ']') + "\nb: [*a]\n"));
  EXPECT_FALSE(
      yaml::ParseAll("a: &a " + std::string(510, '[') + std::string(510, ']') + "\nb: [[*a]]\n"));
}

TEST(Yaml, EndlessDirectivesAreRefused) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "%TAG !a" + std::to_string(i) + "! b\n";
  const auto refused = yaml::ParseAll(text + "--- a\n");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kResourceExhausted);
  EXPECT_EQ(refused.error().span()->line, 1001);
  EXPECT_TRUE(yaml::ParseAll("%TAG !a! tag:b,2000:\n--- !a!x a\n"));
}

TEST(Yaml, AliasesRepeatNoMoreTextThanABudget) {
  const std::string text = "a: &a " + std::string(1000, 'x') + "\nb: [*a, *a, *a, *a, *a]\n";
  EXPECT_TRUE(yaml::ParseAll(text, {.max_alias_bytes = 5000}));
  const auto refused = yaml::ParseAll(text, {.file = "v.yaml", .max_alias_bytes = 4999});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().ToString(),
            "v.yaml:2:21: the document's aliases repeat more than 4999 bytes of text (budget "
            "max_alias_bytes)");
}

TEST(YamlTest, TheSlashHasNoEscape) {
  struct Case {
    const char* text;
    int line;  // 0: there is nothing wrong
    int column;
  };
  const Case kCases[] = {
      {"a: \"x\\/y\"\n", 1, 6},
      {"a: \"\\\\/\"\n", 0, 0},
      {"a: 'x\\/y'\n", 0, 0},
      {"a: |\n  \\/\n", 0, 0},
      {"# \\/\nb: [\"\u00e9\", \"\u00e9\\\"\\/\"]\n", 2, 14},
      {"a: &x \"1\\/\"\n", 1, 9},
      {"a: \"1\n  2\\/\"\n", 2, 4},
  };
  for (const Case& c : kCases) {
    const auto value = yaml::Parse(c.text);
    EXPECT_EQ(value.has_value(), c.line == 0) << c.text;
    if (value.has_value() || c.line == 0) continue;
    EXPECT_TRUE(value.error().ToString().contains("found unknown escape character"))
        << value.error().ToString();
    ASSERT_TRUE(value.error().span().has_value());
    EXPECT_EQ(value.error().span()->line, c.line) << c.text;
    EXPECT_EQ(value.error().span()->column, c.column) << c.text;
  }
}

TEST(YamlTest, KyamlRereadsFoldedTexts) {
  const yaml::ParseOptions kyaml{.schema = yaml::Schema::kYaml12, .through_kyaml = true};
  struct Case {
    const char* text;
    const char* read;
  };
  // Seen with kustomize 5.8.1.
  const Case kCases[] = {
      {"a: >\n  one\n  two\n\n  three\n", "one two\nthree\n"},
      {"a: >\n  {\n    x\n  }\n", "{\n\n  x\n}\n"},
      {"a: >-\n  a\n    b\n  c\n", "a\n\n  b\nc"},
      {"a: >2\n     first\n    second\n", "   first\n  second\n"},
      {"a: |\n  {\n    x\n  }\n", "{\n  x\n}\n"},
      {"a: [x]\nb: >\n", nullptr},
  };
  for (const Case& c : kCases) {
    const auto value = yaml::Parse(c.text, kyaml);
    ASSERT_TRUE(value.has_value()) << c.text;
    if (c.read) {
      EXPECT_EQ((*value)["a"].as_string(), c.read) << c.text;
    }
  }
  EXPECT_FALSE(yaml::Parse("a: {1: b}\n", kyaml).has_value());
  EXPECT_FALSE(yaml::Parse("true: b\n", kyaml).has_value());
  EXPECT_TRUE(yaml::Parse("'1': b\n", kyaml).has_value());
}

TEST(YamlTest, UnsignedIntegersKeepTheirDigitsInYaml12) {
  const auto value =
      yaml::Parse("[18446744073709551615, 18446744073709551616, 9223372036854775807]",
                  {.schema = yaml::Schema::kYaml12});
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(yaml::Write(*value),
            "- 18446744073709551615\n- 1.8446744073709552e+19\n- 9223372036854775807\n");
  EXPECT_TRUE((*value)[0].is_float());
  EXPECT_EQ((*value)[0].exact_unsigned(), 18446744073709551615U);
  EXPECT_EQ((*value)[0], Value(18446744073709551615.0));
  EXPECT_NE((*value)[0], Value::Unsigned(18446744073709551614U));
  EXPECT_EQ(Value::Unsigned(7), Value(7));
}

}  // namespace
}  // namespace swell
