#include "reconciler/diff/diff.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/value/json.h"
#include "reconciler/diff/list_keys.h"

namespace swell::diff {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

Value Json(std::string_view text) {
  auto value = json::Parse(text);
  EXPECT_TRUE(value) << (value ? "" : value.error().ToString()) << "\n" << text;
  return value.value_or(Value());
}

// "path cause", one per change.
std::vector<std::string> Lines(const std::vector<FieldChange>& changes) {
  std::vector<std::string> lines;
  for (const FieldChange& change : changes) {
    const char* cause = change.cause == ChangeCause::kChanged   ? " changed"
                        : change.cause == ChangeCause::kDrifted ? " drifted"
                                                                : " adopted";
    lines.push_back(change.path + cause);
  }
  return lines;
}

// Deployments: the spec around one container.
std::string Deployment(const std::string& container, const std::string& spec = "") {
  return R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"w"},"spec":{)" + spec +
         R"("template":{"spec":{"containers":[)" + container + "]}}}}";
}

struct Case {
  const char* name;
  std::string last;
  std::string desired;
  std::string live;
  std::vector<std::string> lines;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class CompareTest : public testing::TestWithParam<Case> {};

TEST_P(CompareTest, FindsWhatMatters) {
  const Case& c = GetParam();
  EXPECT_EQ(Lines(Compare(Json(c.desired), Json(c.live), Json(c.last))), c.lines);
}

const std::string kThing = R"({"apiVersion":"e.com/v1","kind":"Thing","metadata":{"name":"t"},)";
const std::string kMap = R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},)";

INSTANTIATE_TEST_SUITE_P(
    ThreeWay, CompareTest,
    testing::Values(
        Case{"same",
             kMap + R"("data":{"a":"1"}})",
             kMap + R"("data":{"a":"1"}})",
             kMap + R"("data":{"a":"1","b":"not ours"}})",
             {}},
        Case{"changed",
             kMap + R"("data":{"a":"1"}})",
             kMap + R"("data":{"a":"2"}})",
             kMap + R"("data":{"a":"1"}})",
             {"/data/a changed"}},
        Case{"drifted",
             kMap + R"("data":{"a":"1"}})",
             kMap + R"("data":{"a":"1"}})",
             kMap + R"("data":{"a":"9"}})",
             {"/data/a drifted"}},
        Case{"lost",
             kMap + R"("data":{"a":"1"}})",
             kMap + R"("data":{"a":"1"}})",
             kMap + R"("data":{}})",
             {"/data/a drifted"}},
        Case{"adopted",
             "null",
             kMap + R"("data":{"a":"1"}})",
             kMap + R"("data":{"a":"0"}})",
             {"/data/a adopted"}},
        Case{"removed",
             kMap + R"("data":{"a":"1","b":"2"}})",
             kMap + R"("data":{"a":"1"}})",
             kMap + R"("data":{"a":"1","b":"2","c":"3"}})",
             {"/data/b changed"}},
        Case{"removed_and_gone",
             kMap + R"("data":{"a":"1","b":"2"}})",
             kMap + R"("data":{"a":"1"}})",
             kMap + R"("data":{"a":"1"}})",
             {}},
        Case{"removed_map_beside_others",
             kMap + R"("data":{"a":"1"}})",
             kMap + R"("x":null})",
             kMap + R"("data":{"a":"1","c":"3"}})",
             {"/data/a changed"}},
        Case{"removed_map",
             kMap + R"("data":{"a":"1"}})",
             kMap + R"("data":null})",
             kMap + R"("data":{"a":"1"}})",
             {"/data changed"}},
        Case{"empty_entry",
             "null",
             kMap + R"("data":{"a":""}})",
             kMap + R"("data":{}})",
             {"/data/a adopted"}},
        Case{"immutable_false",
             "null",
             kMap + R"("immutable":false})",
             kMap + R"("data":{}})",
             {"/immutable adopted"}},
        Case{"server_made",
             "null",
             R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","namespace":"n",
               "uid":"x","creationTimestamp":null},"status":{"a":1}})",
             R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","uid":"y",
               "resourceVersion":"7","generation":3}})",
             {}},
        Case{"labels",
             R"({"kind":"ConfigMap","apiVersion":"v1","metadata":{"labels":{"a/b":"1"}}})",
             R"({"kind":"ConfigMap","apiVersion":"v1","metadata":{}})",
             R"({"kind":"ConfigMap","apiVersion":"v1","metadata":{"labels":{"a/b":"1","x":"2"}}})",
             {"/metadata/labels/a~1b changed"}}));

INSTANTIATE_TEST_SUITE_P(
    BuiltinLists, CompareTest,
    testing::Values(
        Case{"by_name",
             "null",
             Deployment(R"({"name":"b","image":"b:2"})"),
             Deployment(R"({"name":"a","image":"a:1"},{"name":"b","image":"b:1"})"),
             {"/spec/template/spec/containers/[name=b]/image adopted"}},
        Case{"item_removed",
             Deployment(R"({"name":"a"},{"name":"b"})"),
             Deployment(R"({"name":"a"})"),
             Deployment(R"({"name":"a"},{"name":"b"},{"name":"injected"})"),
             {"/spec/template/spec/containers/[name=b] changed"}},
        Case{"item_added",
             "null",
             Deployment(R"({"name":"a"},{"name":"b"})"),
             Deployment(R"({"name":"a"})"),
             {"/spec/template/spec/containers/[name=b] adopted"}},
        Case{"reordered",
             "null",
             Deployment(R"({"name":"b"},{"name":"a"})"),
             Deployment(R"({"name":"a"},{"name":"b"})"),
             {"/spec/template/spec/containers adopted"}},
        // Ports are keyed by number and protocol; kubectl's own patch loses one of these.
        Case{
            "port_by_protocol",
            "null",
            R"({"apiVersion":"v1","kind":"Service","spec":{"ports":[{"port":53},
               {"port":53,"protocol":"UDP"}]}})",
            R"({"apiVersion":"v1","kind":"Service","spec":{"ports":[{"port":53,"protocol":"TCP"}]}})",
            {"/spec/ports/[port=53,protocol=UDP] adopted"}},
        Case{"args",
             "null",
             Deployment(R"({"name":"a","args":["x","y"]})"),
             Deployment(R"({"name":"a","args":["y","x"]})"),
             {"/spec/template/spec/containers/[name=a]/args adopted"}},
        Case{"finalizers",
             R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"finalizers":["a","b"]}})",
             R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"finalizers":["a"]}})",
             R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"finalizers":["z","a","b"]}})",
             {"/metadata/finalizers changed"}},
        // Owned as a whole: an apply takes out what somebody added.
        Case{"atomic_map",
             R"({"apiVersion":"v1","kind":"Service","spec":{"selector":{"a":"1"}}})",
             R"({"apiVersion":"v1","kind":"Service","spec":{"selector":{"a":"1"}}})",
             R"({"apiVersion":"v1","kind":"Service","spec":{"selector":{"a":"1","b":"2"}}})",
             {"/spec/selector/b changed"}},
        Case{"duplicate_keys",
             "null",
             Deployment(R"({"name":"a","env":[{"name":"X"},{"name":"X"}]})"),
             Deployment(R"({"name":"a","env":[{"name":"X","value":"1"}]})"),
             {"/spec/template/spec/containers/[name=a]/env adopted"}}));

INSTANTIATE_TEST_SUITE_P(
    Spellings, CompareTest,
    testing::Values(
        Case{"quantity",
             "null",
             Deployment(R"({"name":"a","resources":{"limits":{"cpu":1,"memory":"1024Mi"}}})"),
             Deployment(R"({"name":"a","resources":{"limits":{"cpu":"1000m","memory":"1Gi"}}})"),
             {}},
        Case{"other_quantity",
             "null",
             Deployment(R"({"name":"a","resources":{"limits":{"cpu":"2"}}})"),
             Deployment(R"({"name":"a","resources":{"limits":{"cpu":"1"}}})"),
             {"/spec/template/spec/containers/[name=a]/resources/limits/cpu adopted"}},
        Case{
            "int_or_string",
            "null",
            R"({"apiVersion":"policy/v1","kind":"PodDisruptionBudget","spec":{"minAvailable":"1"}})",
            R"({"apiVersion":"policy/v1","kind":"PodDisruptionBudget","spec":{"minAvailable":1}})",
            {"/spec/minAvailable adopted"}},
        Case{"defaults_stated",
             "null",
             Deployment(R"({"name":"a","ports":[{"containerPort":80,"protocol":"TCP"}]})",
                        R"("replicas":1,"strategy":{},)"),
             Deployment(R"({"name":"a","ports":[{"containerPort":80}]})"),
             {}},
        Case{"default_comes_back",
             Deployment(R"({"name":"a"})", R"("replicas":1,)"),
             Deployment(R"({"name":"a"})"),
             Deployment(R"({"name":"a"})", R"("replicas":1,)"),
             {}},
        Case{"default_does_not_come_back",
             Deployment(R"({"name":"a"})", R"("replicas":1,)"),
             Deployment(R"({"name":"a"})"),
             Deployment(R"({"name":"a"})", R"("replicas":4,)"),
             {"/spec/replicas changed"}},
        // Both are owned as wholes, so that what is not stated would be taken out.
        Case{"default_in_an_atomic_map",
             "null",
             Deployment(R"({"name":"a","env":[{"name":"P","valueFrom":{"resourceFieldRef":{
               "resource":"limits.cpu"}}}]})"),
             Deployment(R"({"name":"a","env":[{"name":"P","valueFrom":{"resourceFieldRef":{
               "resource":"limits.cpu","divisor":"0"}}}]})"),
             {}},
        Case{"selectors_of_everything",
             "null",
             R"({"apiVersion":"admissionregistration.k8s.io/v1",
               "kind":"ValidatingAdmissionPolicyBinding","spec":{"matchResources":{}}})",
             R"({"apiVersion":"admissionregistration.k8s.io/v1",
               "kind":"ValidatingAdmissionPolicyBinding","spec":{"matchResources":{
               "namespaceSelector":{},"objectSelector":{},"matchPolicy":"Equivalent"}}})",
             {}},
        Case{"zero_values",
             "null",
             Deployment(R"({"name":"a","tty":false,"args":[],"lifecycle":{}})"),
             Deployment(R"({"name":"a"})"),
             {}},
        Case{
            "volume_kind",
            "null",
            R"({"apiVersion":"v1","kind":"Pod","spec":{"volumes":[{"name":"v","emptyDir":{}}]}})",
            R"({"apiVersion":"v1","kind":"Pod","spec":{"volumes":[{"name":"v","hostPath":{"path":"/"}}]}})",
            {"/spec/volumes/[name=v]/emptyDir adopted"}}));

INSTANTIATE_TEST_SUITE_P(
    Custom, CompareTest,
    testing::Values(
        Case{"whole_list",
             "null",
             kThing + R"("spec":{"parts":[{"name":"a"}]}})",
             kThing + R"("spec":{"parts":[{"name":"a"},{"name":"b"}]}})",
             {"/spec/parts adopted"}},
        Case{"filled_in",
             kThing + R"("spec":{"parts":[{"name":"a"}]}})",
             kThing + R"("spec":{"parts":[{"name":"a"}]}})",
             kThing + R"("spec":{"parts":[{"name":"a","size":3}]}})",
             {}},
        Case{"in_an_item",
             kThing + R"("spec":{"parts":[{"name":"a","n":1}]}})",
             kThing + R"("spec":{"parts":[{"name":"a","n":1}]}})",
             kThing + R"("spec":{"parts":[{"name":"a","n":2}]}})",
             {"/spec/parts/0/n drifted"}},
        Case{"numbers", "null", kThing + R"("spec":{"n":1.0}})", kThing + R"("spec":{"n":1}})", {}},
        Case{"text_is_no_number",
             "null",
             kThing + R"("spec":{"n":"1"}})",
             kThing + R"("spec":{"n":1}})",
             {"/spec/n adopted"}},
        Case{"empty_counts",
             "null",
             kThing + R"("spec":{"n":{},"m":false}})",
             kThing + R"("spec":{}})",
             {"/spec/m adopted", "/spec/n adopted"}},
        Case{"empty_metadata_does_not",
             "null",
             R"({"apiVersion":"e.com/v1","kind":"Thing","metadata":{
             "annotations":{}}})",
             kThing + R"("spec":{}})",
             {}},
        // What managedFields show of a list is better than nothing.
        Case{"keys_by_owners",
             "null",
             kThing + R"("spec":{"parts":[{"name":"a","n":2}]}})",
             R"({"apiVersion":"e.com/v1","kind":"Thing","metadata":{"managedFields":[{"manager":"x",
               "operation":"Apply","fieldsV1":{"f:spec":{"f:parts":{"k:{\"name\":\"b\"}":{".":{}}}}}}]},
               "spec":{"parts":[{"name":"b","n":1},{"name":"a","n":1}]}})",
             {"/spec/parts/[name=a]/n adopted"}},
        Case{"kind_of_value",
             "null",
             kThing + R"("spec":{"n":[1]}})",
             kThing + R"("spec":{"n":{"a":1}}})",
             {"/spec/n adopted"}}));

const char kOwned[] =
    R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","managedFields":[
  {"manager":"swell","operation":"Apply","fieldsV1":{"f:data":{"f:a":{},"f:b":{},"f:shared":{}}}},
  {"manager":"kubectl","operation":"Update","fieldsV1":{"f:data":{"f:foreign":{},"f:shared":{}}}},
  {"manager":"swell","operation":"Update","fieldsV1":{"f:data":{"f:updated":{}}}}]},
  "data":{"a":"1","b":"2","foreign":"3","shared":"4","updated":"5"}})";

TEST(OwnershipTest, PlaysLastApplied) {
  const Value live = Json(kOwned);
  const auto lines = [&](const char* data) {
    return Lines(
        Compare(Json(kMap + R"("data":)" + data + "}"), live, Value(), {.field_manager = "swell"}));
  };
  EXPECT_THAT(lines(R"({"a":"1","b":"2"})"), IsEmpty());
  EXPECT_THAT(lines(R"({"a":"1"})"), ElementsAre("/data/b changed"));
  // `foreign` was taken over by, or always was, somebody else's.
  EXPECT_THAT(lines(R"({"a":"2","b":"2","foreign":"9"})"),
              ElementsAre("/data/a changed", "/data/foreign drifted"));
}

TEST(OwnershipTest, ARecordedStateIsBetter) {
  const auto changes =
      Compare(Json(kMap + R"("data":{"a":"1"}})"), Json(kOwned),
              Json(kMap + R"("data":{"a":"1","updated":"5"}})"), {.field_manager = "swell"});
  EXPECT_THAT(Lines(changes), ElementsAre("/data/updated changed"));
}

TEST(AnnotationTest, OnlyWhereAsked) {
  const Value live = Json(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"annotations":{
    "kubectl.kubernetes.io/last-applied-configuration":"{\"data\":{\"a\":\"1\"}}"}},
    "data":{"a":"1"}})");
  const Value desired = Json(kMap + R"("data":{}})");
  EXPECT_THAT(Lines(Compare(desired, live, Value(), {.use_annotation = true})),
              ElementsAre("/data/a changed"));
  EXPECT_THAT(Compare(desired, live, Value()), IsEmpty());
}

TEST(SecretTest, ValuesNeverShow) {
  const Value live = Json(R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},
    "data":{"same":"c2FtZQ==","changed":"b2xkdmFsdWU=","gone":"Z29uZXZhbHVl"}})");
  const Value desired = Json(R"({"apiVersion":"v1","kind":"Secret","metadata":{"name":"s"},
    "data":{"same":"c2FtZQ=="},"stringData":{"changed":"newvalue","added":"addedvalue"}})");
  const auto changes = Compare(desired, live, live);
  ASSERT_THAT(Lines(changes),
              ElementsAre("/data/added changed", "/data/changed changed", "/data/gone changed"));
  EXPECT_EQ(changes[0].before, "");
  EXPECT_EQ(changes[0].after, "***");
  EXPECT_EQ(changes[1].before, "*** (before)");
  EXPECT_EQ(changes[1].after, "*** (after)");
  EXPECT_EQ(changes[2].after, "");
  // A Secret whose data is no map at all is hidden as a whole.
  const Value odd = Json(R"({"apiVersion":"v1","kind":"Secret","data":["oldvalue"]})");
  for (const FieldChange& change : Compare(desired, odd, Value())) {
    EXPECT_THAT(change.before + change.after, Not(HasSubstr("value")));
  }
}

TEST(WithListKeysTest, FillsInWhatIsLeftToItsDefault) {
  const Value service = Json(R"({"apiVersion":"v1","kind":"Service","spec":{"ports":[{"port":80},
    {"port":53,"protocol":"UDP"},3]}})");
  EXPECT_EQ(json::Write(WithListKeys(service)["spec"]["ports"]),
            R"([{"port":80,"protocol":"TCP"},{"port":53,"protocol":"UDP"},3])");
  const Value deployment =
      WithListKeys(Json(Deployment(R"({"name":"a","ports":[{"containerPort":80}]})")));
  EXPECT_EQ(json::Write(deployment["spec"]["template"]["spec"]["containers"]),
            R"([{"name":"a","ports":[{"containerPort":80,"protocol":"TCP"}]}])");
  const Value thing = Json(kThing + R"("spec":{"ports":[{"port":80}]}})");
  EXPECT_EQ(WithListKeys(thing), thing);
  for (const char* odd : {"null", "[]", R"({"apiVersion":"v1","kind":"Service","spec":[]})"}) {
    EXPECT_EQ(WithListKeys(Json(odd)), Json(odd));
  }
  const Value quota = Json(R"({"apiVersion":"v1","kind":"ResourceQuota","spec":{"hard":
    {"pods":10,"limits.cpu":2.5,"limits.memory":"1Gi"}}})");
  EXPECT_EQ(json::Write(WithListKeys(quota)["spec"]["hard"]),
            R"({"limits.cpu":"2.5","limits.memory":"1Gi","pods":"10"})");
}

TEST(ShowTest, LongValuesAreCut) {
  const std::string text(5000, 'x');
  const auto changes = Compare(Json(kMap + R"("data":{"a":")" + text + R"("}})"),
                               Json(kMap + R"("data":{}})"), Value());
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_LT(changes[0].after.size(), 300u);
  EXPECT_TRUE(changes[0].after.ends_with("…"));
}

TEST(PathStyleTest, PointersNameLiveIndices) {
  const auto changes = Compare(Json(Deployment(R"({"name":"b","image":"2"},{"name":"c"})")),
                               Json(Deployment(R"({"name":"a"},{"name":"b","image":"1"})")),
                               Value(), {.path_style = PathStyle::kPointer});
  EXPECT_THAT(Lines(changes), ElementsAre("/spec/template/spec/containers/1/image adopted",
                                          "/spec/template/spec/containers/- adopted"));
}

TEST(IgnoreTest, PointersManagersAndExpressions) {
  const Value desired = Json(Deployment(R"({"name":"a","image":"2"})", R"("replicas":3,)"));
  const Value live = Json(R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"w",
    "managedFields":[{"manager":"hpa","operation":"Update","subresource":"scale",
    "fieldsV1":{"f:spec":{"f:replicas":{}}}}]},"spec":{"replicas":5,"template":{"spec":{
    "containers":[{"name":"a","image":"1"}]}}}})");
  const auto with = [&](IgnoreRules rules) {
    return Lines(Compare(desired, live, Value(), {.ignore = std::move(rules)}));
  };
  const std::string image = "/spec/template/spec/containers/[name=a]/image adopted";
  EXPECT_THAT(with({}), ElementsAre("/spec/replicas adopted", image));
  EXPECT_THAT(with({.pointers = {{"spec", "replicas"}}}), ElementsAre(image));
  EXPECT_THAT(with({.pointers = {{"spec", "template", "spec", "containers", "*", "image"}}}),
              ElementsAre("/spec/replicas adopted"));
  EXPECT_THAT(with({.pointers = {{"spec"}}}), IsEmpty());
  EXPECT_THAT(with({.managers = {"hpa"}}), ElementsAre(image));
  EXPECT_THAT(with({.expressions = {*PathExpression::Parse(
                        ".spec.template.spec.containers[] | select(.name == \"a\") | .image")}}),
              ElementsAre("/spec/replicas adopted"));
  EXPECT_THAT(with({.expressions = {*PathExpression::Parse(".spec | select(.replicas < 4)")}}),
              IsEmpty());
}

TEST(BadInputTest, LongListsTakeNoQuadraticTime) {
  std::string env, fields, finalizers;
  constexpr int kItems = 20'000;
  for (int i = 0; i < kItems; ++i) {
    const std::string name = "n" + std::to_string(i);
    const char* comma = i == 0 ? "" : ",";
    env += comma + (R"({"name":")" + name + R"("})");
    fields += comma + (R"("k:{\"name\":\")" + name + R"(\"}":{".":{}})");
    finalizers += comma + ("\"" + name + "\"");
  }
  const Value live = Json(R"({"apiVersion":"e.com/v1","kind":"Thing","metadata":{"finalizers":[)" +
                          finalizers + R"(],"managedFields":[{"manager":"swell",
      "operation":"Apply","fieldsV1":{"f:spec":{"f:parts":{)" +
                          fields + R"(}}}}]},"spec":{"parts":[)" + env + "]}}");
  const Value desired = Json(R"({"apiVersion":"e.com/v1","kind":"Thing","metadata":{
    "finalizers":[)" + finalizers +
                             R"(]},"spec":{"parts":[)" + env + "]}}");
  EXPECT_THAT(Compare(desired, live, Value(), {.field_manager = "swell"}), IsEmpty());
  const auto changes = Compare(Json(R"({"apiVersion":"e.com/v1","kind":"Thing","spec":{"parts":[
    {"name":"n7"}]}})"),
                               live, Value(), {.field_manager = "swell"});
  EXPECT_EQ(changes.size(), static_cast<std::size_t>(kItems) - 1);
}

TEST(BadInputTest, OddShapesDoNotCrash) {
  const char* documents[] = {"null",
                             "1",
                             "[]",
                             "{}",
                             R"({"kind":1,"metadata":[],"spec":3})",
                             R"({"apiVersion":"v1","kind":"Secret","data":3,"stringData":[1]})",
                             R"({"apiVersion":"v1","kind":"Endpoints","subsets":[3]})",
                             R"({"apiVersion":"v1","kind":"Pod","metadata":{"managedFields":[1,
                               {"manager":"swell","operation":"Apply","fieldsV1":{"f:spec":{
                               "f:containers":{"k:{":{},"k:[]":{".":{}}}}}}]},
                               "spec":{"containers":[1,{}]}})"};
  for (const char* desired : documents) {
    for (const char* live : documents) {
      for (const char* last : documents) {
        Compare(Json(desired), Json(live), Json(last), {.field_manager = "swell"});
      }
    }
  }
}

}  // namespace
}  // namespace swell::diff
