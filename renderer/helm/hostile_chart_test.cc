// Charts that are made to hurt: too many files, folders, subcharts, aliases, values, and links and
// pipes on a disk.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "renderer/helm/helm.h"
#include "renderer/helm/loader.h"
#include "renderer/source/testing.h"
#include "renderer/source/trees.h"

namespace swell::helm {
namespace {

using swell::testing::TarEnd;
using swell::testing::TarEntry;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using Files = std::map<std::string, std::string>;

std::string ChartYaml(const std::string& name) {
  return "apiVersion: v2\nname: " + name + "\nversion: 1.0.0\n";
}

// The error of rendering, "CODE: text"; "" where there is none.
std::string ErrorOf(Files files, const ValueSources& values = {}, const Limits& limits = {}) {
  files.emplace("Chart.yaml", ChartYaml("c"));
  const auto out = Render(MakeMemoryTree(std::move(files)), "", values, {.limits = limits});
  if (out) return "";
  return std::string(ErrorCodeName(out.error().code())) + ": " + out.error().ToString();
}

// Chart.yaml with `count` aliases of the chart `name`.
std::string WithAliases(const std::string& chart, const std::string& name, int count) {
  std::string text = ChartYaml(chart) + "dependencies:\n";
  for (int i = 0; i < count; ++i) {
    text += "- {name: " + name + ", version: 1.0.0, alias: " + name + std::to_string(i) + "}\n";
  }
  return text;
}

TEST(HostileChart, AliasesOfAliasesAreCounted) {
  const Files files = {{"Chart.yaml", WithAliases("c", "d", 100)},
                       {"charts/d/Chart.yaml", WithAliases("d", "e", 100)},
                       {"charts/d/charts/e/Chart.yaml", WithAliases("e", "f", 100)},
                       {"charts/d/charts/e/charts/f/Chart.yaml", ChartYaml("f")}};
  EXPECT_THAT(ErrorOf(files), AllOf(HasSubstr("RESOURCE_EXHAUSTED"), HasSubstr("alias"),
                                    HasSubstr("more than 2000 subcharts (budget max_charts)")));
}

TEST(HostileChart, AliasesMultiplyTheChartsSize) {
  const Files files = {{"Chart.yaml", WithAliases("c", "d", 50)},
                       {"charts/d/Chart.yaml", ChartYaml("d")},
                       {"charts/d/files/big", std::string(1u << 20, 'x')}};
  Limits limits;
  limits.max_chart_bytes = 40u << 20;
  EXPECT_THAT(ErrorOf(files, {}, limits),
              AllOf(HasSubstr("RESOURCE_EXHAUSTED"), HasSubstr("alias d"),
                    HasSubstr("(budget max_chart_bytes); if the chart is right, raise it with "
                              "--render-max-chart")));
  limits.max_chart_bytes = 60u << 20;
  EXPECT_EQ(ErrorOf(files, {}, limits), "");
}

TEST(HostileChart, AMillionDependencies) {
  std::string text = ChartYaml("c") + "dependencies:\n";
  for (int i = 0; i < 100'000; ++i) text += "- {name: d, version: 1}\n";
  EXPECT_THAT(ErrorOf({{"Chart.yaml", text}, {"charts/d/Chart.yaml", ChartYaml("d")}}),
              HasSubstr("declares 100000 dependencies, more than 2000 (budget max_charts)"));
}

TEST(HostileChart, ChartsInsideCharts) {
  Files folders, archives;
  std::string path;
  for (int i = 0; i < 40; ++i) {
    folders[path + "Chart.yaml"] = ChartYaml("c" + std::to_string(i));
    path += "charts/d" + std::to_string(i) + "/";
  }
  EXPECT_THAT(ErrorOf(folders), AnyOf(HasSubstr("nests subcharts deeper than 32 levels"),
                                      HasSubstr("is nested deeper than 64 levels")));
  // An archive that holds an archive that holds …
  std::string inner = TarEntry("z/Chart.yaml", ChartYaml("z")) + TarEnd();
  for (int i = 0; i < 40; ++i) {
    inner = TarEntry("y/Chart.yaml", ChartYaml("y")) + TarEntry("y/charts/y.tgz", inner) + TarEnd();
  }
  archives["charts/y.tgz"] = inner;
  EXPECT_THAT(ErrorOf(archives), HasSubstr("nests subcharts deeper than 32 levels"));
}

TEST(HostileChart, ArchivesCountWithTheChart) {
  Files files;
  for (int i = 0; i < 20; ++i) {
    const std::string name = "d" + std::to_string(i);
    files["charts/" + name + ".tgz"] = TarEntry(name + "/Chart.yaml", ChartYaml(name)) +
                                       TarEntry(name + "/a", std::string(100'000, 'x')) + TarEnd();
  }
  Limits limits;
  limits.max_chart_bytes = 1u << 20;
  EXPECT_THAT(ErrorOf(files, {}, limits),
              AllOf(HasSubstr("RESOURCE_EXHAUSTED"), HasSubstr("max_")));
}

TEST(HostileChart, ArchivesWithUnsafeNames) {
  for (const auto& [entry, message] :
       {std::pair{TarEntry("../c/Chart.yaml", ChartYaml("c")), "leaves"},
        std::pair{TarEntry("/c/Chart.yaml", ChartYaml("c")), "absolute"},
        std::pair{TarEntry("c/Chart.yaml", "", '2'), "symbolic link"},
        std::pair{TarEntry("c/Chart.yaml", "", '1'), "hard link"},
        std::pair{TarEntry("c/dev", "", '3'), "device"}}) {
    EXPECT_THAT(ErrorOf({{"charts/x.tgz", entry + TarEnd()}}),
                AllOf(HasSubstr("PERMISSION_DENIED"), HasSubstr("x.tgz"), HasSubstr(message)));
  }
}

TEST(HostileChart, FilesAreCountedAndMeasured) {
  Files many;
  for (int i = 0; i < 20'001; ++i) many["files/" + std::to_string(i)] = "";
  EXPECT_THAT(ErrorOf(many), HasSubstr("more than 20000 files and folders (budget "
                                       "max_chart_files)"));
  EXPECT_THAT(ErrorOf({{"templates/big.yaml", std::string((5u << 20) + 1, '#')}}),
              HasSubstr("larger than the maximum file size 5242880"));
  std::string rules;
  for (int i = 0; i < 2'000; ++i) rules += "a" + std::to_string(i) + "\n";
  EXPECT_THAT(ErrorOf({{".helmignore", rules}}), HasSubstr(".helmignore: more than 1000 rules"));
  EXPECT_THAT(ErrorOf({{".helmignore", std::string(5'000, '*')}}),
              HasSubstr("double-star (**) syntax is not supported"));
  EXPECT_THAT(ErrorOf({{".helmignore", std::string(5'000, 'a')}}), HasSubstr("longer than 1024"));
}

TEST(HostileChart, ValuesAreBounded) {
  std::string laughs = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string last = "*a" + std::to_string(i - 1);
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + last;
    for (int k = 1; k < 10; ++k) laughs += "," + last;
    laughs += "]\n";
  }
  EXPECT_THAT(ErrorOf({{"values.yaml", laughs}}),
              AllOf(HasSubstr("values.yaml"), HasSubstr("budget max_nodes")));
  EXPECT_THAT(ErrorOf({}, {.files = {{"my.yaml", laughs}}}),
              AllOf(HasSubstr("my.yaml"), HasSubstr("budget max_nodes")));
  EXPECT_THAT(ErrorOf({{"values.yaml", std::string(100'000, '[')}}),
              AllOf(HasSubstr("values.yaml"), HasSubstr("budget max_depth")));
  EXPECT_THAT(ErrorOf({{"values.yaml", "a: &a '" + std::string(100'000, 'x') + "'\nb: [*a" +
                                           [] {
                                             std::string rest;
                                             for (int i = 0; i < 1'000; ++i) rest += ",*a";
                                             return rest;
                                           }() +
                                           "]"}}),
              AllOf(HasSubstr("values.yaml"), HasSubstr("budget max_alias_bytes")));
  EXPECT_THAT(ErrorOf({}, {.set = {"a[70000]=1"}}), HasSubstr("maximum supported index"));
}

// Each as helm 4.1.4 takes it.
TEST(HostileChart, OddBytesInValues) {
  EXPECT_EQ(ErrorOf({{"values.yaml",
                      "\xEF\xBB\xBF"
                      "a: 1\n"}}),
            "");
  EXPECT_EQ(ErrorOf({{"values.yaml", "a: 1\na: 2\n"}}), "");  // the last wins
  EXPECT_THAT(ErrorOf({{"values.yaml", "a:\n\tb: 1\n"}}), HasSubstr("cannot start any token"));
  EXPECT_THAT(ErrorOf({{"values.yaml", "a: \"\xff\"\n"}}), HasSubstr("invalid leading UTF-8"));
  EXPECT_THAT(ErrorOf({{"values.yaml", std::string("a: \0", 4)}}), HasSubstr("control characters"));
}

TEST(HostileChart, GlobalsOfManyChartsAreBounded) {
  std::string globals = "global:\n";
  for (int i = 0; i < 20'000; ++i) globals += "  k" + std::to_string(i) + ": 1\n";
  const Files files = {{"Chart.yaml", WithAliases("c", "d", 1'500)},
                       {"values.yaml", globals},
                       {"charts/d/Chart.yaml", ChartYaml("d")}};
  EXPECT_THAT(ErrorOf(files), AllOf(HasSubstr("RESOURCE_EXHAUSTED"), HasSubstr("globals")));
}

TEST(HostileChart, DocumentsAreCounted) {
  std::string values, manifests;
  for (int i = 0; i < 200; ++i) values += "---\na: 1\n";
  EXPECT_THAT(ErrorOf({{"values.yaml", values}}),
              AllOf(HasSubstr("RESOURCE_EXHAUSTED"), HasSubstr("values.yaml"),
                    HasSubstr("200 YAML documents; at most 100")));
  for (int i = 0; i < 100'001; ++i) manifests += "---\n{}\n";
  EXPECT_THAT(ErrorOf({{"templates/a.yaml", manifests}}),
              AllOf(HasSubstr("RESOURCE_EXHAUSTED"), HasSubstr("at c/templates/a.yaml"),
                    HasSubstr("more than 100000 YAML documents")));
}

TEST(HostileChart, ImportedValuesAreCounted) {
  std::string imports, exported;
  for (int i = 0; i < 3'000; ++i) imports += "  - {child: t, parent: p}\n";
  for (int i = 0; i < 10'000; ++i) exported += "  k" + std::to_string(i) + ": 1\n";
  const Files files = {{"Chart.yaml", ChartYaml("c") +
                                          "dependencies:\n- name: d\n  version: "
                                          "1.0.0\n  import-values:\n" +
                                          imports},
                       {"charts/d/Chart.yaml", ChartYaml("d")},
                       {"charts/d/values.yaml", "t:\n" + exported}};
  EXPECT_THAT(ErrorOf(files), AllOf(HasSubstr("RESOURCE_EXHAUSTED"), HasSubstr("import-values")));
}

TEST(HostileChart, SchemasAreBounded) {
  EXPECT_THAT(ErrorOf({{"values.schema.json", R"({"$ref":"#"})"}}),
              AllOf(HasSubstr("RESOURCE_EXHAUSTED"), HasSubstr("values.schema.json of chart c"),
                    HasSubstr("budget max_depth")));
  EXPECT_THAT(ErrorOf({{"values.schema.json", R"({"$ref":"http://127.0.0.1:1/s.json"})"}}),
              AllOf(HasSubstr("http://127.0.0.1:1/s.json"), HasSubstr("does not fetch")));
}

TEST(HostileChart, OutputOfManyFilesIsOneBudget) {
  Files files = {
      {"templates/_big.tpl", "{{ define `big` }}" + std::string(100'000, '#') + "{{ end }}"}};
  for (int i = 0; i < 100; ++i) {
    files["templates/" + std::to_string(i) + ".yaml"] = "{{ template `big` . }}";
  }
  Limits limits;
  limits.SetOutputBytes(5'000'000);
  EXPECT_THAT(ErrorOf(files, {}, limits),
              AllOf(HasSubstr("template: c/templates/"),
                    HasSubstr("print more than 5000000 bytes (budget max_output_bytes)"),
                    HasSubstr("--render-max-output")));
}

class HostileFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern =
        (std::filesystem::temp_directory_path() / "swell_hostile_XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    std::filesystem::create_directory(folder_ / "templates");
    std::ofstream(folder_ / "Chart.yaml") << ChartYaml("c");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string ErrorOfFolder() const {
    const auto out = Render(*OpenDiskTree(folder_.string()), "", {}, {});
    if (out) return "";
    return std::string(ErrorCodeName(out.error().code())) + ": " + out.error().ToString();
  }

  std::filesystem::path folder_;
};

TEST_F(HostileFolder, APipeIsNotWaitedFor) {
  ASSERT_EQ(::mkfifo((folder_ / "templates/pipe").c_str(), 0600), 0);
  EXPECT_THAT(ErrorOfFolder(), HasSubstr("templates/pipe\" is not a regular file"));
}

TEST_F(HostileFolder, LinksThatLeaveAreRefused) {
  std::filesystem::create_symlink("/etc/passwd", folder_ / "templates/a.yaml");
  EXPECT_THAT(ErrorOfFolder(), AllOf(HasSubstr("PERMISSION_DENIED"), HasSubstr("leaves")));
  std::filesystem::remove(folder_ / "templates/a.yaml");
  std::filesystem::create_symlink("/dev/zero", folder_ / "values.yaml");
  EXPECT_THAT(ErrorOfFolder(), AllOf(HasSubstr("PERMISSION_DENIED"), HasSubstr("leaves")));
}

// Two links back make 2^40 paths of 40 steps, which is as many as the kernel follows. Files are read
// once all are counted, so the count ends it.
TEST_F(HostileFolder, LinksBackIntoTheFolderComeToAnEnd) {
  std::filesystem::create_symlink(".", folder_ / "a");
  std::filesystem::create_symlink(".", folder_ / "b");
  EXPECT_THAT(ErrorOfFolder(), HasSubstr("files and folders (budget max_chart_files)"));
}

TEST_F(HostileFolder, ALinkToItselfIsAnError) {
  std::filesystem::create_symlink("loop", folder_ / "templates/loop");
  EXPECT_THAT(ErrorOfFolder(), HasSubstr("templates/loop"));
}

}  // namespace
}  // namespace swell::helm
