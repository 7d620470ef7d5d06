#include "renderer/pipeline/resolve.h"

#include <gtest/gtest.h>

#include "base/value/json.h"

namespace swell {
namespace {

const ClusterFacts kCluster{.name = "c1",
                            .labels = {{"env", "prod"}, {"example.com/tier", "gold"}}};

TEST(SubstituteCluster, KnownForms) {
  const struct {
    const char *text, *result;
  } kCases[] = {
      {"apps/web", "apps/web"},
      {"apps/{{ .cluster.name }}/x", "apps/c1/x"},
      {"{{.cluster.labels.env}}", "prod"},
      {"a-{{- .cluster.labels.env -}}-b", "a-prod-b"},
      {"{{ index .cluster.labels \"example.com/tier\" }}", "gold"},
      {"{{ index .cluster.labels `env` }}{{ .cluster.name }}", "prodc1"},
  };
  for (const auto& c : kCases) {
    const auto result = SubstituteCluster(c.text, kCluster, OtherActions::kRefuse);
    ASSERT_TRUE(result) << c.text << ": " << result.error().ToString();
    EXPECT_EQ(*result, c.result);
  }
}

TEST(SubstituteCluster, RefusalsNameWhatIsWrong) {
  const struct {
    const char *text, *message;
  } kCases[] = {
      {"{{ .cluster.labels.ring }}", "cluster \"c1\" has no label \"ring\""},
      {"{{ index .cluster.labels \"a/b\" }}", "cluster \"c1\" has no label \"a/b\""},
      {"{{ .cluster.region }}", "{{ .cluster.region }} is not supported"},
      {"{{ .cluster.labels.env | upper }}", "is not supported"},
      {"{{ .cluster }}", "is not supported"},
      {"{{ .Values.x }}", "is not supported"},
      {"{{ .cluster.name", "without its }}"},
  };
  for (const auto& c : kCases) {
    const auto result = SubstituteCluster(c.text, kCluster, OtherActions::kRefuse);
    ASSERT_FALSE(result) << c.text;
    EXPECT_NE(result.error().message().find(c.message), std::string::npos)
        << result.error().message();
  }
  const auto none = SubstituteCluster("{{ .cluster.name }}", {}, OtherActions::kRefuse);
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message().find("no cluster is given"), std::string::npos);
}

TEST(SubstituteCluster, ValuesKeepTheTemplatesOfTheChart) {
  for (const char* text : {"{{ .Release.Name }}-x", "{{ include \"a\" . }}",
                           "{{ .Values.cluster.name }}", "{{ open", "{{ .clusterName }}"}) {
    EXPECT_EQ(SubstituteCluster(text, kCluster, OtherActions::kKeep).value(), text);
  }
  EXPECT_EQ(
      SubstituteCluster("{{ .Release.Name }}.{{ .cluster.name }}", kCluster, OtherActions::kKeep)
          .value(),
      "{{ .Release.Name }}.c1");
  EXPECT_FALSE(SubstituteCluster("{{ .cluster.x }}", kCluster, OtherActions::kKeep));
}

TEST(SubstituteCluster, PlainFactsAreLabelsOfKubernetes) {
  const auto substitute = [](const std::string& fact) {
    const ClusterFacts cluster{.name = "c1", .labels = {{"x", fact}}};
    return SubstituteCluster("v: {{ .cluster.labels.x }}", cluster, OtherActions::kKeep,
                             FactText::kPlain);
  };
  for (const char* fact : {"", "a", "eu-1", "1.27_x", "TRUE"}) {
    EXPECT_EQ(substitute(fact).value(), std::string("v: ") + fact);
  }
  for (const char* fact : {"a b", "a:", "-a", "a-", "a\nb: c", "*a", "[a]", "{a", "a#b", "\"", "é",
                           "a/b", "a,b", "a=b", "a@b", "$a", "..", ".*"}) {
    const auto result = substitute(fact);
    ASSERT_FALSE(result) << fact;
    EXPECT_NE(result.error().message().find("{{ .cluster.labels.x }} is "), std::string::npos);
  }
}

TEST(ResolveRequest, ReplacesPathValueFilesAndLeaves) {
  RenderRequest request{.application = "web", .path = "./apps/{{ .cluster.labels.env }}/"};
  request.helm.value_files = {"values-{{ .cluster.name }}.yaml"};
  request.helm.values = json::Parse(R"({"a":["{{ .cluster.name }}",1],"{{k}}":"x"})").value();
  request.cluster = kCluster;
  EXPECT_TRUE(UsesClusterTemplates(request));
  const auto resolved = ResolveRequest(request);
  ASSERT_TRUE(resolved) << resolved.error().ToString();
  EXPECT_EQ(resolved->path, "apps/prod");
  EXPECT_EQ(resolved->helm.value_files[0], "values-c1.yaml");
  EXPECT_EQ(json::Write(resolved->helm.values), R"({"a":["c1",1],"{{k}}":"x"})");
  EXPECT_EQ(resolved->helm.release_name, "web");
  EXPECT_TRUE(resolved->kustomize.is_null());

  request.helm.values = json::Parse(R"({"a":["{{ .cluster.labels.zone }}"]})").value();
  EXPECT_EQ(
      ResolveRequest(request).error().ToString(),
      "helm values: a: [0]: {{ .cluster.labels.zone }}: cluster \"c1\" has no label \"zone\"");
  // A label's value is no way out of the repository.
  request.cluster.labels["env"] = "../..";
  EXPECT_EQ(ResolveRequest(request).error().code(), ErrorCode::kPermissionDenied);
}

}  // namespace
}  // namespace swell
