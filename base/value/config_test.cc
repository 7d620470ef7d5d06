#include "base/value/config.h"

#include <gtest/gtest.h>

#include "base/value/json.h"
#include "base/value/yaml.h"

namespace swell {
namespace {

constexpr char kText[] = R"(# a comment
apiVersion: swell/v1alpha1
spec:
  waves:
    - {name: canary, percent: 25}
    - name: "rest"
      yes: yes
  a/b: 0o17
---
---
kind: Second
)";

TEST(Config, ValuesAndTheirPlaces) {
  const auto documents = config::ParseAll(kText, "app.yaml");
  ASSERT_TRUE(documents) << documents.error().ToString();
  ASSERT_EQ(documents->size(), 2u);
  const config::Document& first = (*documents)[0];
  EXPECT_EQ(json::Write(first.value),
            R"({"apiVersion":"swell/v1alpha1","spec":{"a/b":15,"waves":[{"name":"canary",)"
            R"("percent":25},{"name":"rest","yes":"yes"}]}})");
  EXPECT_EQ(first.SpanOf("/spec/waves/0/percent"), (SourceSpan{"app.yaml", 5, 31}));
  EXPECT_EQ(first.SpanOf("/spec/waves/1/name"), (SourceSpan{"app.yaml", 6, 13}));
  EXPECT_EQ(first.SpanOf("/spec/a~1b"), (SourceSpan{"app.yaml", 8, 8}));
  EXPECT_EQ(first.SpanOf("/spec/waves/1/missing/deeper"), (SourceSpan{"app.yaml", 6, 7}));
  EXPECT_EQ(first.SpanOf("/none").line, 2);
  EXPECT_EQ((*documents)[1].SpanOf("/kind"), (SourceSpan{"app.yaml", 11, 7}));
}

TEST(Config, RefusalsCarryTheirPlace) {
  const struct {
    std::string text;
    int line;
    const char* message;
  } kCases[] = {
      {"a: 1\nb: [1", 3, "did not find expected"},
      {"a: 1\nb: 2\na: 3\n", 3, "already defined at line 1"},
      {"a: &x {b: 1}\nc:\n  <<: *x\n", 3, "merge keys"},
      {"a: !!binary aGk=\n", 1, "tag"},
      {"a: 1\nb: .inf\n", 2, ".inf"},
      {"a: 1\n[1]: 2\n", 2, "key must be"},
      {std::string(200, '['), 1, "deeper than 100"},
      {"a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
       "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
       "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n",
       6, "aliases"},
  };
  for (const auto& c : kCases) {
    const auto documents = config::ParseAll(c.text, "f.yaml");
    ASSERT_FALSE(documents) << c.text;
    const std::string shown = documents.error().ToString();
    EXPECT_NE(shown.find(c.message), std::string::npos) << shown;
    ASSERT_TRUE(documents.error().span()) << shown;
    EXPECT_EQ(documents.error().span()->file, "f.yaml") << shown;
    EXPECT_EQ(documents.error().span()->line, c.line) << shown;
  }
}

// yaml-cpp and libyaml are two readers of one language: they must agree.
TEST(Config, AgreesWithTheLibyamlReader) {
  const char* kDocuments[] = {
      "a: 1\n",
      "- a\n- - b\n  - c\n-\n  d: e\n",
      "{a: [1, 2.5, true, null, ~, x y], \"b\": 'c''d', e: {}}\n",
      "a: |\n  x\n   y\n\nb: >-\n  p\n  q\n\n  r\nc: |+\n  k\n\n",
      "a: \"x\\ty\\u00e9\\\n  z\"\nb: 'p\n  q'\nc: r\n  s\n",
      "x: &a {k: [1]}\ny: *a\n",
      "? k\n: v\n",
      "a: yes\nb: 0x1F\nc: 1_000\nd: 2020-01-02T03:04:05Z\ne: 1:30\nf: .5\ng: 'true'\n",
      "--- # c\na: b\n...\n---\n- c\n",
      "a: # comment\n  b: c#d\n",
      "empty:\nlist:\n- a\n- b: c\n  d: e\n",
      "k: http://a:80/b?c=d&e=f\n",
  };
  for (const char* text : kDocuments) {
    const auto ours = yaml::ParseAll(text, {.schema = yaml::Schema::kYaml12});
    const auto theirs = config::ParseAll(text, "f");
    ASSERT_TRUE(ours) << text << ours.error().ToString();
    ASSERT_TRUE(theirs) << text << theirs.error().ToString();
    ASSERT_EQ(ours->size(), theirs->size()) << text;
    for (std::size_t i = 0; i < ours->size(); ++i) {
      EXPECT_EQ(json::Write((*ours)[i].value), json::Write((*theirs)[i].value)) << text;
    }
  }
}

}  // namespace
}  // namespace swell
