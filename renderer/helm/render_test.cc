#include <gtest/gtest.h>

#include "renderer/helm/helm.h"
#include "renderer/source/trees.h"

namespace swell::helm {
namespace {

using Files = std::map<std::string, std::string>;

constexpr char kChart[] = "apiVersion: v2\nname: c\nversion: 0.1.0\n";

Result<Output> RenderFiles(Files files, const ValueSources& values = {},
                           const Options& options = {}) {
  files.emplace("Chart.yaml", kChart);
  return Render(MakeMemoryTree(std::move(files)), "", values, options);
}

std::string Stream(Files files, const ValueSources& values = {}, const Options& options = {}) {
  const auto output = RenderFiles(std::move(files), values, options);
  return output ? TemplateStream(*output) : "error: " + output.error().ToString();
}

// What a template `text` prints, between "v: " and the end of the line.
std::string Print(const std::string& text, const ValueSources& values = {}) {
  const std::string stream = Stream({{"templates/t.yaml", "v: " + text}}, values);
  const std::size_t at = stream.find("\nv: ");
  return at == std::string::npos ? stream : stream.substr(at + 4, stream.size() - at - 5);
}

TEST(HelmRender, EmptyChartPrintsOneNewline) { EXPECT_EQ(Stream({}), "\n"); }

TEST(HelmRender, ChartInAFolderOfTheTree) {
  const auto output = Render(MakeMemoryTree({{"apps/web/Chart.yaml", kChart},
                                             {"apps/web/templates/a.yaml", "kind: A"},
                                             {"apps/other.yaml", "kind: B"}}),
                             "apps/web", {}, {});
  ASSERT_TRUE(output);
  ASSERT_EQ(output->documents.size(), 1u);
  EXPECT_EQ(output->documents[0].source, "c/templates/a.yaml");
}

TEST(HelmRender, PrecedenceOfValueSources) {
  ValueSources values;
  values.files = {{"one.yaml", "a: file1\nb: file1\nm: {x: 1, z: 1}"},
                  {"two.yaml", "b: file2\nm: {z: 2}"}};
  values.values = Value::Object({{"c", Value("inline")}, {"d", Value("inline")}});
  values.set_json = {R"(d="json")", R"({"e": "json"})"};
  values.set = {"e=set,f=set"};
  values.set_string = {"f=string,g=string"};
  values.set_file = {{"g", "content, with=signs"}};
  EXPECT_EQ(Print("{{ toJson (omit .Values \"m\") }}", values),
            R"({"a":"file1","b":"file2","c":"inline","d":"json","e":"set","f":"string",)"
            R"("g":"content, with=signs"})");
  EXPECT_EQ(Print("{{ toJson .Values.m }}", values), R"({"x":1,"z":2})");
}

TEST(HelmRender, MissingDependencyIsRefusedByName) {
  const auto output =
      RenderFiles({{"Chart.yaml", std::string(kChart) +
                                      "dependencies: [{name: redis, version: 1.x.x, repository: "
                                      "https://charts.example.com}, {name: db, version: 2.0.0}]"}});
  ASSERT_FALSE(output);
  EXPECT_EQ(output.error().code(), ErrorCode::kFailedPrecondition);
  EXPECT_NE(output.error().ToString().find("missing in charts/ directory: redis, db"),
            std::string::npos);
}

TEST(HelmRender, NotesAreKeptApart) {
  const auto output = RenderFiles(
      {{"templates/NOTES.txt", "hello {{ .Release.Name }}"}, {"templates/a.yaml", "kind: A"}});
  ASSERT_TRUE(output);
  EXPECT_EQ(output->notes, "hello release-name");
  EXPECT_EQ(output->documents.size(), 1u);
}

TEST(HelmRender, TellsWhetherTheClusterMatters) {
  const auto used = [](const char* text) {
    const auto output = RenderFiles({{"templates/a.yaml", text}});
    EXPECT_TRUE(output);
    return output && output->used_capabilities;
  };
  EXPECT_FALSE(used("a: {{ .Values.x }}{{ include \"t\" . }}{{ define \"t\" }}{{ end }}"));
  EXPECT_TRUE(used("a: {{ .Capabilities.KubeVersion.Minor }}"));
  // Answered from what the caller hands in, which is no capability.
  EXPECT_FALSE(used("a: {{ lookup \"v1\" \"Pod\" \"a\" \"b\" | len }}"));
  const auto constrained =
      RenderFiles({{"Chart.yaml", std::string(kChart) + "kubeVersion: \">=1.20\""}});
  ASSERT_TRUE(constrained);
  EXPECT_TRUE(constrained->used_capabilities);
}

TEST(HelmRender, RefusesBadCharts) {
  const std::pair<Files, const char*> cases[] = {
      {{{"Chart.yaml", "apiVersion: v2\nname: c"}},
       "validation: chart.metadata.version is required"},
      {{{"Chart.yaml", "apiVersion: v2\nname: c\nversion: x"}},
       "validation: chart.metadata.version \"x\" is invalid"},
      {{{"Chart.yaml", std::string(kChart) + "type: library"}},
       "library charts are not installable"},
      {{{"Chart.yaml", std::string(kChart) + "type: other"}},
       "validation: chart.metadata.type must be application or library"},
      {{{"values.yaml", "- a"}},
       "cannot load values.yaml: cannot unmarshal yaml document: error unmarshaling JSON: while "
       "decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}"},
      {{{"charts/x/templates/a.yaml", "kind: A"}},
       "error unpacking subchart x in c: Chart.yaml file is missing"},
      {{{"templates/a.yaml", "{{ nope }}"}},
       "parse error at (c/templates/a.yaml:1): function \"nope\" not defined"},
      {{{"templates/a.yaml", "{{ env \"HOME\" }}"}},
       "parse error at (c/templates/a.yaml:1): function \"env\" not defined"},
      {{{"templates/a.yaml", "{{ fail \"no way\" }}"}},
       "execution error at (c/templates/a.yaml:1:3): no way"},
      {{{".helmignore", "a/**"}}, ".helmignore: double-star (**) syntax is not supported"},
  };
  for (const auto& [files, message] : cases)
    EXPECT_EQ(Stream(files), std::string("error: ") + message);
  Options options;
  options.release_name = "Bad_Name";
  EXPECT_NE(Stream({}, {}, options).find("invalid release name"), std::string::npos);
  const auto missing = Render(MakeMemoryTree({{"x", "y"}}), "", {}, {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().ToString(), "Chart.yaml file is missing");
}

TEST(HelmRender, EndlessTemplatesEnd) {
  const std::string recursion =
      Stream({{"templates/a.yaml",
               "{{ define \"x\" }}{{ include \"x\" . }}{{ end }}{{ include \"x\" . }}"}});
  EXPECT_NE(recursion.find("rendering template has a nested reference name: x"), std::string::npos);
  const std::string loop = Stream({{"templates/a.yaml", "{{ range until 100000000 }}x{{ end }}"}});
  EXPECT_EQ(loop.substr(0, 7), "error: ");
}

TEST(HelmRender, TheSameInputGivesTheSameOutput) {
  const Files files = {
      {"values.yaml", "m: {b: 1, a: 2}"},
      {"templates/a.yaml", "{{ range $k, $v := .Values.m }}{{ $k }}: {{ $v }}\n{{ end }}"}};
  EXPECT_EQ(Stream(files), Stream(files));
}

}  // namespace
}  // namespace swell::helm
