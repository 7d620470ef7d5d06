#include <gtest/gtest.h>

#include "reconciler/domain/application.h"

namespace swell {
namespace {

constexpr char kWeb[] = R"(apiVersion: swell/v1alpha1
kind: Application
metadata: {name: web, project: shop}
spec:
  source:
    repository: https://git.example.com/shop/deploy.git
    revision: main
    path: apps/web
    helm:
      valueFiles: [values.yaml, "values/{{ .cluster.labels.env }}.yaml"]
      values: {replicaCount: 3}
  destination:
    clusters: {matchLabels: {tier: prod}}
    namespace: web
    createNamespace: true
  sync: {auto: true, prune: true, selfHeal: true}
  rollout:
    waves:
      - {name: canary, clusters: {matchLabels: {ring: canary}}, bake: 10m}
      - {name: early, percent: 25, maxParallel: 10}
      - {name: rest}
    maxFailures: 1
    onFailure: hold
    deadline: 5m
)";

Application MustParse(const std::string& text) {
  auto parsed = ParseResources(text, "app.yaml");
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().ToString());
  return std::get<Application>(parsed->at(0));
}

TEST(Resource, ReadsAnApplication) {
  const Application app = MustParse(kWeb);
  EXPECT_EQ(app.source.type, SourceType::kHelm);
  EXPECT_EQ(app.source.helm.values["replicaCount"].as_int(), 3);
  EXPECT_TRUE(app.sync.auto_sync && app.sync.prune && app.sync.self_heal);
  ASSERT_EQ(app.rollout.waves.size(), 3u);
  EXPECT_EQ(app.rollout.waves[0].bake, std::chrono::minutes(10));
  EXPECT_EQ(app.rollout.waves[1].percent, 25);
  EXPECT_EQ(app.rollout.waves[1].max_parallel, (Amount{10}));
  EXPECT_EQ(app.rollout.on_failure, OnFailure::kHold);
  EXPECT_EQ(app.rollout.deadline, std::chrono::minutes(5));
}

TEST(Resource, RandomValuesAndLookup) {
  const auto with = [](const std::string& fields) {
    std::string text = kWeb;
    return text.replace(text.find("values: {replicaCount: 3}"), 25, fields);
  };
  const HelmParameters plain = MustParse(kWeb).source.helm;
  EXPECT_EQ(plain.random_values, RandomValues::kStable);
  EXPECT_FALSE(plain.lookup);
  EXPECT_EQ(MustParse(with("randomValues: stable")).source.helm.random_values,
            RandomValues::kStable);
  const Resource app = MustParse(with("randomValues: fresh\n      lookup: true"));
  const Value helm = ToValue(app, SecretFields::kRedact)["spec"]["source"]["helm"];
  EXPECT_EQ(helm["randomValues"].as_string(), "fresh");
  EXPECT_TRUE(helm["lookup"].as_bool());
  const auto wrong = ParseResources(with("randomValues: never"), "app.yaml");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().ToString(),
            "app.yaml:11:21: spec.source.helm.randomValues: \"never\" is not one of stable, fresh");
}

TEST(Resource, SurvivesTheStore) {
  const Resource app = MustParse(kWeb);
  config::Document document;
  document.value = ToValue(app, SecretFields::kReveal);
  const auto again = ParseResource(document);
  ASSERT_TRUE(again) << again.error().ToString();
  EXPECT_EQ(ToValue(*again, SecretFields::kReveal), document.value);
}

TEST(Resource, SecretsAreRedactedUnlessAskedFor) {
  const auto parsed = ParseResources(
      "{apiVersion: swell/v1alpha1, kind: Repository, metadata: {name: r}, "
      "spec: {url: 'https://git.example.com/', username: u, password: p4ss}}",
      "r.yaml");
  ASSERT_TRUE(parsed) << parsed.error().ToString();
  EXPECT_EQ(ToValue(parsed->at(0), SecretFields::kRedact)["spec"]["password"].as_string(), "***");
  EXPECT_EQ(ToValue(parsed->at(0), SecretFields::kReveal)["spec"]["password"].as_string(), "p4ss");
}

// What is wrong, and the words that the error must hold: the field's path, and where it is.
struct Wrong {
  std::string from, to;
  std::vector<std::string> says;
};

TEST(Resource, SaysWhatIsWrongAndWhere) {
  const Wrong cases[] = {
      {"percent: 25",
       "percent: 140",
       {"app.yaml:20:32:", "spec.rollout.waves[1].percent: 140 is not between 1 and 100"}},
      {"percent: 25", "percnt: 25", {"spec.rollout.waves[1].percnt: unknown field", "percent"}},
      {"percent: 25",
       "percent: 25, count: 2",
       {"give one of clusters, count, percent and spreadBy"}},
      {"{name: rest}", "{name: early}", {"waves[2].name: \"early\" is given twice"}},
      {"- {name: early, percent: 25, maxParallel: 10}",
       "- {name: middle}",
       {"takes the rest", "not the last"}},
      {"bake: 10m", "bake: 10", {"waves[0].bake", "duration"}},
      {"bake: 10m", "bake: ten", {"waves[0].bake", "not a duration"}},
      {"deadline: 5m", "deadline: 5ms", {"spec.rollout.deadline: must be at least 1s"}},
      {"onFailure: hold", "onFailure: panic", {"spec.rollout.onFailure", "rollback, hold"}},
      {"revision: main", "revision: 1.0", {"spec.source.revision", "quote it"}},
      {"https://git",
       "ftp://git",
       {"spec.source.repository", "file://, https://, ssh:// or oci://"}},
      {"https://git", "https://me:pw@git", {"credentials do not belong in the URL"}},
      {"{matchLabels: {tier: prod}}", "{}", {"spec.destination.clusters", "selects nothing"}},
      {"name: web,", "name: Web_1,", {"metadata.name", "is not a name"}},
      {"    namespace: web\n", "", {"createNamespace: needs namespace"}},
      {"kind: Application", "kind: Deployment", {"kind: \"Deployment\" is not one of"}},
      {"swell/v1alpha1", "apps/v1", {"apiVersion: \"apps/v1\" is not swell/v1alpha1"}},
      {"  source:", "  sorce:", {"app.yaml:", "spec.sorce: unknown field", "source"}},
      {"bake: 10m", "approvals: {count: 0}", {"waves[0].approvals.count: 0 is not between 1 and"}},
      {"bake: 10m",
       "gates: [{name: g}]",
       {"waves[0].gates[0]: give one of prometheus, http and job"}},
      {"bake: 10m",
       "gates: [{name: g, prometheus: {address: http://p, query: up, threshold: about 1}}]",
       {"waves[0].gates[0].prometheus.threshold", "\"about 1\" is not a comparison"}},
      {"bake: 10m",
       "maxUnavailable: 120%",
       {"waves[0].maxUnavailable: \"120%\" is not a number or a percentage"}},
  };
  for (const Wrong& c : cases) {
    std::string text = kWeb;
    const std::size_t at = text.find(c.from);
    ASSERT_NE(at, std::string::npos) << c.from;
    text.replace(at, c.from.size(), c.to);
    const auto parsed = ParseResources(text, "app.yaml");
    ASSERT_FALSE(parsed) << c.to;
    for (const std::string& words : c.says) {
      EXPECT_NE(parsed.error().ToString().find(words), std::string::npos)
          << c.to << "\n  says: " << parsed.error().ToString() << "\n  not:  " << words;
    }
    EXPECT_NE(parsed.error().ToString().find("app.yaml:"), std::string::npos);
  }
}

std::string ChartApplication(const std::string& source) {
  return "{apiVersion: swell/v1alpha1, kind: Application, metadata: {name: web}, spec: {source: " +
         source + ", destination: {clusters: {all: true}}}}";
}

TEST(Resource, AChartIsASourceOfItsOwn) {
  for (const char* source :
       {"{repository: 'https://charts.example.com', chart: web, revision: ^1.2}",
        "{repository: 'oci://registry.example.com/charts', chart: web}",
        "{repository: 'oci://registry.example.com/charts/web', helm: {releaseName: x}}"}) {
    const auto parsed = ParseResources(ChartApplication(source), "app.yaml");
    ASSERT_TRUE(parsed) << parsed.error().ToString();
    const Application& app = std::get<Application>(parsed->at(0));
    EXPECT_EQ(app.source.type, SourceType::kHelm);
    config::Document document;
    document.value = ToValue(parsed->at(0), SecretFields::kReveal);
    const auto again = ParseResource(document);
    ASSERT_TRUE(again) << again.error().ToString();
    EXPECT_EQ(std::get<Application>(*again).source, app.source);
  }
  const std::pair<const char*, const char*> wrong[] = {
      {"{repository: 'ssh://git@h/x', chart: web}", "a chart comes from an https:// or oci:// URL"},
      {"{repository: 'https://h', chart: web, path: a}", "spec.source.path: a chart"},
      {"{repository: 'https://h', chart: a/b}", "spec.source.chart: \"a/b\" is not a chart's name"},
      {"{repository: 'oci://h/web', kustomize: {}}", "a chart takes helm"},
  };
  for (const auto& [source, says] : wrong) {
    const auto parsed = ParseResources(ChartApplication(source), "app.yaml");
    ASSERT_FALSE(parsed) << source;
    EXPECT_NE(parsed.error().ToString().find(says), std::string::npos) << parsed.error().ToString();
  }
}

TEST(Resource, PlainHttpIsForRegistries) {
  const auto repository = [](const std::string& url) {
    return ParseResources(
        "{apiVersion: swell/v1alpha1, kind: Repository, metadata: {name: r}, "
        "spec: {url: '" +
            url + "', plainHTTP: true}}",
        "r.yaml");
  };
  const auto parsed = repository("oci://registry.example.com");
  ASSERT_TRUE(parsed) << parsed.error().ToString();
  EXPECT_TRUE(std::get<Repository>(parsed->at(0)).plain_http);
  EXPECT_EQ(ToValue(parsed->at(0), SecretFields::kRedact)["spec"]["plainHTTP"], Value(true));
  EXPECT_FALSE(repository("https://charts.example.com"));
}

TEST(Resource, ARepositoryAllowsRemotesByGlob) {
  const auto repository = [](const std::string& globs) {
    return ParseResources(
        "{apiVersion: swell/v1alpha1, kind: Repository, metadata: {name: r}, "
        "spec: {url: 'https://git.test/shop', kustomize: {allowedRemotes: " +
            globs + "}}}",
        "r.yaml");
  };
  const auto parsed = repository("['https://github.com/acme/*', 'ssh://git@git.test/a/**']");
  ASSERT_TRUE(parsed) << parsed.error().ToString();
  EXPECT_EQ(std::get<Repository>(parsed->at(0)).allowed_remotes,
            (std::vector<std::string>{"https://github.com/acme/*", "ssh://git@git.test/a/**"}));
  const Value spec = ToValue(parsed->at(0), SecretFields::kReveal)["spec"];
  EXPECT_EQ(spec["kustomize"]["allowedRemotes"].size(), 2u);
  EXPECT_TRUE(std::get<Repository>(repository("[]")->at(0)).allowed_remotes.empty());
  for (const char* bad :
       {"['*']", "['https://*']", "['https://*/acme/*']", "['file:///srv/**']",
        "['https://*.test/**']", "['github.com/acme/*']", "['https://host']", "['https:///a']",
        "['https://host/[']", "['https://h{a,b}/x']", "[1]", "'https://host/*'"}) {
    const auto refused = repository(bad);
    ASSERT_FALSE(refused) << bad;
    EXPECT_NE(refused.error().ToString().find("spec.kustomize.allowedRemotes"), std::string::npos)
        << refused.error().ToString();
  }
}

TEST(Resource, KindsOfLaterAreRefusedByName) {
  const auto parsed =
      ParseResources("{apiVersion: swell/v1alpha1, kind: Project, metadata: {name: p}}", "p.yaml");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code(), ErrorCode::kUnimplemented);
}

TEST(Resource, AClusterNeedsOneKubeconfig) {
  const std::string head =
      "{apiVersion: swell/v1alpha1, kind: Cluster, metadata: {name: c}, spec: ";
  const auto says = [&](const std::string& spec) {
    const auto parsed = ParseResources(head + spec + "}", "c.yaml");
    return parsed ? std::string() : parsed.error().ToString();
  };
  EXPECT_EQ(says("{kubeconfig: {path: /etc/k, context: c}}"), "");
  EXPECT_NE(says("{kubeconfig: {context: c}}").find("give one of path and inline"),
            std::string::npos);
  EXPECT_NE(says("{kubeconfig: {path: k}}").find("must be absolute"), std::string::npos);
}

}  // namespace
}  // namespace swell
