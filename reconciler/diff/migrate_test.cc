#include "reconciler/diff/migrate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/value/json.h"
#include "base/value/pointer.h"
#include "reconciler/diff/diff.h"

namespace swell::diff {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// An entry of managedFields that owns `fields`, a FieldsV1.
std::string Entry(const std::string& manager, const std::string& operation,
                  const std::string& fields, const std::string& version = "v1",
                  const std::string& subresource = "") {
  return R"({"manager":")" + manager + R"(","operation":")" + operation + R"(","apiVersion":")" +
         version + R"(","time":"2026-01-02T03:04:05Z","fieldsType":"FieldsV1","fieldsV1":)" +
         fields + (subresource.empty() ? "" : R"(,"subresource":")" + subresource + "\"") + "}";
}

Value Live(const std::vector<std::string>& entries, const std::string& annotations = "{}") {
  std::string list;
  for (const std::string& entry : entries) list += (list.empty() ? "" : ",") + entry;
  return *json::Parse(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","uid":"u",
    "resourceVersion":"7","annotations":)" +
                      annotations + R"(,"managedFields":[)" + list +
                      R"(]},"data":{"a":"1","b":"2"}})");
}

// "swell Apply v1", one for each entry.
std::vector<std::string> Entries(const Value& object) {
  std::vector<std::string> out;
  for (const Value& entry : object["metadata"]["managedFields"].items()) {
    out.push_back(entry["manager"].str() + " " + entry["operation"].str() + " " +
                  entry["apiVersion"].str());
  }
  return out;
}

constexpr char kA[] = R"({"f:data":{".":{},"f:a":{}}})";
constexpr char kB[] = R"({"f:data":{"f:b":{}}})";

TEST(MigrateTest, WhatIsTakenOver) {
  struct Case {
    const char* name;
    std::vector<std::string> entries;
    std::vector<Adoption> adopt;
    std::vector<std::string> after;  // empty: nothing to do
  };
  const std::vector<Case> cases = {
      {"kubectl apply", {Entry("kubectl-client-side-apply", "Update", kA)}, {}, {"swell Apply v1"}},
      {"kubectl edit", {Entry("kubectl-edit", "Update", kA)}, {}, {"swell Apply v1"}},
      {"kubectl apply --server-side", {Entry("kubectl", "Apply", kA)}, {}, {"swell Apply v1"}},
      {"without managedFields before",
       {Entry("before-first-apply", "Update", kA), Entry("swell", "Apply", kB)},
       {},
       {"swell Apply v1"}},
      {"our own update",
       {Entry("swell", "Update", kA), Entry("swell", "Apply", kB)},
       {},
       {"swell Apply v1"}},
      {"kubectl after our first apply",
       {Entry("kubectl-edit", "Update", kA), Entry("swell", "Apply", kB)},
       {},
       {}},
      {"a controller", {Entry("kube-controller-manager", "Update", kA)}, {}, {}},
      {"helm's, not allowed", {Entry("helm", "Update", kA)}, {}, {}},
      {"helm's", {Entry("helm", "Update", kA)}, {Adoption::kHelm}, {"swell Apply v1"}},
      {"helm 4's", {Entry("helm", "Apply", kA)}, {Adoption::kHelm}, {"swell Apply v1"}},
      {"argo's, flux allowed", {Entry("argocd-controller", "Update", kA)}, {Adoption::kFlux}, {}},
      {"argo's",
       {Entry("argocd-controller", "Apply", kA)},
       {Adoption::kArgoCd},
       {"swell Apply v1"}},
      {"flux's",
       {Entry("kustomize-controller", "Apply", kA)},
       {Adoption::kFlux},
       {"swell Apply v1"}},
      {"a subresource stays",
       {Entry("kubectl", "Update", kA, "v1", "scale"), Entry("kubectl-patch", "Update", kB)},
       {},
       {"kubectl Update v1", "swell Apply v1"}},
      {"nobody", {}, {}, {}},
  };
  for (const Case& c : cases) {
    const auto migrated =
        MigrateOwnership(Live(c.entries), {.api_version = "v1", .adopt = c.adopt});
    EXPECT_EQ(migrated.has_value(), !c.after.empty()) << c.name;
    if (migrated) {
      EXPECT_EQ(Entries(*migrated), c.after) << c.name;
    }
  }
}

TEST(MigrateTest, FieldsAreJoined) {
  const Value live =
      Live({Entry("kubectl-client-side-apply", "Update", kA),
            Entry("kubectl-edit", "Update", R"({"f:data":{"f:a":{"f:x":{}},"f:b":{}}})")});
  const auto migrated = MigrateOwnership(live, {.api_version = "v1"});
  ASSERT_TRUE(migrated);
  EXPECT_EQ(json::Write((*migrated)["metadata"]["managedFields"][0]["fieldsV1"]),
            R"({"f:data":{".":{},"f:a":{".":{},"f:x":{}},"f:b":{}}})");
}

TEST(MigrateTest, TheLastAppliedAnnotationGoesWithIt) {
  const Value live =
      Live({Entry("kubectl-client-side-apply", "Update",
                  R"({"f:metadata":{"f:annotations":{".":{},
                    "f:kubectl.kubernetes.io/last-applied-configuration":{}}}})")},
           R"({"kubectl.kubernetes.io/last-applied-configuration":"{}","mine":"1"})");
  const auto migrated = MigrateOwnership(live, {.api_version = "v1"});
  ASSERT_TRUE(migrated);
  EXPECT_EQ(json::Write((*migrated)["metadata"]["annotations"]), R"({"mine":"1"})");
  EXPECT_EQ(json::Write((*migrated)["metadata"]["managedFields"][0]["fieldsV1"]),
            R"({"f:metadata":{"f:annotations":{".":{}}}})");
  const auto patched = ApplyJsonPatch(live, MigrationPatch(live, *migrated));
  ASSERT_TRUE(patched) << patched.error().ToString();
  EXPECT_EQ(*patched, *migrated);
}

TEST(MigrateTest, IsDoneOnce) {
  const Value live = Live({Entry("kubectl-client-side-apply", "Update", kA)},
                          R"({"kubectl.kubernetes.io/last-applied-configuration":"{}"})");
  const auto once = MigrateOwnership(live, {.api_version = "v1"});
  ASSERT_TRUE(once);
  EXPECT_FALSE(MigrateOwnership(*once, {.api_version = "v1"}));
}

TEST(MigrateTest, NotWhereTheObjectSaysNo) {
  const Value live = Live({Entry("kubectl-client-side-apply", "Update", kA)},
                          R"({"kubectl.kubernetes.io/last-applied-configuration":"{}"})");
  EXPECT_FALSE(MigrateOwnership(live, {.api_version = "v1", .first_apply = false}));
}

TEST(MigrateTest, VersionsThatAreNoLongerServed) {
  const Value live = Live({Entry("swell", "Apply", kA, "e.com/v1beta1"),
                           Entry("operator", "Update", kB, "e.com/v1", "status"),
                           Entry("other", "Update", kB, "e.com/v1alpha1")});
  Migration migration{.api_version = "e.com/v1"};
  EXPECT_FALSE(MigrateOwnership(live, migration));
  migration.is_served = [](std::string_view version) { return version == "e.com/v1"; };
  const auto migrated = MigrateOwnership(live, migration);
  ASSERT_TRUE(migrated);
  EXPECT_THAT(Entries(*migrated), ElementsAre("operator Update e.com/v1", "other Update e.com/v1",
                                              "swell Apply e.com/v1"));
}

// What the planner shows is what the apply after the migration removes.
TEST(MigrateTest, ADiffSeesWhatWillGo) {
  const Value desired = *json::Parse(
      R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":"1"}})");
  const Value live = Live(
      {Entry("kubectl-client-side-apply", "Update", R"({"f:data":{".":{},"f:a":{},"f:b":{}}})")});
  const Options options = {.field_manager = "swell"};
  EXPECT_THAT(Compare(desired, live, Value(), options), IsEmpty());
  const auto changes =
      Compare(desired, *MigrateOwnership(live, {.api_version = "v1"}), Value(), options);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].path, "/data/b");
  EXPECT_EQ(changes[0].after, "");
}

}  // namespace
}  // namespace swell::diff
