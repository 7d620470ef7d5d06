#include "reconciler/live/tree.h"

#include <gtest/gtest.h>

#include "base/value/json.h"

namespace swell::live {
namespace {

Value Json(const std::string& text) { return *json::Parse(text); }

std::string Owner(const std::string& kind, const std::string& name, const std::string& uid,
                  bool controller = true) {
  return R"({"apiVersion":"apps/v1","kind":")" + kind + R"(","name":")" + name + R"(","uid":")" +
         uid + R"(","controller":)" + (controller ? "true" : "false") + "}";
}

std::string Metadata(const std::string& name, const std::string& uid,
                     const std::string& owners = "", const std::string& ns = "web",
                     const std::string& annotations = "") {
  return R"("metadata":{"name":")" + name + R"(","namespace":")" + ns + R"(","uid":")" + uid +
         R"(","creationTimestamp":"2026-01-02T03:04:05Z","annotations":{)" + annotations +
         R"(},"ownerReferences":[)" + owners + "]}";
}

Root Deployment(const std::string& name, const std::string& uid, int ready = 2) {
  return {
      {"apps", "Deployment", "web", name},
      "v1",
      Json(R"({"apiVersion":"apps/v1","kind":"Deployment",)" + Metadata(name, uid) +
           R"(,"spec":{"replicas":2},"status":{"replicas":2,"updatedReplicas":2,)" +
           R"("readyReplicas":)" + std::to_string(ready) + R"(,"availableReplicas":)" +
           std::to_string(ready) + R"(,"conditions":[{"type":"Available","status":"True"}]}})")};
}

Owned ReplicaSet(const std::string& name, const std::string& uid, const std::string& owners,
                 int revision) {
  return {
      {"apps", "v1", "ReplicaSet"},
      Json(R"({"apiVersion":"meta.k8s.io/v1","kind":"PartialObjectMetadata",)" +
           Metadata(name, uid, owners, "web",
                    R"("deployment.kubernetes.io/revision":")" + std::to_string(revision) + "\"") +
           "}"),
      false};
}

Owned Pod(const std::string& name, const std::string& uid, const std::string& owners,
          const std::string& statuses = R"({"name":"a","ready":true,"restartCount":0})",
          const std::string& ns = "web") {
  return {{"", "v1", "Pod"},
          Json(R"({"apiVersion":"v1","kind":"Pod",)" + Metadata(name, uid, owners, ns) +
               R"(,"spec":{"containers":[{"name":"a"}]},"status":{"phase":"Running",)" +
               R"("conditions":[{"type":"Ready","status":"True"}],"containerStatuses":[)" +
               statuses + "]}}"),
          true};
}

// "Deployment/web(ReplicaSet/web-1(Pod/a Pod/b))"
std::string Shape(const std::vector<TreeNode>& nodes) {
  std::string out;
  for (const TreeNode& node : nodes) {
    if (!out.empty()) out += " ";
    out += node.id.kind + "/" + node.id.name;
    for (const auto& [kind, count] : node.folded) out += "+" + std::to_string(count) + kind;
    if (!node.children.empty()) out += "(" + Shape(node.children) + ")";
  }
  return out;
}

TEST(TreeTest, GrowsFromOwnerReferences) {
  const Tree tree = BuildTree({Deployment("web", "d1")},
                              {Pod("web-1-b", "p2", Owner("ReplicaSet", "web-1", "r1"),
                                   R"({"name":"a","ready":false,"restartCount":3})"),
                               Pod("web-1-a", "p1", Owner("ReplicaSet", "web-1", "r1")),
                               ReplicaSet("web-1", "r1", Owner("Deployment", "web", "d1"), 1),
                               Pod("stranger", "p9", Owner("ReplicaSet", "other", "r9"))});
  EXPECT_EQ(Shape(tree.roots), "Deployment/web(ReplicaSet/web-1(Pod/web-1-a Pod/web-1-b))");
  const TreeNode& web = tree.roots[0];
  EXPECT_EQ(web.ready, 2);
  EXPECT_EQ(web.total, 2);
  EXPECT_EQ(web.restarts, 3);            // of the pod two levels below
  EXPECT_FALSE(web.children[0].health);  // its metadata says nothing of it
  const TreeNode& pod = web.children[0].children[1];
  EXPECT_EQ(pod.ready, 0);
  EXPECT_EQ(pod.total, 1);
  EXPECT_EQ(pod.restarts, 3);
  EXPECT_FALSE(pod.pod.is_null());
  EXPECT_EQ(FormatTimestamp(pod.created), "2026-01-02T03:04:05Z");
  EXPECT_FALSE(tree.cut);
}

TEST(TreeTest, WhatIsNotThereIsMissing) {
  const Tree tree = BuildTree({{{"apps", "Deployment", "web", "web"}, "v1", std::nullopt}},
                              {ReplicaSet("web-1", "r1", Owner("Deployment", "web", "d1"), 1)});
  EXPECT_EQ(Shape(tree.roots), "Deployment/web");
  EXPECT_EQ(tree.roots[0].health->status, HealthStatus::kMissing);
}

TEST(TreeTest, AnOwnerThatWasMadeAnewOwnsNothing) {
  // Same kind and name, another uid: the garbage collector is about to take it.
  const Tree tree = BuildTree({Deployment("web", "new")},
                              {ReplicaSet("web-1", "r1", Owner("Deployment", "web", "old"), 1)});
  EXPECT_EQ(Shape(tree.roots), "Deployment/web");
}

TEST(TreeTest, AnOwnerInAnotherNamespaceOwnsNothing) {
  const Tree tree =
      BuildTree({Deployment("web", "d1")},
                {Pod("p", "p1", Owner("Deployment", "web", "d1"), R"({"name":"a"})", "elsewhere")});
  EXPECT_EQ(Shape(tree.roots), "Deployment/web");
}

TEST(TreeTest, TheControllerIsTheParent) {
  const std::string both =
      Owner("Deployment", "a", "d1", false) + "," + Owner("Deployment", "b", "d2", true);
  const Tree tree =
      BuildTree({Deployment("a", "d1"), Deployment("b", "d2")}, {Pod("p", "p1", both)});
  EXPECT_EQ(Shape(tree.roots), "Deployment/a Deployment/b(Pod/p)");
  // Where the controller is not there, another owner that is.
  const std::string gone =
      Owner("Deployment", "x", "dx", true) + "," + Owner("Deployment", "a", "d1", false);
  EXPECT_EQ(Shape(BuildTree({Deployment("a", "d1")}, {Pod("p", "p1", gone)}).roots),
            "Deployment/a(Pod/p)");
}

TEST(TreeTest, CyclesEnd) {
  const Tree tree = BuildTree({Deployment("web", "d1")},
                              {ReplicaSet("a", "r1",
                                          Owner("Deployment", "web", "d1", false) + "," +
                                              Owner("ReplicaSet", "b", "r2", false),
                                          1),
                               ReplicaSet("b", "r2", Owner("ReplicaSet", "a", "r1"), 1),
                               // Reached by nobody: they own each other.
                               ReplicaSet("c", "r3", Owner("ReplicaSet", "d", "r4"), 1),
                               ReplicaSet("d", "r4", Owner("ReplicaSet", "c", "r3"), 1),
                               ReplicaSet("self", "r5", Owner("ReplicaSet", "self", "r5"), 1)});
  EXPECT_EQ(Shape(tree.roots), "Deployment/web(ReplicaSet/a(ReplicaSet/b))");
}

TEST(TreeTest, ARootIsShownOnce) {
  Root set{{"apps", "ReplicaSet", "web", "web-1"},
           "v1",
           ReplicaSet("web-1", "r1", Owner("Deployment", "web", "d1"), 1).object};
  const Tree tree = BuildTree({Deployment("web", "d1"), set},
                              {ReplicaSet("web-1", "r1", Owner("Deployment", "web", "d1"), 1),
                               Pod("p", "p1", Owner("ReplicaSet", "web-1", "r1"))});
  EXPECT_EQ(Shape(tree.roots), "Deployment/web ReplicaSet/web-1(Pod/p)");
}

TEST(TreeTest, FoldsOldRevisions) {
  const std::string owner = Owner("Deployment", "web", "d1");
  const std::vector<Owned> owned = {
      ReplicaSet("web-a", "r1", owner, 1),
      ReplicaSet("web-b", "r2", owner, 2),
      ReplicaSet("web-c", "r3", owner, 9),
      ReplicaSet("web-d", "r4", owner, 10),
      Pod("old", "p1", Owner("ReplicaSet", "web-b", "r2")),
      {{"apps", "v1", "ControllerRevision"}, ReplicaSet("cr", "c1", owner, 0).object, false}};
  const Tree tree = BuildTree({Deployment("web", "d1")}, owned);
  // The newest (10 is above 9) stays without pods, too: it may be what cannot start.
  EXPECT_EQ(Shape(tree.roots),
            "Deployment/web+1ControllerRevision+2ReplicaSet(ReplicaSet/web-d "
            "ReplicaSet/web-b(Pod/old))");
  const Tree whole =
      BuildTree({Deployment("web", "d1")}, owned, {.earlier = EarlierRevisions::kShown});
  EXPECT_EQ(Shape(whole.roots),
            "Deployment/web(ControllerRevision/cr ReplicaSet/web-d ReplicaSet/web-c "
            "ReplicaSet/web-b(Pod/old) ReplicaSet/web-a)");
}

TEST(TreeTest, IsBounded) {
  std::vector<Owned> owned;
  for (int i = 0; i < 100; ++i) {
    owned.push_back(
        Pod("p" + std::to_string(i), "u" + std::to_string(i), Owner("Deployment", "web", "d1")));
  }
  const Tree wide = BuildTree({Deployment("web", "d1")}, owned, {.max_nodes = 10});
  EXPECT_EQ(wide.roots[0].children.size(), 10U);
  EXPECT_TRUE(wide.cut);
  // A chain as long as a list may be: neither deep recursion nor a deep answer.
  std::vector<Owned> chain;
  std::string above = Owner("Deployment", "web", "d1");
  for (int i = 0; i < 20'000; ++i) {
    const std::string name = "c" + std::to_string(i);
    chain.push_back(ReplicaSet(name, name, above, 1));
    above = Owner("ReplicaSet", name, name);
  }
  const Tree deep = BuildTree({Deployment("web", "d1")}, chain, {.max_depth = 5});
  EXPECT_EQ(Shape(deep.roots),
            "Deployment/web(ReplicaSet/c0(ReplicaSet/c1(ReplicaSet/c2(ReplicaSet/c3))))");
  EXPECT_TRUE(deep.cut);
}

TEST(TreeTest, KeepsWhatIsUnwell) {
  const std::string bad =
      R"({"name":"a","ready":false,"restartCount":4,"state":{"waiting":{"reason":"CrashLoopBackOff","message":"back-off"}}})";
  Tree tree = BuildTree({Deployment("fine", "d1"), Deployment("web", "d2")},
                        {ReplicaSet("web-1", "r1", Owner("Deployment", "web", "d2"), 1),
                         Pod("good", "p1", Owner("ReplicaSet", "web-1", "r1")),
                         Pod("bad", "p2", Owner("ReplicaSet", "web-1", "r1"), bad)});
  KeepUnwell(tree.roots);
  EXPECT_EQ(Shape(tree.roots), "Deployment/web(ReplicaSet/web-1(Pod/bad))");
  CutBelow(tree.roots, 2);
  EXPECT_EQ(Shape(tree.roots), "Deployment/web(ReplicaSet/web-1)");
}

TEST(TreeTest, MalformedObjectsDoNotMatter) {
  const Owned bad[] = {{{"", "v1", "Pod"}, Json(R"({"metadata":{"ownerReferences":"x"}})"), true},
                       {{"", "v1", "Pod"}, Json(R"([])"), true},
                       {{"", "v1", "Pod"}, Json(R"({"metadata":{"ownerReferences":[{}, 3]}})")}};
  EXPECT_EQ(Shape(BuildTree({Deployment("web", "d1")}, {std::begin(bad), std::end(bad)}).roots),
            "Deployment/web");
}

TEST(ObjectPatternTest, NamesObjects) {
  const ObjectId web{"apps", "Deployment", "web", "web"};
  for (const char* text :
       {"Deployment/web", "deployment/web", "deployments/web", "deploy/web", "web"}) {
    const auto pattern = ObjectPattern::Parse(text);
    ASSERT_TRUE(pattern) << text;
    EXPECT_TRUE(pattern->Matches(web)) << text;
  }
  for (const char* text : {"StatefulSet/web", "deployment/web2", "sts/web"}) {
    EXPECT_FALSE(ObjectPattern::Parse(text)->Matches(web)) << text;
  }
  for (const char* text : {"", "/web", "Deployment/", "a/b/c"}) {
    EXPECT_FALSE(ObjectPattern::Parse(text)) << text;
  }
  const Tree tree = BuildTree({Deployment("web", "d1")},
                              {ReplicaSet("web-1", "r1", Owner("Deployment", "web", "d1"), 1),
                               Pod("p", "p1", Owner("ReplicaSet", "web-1", "r1"))});
  EXPECT_EQ(Shape(Matching(tree.roots, *ObjectPattern::Parse("rs/web-1"))),
            "ReplicaSet/web-1(Pod/p)");
}

}  // namespace
}  // namespace swell::live
