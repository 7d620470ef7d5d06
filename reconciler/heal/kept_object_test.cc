#include "reconciler/heal/kept_object.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/value/json.h"

namespace swell::heal {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Value Json(std::string_view text) {
  auto value = json::Parse(text);
  EXPECT_TRUE(value) << text;
  return value.value_or(Value());
}

struct Case {
  const char* name;
  const char* live;
  const char* restored;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class RestorableTest : public testing::TestWithParam<Case> {};

TEST_P(RestorableTest, IsWhatCanBeCreated) {
  EXPECT_EQ(json::Write(Restorable(Json(GetParam().live)).object),
            json::Write(Json(GetParam().restored)));
}

INSTANTIATE_TEST_SUITE_P(
    All, RestorableTest,
    testing::Values(
        Case{"what the server made",
             R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"n",
               "uid":"1","resourceVersion":"2","generation":3,"creationTimestamp":"t",
               "managedFields":[],"deletionTimestamp":"t","deletionGracePeriodSeconds":0,
               "ownerReferences":[{"uid":"x"}],"labels":{"l":"1"},
               "annotations":{"swell.dev/owner":"web"}},"data":{"k":"v"},"status":{}})",
             R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"n",
               "labels":{"l":"1"}},"data":{"k":"v"}})"},
        Case{"finalizers stay, but those of a deletion",
             R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a",
               "finalizers":["foregroundDeletion","example.com/x","orphan"]}})",
             R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a",
               "finalizers":["example.com/x"]}})"},
        Case{"a service's address and ports",
             R"({"apiVersion":"v1","kind":"Service","metadata":{"name":"a","managedFields":[
               {"fieldsV1":{"f:spec":{"f:ports":{"k:{}":{"f:port":{}}}}}}]},
               "spec":{"clusterIP":"10.0.0.1","clusterIPs":["10.0.0.1"],"healthCheckNodePort":3,
               "ports":[{"port":80,"nodePort":30080}]}})",
             R"({"apiVersion":"v1","kind":"Service","metadata":{"name":"a"},
               "spec":{"ports":[{"port":80}]}})"},
        Case{"a port that somebody stated, no address at all",
             R"({"apiVersion":"v1","kind":"Service","metadata":{"name":"a","managedFields":[
               {"fieldsV1":{"f:spec":{"f:ports":{"k:{}":{"f:nodePort":{}}}}}}]},
               "spec":{"clusterIP":"None","ports":[{"port":80,"nodePort":30080}]}})",
             R"({"apiVersion":"v1","kind":"Service","metadata":{"name":"a"},
               "spec":{"clusterIP":"None","ports":[{"port":80,"nodePort":30080}]}})"},
        Case{"a job's selector",
             R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"a",
               "labels":{"x":"1","job-name":"a"}},"spec":{"selector":{"matchLabels":{}},
               "template":{"metadata":{"creationTimestamp":null,
               "labels":{"controller-uid":"1","y":"2"}}}}})",
             R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"a","labels":{"x":"1"}},
               "spec":{"template":{"metadata":{"labels":{"y":"2"}}}}})"},
        Case{"a job that selects by hand",
             R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"a"},
               "spec":{"manualSelector":true,"selector":{"matchLabels":{"a":"b"}}}})",
             R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"a"},
               "spec":{"manualSelector":true,"selector":{"matchLabels":{"a":"b"}}}})"},
        Case{
            "a pod's node",
            R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},
               "spec":{"nodeName":"n","containers":[]}})",
            R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[]}})"},
        Case{"a namespace",
             R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a"},
               "spec":{"finalizers":["kubernetes"]},"status":{"phase":"Active"}})",
             R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a"}})"}));

TEST(RestorableTest, AClaimGetsANewVolumeAndSaysSo) {
  const Restored restored = Restorable(
      Json(R"({"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"data",
      "annotations":{"pv.kubernetes.io/bind-completed":"yes"}},
      "spec":{"volumeName":"pv-1","storageClassName":"fast"}})"));
  EXPECT_EQ(json::Write(restored.object),
            R"({"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"data"},)"
            R"("spec":{"storageClassName":"fast"}})");
  EXPECT_THAT(restored.notes, ElementsAre(HasSubstr("PersistentVolume pv-1")));
  EXPECT_THAT(Restorable(Json(R"({"apiVersion":"v1","kind":"PersistentVolumeClaim",
      "metadata":{"name":"data"},"spec":{}})"))
                  .notes,
              IsEmpty());
}

TEST(KeptObjectTest, SurvivesTheLedgerAndSortsByTime) {
  KeptObject kept{.cluster = "c01",
                  .id = {"", "Secret", "n", "s"},
                  .version = "v1",
                  .rollout = "web-12",
                  .number = 12,
                  .at = Timestamp(Duration(1'700'000'000'000)),
                  .actor = "ada",
                  .why = "no longer declared",
                  .object = Json(R"({"kind":"Secret"})"),
                  .notes = {"one", "two"}};
  const LedgerRecord first = ToLedger("web", kept, 9);
  const LedgerRecord second = ToLedger("web", kept, 10);
  EXPECT_TRUE(first.sensitive);
  EXPECT_LT(first.key, second.key);
  EXPECT_LT(KeptKeyAt(kept.at), first.key);
  EXPECT_LT(second.key, KeptKeyAt(kept.at + Duration(1)));
  const auto read = FromLedgerKept(second);
  ASSERT_TRUE(read) << read.error().ToString();
  EXPECT_EQ(ToLedger("web", *read, 10), second);
}

}  // namespace
}  // namespace swell::heal
