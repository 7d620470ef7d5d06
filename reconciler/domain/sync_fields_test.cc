#include <gtest/gtest.h>

#include "reconciler/domain/application.h"

namespace swell {
namespace {

// An application with these lines in its spec.
std::string With(const std::string& spec) {
  return "apiVersion: swell/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec:\n"
         "  source: {repository: 'https://git.example.com/a.git', path: web}\n"
         "  destination: {clusters: {all: true}}\n" +
         spec;
}

Application MustParse(const std::string& spec) {
  auto parsed = ParseResources(With(spec), "app.yaml");
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().ToString());
  return parsed ? std::get<Application>(parsed->at(0)) : Application();
}

constexpr char kAll[] = R"(  sync:
    auto: true
    propagation: foreground
    conflicts: fail
    conflictRules:
    - {group: apps, kind: Deployment, name: web, jsonPointers: [/spec/replicas], policy: keep}
    recreate: true
    adopt: [helm, flux]
  ignoreDifferences:
  - group: '*'
    kind: '*'
    jqPathExpressions: ['.spec.items[] | select(.a == "b")']
  - {kind: Service, namespace: web, managedFieldsManagers: [cilium]}
  healthChecks:
  - {group: example.com, kind: Widget, lua: 'return {status = "Healthy"}'}
  deletion: cascade
)";

TEST(SyncFields, AreRead) {
  const Application app = MustParse(kAll);
  EXPECT_EQ(app.sync.propagation, Propagation::kForeground);
  EXPECT_EQ(app.sync.conflicts, ConflictPolicy::kFail);
  ASSERT_EQ(app.sync.conflict_rules.size(), 1u);
  EXPECT_EQ(app.sync.conflict_rules[0].policy, ConflictPolicy::kKeep);
  EXPECT_TRUE(app.sync.recreate);
  EXPECT_EQ(app.sync.adopt, (std::vector{Adoption::kHelm, Adoption::kFlux}));
  ASSERT_EQ(app.ignore_differences.size(), 2u);
  EXPECT_EQ(app.ignore_differences[1].managers, std::vector<std::string>{"cilium"});
  ASSERT_EQ(app.health_checks.size(), 1u);
  EXPECT_EQ(app.health_checks[0].kind, "Widget");
  EXPECT_EQ(app.deletion, DeletionPolicy::kCascade);
}

TEST(SyncFields, AreWrittenBack) {
  const Application app = MustParse(kAll);
  const Value spec = ToValue(app, SecretFields::kReveal)["spec"];
  auto document = config::Document{.value = ToValue(app, SecretFields::kReveal)};
  const auto again = ParseResource(document);
  ASSERT_TRUE(again) << again.error().ToString();
  const auto& read = std::get<Application>(*again);
  EXPECT_EQ(read.sync, app.sync);
  EXPECT_EQ(read.ignore_differences, app.ignore_differences);
  EXPECT_EQ(read.health_checks, app.health_checks);
  EXPECT_EQ(read.deletion, app.deletion);
  for (const char* field : {"sync", "ignoreDifferences", "healthChecks", "deletion"}) {
    EXPECT_FALSE(ToValue(MustParse(""), SecretFields::kReveal)["spec"][field].Has("auto"));
    EXPECT_TRUE(spec.Has(field)) << field;
  }
}

TEST(SyncFields, ComplainWithTheFieldsPath) {
  struct Case {
    std::string spec;
    std::string message;
  };
  const std::vector<Case> cases = {
      {"  sync: {propagation: slow}\n",
       "spec.sync.propagation: \"slow\" is not one of background, foreground, orphan"},
      {"  sync: {adopt: [rancher]}\n",
       "spec.sync.adopt: \"rancher\" is not one of helm, argocd, flux"},
      {"  sync: {conflictRules: [{kind: Pod, policy: keep}]}\n",
       "spec.sync.conflictRules[0].jsonPointers: names no field"},
      {"  ignoreDifferences: [{kind: Pod, jsonPointers: [spec]}]\n",
       "spec.ignoreDifferences[0].jsonPointers: "},
      {"  ignoreDifferences: [{kind: Pod}]\n", "spec.ignoreDifferences[0]: ignores nothing"},
      {"  ignoreDifferences: [{kind: Pod, jsonPointer: [/a]}]\n",
       "spec.ignoreDifferences[0].jsonPointer: unknown field"},
      {"  healthChecks: [{kind: Pod}]\n", "spec.healthChecks[0]: lua is required"},
      {"  deletion: now\n", "spec.deletion: \"now\" is not one of orphan, cascade, refuse"},
  };
  for (const Case& c : cases) {
    const auto parsed = ParseResources(With(c.spec), "app.yaml");
    ASSERT_FALSE(parsed) << c.spec;
    EXPECT_NE(parsed.error().ToString().find(c.message), std::string::npos)
        << parsed.error().ToString();
  }
}

TEST(ObjectMatch, EmptyIsAnyForNamesAndTheCoreForGroups) {
  const ObjectId pod{"", "Pod", "web", "a"};
  EXPECT_TRUE((ObjectMatch{.group = "", .kind = "Pod"}).Matches(pod));
  EXPECT_FALSE((ObjectMatch{.group = "apps", .kind = "Pod"}).Matches(pod));
  EXPECT_TRUE((ObjectMatch{.group = "*", .kind = "*", .name = "a"}).Matches(pod));
  EXPECT_FALSE((ObjectMatch{.group = "*", .kind = "*", .ns = "db"}).Matches(pod));
}

}  // namespace
}  // namespace swell
