#include "reconciler/plan/keep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/value/json.h"

namespace swell::plan {
namespace {

using ::testing::HasSubstr;

Value With(const std::string& metadata) {
  return *json::Parse(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{)" + metadata + "}}");
}

TEST(KeepReasonTest, EveryMarkAndWhenItCounts) {
  struct Case {
    const char* metadata;
    bool at_prune, confirmed_prune, at_deletion, confirmed_deletion;
  };
  const Case cases[] = {
      {R"("annotations":{})", false, false, false, false},
      {R"("annotations":{"swell.dev/prune":"false"})", true, true, true, true},
      {R"("annotations":{"swell.dev/prune":"true"})", false, false, false, false},
      {R"("annotations":{"helm.sh/resource-policy":" Keep "})", true, true, true, true},
      {R"("labels":{"kustomize.toolkit.fluxcd.io/prune":"Disabled"})", true, true, true, true},
      {R"("annotations":{"kustomize.toolkit.fluxcd.io/prune":"enabled"})", false, false, false,
       false},
      {R"("annotations":{"client.lifecycle.config.k8s.io/deletion":"detach"})", true, true, true,
       true},
      {R"("annotations":{"cli-utils.sigs.k8s.io/on-remove":"keep"})", true, true, true, true},
      {R"("annotations":{"argocd.argoproj.io/sync-options":"Prune=false"})", true, true, false,
       false},
      {R"("annotations":{"argocd.argoproj.io/sync-options":"Validate=false, Prune=confirm"})", true,
       false, false, false},
      {R"("annotations":{"argocd.argoproj.io/sync-options":"Delete=false"})", true, true, true,
       true},
      {R"("annotations":{"argocd.argoproj.io/sync-options":"Delete=confirm"})", true, false, true,
       false},
      {R"("annotations":{"argocd.argoproj.io/sync-options":"PruneLast=true"})", false, false, false,
       false},
      // What looks like a hook is pruned by the same rules.
      {R"("annotations":{"argocd.argoproj.io/hook":"Skip","helm.sh/hook":"pre-delete"})", false,
       false, false, false},
  };
  for (const Case& c : cases) {
    const Value live = With(c.metadata);
    const auto kept = [&](Removal removal, Confirmed confirmed) {
      return !KeepReason(live, removal, confirmed).empty();
    };
    EXPECT_EQ(kept(Removal::kPrune, Confirmed::kNo), c.at_prune) << c.metadata;
    EXPECT_EQ(kept(Removal::kPrune, Confirmed::kYes), c.confirmed_prune) << c.metadata;
    EXPECT_EQ(kept(Removal::kDeletion, Confirmed::kNo), c.at_deletion) << c.metadata;
    EXPECT_EQ(kept(Removal::kDeletion, Confirmed::kYes), c.confirmed_deletion) << c.metadata;
  }
}

TEST(KeepReasonTest, SaysHowToConfirm) {
  EXPECT_THAT(
      KeepReason(With(R"("annotations":{"argocd.argoproj.io/sync-options":"Prune=confirm"})"),
                 Removal::kPrune, Confirmed::kNo),
      HasSubstr("swell sync APP --confirm-prune"));
}

TEST(PropagationOfTest, TheObjectsOwnWish) {
  EXPECT_EQ(*PropagationOf(With(R"("annotations":{})")), std::nullopt);
  EXPECT_EQ(*PropagationOf(With(R"("annotations":{"swell.dev/propagation":"orphan"})")),
            Propagation::kOrphan);
  EXPECT_EQ(*PropagationOf(With(R"("annotations":{"argocd.argoproj.io/sync-options":
      "Prune=false,PrunePropagationPolicy=foreground"})")),
            Propagation::kForeground);
  const auto bad = PropagationOf(With(R"("annotations":{"swell.dev/propagation":"slowly"})"));
  ASSERT_FALSE(bad);
  EXPECT_THAT(bad.error().ToString(), HasSubstr("\"slowly\", which is not one of background"));
}

TEST(DescribeTerminatingTest, NamesWhatHoldsItAndTheWayOut) {
  const Timestamp now = *ParseTimestamp("2026-01-01T00:12:00Z");
  const Value held = With(R"("deletionTimestamp":"2026-01-01T00:00:00Z",
      "finalizers":["example.com/x"])");
  EXPECT_EQ(DescribeTerminating({"e.com", "Widget", "web", "a"}, held, now),
            "e.com/Widget web/a has been terminating for 12m; finalizers hold it: example.com/x. "
            "Their controller takes them away when it has cleaned up; where that controller is "
            "gone: kubectl patch widget.e.com a -n web --type=json "
            R"(-p='[{"op":"remove","path":"/metadata/finalizers"}]')");
  EXPECT_THAT(DescribeTerminating({"apps", "Deployment", "web", "a"},
                                  With(R"("finalizers":["foregroundDeletion"])"), now),
              HasSubstr("foregroundDeletion (its dependants go first)"));
}

TEST(DescribeTerminatingTest, RepeatsWhatTheNamespaceControllerSays) {
  const Value space = *json::Parse(R"({"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"},
    "status":{"phase":"Terminating","conditions":[
      {"type":"NamespaceDeletionDiscoveryFailure","status":"False","message":"All resources"},
      {"type":"NamespaceContentRemaining","status":"True",
       "message":"Some resources are remaining: widgets.e.com has 3 resource instances"},
      {"type":"NamespaceFinalizersRemaining","status":"True",
       "message":"Some content in the namespace has finalizers remaining: example.com/x in 3 resource instances"}]}})");
  EXPECT_EQ(DescribeTerminating({"", "Namespace", "", "web"}, space,
                                *ParseTimestamp("2026-01-01T00:00:30Z")),
            "Namespace web has been terminating for 30s; NamespaceContentRemaining: Some resources "
            "are remaining: widgets.e.com has 3 resource instances; NamespaceFinalizersRemaining: "
            "Some content in the namespace has finalizers remaining: example.com/x in 3 resource "
            "instances");
}

}  // namespace
}  // namespace swell::plan
