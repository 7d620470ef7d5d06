#include "reconciler/diff/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/value/json.h"
#include "renderer/schema/custom_types.h"

namespace swell::diff {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

Value Json(std::string_view text) {
  auto value = json::Parse(text);
  EXPECT_TRUE(value) << (value ? "" : value.error().ToString()) << "\n" << text;
  return value.value_or(Value());
}

// "path cause [manager]", one per difference.
std::vector<std::string> Lines(const std::vector<Explanation>& explanations) {
  std::vector<std::string> lines;
  for (const Explanation& e : explanations) {
    lines.push_back(e.change.path + " " + std::string(ChangeCauseName(e.change.cause)) +
                    (e.manager.empty() ? "" : " " + e.manager));
  }
  return lines;
}

std::string Deployment(const std::string& spec, const std::string& metadata = "") {
  return R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"w")" + metadata +
         R"(},"spec":{)" + spec + "}}";
}

// One entry of managedFields.
std::string Entry(const char* manager, const char* operation, const char* time,
                  const std::string& fields) {
  return R"({"manager":")" + std::string(manager) + R"(","operation":")" + operation +
         R"(","time":")" + time + R"(","fieldsType":"FieldsV1","fieldsV1":)" + fields + "}";
}
std::string Managed(const std::string& entries) { return R"(,"managedFields":[)" + entries + "]"; }

constexpr char kImage[] =
    R"({"f:spec":{"f:template":{"f:spec":{"f:containers":{"k:{\"name\":\"a\"}":{".":{},"f:name":{},)"
    R"("f:image":{}}}}}}})";
constexpr char kReplicas[] = R"({"f:spec":{"f:replicas":{}}})";

TEST(ExplainTest, NamesWhoDriftedAFieldAndWhen) {
  const Value desired = Json(Deployment(
      R"("replicas":2,"template":{"spec":{"containers":[{"name":"a","image":"a:2"}]}})"));
  const Value last = Json(Deployment(
      R"("replicas":2,"template":{"spec":{"containers":[{"name":"a","image":"a:1"}]}})"));
  const Value live = Json(Deployment(
      R"("replicas":5,"template":{"spec":{"containers":[{"name":"a","image":"a:1",
         "imagePullPolicy":"IfNotPresent"}]}})",
      Managed(Entry("swell", "Apply", "2026-01-01T00:00:00Z", kImage) + "," +
              Entry("kubectl-edit", "Update", "2026-01-02T00:00:00Z", kReplicas) + "," +
              Entry("kubectl-scale", "Update", "2026-01-03T00:00:00Z", kReplicas))));
  const auto all = Explain(desired, live, last, {.field_manager = "swell"});
  EXPECT_THAT(Lines(all),
              ElementsAre("/spec/replicas drifted kubectl-scale",
                          "/spec/template/spec/containers/[name=a]/image changed swell",
                          "/spec/template/spec/containers/[name=a]/imagePullPolicy defaulted"));
  EXPECT_EQ(all[0].time, "2026-01-03T00:00:00Z");
  EXPECT_EQ(all[0].change.before, "5");
  EXPECT_EQ(all[0].change.after, "2");
}

TEST(ExplainTest, SaysWithCompareWhatNeedsAnApply) {
  const Value desired = Json(Deployment(R"("replicas":2,"paused":false,"minReadySeconds":1)"));
  const Value live = Json(Deployment(R"("replicas":3,"revisionHistoryLimit":10,"x":1)"));
  const Options options;
  std::vector<FieldChange> needed;
  for (const Explanation& e : Explain(desired, live, Value(), options)) {
    if (NeedsApply(e.change.cause)) needed.push_back(e.change);
  }
  EXPECT_THAT(needed, SizeIs(2));
  EXPECT_EQ(needed, Compare(desired, live, Value(), options));
}

// Admission runs after the managers are settled: the field stays ours with another's value.
TEST(ExplainTest, AdmissionIsTheCauseWhereNobodyElseWroteTheField) {
  const Value desired = Json(Deployment(R"("replicas":2)"));
  const auto cause = [&](const std::string& managed, const Value& last) {
    const Value live = Json(Deployment(R"("replicas":3)", managed));
    return Lines(Explain(desired, live, last, {.field_manager = "swell"}));
  };
  const std::string ours = Entry("swell", "Apply", "2026-01-01T00:00:00Z", kReplicas);
  const std::string theirs = Entry("x", "Update", "2026-01-02T00:00:00Z", kReplicas);
  EXPECT_THAT(cause(Managed(ours), desired), ElementsAre("/spec/replicas mutated swell"));
  EXPECT_THAT(cause(Managed(ours + "," + theirs), desired),
              ElementsAre("/spec/replicas drifted x"));
  EXPECT_THAT(cause(Managed(theirs), desired), ElementsAre("/spec/replicas drifted x"));
  EXPECT_THAT(cause("", desired), ElementsAre("/spec/replicas drifted"));
  // What was applied last is not on record: it may have been the 3.
  EXPECT_THAT(cause(Managed(ours), Value()), ElementsAre("/spec/replicas changed swell"));
  EXPECT_THAT(cause(Managed(ours), Json(Deployment(R"("replicas":3)"))),
              ElementsAre("/spec/replicas changed swell"));
}

TEST(ExplainTest, WhatIsNotStated) {
  const Value desired = Json(Deployment(R"("template":{"spec":{"containers":[{"name":"a"}]}})"));
  const Value live = Json(Deployment(
      R"("replicas":4,"revisionHistoryLimit":10,"unheard":{"of":1},"template":{"metadata":
         {"annotations":{"restartedAt":"now"}},"spec":{"containers":[{"name":"a"},{"name":"proxy",
         "image":"p"}]}})",
      Managed(Entry("hpa", "Update", "2026-01-02T00:00:00Z", kReplicas) + "," +
              Entry("kubectl-rollout", "Update", "2026-01-03T00:00:00Z",
                    R"({"f:spec":{"f:template":{"f:metadata":{"f:annotations":{".":{},
                       "f:restartedAt":{}}}}}})") +
              "," +
              Entry("injector", "Update", "2026-01-04T00:00:00Z",
                    R"({"f:spec":{"f:template":{"f:spec":{"f:containers":{
                       "k:{\"name\":\"proxy\"}":{".":{},"f:image":{},"f:name":{}}}}}}})"))));
  const auto all = Explain(desired, live, Value(), {.field_manager = "swell"});
  EXPECT_THAT(Lines(all),
              ElementsAre("/spec/replicas owned hpa", "/spec/revisionHistoryLimit defaulted",
                          "/spec/template/metadata/annotations/restartedAt owned kubectl-rollout",
                          "/spec/template/spec/containers/[name=proxy] owned injector",
                          "/spec/unheard/of defaulted"));
  EXPECT_THAT(all.back().note, HasSubstr("no manager owns it"));
  EXPECT_THAT(Compare(desired, live, Value(), {.field_manager = "swell"}), IsEmpty());
}

TEST(ExplainTest, SpellingsAndEmptyValues) {
  const auto all = Explain(
      Json(Deployment(R"("paused":false,"template":{"spec":{"containers":[{"name":"a","args":[],
           "resources":{"limits":{"cpu":1,"memory":"1024Mi"}}}]}})")),
      Json(Deployment(R"("template":{"spec":{"containers":[{"name":"a",
           "resources":{"limits":{"cpu":"1000m","memory":"1Gi"}}}]}})")),
      Value());
  const std::string a = "/spec/template/spec/containers/[name=a]/";
  EXPECT_THAT(Lines(all),
              ElementsAre("/spec/paused equal", a + "args equal", a + "resources/limits/cpu equal",
                          a + "resources/limits/memory equal"));
  EXPECT_EQ(all[2].note, "the same quantity");
}

TEST(ExplainTest, IgnoredFieldsNameTheirRule) {
  const Value desired = Json(Deployment(R"("replicas":2,"paused":true,"minReadySeconds":4)"));
  const Value live =
      Json(Deployment(R"("replicas":3,"minReadySeconds":4,"x":1)",
                      Managed(Entry("hpa", "Update", "2026-01-02T00:00:00Z", kReplicas))));
  IgnoreRules rules;
  rules.managers = {"hpa"};
  rules.pointers = {{"spec", "paused"}, {"spec", "minReadySeconds"}};
  rules.expressions = {*PathExpression::Parse(".spec.x")};
  const auto all = Explain(desired, live, Value(), {.ignore = rules});
  EXPECT_THAT(Lines(all),
              ElementsAre("/spec/paused ignored", "/spec/replicas ignored hpa", "/spec/x ignored"));
  EXPECT_EQ(all[0].note, "ignore rule /spec/paused");
  EXPECT_EQ(all[2].note, "ignore rule .spec.x");
}

TEST(ExplainTest, SecretsNeverShow) {
  const char* kind = R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"s",)";
  const Value desired = Json(kind + std::string(R"("annotations":{"a":"1"}},
      "stringData":{"a":"topvalue","ignored":"topvalue"},"data":{"e":""}})"));
  const Value live = Json(kind + std::string(R"("annotations":{
      "kubectl.kubernetes.io/last-applied-configuration":"{\"data\":{\"a\":\"b3RoZXJ2YWx1ZQ==\"}}"}},
      "data":{"a":"b3RoZXJ2YWx1ZQ==","more":"b3RoZXJ2YWx1ZQ==","ignored":"b3RoZXJ2YWx1ZQ=="}})"));
  IgnoreRules rules;
  rules.pointers = {{"stringData", "ignored"}};
  const auto all = Explain(desired, live, Value(), {.use_annotation = true, .ignore = rules});
  EXPECT_THAT(Lines(all), ElementsAre("/data/a changed", "/data/e changed", "/data/ignored ignored",
                                      "/data/more owned", "/metadata/annotations/a changed"));
  for (const Explanation& e : all) {
    const std::string text = e.change.before + e.change.after + e.note;
    EXPECT_THAT(text, Not(HasSubstr("topvalue")));
    EXPECT_THAT(text, Not(HasSubstr("b3Ro")));
  }
  // Not even where the other side is no object at all.
  for (const Explanation& e : Explain(desired, Value(), Value())) {
    EXPECT_THAT(e.change.after, Not(HasSubstr("topvalue")));
  }
}

// --- custom resources with their definition at hand ---

const char kCrd[] = R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition",
  "metadata":{"name":"things.e.com"},"spec":{"group":"e.com","names":{"kind":"Thing"},"versions":[
  {"name":"v1","schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object",
  "properties":{
    "parts":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],
      "items":{"type":"object","properties":{"name":{"type":"string"},
        "size":{"type":"integer","default":3}}}},
    "tags":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
    "steps":{"type":"array","items":{"type":"object","properties":{"run":{"type":"string"},
      "tries":{"type":"integer","default":1}}}},
    "selector":{"type":"object","x-kubernetes-map-type":"atomic","properties":{
      "a":{"type":"string"},"b":{"type":"string"}}},
    "limits":{"type":"object","additionalProperties":{"anyOf":[{"type":"integer"},
      {"type":"string"}],"x-kubernetes-int-or-string":true,"pattern":
      "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$"}},
    "interval":{"type":"string","pattern":"^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$"},
    "timeout":{"type":"string","format":"duration"},
    "label":{"type":"string"},
    "port":{"x-kubernetes-int-or-string":true},
    "retry":{"type":"object","default":{},"properties":{"max":{"type":"integer","default":5}}},
    "free":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}}}}}]}})";

class CustomTest : public testing::Test {
 protected:
  CustomTest() { types_.Add(*schema::CrdTypes::Read(Json(kCrd))); }
  static Value Thing(const std::string& spec, const std::string& metadata = "") {
    return Json(R"({"apiVersion":"e.com/v1","kind":"Thing","metadata":{"name":"t")" + metadata +
                R"(},"spec":{)" + spec + "}}");
  }
  std::vector<std::string> Explained(const std::string& desired, const std::string& live,
                                     const std::string& last = "") {
    return Lines(Explain(Thing(desired), Thing(live), last.empty() ? Value() : Thing(last),
                         {.custom_types = &types_}));
  }
  schema::CustomTypes types_;
};

TEST_F(CustomTest, ListsMergeAsTheSchemaSays) {
  EXPECT_THAT(Explained(R"("parts":[{"name":"b","size":4}])",
                        R"("parts":[{"name":"a"},{"name":"b","size":3}])"),
              ElementsAre("/spec/parts/[name=b]/size adopted", "/spec/parts/[name=a] owned"));
  EXPECT_THAT(Explained(R"("tags":["x"])", R"("tags":["y","x"])"), ElementsAre("/spec/tags owned"));
  EXPECT_THAT(Explained(R"("tags":["x","z"])", R"("tags":["x"])"),
              ElementsAre("/spec/tags adopted"));
  // Without a list type: replaced as a whole, but for defaults.
  EXPECT_THAT(Explained(R"("steps":[{"run":"a"}])", R"("steps":[{"run":"a","tries":1}])"),
              ElementsAre("/spec/steps/0/tries defaulted"));
  EXPECT_THAT(Explained(R"("steps":[{"run":"a"}])", R"("steps":[{"run":"a","tries":2}])"),
              ElementsAre("/spec/steps/0/tries adopted"));
  EXPECT_THAT(Explained(R"("steps":[{"run":"a"}])", R"("steps":[{"run":"a"},{"run":"b"}])"),
              ElementsAre("/spec/steps adopted"));
}

TEST_F(CustomTest, AnAtomicListIsNoKeyedOneWhateverManagersLookLike) {
  const Value desired = Thing(R"("steps":[{"run":"b"}])");
  const Value live =
      Thing(R"("steps":[{"run":"a"},{"run":"b"}])",
            Managed(Entry("x", "Apply", "2026-01-01T00:00:00Z",
                          R"({"f:spec":{"f:steps":{"k:{\"run\":\"a\"}":{".":{}}}}})")));
  EXPECT_THAT(Lines(Explain(desired, live, Value(), {.custom_types = &types_})),
              ElementsAre("/spec/steps adopted x"));
}

TEST_F(CustomTest, ValuesAndDefaults) {
  EXPECT_THAT(Explained(R"("interval":"60m","timeout":"90s","label":"60m","port":"80")",
                        R"("interval":"1h0m0s","timeout":"1m30s","label":"1h","port":80)"),
              ElementsAre("/spec/interval equal", "/spec/label adopted", "/spec/port adopted",
                          "/spec/timeout equal"));
  EXPECT_THAT(Explained(R"("limits":{"cpu":"1000m"})", R"("limits":{"cpu":1,"gpu":2})"),
              ElementsAre("/spec/limits/cpu equal", "/spec/limits/gpu owned"));
  EXPECT_THAT(Explained(R"("label":"x")", R"("label":"x","retry":{"max":5})"),
              ElementsAre("/spec/retry defaulted"));
  // The default comes back once the field is no longer stated.
  EXPECT_THAT(Explained(R"("label":"x")", R"("label":"x","retry":{"max":5})",
                        R"("label":"x","retry":{"max":5})"),
              ElementsAre("/spec/retry defaulted"));
  EXPECT_THAT(Explained(R"("label":"x")", R"("label":"x","retry":{"max":7})",
                        R"("label":"x","retry":{"max":7})"),
              ElementsAre("/spec/retry changed"));
  EXPECT_THAT(Explained(R"("selector":{"a":"1"})", R"("selector":{"a":"1","b":"2"})"),
              ElementsAre("/spec/selector/b adopted"));
  EXPECT_THAT(Explained(R"("free":{"list":[1]})", R"("free":{"list":[1,2],"more":1})"),
              ElementsAre("/spec/free/list adopted", "/spec/free/more owned"));
}

}  // namespace
}  // namespace swell::diff
