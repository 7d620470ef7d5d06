#include "reconciler/diff/conflicts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/core/strings.h"
#include "base/value/json.h"

namespace swell::diff {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Value Parse(const std::string& text) { return *json::Parse(text); }

constexpr char kDesired[] = R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"w",
  "labels":{"app.kubernetes.io/name":"w","team":"a"}},"spec":{"replicas":2,"template":{"spec":{
  "containers":[{"name":"side","image":"s:1"},{"name":"web","image":"w:2","args":["a"]}]}}}})";

Value Live(const std::string& managed) {
  return Parse(R"({"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"w","labels":{
    "app.kubernetes.io/name":"x","team":"a"},"managedFields":[)" +
               managed + R"(]},"spec":{"replicas":5,
    "template":{"spec":{"containers":[{"name":"web","image":"w:1","args":["b"]},
    {"name":"side","image":"s:1"}]}}}})");
}

std::string Entry(const std::string& manager, const std::string& operation,
                  const std::string& fields, const std::string& subresource = "") {
  return R"({"manager":")" + manager + R"(","operation":")" + operation + R"(","subresource":")" +
         subresource + R"(","fieldsV1":)" + fields + "}";
}

std::vector<std::string> Find(const std::string& managed) {
  std::vector<std::string> out;
  for (const FieldConflict& conflict : FindConflicts(Parse(kDesired), Live(managed), "swell")) {
    out.push_back(conflict.path + " " + FormatPointer(conflict.desired) + " " +
                  FormatPointer(conflict.live) + " " + Join(conflict.managers, ","));
  }
  return out;
}

constexpr char kReplicas[] = R"({"f:spec":{"f:replicas":{}}})";

TEST(ConflictsTest, WhatOthersOwnWithAnotherValue) {
  EXPECT_THAT(Find(Entry("hpa", "Update", kReplicas, "scale")),
              ElementsAre("/spec/replicas /spec/replicas /spec/replicas hpa"));
  EXPECT_THAT(Find(Entry("swell", "Apply", kReplicas)), IsEmpty()) << "ours";
  EXPECT_THAT(Find(Entry("swell", "Update", kReplicas)),
              ElementsAre("/spec/replicas /spec/replicas /spec/replicas swell"))
      << "an update of ours conflicts with our apply too";
  EXPECT_THAT(Find(Entry("x", "Update", kReplicas, "status")), IsEmpty());
  EXPECT_THAT(Find(Entry("x", "Apply", R"({"f:metadata":{"f:labels":{"f:team":{}}}})")), IsEmpty())
      << "the same value";
  EXPECT_THAT(Find(Entry("x", "Apply", R"({"f:spec":{"f:paused":{}}})")), IsEmpty()) << "not ours";
  EXPECT_THAT(Find(Entry("b", "Apply", kReplicas) + "," + Entry("a", "Update", kReplicas) + "," +
                   Entry("a", "Apply", kReplicas)),
              ElementsAre("/spec/replicas /spec/replicas /spec/replicas a,b"));
}

TEST(ConflictsTest, ItemsOfListsByTheirKeys) {
  const std::string fields = R"({"f:spec":{"f:template":{"f:spec":{"f:containers":{
    "k:{\"name\":\"web\"}":{".":{},"f:image":{},"f:args":{}},"k:{\"name\":\"gone\"}":{".":{}}}}}}})";
  EXPECT_THAT(Find(Entry("x", "Apply", fields)),
              ElementsAre("/spec/template/spec/containers/[name=web]/args "
                          "/spec/template/spec/containers/1/args "
                          "/spec/template/spec/containers/0/args x",
                          "/spec/template/spec/containers/[name=web]/image "
                          "/spec/template/spec/containers/1/image "
                          "/spec/template/spec/containers/0/image x"));
}

TEST(ConflictsTest, TheFirstRuleThatNamesAFieldDecides) {
  SyncSpec sync;
  const ObjectId deployment{"apps", "Deployment", "web", "w"};
  const ObjectId map{"", "ConfigMap", "web", "c"};
  EXPECT_TRUE(TakesAll(sync, deployment));
  sync.conflict_rules = {{{"apps", "Deployment", "", ""},
                          {"/spec/replicas", "/metadata/labels/*"},
                          ConflictPolicy::kKeep},
                         {{"*", "*", "", ""}, {"/metadata"}, ConflictPolicy::kFail}};
  EXPECT_FALSE(TakesAll(sync, deployment));
  EXPECT_EQ(PolicyOf(sync, deployment, {"spec", "replicas"}), ConflictPolicy::kKeep);
  EXPECT_EQ(PolicyOf(sync, deployment, {"spec", "replicasX"}), ConflictPolicy::kTake);
  EXPECT_EQ(PolicyOf(sync, deployment, {"metadata", "labels", "a"}), ConflictPolicy::kKeep);
  EXPECT_EQ(PolicyOf(sync, deployment, {"metadata", "annotations", "a"}), ConflictPolicy::kFail);
  EXPECT_EQ(PolicyOf(sync, map, {"metadata", "labels", "a"}), ConflictPolicy::kFail);
  EXPECT_EQ(PolicyOf(sync, map, {"data", "a"}), ConflictPolicy::kTake);
  sync.conflict_rules.pop_back();
  EXPECT_TRUE(TakesAll(sync, map));
  sync.conflicts = ConflictPolicy::kFail;
  EXPECT_EQ(PolicyOf(sync, map, {"data", "a"}), ConflictPolicy::kFail);
}

TEST(ConflictsTest, LeavesFieldsOut) {
  const Value object = Parse(R"({"a":{"b":1,"c":2},"l":[{"n":0},{"n":1},{"n":2}]})");
  EXPECT_EQ(
      json::Write(WithoutFields(
          object,
          {{"a", "b"}, {"l", "0"}, {"l", "2", "n"}, {"x", "y"}, {"l", "9"}, {"a", "c", "d"}})),
      R"({"a":{"c":2},"l":[{"n":1},{}]})");
  EXPECT_EQ(json::Write(WithoutFields(object, {{"l", "0"}, {"l", "1"}, {"l", "2"}, {"a"}})),
            R"({"l":[]})");
}

TEST(ConflictsTest, ReadsTheServersFieldPaths) {
  const Value object = Parse(R"({"metadata":{"annotations":{"a":"1","a.b":"2","e.com/x":"3"}},
    "spec":{"ports":[{"containerPort":80,"protocol":"TCP"},{"containerPort":80,"protocol":"UDP"}],
    "set":["v1","v2"],"list":[{"x":1}]}})");
  const auto find = [&](std::string_view path) {
    std::vector<std::string> out;
    for (const PointerTokens& found : FindFieldPath(object, path))
      out.push_back(FormatPointer(found));
    return out;
  };
  EXPECT_THAT(find(".metadata.annotations.a"), ElementsAre("/metadata/annotations/a"));
  EXPECT_THAT(find(".metadata.annotations.a.b"), ElementsAre("/metadata/annotations/a.b"));
  EXPECT_THAT(find(".metadata.annotations.e.com/x"), ElementsAre("/metadata/annotations/e.com~1x"));
  EXPECT_THAT(find(R"(.spec.ports[containerPort=80,protocol="UDP"].protocol)"),
              ElementsAre("/spec/ports/1/protocol"));
  EXPECT_THAT(find(R"(.spec.ports[containerPort=81,protocol="UDP"])"), IsEmpty());
  EXPECT_THAT(find(R"(.spec.set[="v2"])"), ElementsAre("/spec/set/1"));
  EXPECT_THAT(find(".spec.list[0].x"), ElementsAre("/spec/list/0/x"));
  for (const char* bad : {".spec.nothing", ".spec.ports[", ".spec.ports[containerPort=80", "spec",
                          "[", ".spec.ports[=]", ".spec.ports[containerPort"}) {
    EXPECT_THAT(find(bad), IsEmpty()) << bad;
  }
}

}  // namespace
}  // namespace swell::diff
