#include <gtest/gtest.h>

#include "reconciler/domain/application.h"

namespace swell {
namespace {

std::string Declared(const std::string& source) {
  return "apiVersion: swell/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec:\n  source:\n"
         "    repository: file:///r\n" +
         source + "  destination: {clusters: {all: true}}\n";
}

Result<SourceSpec> Read(const std::string& source) {
  const auto parsed = ParseResources(Declared(source), "app.yaml");
  if (!parsed) return Fail(parsed.error());
  return std::get<Application>(parsed->at(0)).source;
}

std::string ErrorOf(const std::string& source) {
  const auto parsed = Read(source);
  return parsed ? "no error" : parsed.error().ToString();
}

constexpr char kEverything[] = R"(    kustomize:
      namePrefix: "{{ .cluster.labels.env }}-"
      nameSuffix: -x
      namespace: shop
      images:
        - nginx=mirror.example.com/nginx:1.27
        - {name: web, newName: web2, newTag: "2", digest: "sha256:00"}
        - "{{ .cluster.labels.image }}"
      replicas:
        - {name: web, count: 3}
        - {name: db, count: "4"}
        - {name: cache, count: "{{ .cluster.labels.size }}"}
      commonLabels: {team: shop}
      forceCommonLabels: true
      labelWithoutSelector: true
      labelIncludeTemplates: true
      commonAnnotations: {owner: shop}
      forceCommonAnnotations: true
      components: [../part]
      ignoreMissingComponents: true
      patches:
        - path: patches/one.yaml
        - patch: "- {op: remove, path: /x}"
          target: {group: apps, version: v1, kind: Deployment, name: web, namespace: shop,
                   labelSelector: a=b, annotationSelector: c=d}
          options: {allowNameChange: true, allowKindChange: false}
      replacements:
        - path: replacements/one.yaml
        - source: {group: apps, version: v1, kind: Deployment, name: web, namespace: shop,
                   fieldPath: a.b, options: {delimiter: "-", index: 1}}
          targets:
            - select: {kind: Service, labelSelector: a=b}
              reject: [{name: other}]
              fieldPaths: [a.b]
              options: {delimiter: "-", index: -1, encoding: base64, create: true}
        - sourceValue: "{{ .cluster.name }}"
          targets: [{select: {kind: Service}}]
)";

TEST(KustomizeFields, EverythingSurvivesTheStore) {
  const auto parsed = ParseResources(Declared(kEverything), "app.yaml");
  ASSERT_TRUE(parsed) << parsed.error().ToString();
  const SourceSpec& source = std::get<Application>(parsed->at(0)).source;
  EXPECT_EQ(source.type, SourceType::kKustomize);
  EXPECT_EQ(source.kustomize["patches"][1]["target"]["kind"].as_string(), "Deployment");
  config::Document document;
  document.value = ToValue(parsed->at(0), SecretFields::kReveal);
  const auto again = ParseResource(document);
  ASSERT_TRUE(again) << again.error().ToString();
  EXPECT_EQ(std::get<Application>(*again).source, source);
}

TEST(KustomizeFields, NothingGivenIsStillKustomize) {
  for (const char* source : {"    kustomize: {}\n", "    kustomize:\n"}) {
    const auto parsed = ParseResources(Declared(source), "app.yaml");
    ASSERT_TRUE(parsed) << parsed.error().ToString();
    EXPECT_EQ(std::get<Application>(parsed->at(0)).source.type, SourceType::kKustomize);
    EXPECT_TRUE(
        ToValue(parsed->at(0), SecretFields::kRedact)["spec"]["source"]["kustomize"].is_object());
  }
}

TEST(KustomizeFields, SaysWhatIsWrongAndWhere) {
  const struct {
    std::string from, to, says;
  } kCases[] = {
      {"nameSuffix: -x", "nameSufix: -x",
       "app.yaml:9:18: spec.source.kustomize.nameSufix: unknown"},
      {"nameSuffix: -x", "nameSuffix: 1", "kustomize.nameSuffix: expected a string"},
      {"- nginx=mirror.example.com/nginx:1.27", "- nginx",
       "app.yaml:12:11: spec.source.kustomize.images[0]: \"nginx\" is not of the form"},
      {"newTag: \"2\"", "tag: \"2\"", "kustomize.images[1].tag: unknown field"},
      {"{name: web, newName", "{newName", "kustomize.images[1]: name is required"},
      {"- nginx=mirror.example.com/nginx:1.27", "- 3", "images[0]: expected an object"},
      {"count: 3", "count: -1", "replicas[0].count: -1 is not between"},
      {"count: 3", "count: many", "replicas[0].count: \"many\" is not a whole number"},
      {", count: 3", "", "replicas[0].count: count is required"},
      {"{team: shop}", "{team: 1}", "kustomize.commonLabels.team: expected a string"},
      {"labelWithoutSelector: true", "labelWithoutSelector: false",
       "kustomize.labelIncludeTemplates: needs labelWithoutSelector: true"},
      {"[../part]", "../part", "kustomize.components: expected a list"},
      {"- path: patches/one.yaml", "- target: {}", "patches[0]: give one of patch and path"},
      {"- path: patches/one.yaml", "- {path: a, patch: b}", "patches[0]: give one of patch and"},
      {"kind: Deployment, name: web, namespace: shop,\n                   label",
       "knd: Deployment, label", "kustomize.patches[1].target.knd: unknown field"},
      {"allowKindChange: false", "allowAll: true", "patches[1].options.allowAll: unknown field"},
      {"fieldPath: a.b,", "fieldPaths: a.b,", "replacements[1].source.fieldPaths: unknown field"},
      {"index: -1", "index: last", "replacements[1].targets[0].options.index: expected a whole"},
      {"- select: {kind: Service, labelSelector: a=b}\n              reject", "- reject",
       "replacements[1].targets[0]: select is required"},
      {"- path: replacements/one.yaml", "- {path: a, sourceValue: b}",
       "replacements[0]: give one of source, sourceValue and path"},
      {"\n          targets: [{select: {kind: Service}}]", "",
       "replacements[2]: targets is required"},
      {"nameSuffix: -x", "targetNamespace: x",
       "kustomize.targetNamespace: is not known here: write"},
      {"nameSuffix: -x", "commonMetadata: {}",
       "kustomize.commonMetadata: is not known here: write"},
      {"nameSuffix: -x", "postBuild: {}", "kustomize.postBuild: not supported: write"},
      {"nameSuffix: -x", "commonAnnotationsEnvsubst: true",
       "kustomize.commonAnnotationsEnvsubst: not supported: write"},
      {"nameSuffix: -x", "version: v5", "kustomize.version: not supported"},
  };
  for (const auto& c : kCases) {
    std::string text = kEverything;
    const std::size_t at = text.find(c.from);
    ASSERT_NE(at, std::string::npos) << c.from;
    text.replace(at, c.from.size(), c.to);
    EXPECT_NE(ErrorOf(text).find(c.says), std::string::npos) << c.to << "\n  " << ErrorOf(text);
  }
}

constexpr char kOverrides[] = R"(    path: base
    overrides:
      - clusters: {matchLabels: {env: prod}}
        path: "overlays/{{ .cluster.labels.env }}"
        kustomize: {namePrefix: a-}
      - clusters: {names: [c1]}
        kustomize: {}
      - clusters: {all: true}
        helm: {valueFiles: [x.yaml], values: {a: 1}}
)";

TEST(Overrides, SurviveTheStore) {
  const auto parsed = ParseResources(Declared(kOverrides), "app.yaml");
  ASSERT_TRUE(parsed) << parsed.error().ToString();
  const SourceSpec& source = std::get<Application>(parsed->at(0)).source;
  ASSERT_EQ(source.overrides.size(), 3u);
  EXPECT_EQ(source.overrides[0].path, "overlays/{{ .cluster.labels.env }}");
  EXPECT_EQ(source.overrides[0].kustomize["namePrefix"].as_string(), "a-");
  EXPECT_EQ(source.overrides[2].helm_values["a"].as_int(), 1);
  config::Document document;
  document.value = ToValue(parsed->at(0), SecretFields::kReveal);
  const auto again = ParseResource(document);
  ASSERT_TRUE(again) << again.error().ToString();
  EXPECT_EQ(std::get<Application>(*again).source, source);
}

TEST(Overrides, SayWhatIsWrongAndWhere) {
  const struct {
    std::string from, to, says;
  } kCases[] = {
      {"{matchLabels: {env: prod}}", "{}", "overrides[0].clusters: selects nothing"},
      {"{names: [c1]}\n        kustomize: {}", "{names: [c1]}", "overrides[1]: changes nothing"},
      {"{valueFiles: [x.yaml], values: {a: 1}}", "{}", "overrides[2]: changes nothing"},
      {"valueFiles", "files", "overrides[2].helm.files: unknown field"},
      {"namePrefix", "prefix",
       "app.yaml:11:29: spec.source.overrides[0].kustomize.prefix: unknown"},
      {"kustomize: {}", "directory: {}", "overrides[1].directory: unknown field"},
      {"kustomize: {}", "kustomize: {}\n        helm: {values: {}}", "only one of helm and"},
      {"    path: base", "    kustomize: {}", "overrides[2].helm: the source is not of this type"},
      {"    path: base", "    directory: {}",
       "overrides[0].kustomize: the source is not of this type"},
  };
  for (const auto& c : kCases) {
    std::string text = kOverrides;
    const std::size_t at = text.find(c.from);
    ASSERT_NE(at, std::string::npos) << c.from;
    text.replace(at, c.from.size(), c.to);
    EXPECT_NE(ErrorOf(text).find(c.says), std::string::npos) << c.to << "\n  " << ErrorOf(text);
  }
}

}  // namespace
}  // namespace swell
