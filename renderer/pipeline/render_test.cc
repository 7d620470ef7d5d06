#include "renderer/pipeline/render.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "base/value/json.h"

namespace swell {
namespace {

using Files = std::map<std::string, std::string>;

constexpr char kConfigMap[] =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: v}\n";

Files Chart() {
  return {{"chart/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.2.3\n"},
          {"chart/values.yaml", "replicas: 1\nhost: none\n"},
          {"chart/templates/deploy.yaml",
           "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: {{ .Release.Name }}}\n"
           "spec: {replicas: {{ .Values.replicas }}, host: {{ tpl .Values.host . }}}\n"}};
}

std::string Ids(const Result<Manifest>& manifest) {
  if (!manifest) return manifest.error().ToString();
  std::string out;
  for (const Object& o : manifest->objects) out += o.id().ToString() + " <" + o.origin + ">;";
  return out;
}

TEST(Render, Directory) {
  const auto tree = MakeMemoryTree({
      {"app/b.yaml", "# head\n---\n" + std::string(kConfigMap) +
                         "---\n---\napiVersion: v1\n"
                         "kind: Namespace\nmetadata: {name: web}\n"},
      {"app/c.json", R"({"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"w"}})"},
      {"app/sub/d.yml", "apiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: own}\n"},
      {"app/README.md", "not yaml: ["},
      {"other/e.yaml", "]"},
  });
  RenderRequest request{.application = "web", .ns = "web", .path = "app"};
  const auto flat = Render(tree, request);
  EXPECT_EQ(Ids(flat),
            "Namespace web <app/b.yaml:9>;ConfigMap web/a <app/b.yaml:3>;"
            "example.com/Widget w <app/c.json:1>;");
  EXPECT_EQ(flat->type, SourceType::kDirectory);
  request.directory.recurse = true;
  EXPECT_NE(Ids(Render(tree, request)).find("Service own/s <app/sub/d.yml:1>"), std::string::npos);
  request.directory.include = "sub/**";
  EXPECT_EQ(Ids(Render(tree, request)), "Service own/s <app/sub/d.yml:1>;");
  request.directory.include = "";
  request.directory.exclude = "{*.json,sub/*}";
  EXPECT_EQ(Render(tree, request)->objects.size(), 2u);
}

TEST(Render, ReadSetIsWhatWasAsked) {
  const auto tree = MakeMemoryTree({{"app/a.yaml", kConfigMap}, {"app/x.txt", ""}});
  const auto manifest = Render(tree, {.path = "app"});
  ASSERT_TRUE(manifest);
  EXPECT_TRUE(manifest->reads.files.contains("app/a.yaml"));
  EXPECT_TRUE(manifest->reads.files.contains("app/Chart.yaml"));  // its absence decided
  EXPECT_FALSE(manifest->reads.files.contains("app/x.txt"));
  EXPECT_TRUE(manifest->reads.directories.contains("app"));
}

TEST(Render, Refusals) {
  const std::string big = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: big}\ndata: {k: " +
                          std::string(1600 << 10, 'x') + "}\n";
  const struct {
    Files files;
    const char* path;
    ErrorCode code;
    const char* message;
  } kCases[] = {
      {{{"app/a.yaml", kConfigMap}}, "gone", ErrorCode::kNotFound, "\"gone\""},
      {{{"app/a.yaml", kConfigMap}}, "app/a.yaml", ErrorCode::kInvalidArgument, "is a file"},
      {{{"app/a.yaml", kConfigMap}}, "../etc", ErrorCode::kPermissionDenied, "leaves"},
      {{{"app/a.yaml", "a: 1\n---\nb: [\n"}}, "app", ErrorCode::kInvalidArgument, "app/a.yaml:4:1"},
      {{{"app/a.yaml", "\n\napiVersion: v1\nmetadata: {name: a}\n"}},
       "app",
       ErrorCode::kInvalidArgument,
       "app/a.yaml:3: a has no kind"},
      {{{"app/a.json", "{\n]"}}, "app", ErrorCode::kInvalidArgument, "app/a.json:2:1"},
      {{{"app/a.yaml", kConfigMap}, {"app/b.yaml", kConfigMap}},
       "app",
       ErrorCode::kInvalidArgument,
       "ConfigMap web/a is defined twice: in app/a.yaml:1 and in "
       "app/b.yaml:1"},
      {{{"app/a.yaml", "# nothing\n"}}, "app", ErrorCode::kFailedPrecondition, "no objects"},
      {{{"app/a.txt", "x"}}, "app", ErrorCode::kFailedPrecondition, "no objects"},
      {{{"app/big.yaml", big}},
       "app",
       ErrorCode::kResourceExhausted,
       "app/big.yaml:1: ConfigMap web/big has"},
  };
  for (const auto& c : kCases) {
    const auto manifest =
        Render(MakeMemoryTree(c.files), {.application = "web", .ns = "web", .path = c.path});
    ASSERT_FALSE(manifest) << c.message;
    const std::string shown = manifest.error().ToString();
    EXPECT_EQ(manifest.error().code(), c.code) << shown;
    EXPECT_NE(shown.find(c.message), std::string::npos) << shown;
    EXPECT_TRUE(shown.starts_with("render application web: ")) << shown;
  }
}

TEST(Render, LinksOutOfTheRepositoryAreRefused) {
  namespace fs = std::filesystem;
  std::string base = (fs::temp_directory_path() / "swell_render_XXXXXX").string();
  ASSERT_NE(::mkdtemp(base.data()), nullptr);
  fs::create_directories(base + "/repo/app");
  std::ofstream(base + "/secret.yaml") << kConfigMap;
  std::ofstream(base + "/repo/app/a.yaml") << kConfigMap;
  const auto render = [&] {
    return Render(OpenDiskTree(base + "/repo").value(),
                  {.path = "app", .directory = {.recurse = true}});
  };
  EXPECT_TRUE(render());
  fs::create_symlink("../../secret.yaml", base + "/repo/app/b.yaml");
  EXPECT_EQ(render().error().code(), ErrorCode::kPermissionDenied);
  fs::remove(base + "/repo/app/b.yaml");
  fs::create_symlink("../..", base + "/repo/app/up");
  EXPECT_EQ(render().error().code(), ErrorCode::kPermissionDenied);
  fs::remove(base + "/repo/app/up");
  fs::create_symlink(".", base + "/repo/app/self1");  // two of them: 2^64 paths
  fs::create_symlink(".", base + "/repo/app/self2");
  EXPECT_FALSE(render());
  fs::remove_all(base);
}

TEST(Render, BudgetsAreNamed) {
  const auto tree = MakeMemoryTree({{"a.yaml", kConfigMap}, {"b.yaml", std::string(kConfigMap)}});
  EXPECT_NE(Render(tree, {}, {.max_objects = 1}).error().message().find("max_objects"),
            std::string::npos);
  EXPECT_NE(Render(tree, {}, {.max_bytes = 100}).error().message().find("max_bytes"),
            std::string::npos);
}

TEST(Render, Helm) {
  Files files = Chart();
  files["env/c1.yaml"] = "replicas: 5\n";
  const auto tree = MakeMemoryTree(files);
  RenderRequest request{.application = "shop", .ns = "web", .path = "chart"};
  request.helm.value_files = {"../env/{{ .cluster.name }}.yaml"};
  request.helm.values =
      json::Parse(R"({"host":"{{ .Release.Name }}.{{ .cluster.name }}"})").value();
  request.cluster.name = "c1";
  const auto manifest = Render(tree, request);
  ASSERT_TRUE(manifest) << manifest.error().ToString();
  ASSERT_EQ(manifest->objects.size(), 1u);
  const Object& deployment = manifest->objects[0];
  EXPECT_EQ(deployment.id().ToString(), "apps/Deployment web/shop");
  EXPECT_EQ(deployment.value["spec"]["replicas"].as_int(), 5);
  EXPECT_EQ(deployment.value["spec"]["host"].as_string(), "shop.c1");
  EXPECT_EQ(manifest->type, SourceType::kHelm);
  EXPECT_FALSE(manifest->used_capabilities);
  EXPECT_TRUE(manifest->reads.files.contains("env/c1.yaml"));

  request.cluster.name = "c2";
  const auto missing = Render(tree, request);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code(), ErrorCode::kNotFound);
  EXPECT_NE(missing.error().ToString().find("env/c2.yaml"), std::string::npos);
  request.helm.ignore_missing_value_files = true;
  EXPECT_TRUE(Render(tree, request));
  request.helm.value_files = {"../../x.yaml"};
  EXPECT_EQ(Render(tree, request).error().code(), ErrorCode::kPermissionDenied);
}

TEST(Render, Kustomize) {
  const auto tree = MakeMemoryTree({
      {"base/kustomization.yaml", "resources: [cm.yaml]\n"},
      {"base/cm.yaml", kConfigMap},
      {"over/kustomization.yaml", "resources: [../base]\nnameSuffix: -x\n"},
  });
  RenderRequest request{.application = "web", .ns = "web", .path = "over"};
  request.kustomize = json::Parse(R"({"namePrefix":"p-"})").value();
  const auto manifest = Render(tree, request);
  ASSERT_TRUE(manifest) << manifest.error().ToString();
  ASSERT_EQ(manifest->objects.size(), 1u);
  EXPECT_EQ(manifest->objects[0].id().ToString(), "ConfigMap web/p-a-x");
  EXPECT_EQ(manifest->type, SourceType::kKustomize);
  EXPECT_TRUE(manifest->reads.files.contains("base/cm.yaml"));
}

TEST(Render, KustomizeParametersNeedAKustomization) {
  const RenderRequest request{.application = "web",
                              .path = "app",
                              .type = SourceType::kKustomize,
                              .kustomize = json::Parse(R"({"namePrefix":"p-"})").value()};
  const auto manifest = Render(MakeMemoryTree({{"app/cm.yaml", kConfigMap}}), request);
  ASSERT_FALSE(manifest);
  EXPECT_EQ(manifest.error().code(), ErrorCode::kNotFound);
  EXPECT_NE(manifest.error().ToString().find("\"app\" has no kustomization.yaml"),
            std::string::npos)
      << manifest.error().ToString();
}

TEST(Render, KustomizeParametersTakeFactsOfTheCluster) {
  const auto tree = MakeMemoryTree(
      {{"app/kustomization.yaml", "resources: [cm.yaml]\n"}, {"app/cm.yaml", kConfigMap}});
  RenderRequest request{.application = "web", .path = "app"};
  request.kustomize = json::Parse(R"({
    "namePrefix": "{{ .cluster.labels.env }}-",
    "commonLabels": {"env": "{{ .cluster.labels.env }}"},
    "patches": [{"target": {"kind": "ConfigMap"}, "patch":
      "- {op: add, path: /data, value: {shards: {{ .cluster.labels.shards }}, x: '{{ .Other }}'}}"
    }],
    "replacements": [{"sourceValue": "{{ .cluster.name }}", "targets": [
      {"select": {"kind": "ConfigMap"}, "fieldPaths": ["data.cluster"],
       "options": {"create": true}}]}]})")
                          .value();
  request.cluster = {.name = "c1", .labels = {{"env", "prod"}, {"shards", "3"}}};
  const auto manifest = Render(tree, request);
  ASSERT_TRUE(manifest) << manifest.error().ToString();
  const Value& object = manifest->objects.at(0).value;
  EXPECT_EQ(object["metadata"]["name"].as_string(), "prod-a");
  EXPECT_EQ(object["metadata"]["labels"]["env"].as_string(), "prod");
  EXPECT_EQ(object["data"],
            json::Parse(R"({"cluster":"c1","shards":3,"x":"{{ .Other }}"})").value());
  EXPECT_TRUE(DependsOnCluster(tree, request).value());

  // What is put into a patch cannot make it another.
  request.cluster.labels["shards"] = "3}}\n- {op: remove, path: /metadata/labels}\n#";
  const auto injected = Render(tree, request);
  ASSERT_FALSE(injected);
  EXPECT_NE(injected.error().ToString().find("{{ .cluster.labels.shards }}"), std::string::npos);
  EXPECT_NE(injected.error().ToString().find("for cluster \"c1\""), std::string::npos);
  request.cluster.labels.erase("shards");
  EXPECT_NE(
      Render(tree, request)
          .error()
          .ToString()
          .find("patches: [0]: patch: {{ .cluster.labels.shards }}: cluster \"c1\" has no label "
                "\"shards\""),
      std::string::npos)
      << Render(tree, request).error().ToString();
}

TEST(Render, ClustersCountOnlyWhereTheyAreUsed) {
  Files files = Chart();
  EXPECT_FALSE(
      DependsOnCluster(MakeMemoryTree(files), {.application = "w", .path = "chart"}).value());
  EXPECT_TRUE(DependsOnCluster(MakeMemoryTree(files), {.path = "{{ .cluster.name }}"}).value());
  files["chart/templates/v.yaml"] =
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: v}\n"
      "data: {v: {{ .Capabilities.KubeVersion.Version }}}\n";
  EXPECT_TRUE(
      DependsOnCluster(MakeMemoryTree(files), {.application = "w", .path = "chart"}).value());
  for (const char* call : {"randAlpha 5", "now | quote", "lookup `v1` `Node` `` `` | len"}) {
    files["chart/templates/v.yaml"] =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: v}\ndata: {v: {{ " + std::string(call) +
        " }}}\n";
    EXPECT_TRUE(
        DependsOnCluster(MakeMemoryTree(files), {.application = "w", .path = "chart"}).value())
        << call;
  }
  files.erase("chart/templates/v.yaml");
  files["chart/Chart.yaml"] += "kubeVersion: '>=1.20-0'\n";
  EXPECT_TRUE(
      DependsOnCluster(MakeMemoryTree(files), {.application = "w", .path = "chart"}).value());
}

TEST(Manifest, SerializationIsAnInversePair) {
  const auto tree =
      MakeMemoryTree({{"a.yaml", kConfigMap},
                      {"b.yaml",
                       "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n"
                       "data: {t: \"line\\nline \\u2028 é\"}\nn: [1.0, 1.5, 1e3, -0.0, 1e300]\n"}});
  const auto manifest = Render(tree, {});
  ASSERT_TRUE(manifest) << manifest.error().ToString();
  const std::string text = SerializeManifest(*manifest);
  const auto again = ParseManifest(text);
  ASSERT_TRUE(again) << again.error().ToString();
  EXPECT_EQ(SerializeManifest(*again), text);
  EXPECT_EQ(again->digest, manifest->digest);
  EXPECT_EQ(again->reads, manifest->reads);
  ASSERT_EQ(again->objects.size(), manifest->objects.size());
  for (std::size_t i = 0; i < again->objects.size(); ++i) {
    EXPECT_EQ(again->objects[i].value, manifest->objects[i].value);
    EXPECT_EQ(again->objects[i].origin, manifest->objects[i].origin);
  }
  std::string tampered = text;
  tampered.replace(tampered.find("\"v\""), 3, "\"w\"");
  for (const std::string& bad : {tampered, text.substr(0, text.size() / 2), std::string(),
                                 std::string("{}\n"), text.substr(text.find('\n') + 1)}) {
    const auto refused = ParseManifest(bad);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::kDataLoss) << refused.error().ToString();
  }
}

TEST(Manifest, DigestCountsContentAndOrder) {
  const auto digest = [](const Files& files) { return Render(MakeMemoryTree(files), {})->digest; };
  const std::string other = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\n";
  EXPECT_EQ(digest({{"a.yaml", kConfigMap}, {"b.yaml", other}}),
            digest({{"x.yaml", other + "---\n" + kConfigMap}}));
  EXPECT_NE(digest({{"a.yaml", kConfigMap}}), digest({{"a.yaml", other}}));
}

TEST(Manifest, PrintsAsOneStream) {
  const auto manifest = Render(MakeMemoryTree({{"a.yaml", kConfigMap}}), {.ns = "web"});
  EXPECT_EQ(
      ManifestToYaml(*manifest),
      "apiVersion: v1\ndata:\n  k: v\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace: web\n");
}

}  // namespace
}  // namespace swell
