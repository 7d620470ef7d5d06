#include "reconciler/diff/payload.h"

#include <gtest/gtest.h>

#include "base/value/json.h"

namespace swell::diff {
namespace {

Value Json(std::string_view text) {
  auto value = json::Parse(text);
  EXPECT_TRUE(value) << text;
  return value.value_or(Value());
}

Value Deployment(const std::string& spec, const std::string& managed = "") {
  return Json(
      R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"w","managedFields":[)" +
      managed + R"(]},"spec":{)" + spec + "}}");
}

std::string Entry(const char* manager, const char* operation, const char* fields) {
  return R"({"manager":")" + std::string(manager) + R"(","operation":")" + operation +
         R"(","fieldsV1":)" + fields + "}";
}

constexpr char kReplicas[] = R"({"f:spec":{"f:replicas":{}}})";

IgnoreRules Rules(std::vector<PointerTokens> pointers, std::vector<const char*> expressions = {},
                  std::vector<std::string> managers = {}) {
  IgnoreRules rules;
  rules.pointers = std::move(pointers);
  for (const char* text : expressions) {
    rules.expressions.push_back(*PathExpression::Parse(text));
  }
  rules.managers = std::move(managers);
  return rules;
}

std::string Spec(const Value& desired, const Value& live, const IgnoreRules& rules) {
  return json::Write(WithoutIgnored(desired, live, rules, "swell")["spec"]);
}

TEST(PayloadTest, SendsWhatLiveHas) {
  const Value desired = Deployment(R"("paused":true,"replicas":1)");
  const IgnoreRules rules = Rules({{"spec", "replicas"}});
  EXPECT_EQ(Spec(desired, Deployment(R"("replicas":5)"), rules), R"({"paused":true,"replicas":5})");
  // An autoscaler does not apply: without our statement the field would be nobody's.
  EXPECT_EQ(Spec(desired, Deployment(R"("replicas":5)", Entry("hpa", "Update", kReplicas)), rules),
            R"({"paused":true,"replicas":5})");
  // Who applies it is in charge of it.
  EXPECT_EQ(Spec(desired, Deployment(R"("replicas":5)", Entry("other", "Apply", kReplicas)), rules),
            R"({"paused":true})");
  EXPECT_EQ(Spec(desired, Deployment(R"("paused":false)"), rules), R"({"paused":true})");
  EXPECT_EQ(Spec(desired, Deployment(R"("replicas":5)"), {}), R"({"paused":true,"replicas":1})");
  // Nothing is there yet: everything is sent.
  EXPECT_EQ(Spec(desired, Value(), rules), R"({"paused":true,"replicas":1})");
}

TEST(PayloadTest, KeepsWhatWeAppliedBefore) {
  const Value desired = Deployment(R"("paused":true)");
  const IgnoreRules rules = Rules({{"spec", "replicas"}});
  EXPECT_EQ(Spec(desired, Deployment(R"("replicas":5)", Entry("swell", "Apply", kReplicas)), rules),
            R"({"paused":true,"replicas":5})");
  EXPECT_EQ(Spec(desired, Deployment(R"("replicas":5)", Entry("hpa", "Update", kReplicas)), rules),
            R"({"paused":true})");
}

TEST(PayloadTest, FindsTheItemsOfLists) {
  const auto containers = [](const std::string& items) {
    return Deployment(R"("template":{"spec":{"containers":[)" + items + "]}}");
  };
  const Value desired = containers(R"({"image":"b:2","name":"b"},{"image":"c:2","name":"c"})");
  const Value live = containers(
      R"({"image":"a:1","name":"a"},{"image":"b:1","name":"b"},{"image":"c:1","name":"c"})");
  const auto sent = [&](const IgnoreRules& rules) {
    return json::Write(WithoutIgnored(desired, live, rules, "swell")
                           .At({"spec", "template", "spec", "containers"}));
  };
  EXPECT_EQ(sent(Rules({}, {R"(.spec.template.spec.containers[] | select(.name == "b").image)"})),
            R"([{"image":"b:1","name":"b"},{"image":"c:2","name":"c"}])");
  EXPECT_EQ(sent(Rules({{"spec", "template", "spec", "containers", "*", "image"}})),
            R"([{"image":"b:1","name":"b"},{"image":"c:1","name":"c"}])");
  // Items that live has not are left out, from the end.
  const Value only_a = containers(R"({"image":"a:1","name":"a"})");
  EXPECT_EQ(json::Write(WithoutIgnored(desired, only_a,
                                       Rules({}, {".spec.template.spec.containers[]"}), "swell")
                            .At({"spec", "template", "spec", "containers"})),
            "[]");
}

TEST(PayloadTest, FieldsOfManagers) {
  const Value desired = Deployment(R"("paused":true,"replicas":1)");
  const IgnoreRules rules = Rules({}, {}, {"hpa"});
  EXPECT_EQ(Spec(desired, Deployment(R"("replicas":5)", Entry("hpa", "Update", kReplicas)), rules),
            R"({"paused":true,"replicas":5})");
  EXPECT_EQ(Spec(desired, Deployment(R"("replicas":5)", Entry("hpa", "Apply", kReplicas)), rules),
            R"({"paused":true})");
  EXPECT_EQ(Spec(desired, Deployment(R"("replicas":5)", Entry("x", "Update", kReplicas)), rules),
            R"({"paused":true,"replicas":1})");
}

TEST(PayloadTest, OddShapesDoNotCrash) {
  const char* documents[] = {"null", "[]", "1", R"({"spec":[1,[2]],"metadata":3})",
                             R"({"apiVersion":"v1","kind":"Pod","spec":{"containers":[1,{}]}})"};
  const IgnoreRules rules =
      Rules({{"spec", "0", "1"}, {"spec", "*", "*"}, {"metadata"}}, {"..", ".spec[]?", "."}, {"x"});
  for (const char* desired : documents) {
    for (const char* live : documents) WithoutIgnored(Json(desired), Json(live), rules, "swell");
  }
}

}  // namespace
}  // namespace swell::diff
