// Server-side apply: ownership, conflicts, removal (facts: engine.md C).

#include "server/sandbox/cluster_test_util.h"

namespace swell::sandbox {
namespace {

class ApplyTest : public ClusterTest {
 protected:
  const std::string cm = std::string(kConfigMaps) + "/a";
  const std::string web = std::string(kDeployments) + "/web";

  static std::string ConfigMap(const std::string& data) {
    return "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: " + data + "}";
  }
  static Value Owned(const Value& object, std::string_view manager) {
    for (const Value& entry : object["metadata"]["managedFields"].items()) {
      if (entry["manager"].as_string() == manager) return entry["fieldsV1"];
    }
    return Value();
  }
};

TEST_F(ApplyTest, CreatesWhereAbsentAndOwnsWhatItSays) {
  const Reply made = Apply(cm, ConfigMap("{k: v}"));
  ASSERT_EQ(made.status, 201) << made.raw.body;
  const Value& entry = made.body["metadata"]["managedFields"][0];
  EXPECT_EQ(entry["operation"].as_string(), "Apply");
  EXPECT_EQ(json::Write(entry["fieldsV1"]), R"({"f:data":{"f:k":{}}})");
}

TEST_F(ApplyTest, DefaultsBelongToNobody) {
  const Value made = Apply(web, DeploymentYaml("web", "app:v1")).body;
  const Value owned = Owned(made, "swell");
  EXPECT_TRUE(owned["f:spec"].Has("f:replicas"));
  EXPECT_FALSE(owned["f:spec"].Has("f:strategy"));
  EXPECT_FALSE(made.At({"spec", "template", "spec"}).Has("enableServiceLinks"));
  const Value& containers = owned.At({"f:spec", "f:template", "f:spec", "f:containers"});
  const Value& main = containers[R"(k:{"name":"main"})"];
  EXPECT_TRUE(main.Has("."));
  EXPECT_TRUE(main["f:ports"].Has(R"(k:{"containerPort":80,"protocol":"TCP"})"));
}

TEST_F(ApplyTest, NoOpKeepsTheResourceVersion) {
  const Value first = Apply(web, DeploymentYaml("web", "app:v1")).body;
  Advance(5000);
  const Value settled = Get(web).body;
  const Reply again = Apply(web, DeploymentYaml("web", "app:v1"));
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body["metadata"]["resourceVersion"], settled["metadata"]["resourceVersion"]);
  EXPECT_EQ(again.body["metadata"]["managedFields"], settled["metadata"]["managedFields"]);
}

// Texts too long to live inside a Value: freed too early, they would come back as anything.
TEST_F(ApplyTest, EveryChangeComesBackWhole) {
  for (int i = 0; i < 50; ++i) {
    const std::string text = "2026-11-27T05:00:" + std::to_string(10 + i) + "Z";
    const Reply reply =
        Apply(cm, ConfigMap("{started: '" + text +
                            "', token: " + std::string(32, static_cast<char>('a' + i % 26)) + "}"));
    ASSERT_TRUE(json::Parse(reply.raw.body)) << reply.raw.body;
    EXPECT_EQ(reply.body["data"]["started"].as_string(), text);
    EXPECT_EQ(Get(cm).body["data"]["token"].as_string().size(), 32u);
  }
}

TEST_F(ApplyTest, ConflictsNameManagersAndFields) {
  Apply(cm, ConfigMap("{k: v, l: w}"), "fieldManager=a");
  const Reply refused = Apply(cm, ConfigMap("{k: x}"), "fieldManager=b");
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.reason(), "Conflict");
  EXPECT_EQ(refused.message(), "Apply failed with 1 conflict: conflict with \"a\": .data.k");
  const Value& cause = refused.body.At({"details", "causes"})[0];
  EXPECT_EQ(cause["reason"].as_string(), "FieldManagerConflict");
  EXPECT_EQ(cause["field"].as_string(), ".data.k");
  EXPECT_EQ(cause["message"].as_string(), "conflict with \"a\"");
  const Reply two = Apply(cm, ConfigMap("{k: x, l: z}"), "fieldManager=b");
  EXPECT_EQ(two.message(),
            "Apply failed with 2 conflicts: conflicts with \"a\":\n- .data.k\n- .data.l");
}

TEST_F(ApplyTest, ForceMovesOnlyTheContestedField) {
  Apply(cm, ConfigMap("{k: v, l: w}"), "fieldManager=a");
  const Value forced = Apply(cm, ConfigMap("{k: x}"), "fieldManager=b&force=true").body;
  EXPECT_EQ(forced["data"]["k"].as_string(), "x");
  EXPECT_EQ(json::Write(Owned(forced, "a")), R"({"f:data":{"f:l":{}}})");
  EXPECT_EQ(json::Write(Owned(forced, "b")), R"({"f:data":{"f:k":{}}})");
}

TEST_F(ApplyTest, SameValueIsSharedAndDropsOnlyWithTheLastOwner) {
  Apply(cm, ConfigMap("{k: v, l: w}"), "fieldManager=a");
  EXPECT_EQ(Apply(cm, ConfigMap("{k: v}"), "fieldManager=b").status, 200);
  const Value kept = Apply(cm, ConfigMap("{}"), "fieldManager=a").body;
  EXPECT_TRUE(kept["data"].Has("k"));   // b still owns it
  EXPECT_FALSE(kept["data"].Has("l"));  // a alone owned it
  const Value gone = Apply(cm, ConfigMap("{}"), "fieldManager=b").body;
  EXPECT_FALSE(gone.Has("data"));
}

TEST_F(ApplyTest, RemovedListItemsGoAndOthersStay) {
  std::string yaml = DeploymentYaml("web", "app:v1");
  Apply(web, yaml + "      - {name: side, image: 'side:v1'}\n");
  Strategic(web,
            R"({"spec":{"template":{"spec":{"containers":[{"name":"injected","image":"i:1"}]}}}})");
  const Value applied = Apply(web, yaml).body;
  std::string names;
  for (const Value& c : applied.At({"spec", "template", "spec", "containers"}).items()) {
    names += c["name"].str() + " ";
  }
  EXPECT_EQ(names.find("side"), std::string::npos);
  EXPECT_NE(names.find("injected"), std::string::npos);
  EXPECT_NE(names.find("main"), std::string::npos);
}

TEST_F(ApplyTest, RemovedScalarFallsBackToItsDefault) {
  Apply(web, DeploymentYaml("web", "app:v1", 4));
  std::string yaml = ReplaceAll(DeploymentYaml("web", "app:v1", 4), "  replicas: 4\n", "");
  EXPECT_EQ(Apply(web, yaml).body["spec"]["replicas"].as_int(), 1);
}

TEST_F(ApplyTest, TakesOverFromClientSideWriters) {
  Post(kConfigMaps, ConfigMap("{k: v}"));
  const Reply refused = Apply(cm, ConfigMap("{k: x}"), "fieldManager=swell");
  EXPECT_EQ(refused.message(),
            "Apply failed with 1 conflict: conflict with \"test\" using v1: .data.k");
  EXPECT_EQ(Apply(cm, ConfigMap("{k: x}")).body["data"]["k"].as_string(), "x");
}

TEST_F(ApplyTest, SetListsMergeItemByItem) {
  const std::string a =
      "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, finalizers: [x.io/a]}}";
  const std::string b =
      "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, finalizers: [x.io/b]}}";
  Apply(cm, a, "fieldManager=a");
  const Value both = Apply(cm, b, "fieldManager=b").body;
  EXPECT_EQ(both["metadata"]["finalizers"].size(), 2u);
  const Value one = Apply(cm, ConfigMap("{}"), "fieldManager=a").body;
  EXPECT_EQ(json::Write(one["metadata"]["finalizers"]), R"(["x.io/b"])");
}

TEST_F(ApplyTest, Refusals) {
  EXPECT_EQ(Apply(cm, ConfigMap("{k: v}"), "force=true").status, 422);
  const Reply managed = Apply(cm,
                              "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, "
                              "managedFields: [{manager: x}]}}");
  EXPECT_EQ(managed.status, 400);
  EXPECT_EQ(managed.message(), "metadata.managedFields must be nil");
  Apply(cm, ConfigMap("{k: v}"));
  const Reply stale = Apply(cm,
                            "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, "
                            "resourceVersion: '1'}}");
  EXPECT_EQ(stale.status, 409);
  const Reply twice = Apply(web, ReplaceAll(DeploymentYaml("web", "app:v1"), "containers:\n",
                                            "containers:\n      - {name: main, image: b}\n"));
  EXPECT_EQ(twice.status, 500);
  EXPECT_EQ(twice.reason(), "");
  EXPECT_NE(twice.message().find("duplicate entries for key [name=\"main\"]"), std::string::npos)
      << twice.message();
  const Reply number = Apply(cm, ConfigMap("{k: 1}"));
  EXPECT_EQ(number.status, 500);
  EXPECT_EQ(number.reason(), "");
  const Reply gone = Apply("/api/v1/namespaces/none/configmaps/a", ConfigMap("{k: v}"));
  EXPECT_EQ(gone.status, 404);
  EXPECT_EQ(gone.message(), "namespaces \"none\" not found");
}

TEST_F(ApplyTest, DryRunAnswersButWritesNothing) {
  Apply(cm, ConfigMap("{k: v}"));
  const Value before = Get(cm).body;
  const Reply dry = Apply(cm, ConfigMap("{k: x}"), "fieldManager=swell&force=true&dryRun=All");
  EXPECT_EQ(dry.status, 200);
  EXPECT_EQ(dry.body["data"]["k"].as_string(), "x");
  EXPECT_EQ(Get(cm).body, before);
  const Reply fresh = Apply(std::string(kConfigMaps) + "/b",
                            "{apiVersion: v1, kind: ConfigMap, metadata: {name: b}}",
                            "fieldManager=swell&dryRun=All");
  EXPECT_EQ(fresh.status, 201);
  EXPECT_FALSE(fresh.body["metadata"].Has("resourceVersion"));
  EXPECT_TRUE(fresh.body["metadata"].Has("uid"));
}

TEST_F(ApplyTest, ControllersOwnTheStatus) {
  Apply(web, DeploymentYaml("web", "app:v1"));
  Advance(5000);
  const Value live = Get(web).body;
  bool found = false;
  for (const Value& entry : live["metadata"]["managedFields"].items()) {
    if (entry["subresource"].as_string() != "status") continue;
    found = true;
    EXPECT_TRUE(entry["fieldsV1"]["f:status"].Has("f:readyReplicas"));
  }
  EXPECT_TRUE(found);
  EXPECT_EQ(Apply(web, DeploymentYaml("web", "app:v1")).body["status"], live["status"]);
}

TEST_F(ApplyTest, ReplicasSetByAnotherManagerConflict) {
  Apply(web, DeploymentYaml("web", "app:v1"), "fieldManager=swell");
  Merge(web + "/scale?fieldManager=hpa", R"({"spec":{"replicas":7}})");
  const Reply refused = Apply(web, DeploymentYaml("web", "app:v1"), "fieldManager=swell");
  EXPECT_EQ(refused.status, 409) << refused.raw.body;
  const std::string yaml = ReplaceAll(DeploymentYaml("web", "app:v2"), "  replicas: 2\n", "");
  const Value kept = Apply(web, yaml, "fieldManager=swell").body;
  EXPECT_EQ(kept["spec"]["replicas"].as_int(), 7);
}

}  // namespace
}  // namespace swell::sandbox
