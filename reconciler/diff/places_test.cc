#include "reconciler/diff/places.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/value/json.h"
#include "reconciler/diff/explain.h"
#include "reconciler/diff/payload.h"
#include "reconciler/diff/rules.h"

namespace swell::diff {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Value Json(std::string_view text) {
  auto value = json::Parse(text);
  EXPECT_TRUE(value) << text;
  return value.value_or(Value());
}

Value Deployment(const std::string& spec) {
  return Json(R"({"apiVersion":"apps/v1","kind":"Deployment",
      "metadata":{"name":"web","namespace":"web"},"spec":{)" +
              spec + "}}");
}

const ObjectId kWeb = {"apps", "Deployment", "web", "web"};

std::string Containers(const std::string& list) {
  return R"("template":{"spec":{"containers":[)" + list + "]}}";
}

struct PlacesCase {
  const char* pointer;
  std::vector<std::string> places;
};

TEST(PlacesTest, PointersOfRules) {
  const Value document = Json(R"({"a":{"b":1,"c":2},"l":[{"name":"x","port":80},
      {"name":"y","port":80,"protocol":"UDP"},"text"]})");
  for (const PlacesCase& c : {
           PlacesCase{"", {""}},
           PlacesCase{"/a/b", {"/a/b"}},
           PlacesCase{"/a/*", {"/a/b", "/a/c"}},
           PlacesCase{"/l/[name=y]/port", {"/l/1/port"}},
           PlacesCase{"/l/[port=80]", {"/l/0", "/l/1"}},
           // A key that is not stated has its default.
           PlacesCase{"/l/[port=80,protocol=TCP]", {"/l/0"}},
           PlacesCase{"/l/[name=z]", {}},
           PlacesCase{"/l/[protocol=TCP]", {}},
           PlacesCase{"/a/[name=x]", {}},
           PlacesCase{"/none/*", {}},
       }) {
    std::vector<std::string> found;
    for (const PointerTokens& place : PlacesOf(document, *ParsePointer(c.pointer))) {
      found.push_back(FormatPointer(place));
    }
    EXPECT_EQ(found, c.places) << c.pointer;
  }
}

IgnoreDifference Tolerate(const std::string& pointer, const std::string& cluster = "",
                          Toleration::GivesWay gives_way = Toleration::GivesWay::kToField) {
  IgnoreDifference rule;
  rule.objects = {.group = "apps", .kind = "Deployment", .ns = "web", .name = "web"};
  rule.json_pointers = {pointer};
  rule.toleration = Toleration{.id = "1", .cluster = cluster, .gives_way = gives_way, .why = "why"};
  return rule;
}

IgnoreRules RulesOf(const IgnoreDifference& rule, std::string_view cluster = "c01") {
  const auto book = RuleBook::Compile({rule});
  EXPECT_TRUE(book);
  return book->For(kWeb, cluster);
}

TEST(TolerationTest, HoldsInItsClusterAlone) {
  EXPECT_FALSE(RulesOf(Tolerate("/spec/replicas", "c01"), "c01").empty());
  EXPECT_TRUE(RulesOf(Tolerate("/spec/replicas", "c01"), "c02").empty());
  EXPECT_TRUE(RulesOf(Tolerate("/spec/replicas", "c01"), "").empty());
  EXPECT_FALSE(RulesOf(Tolerate("/spec/replicas"), "c02").empty());
}

TEST(TolerationTest, IsACauseOfItsOwn) {
  const Value desired =
      Deployment(R"("replicas":2,)" + Containers(R"({"name":"m","image":"a:1"})"));
  const Value live =
      Deployment(R"("replicas":9,)" +
                 Containers(R"({"name":"side","image":"s:1"},{"name":"m","image":"a:2"})"));
  const auto told = [&](const std::string& pointer) {
    std::vector<std::string> out;
    for (const Explanation& e :
         Explain(desired, live, desired, {.ignore = RulesOf(Tolerate(pointer))})) {
      if (e.change.cause == ChangeCause::kOwned || e.change.cause == ChangeCause::kDefaulted)
        continue;
      out.push_back(e.change.path + " " + std::string(ChangeCauseName(e.change.cause)) + " " +
                    e.note);
    }
    return out;
  };
  EXPECT_THAT(told("/spec/replicas"),
              ElementsAre("/spec/replicas tolerated why",
                          "/spec/template/spec/containers/[name=m]/image drifted "));
  EXPECT_THAT(told("/spec/template/spec/containers/[name=m]/image"),
              ElementsAre("/spec/replicas drifted ",
                          "/spec/template/spec/containers/[name=m]/image tolerated why"));
  EXPECT_THAT(told(""), ElementsAre("/spec/replicas tolerated why",
                                    "/spec/template/spec/containers/[name=m]/image tolerated why"));
}

TEST(TolerationTest, AnApplyKeepsLivesValue) {
  const Value desired =
      Deployment(R"("replicas":2,)" + Containers(R"({"name":"m","image":"a:1"})"));
  const Value live =
      Deployment(R"("replicas":9,)" +
                 Containers(R"({"name":"side","image":"s:1"},{"name":"m","image":"a:2"})"));
  const auto sent = [&](const std::string& pointer) {
    return json::Write(WithoutIgnored(desired, live, RulesOf(Tolerate(pointer)), "swell")["spec"]);
  };
  EXPECT_EQ(sent("/spec/replicas"),
            R"({"replicas":9,"template":{"spec":{"containers":[{"image":"a:1","name":"m"}]}}})");
  EXPECT_EQ(sent("/spec/template/spec/containers/[name=m]/image"),
            R"({"replicas":2,"template":{"spec":{"containers":[{"image":"a:2","name":"m"}]}}})");
}

TEST(TolerationTest, GivesWayToACommit) {
  const Value was = Deployment(R"("replicas":2,"paused":false)");
  const Value other = Deployment(R"("replicas":2,"paused":true)");
  const Value scaled = Deployment(R"("replicas":3,"paused":false)");
  const auto ended = [](const IgnoreDifference& rule, const Value& desired, const Value* last) {
    std::vector<std::string> gave_way;
    const IgnoreRules left = InForce(RulesOf(rule), desired, last, &gave_way);
    EXPECT_EQ(left.tolerated.empty(), !gave_way.empty());
    return gave_way;
  };
  const IgnoreDifference field = Tolerate("/spec/replicas");
  const IgnoreDifference object = Tolerate("/spec/replicas", "", Toleration::GivesWay::kToObject);
  EXPECT_THAT(ended(field, was, &was), IsEmpty());
  EXPECT_THAT(ended(field, other, &was), IsEmpty());
  EXPECT_THAT(ended(field, scaled, &was), ElementsAre("1"));
  EXPECT_THAT(ended(object, was, &was), IsEmpty());
  EXPECT_THAT(ended(object, other, &was), ElementsAre("1"));
  EXPECT_THAT(ended(field, scaled, nullptr), IsEmpty());
  // What the commit adds, or takes back, it changes.
  EXPECT_THAT(ended(Tolerate("/spec/minReadySeconds"), Deployment(R"("minReadySeconds":1)"), &was),
              ElementsAre("1"));
  EXPECT_THAT(ended(Tolerate(""), other, &was), ElementsAre("1"));
}

TEST(TolerationTest, AnItemThatMovedIsTheSame) {
  const Value was = Deployment(Containers(R"({"name":"m","image":"a:1"})"));
  const Value moved =
      Deployment(Containers(R"({"name":"first","image":"f:1"},{"name":"m","image":"a:1"})"));
  std::vector<std::string> gave_way;
  InForce(RulesOf(Tolerate("/spec/template/spec/containers/[name=m]/image")), moved, &was,
          &gave_way);
  EXPECT_THAT(gave_way, IsEmpty());
}

}  // namespace
}  // namespace swell::diff
