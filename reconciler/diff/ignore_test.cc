#include "reconciler/diff/ignore.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/value/json.h"
#include "reconciler/diff/diff.h"
#include "reconciler/diff/rules.h"

namespace swell::diff {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Value Json(std::string_view text) {
  auto value = json::Parse(text);
  EXPECT_TRUE(value) << text;
  return value.value_or(Value());
}

const char kDocument[] = R"({"kind":"Deployment",
  "metadata":{"name":"web","labels":{"tier":"prod"},"annotations":{"a/b":"x","c":"true"}},
  "spec":{"replicas":3,"paused":null,
    "containers":[{"name":"web","image":"web:latest","env":[{"name":"A","value":"1"}]},
                  {"name":"proxy","image":"proxy:1","args":["-v"]}],
    "webhooks":[{"client":{"caBundle":"x"}},{"client":{}}]}})";

struct Case {
  const char* expression;
  std::vector<std::string> places;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.expression; }

class PlacesTest : public testing::TestWithParam<Case> {};

TEST_P(PlacesTest, NamesFields) {
  const auto expression = PathExpression::Parse(GetParam().expression);
  ASSERT_TRUE(expression) << expression.error().ToString();
  const auto found = expression->Find(Json(kDocument));
  ASSERT_TRUE(found) << found.error().ToString();
  std::vector<std::string> places;
  for (const PointerTokens& tokens : *found) places.push_back(FormatPointer(tokens));
  EXPECT_EQ(places, GetParam().places);
}

INSTANTIATE_TEST_SUITE_P(
    Paths, PlacesTest,
    testing::Values(
        Case{".spec.replicas", {"/spec/replicas"}}, Case{".spec.paused", {"/spec/paused"}},
        Case{".spec.nothing.there", {}}, Case{".", {""}}, Case{".spec.replicas.x", {}},
        Case{R"(.metadata.annotations["a/b"])", {"/metadata/annotations/a~1b"}},
        Case{R"(.metadata.annotations."a/b")", {"/metadata/annotations/a~1b"}},
        Case{R"(.["spec"]["replicas"])", {"/spec/replicas"}},
        Case{".spec.containers[0].image", {"/spec/containers/0/image"}},
        Case{".spec.containers[-1].image", {"/spec/containers/1/image"}},
        Case{".spec.containers[7].image", {}}, Case{".spec.containers[-7]", {}},
        Case{".spec.containers[].image", {"/spec/containers/0/image", "/spec/containers/1/image"}},
        Case{".spec.initContainers[]?.image", {}},
        Case{".spec?.webhooks[]?.client.caBundle", {"/spec/webhooks/0/client/caBundle"}},
        Case{".spec.containers[].env[]?.value", {"/spec/containers/0/env/0/value"}},
        Case{".metadata.labels[]", {"/metadata/labels/tier"}},
        Case{".spec.replicas, .metadata.labels", {"/spec/replicas", "/metadata/labels"}},
        Case{"(.spec, .metadata) | .replicas", {"/spec/replicas"}},
        Case{".spec.missing // .spec.replicas", {"/spec/replicas"}},
        Case{"first(.spec.containers[].name)", {"/spec/containers/0/name"}}, Case{"empty", {}},
        Case{".. | .caBundle?", {"/spec/webhooks/0/client/caBundle"}},
        Case{R"(recurse | select(type == "string" and startswith("proxy")))",
             {"/spec/containers/1/image", "/spec/containers/1/name"}}));

INSTANTIATE_TEST_SUITE_P(
    Conditions, PlacesTest,
    testing::Values(
        Case{R"(.spec.containers[] | select(.name == "proxy") | .image)",
             {"/spec/containers/1/image"}},
        Case{R"(.spec.containers[] | select(.name == "web" or .name == "proxy").name)",
             {"/spec/containers/0/name", "/spec/containers/1/name"}},
        Case{R"(.spec.containers[] | select(.name == "web" and .args) | .image)", {}},
        Case{R"(.spec.containers[] | select(.args | not) | .name)", {"/spec/containers/0/name"}},
        Case{R"(.spec.containers[] | select(.name != "web"))", {"/spec/containers/1"}},
        Case{R"(.spec.containers[] | select(.missing == null).name)",
             {"/spec/containers/0/name", "/spec/containers/1/name"}},
        Case{R"(.spec.containers[] | select(.image | endswith(":latest")).image)",
             {"/spec/containers/0/image"}},
        Case{R"(.spec.containers[] | select(.name | startswith("pro")).image)",
             {"/spec/containers/1/image"}},
        Case{R"(.spec.containers[] | select(.image | test("^web:")).image)",
             {"/spec/containers/0/image"}},
        Case{R"(.spec.containers[] | select(.image | test("^WEB:"; "i")).image)",
             {"/spec/containers/0/image"}},
        Case{R"(.spec.containers[] | select(.image | contains("rox")).image)",
             {"/spec/containers/1/image"}},
        Case{R"(.spec.containers[] | select(.args // [] | contains(["-v"])).name)",
             {"/spec/containers/1/name"}},
        Case{R"(.spec.containers[] | select(.env // [] | any(.name == "A")).name)",
             {"/spec/containers/0/name"}},
        Case{R"(.spec.containers[] | select(.args // [] | all(. == "-v")).name)",
             {"/spec/containers/0/name", "/spec/containers/1/name"}},
        Case{R"(.spec.containers[] | select(has("args")).name)", {"/spec/containers/1/name"}},
        Case{R"(select((.metadata.annotations // {}) | has("a/b")) | .spec.replicas)",
             {"/spec/replicas"}},
        Case{R"(select(.metadata.labels.tier == "dev").spec.replicas)", {}},
        Case{R"(.spec | select(.replicas > 2) | .replicas)", {"/spec/replicas"}},
        Case{R"(.spec | select(.replicas <= 2.5) | .replicas)", {}},
        Case{R"(.spec | select(.containers | length == 2) | .replicas)", {"/spec/replicas"}},
        Case{R"(.metadata | select(.annotations | keys == ["a/b", "c"]).name)", {"/metadata/name"}},
        Case{R"(.metadata | select(.labels.tier | ascii_downcase == "prod").name)",
             {"/metadata/name"}},
        Case{R"(.spec | select(.replicas | tostring == "3").replicas)", {"/spec/replicas"}},
        Case{R"(if .metadata.annotations.c == "true" then .spec.replicas else null end)",
             {"/spec/replicas"}},
        Case{
            R"(if .kind == "Pod" then .metadata elif .kind == "Job" then empty else .spec.paused end)",
            {"/spec/paused"}}));

TEST(PathExpressionTest, RefusesWhatItDoesNotKnow) {
  const auto message = [](std::string_view text) {
    const auto expression = PathExpression::Parse(text);
    return expression ? std::string("accepted") : expression.error().ToString();
  };
  EXPECT_EQ(message(".a[\"b/c\"].d[0]?"), "accepted");
  EXPECT_THAT(message("del(.a)"), HasSubstr("the jq function \"del\" is not supported"));
  EXPECT_THAT(message(".metadata.annotations | to_entries[]"), HasSubstr("\"to_entries\""));
  EXPECT_THAT(message(".a as $x | .b"), HasSubstr("variable"));
  EXPECT_THAT(message("select(.a == $x)"), HasSubstr("variable"));
  EXPECT_THAT(message(".a[1:2]"), HasSubstr("slice"));
  EXPECT_THAT(message(".a[.b]"), HasSubstr("computed"));
  EXPECT_THAT(message(".a | .b + 1"), HasSubstr("operator \"+\""));
  EXPECT_THAT(message(".a |= 1"), HasSubstr("assignment"));
  EXPECT_THAT(message("[.a]"), HasSubstr("making lists"));
  EXPECT_THAT(message(".a | select(test(.b))"), HasSubstr("pattern that is no string"));
  EXPECT_THAT(message(".a | select(test(\"(\"))"), HasSubstr("missing )"));
  EXPECT_THAT(message(".a | select(test(\"a\"; \"x\"))"), HasSubstr("flag \"x\""));
  EXPECT_THAT(message(".a | length"), HasSubstr("must name fields"));
  EXPECT_THAT(message("select(any(.a[]; . == 1))"), HasSubstr("any with 2 arguments"));
  EXPECT_THAT(message(".a == 1"), HasSubstr("put it into select"));
  EXPECT_THAT(message(".a, \"b\""), HasSubstr("must name fields"));
  EXPECT_THAT(message(".a | "), HasSubstr("expected a path"));
  EXPECT_THAT(message(".a[\"b"), HasSubstr("does not end"));
  EXPECT_THAT(message("select(.a"), HasSubstr("expected \")\""));
  EXPECT_THAT(message("if .a then .b"), HasSubstr("expected \"end\""));
  EXPECT_THAT(message(".a b"), HasSubstr("expected \"|\""));
  EXPECT_THAT(message(""), HasSubstr("expected a path"));
  EXPECT_THAT(message(std::string(5000, '.')), HasSubstr("at most 4096"));
  EXPECT_THAT(message(std::string(2000, '(')), HasSubstr("nested too deeply"));
}

TEST(PathExpressionTest, GivesUpWhereItWouldTakeTooLong) {
  std::string list = "1";
  for (int i = 0; i < 600; ++i) list += ",1";
  const Value document = Json("{\"a\":[" + list + "]}");
  const auto product = PathExpression::Parse("(.a[] , .a[]) , select(.a[] == .a[])");
  ASSERT_TRUE(product);
  const auto answer = product->Find(document);
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().ToString(), HasSubstr("budget jq steps"));
}

// Expressions are looked up in each state by itself: the same item stands elsewhere.
TEST(IgnoreTest, AnItemIsIgnoredWhereverItStands) {
  const auto deployment = [](const char* containers) {
    return Json(R"({"apiVersion":"apps/v1","kind":"Deployment","spec":{"template":{"spec":{
      "containers":[)" +
                std::string(containers) + "]}}}}");
  };
  const Value desired = deployment(R"({"name":"b","image":"2"},{"name":"c","image":"2"})");
  const Value live =
      deployment(R"({"name":"a","image":"1"},{"name":"b","image":"1"},{"name":"c","image":"1"})");
  const auto paths = [&](const char* expression) {
    IgnoreRules rules;
    rules.expressions = {*PathExpression::Parse(expression)};
    std::vector<std::string> out;
    for (const FieldChange& c : Compare(desired, live, Value(), {.ignore = rules})) {
      out.push_back(c.path.substr(c.path.find('[')));
    }
    return out;
  };
  EXPECT_THAT(paths(R"(.spec.template.spec.containers[] | select(.name == "b").image)"),
              ElementsAre("[name=c]/image"));
  // Holds in desired alone.
  EXPECT_THAT(paths(R"(.spec.template.spec.containers[] | select(.image == "2" and .name == "b"))"),
              ElementsAre("[name=c]/image"));
  EXPECT_THAT(paths(".spec.template.spec.containers[].image"), IsEmpty());
}

TEST(IgnoreTest, ARuleThatIsGivenUpIgnoresNothingAndIsTold) {
  std::string list = "1";
  for (int i = 0; i < 600; ++i) list += ",1";
  const Value desired = Json(R"({"kind":"Thing","a":[)" + list + R"(],"b":1})");
  const Value live = Json(R"({"kind":"Thing","a":[)" + list + R"(],"b":2})");
  IgnoreRules rules;
  rules.expressions = {*PathExpression::Parse("select(.a[] == .a[]).b")};
  std::vector<std::string> problems;
  const auto changes =
      Compare(desired, live, Value(), {.ignore = rules, .ignore_problems = &problems});
  EXPECT_EQ(changes.size(), 1u);
  ASSERT_FALSE(problems.empty());
  EXPECT_THAT(problems[0], HasSubstr("select(.a[] == .a[]).b"));
}

TEST(RuleBookTest, CompilesAndSelects) {
  std::vector<IgnoreDifference> rules(2);
  rules[0].objects = {.group = "apps", .kind = "Deployment"};
  rules[0].json_pointers = {"/spec/replicas"};
  rules[1].objects = {.group = "*", .kind = "*"};
  rules[1].jq_path_expressions = {".metadata.labels"};
  rules[1].managers = {"hpa"};
  const auto book = RuleBook::Compile(rules);
  ASSERT_TRUE(book);
  const IgnoreRules deployment = book->For({"apps", "Deployment", "ns", "web"}, "c01");
  EXPECT_EQ(deployment.pointers.size(), 1u);
  EXPECT_EQ(deployment.expressions.size(), 1u);
  EXPECT_EQ(deployment.managers.size(), 1u);
  EXPECT_TRUE(book->For({"", "Pod", "ns", "web"}, "c01").pointers.empty());
  EXPECT_FALSE(book->For({"", "Pod", "ns", "web"}, "c01").empty());

  rules[1].jq_path_expressions = {".a", ".metadata.annotations | to_entries"};
  const auto bad = RuleBook::Compile(rules);
  ASSERT_FALSE(bad);
  EXPECT_THAT(bad.error().ToString(), HasSubstr("spec.ignoreDifferences[1].jqPathExpressions[1]"));
}

}  // namespace
}  // namespace swell::diff
