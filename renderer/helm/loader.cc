#include "renderer/helm/loader.h"

#include <map>

#include "base/core/strings.h"
#include "renderer/funcs/sigs_yaml.h"
#include "renderer/helm/go_decode.h"
#include "renderer/helm/ignore.h"
#include "renderer/source/path.h"
#include "renderer/source/trees.h"

namespace swell::helm {
namespace {

using Files = std::vector<ChartFile>;

constexpr int kMaxFolderDepth = 64;
constexpr int kMaxSubchartDepth = 32;

void StripBom(std::string& data) {
  if (data.starts_with("\xEF\xBB\xBF")) data.erase(0, 3);
}

// Collects the files of a folder in lexical order.
class Walker {
 public:
  Walker(const FileTree& tree, std::string_view root, const IgnoreRules* rules)
      : tree_(tree), root_(root), rules_(rules) {}

  Status Walk(const std::string& relative, int depth) {
    if (depth > kMaxFolderDepth) {
      return Fail(ResourceExhausted("chart folder " + Quote(relative) + " is nested deeper than " +
                                    std::to_string(kMaxFolderDepth) + " levels"));
    }
    for (const FileEntry& entry : TRY(tree_.List(JoinPath(root_, relative)))) {
      const std::string path = JoinPath(relative, entry.name);
      const bool directory = entry.kind == FileEntry::Kind::kDirectory;
      if (rules_ != nullptr && rules_->Ignores(path, directory)) continue;
      if (directory) {
        TRY(Walk(path, depth + 1));
        continue;
      }
      if (entry.size > kMaxChartFileBytes) {
        return Fail(InvalidArgument("chart file " + Quote(entry.name) +
                                    " is larger than the maximum file size " +
                                    std::to_string(kMaxChartFileBytes)));
      }
      std::string data = TRY_WRAP(tree_.Read(JoinPath(root_, path)), "error reading " + path);
      StripBom(data);
      bytes_ += data.size();
      if (bytes_ > kMaxChartBytes) {
        return Fail(ResourceExhausted("chart " + Quote(root_) + " is larger than the limit of " +
                                      std::to_string(kMaxChartBytes) + " bytes"));
      }
      files.push_back({path, std::make_shared<const std::string>(std::move(data))});
    }
    return {};
  }

  Files files;

 private:
  const FileTree& tree_;
  std::string root_;
  const IgnoreRules* rules_;
  std::size_t bytes_ = 0;
};

Result<ChartPtr> LoadFiles(Files files, int depth);

Result<ChartPtr> LoadSubchart(const std::string& name, Files files, int depth) {
  if (name.ends_with(".tgz")) {
    const ChartFile& file = files.front();
    if (file.name != name) {
      return Fail(InvalidArgument("expected " + name + ", got " + file.name));
    }
    FileTreePtr tree = TRY(OpenArchive(*file.data, kMaxChartBytes, name));
    return LoadArchivedChart(*tree);
  }
  Files inner;
  for (ChartFile& file : files) {
    const std::size_t slash = file.name.find('/');
    if (slash == std::string::npos) continue;
    inner.push_back({file.name.substr(slash + 1), std::move(file.data)});
  }
  return LoadFiles(std::move(inner), depth);
}

Status LoadSubcharts(std::map<std::string, Files> subcharts, int depth, Chart& chart) {
  if (!subcharts.empty() && depth >= kMaxSubchartDepth) {
    return Fail(ResourceExhausted("chart " + chart.name() + " nests subcharts deeper than " +
                                  std::to_string(kMaxSubchartDepth) + " levels"));
  }
  for (auto& [name, files] : subcharts) {
    if (name.starts_with('_') || name.starts_with('.')) continue;
    auto loaded = LoadSubchart(name, std::move(files), depth + 1);
    if (!loaded) {
      return Fail(std::move(loaded).error().Wrap("error unpacking subchart " + name + " in " +
                                                 chart.name()));
    }
    chart.dependencies.push_back(*std::move(loaded));
  }
  return {};
}

Status LoadRequirements(ChartFile& file, Chart& chart) {
  TRY_WRAP(DecodeMetadata(*file.data, chart.metadata), "cannot load requirements.yaml");
  if (chart.metadata.api_version == "v1") chart.files.push_back(std::move(file));
  return {};
}

// Sorts one file into its place; files below charts/ are kept for their chart.
Status PlaceFile(ChartFile file, Chart& chart, std::map<std::string, Files>& subcharts) {
  const std::string& name = file.name;
  if (name == "Chart.yaml" || name == "Chart.lock") return {};
  if (name == "values.yaml") {
    chart.values = TRY_WRAP(LoadValues(*file.data), "cannot load values.yaml");
  } else if (name == "values.schema.json") {
    chart.schema = *file.data;
  } else if (name == "requirements.yaml") {
    return LoadRequirements(file, chart);
  } else if (name == "requirements.lock") {
    if (chart.metadata.api_version == "v1") chart.files.push_back(std::move(file));
  } else if (name.starts_with("templates/")) {
    chart.templates.push_back(std::move(file));
  } else if (name.starts_with("charts/") && !name.ends_with(".prov")) {
    file.name.erase(0, 7);
    const std::string chart_name = file.name.substr(0, file.name.find('/'));
    subcharts[chart_name].push_back(std::move(file));
  } else {
    chart.files.push_back(std::move(file));
  }
  return {};
}

Result<ChartPtr> LoadFiles(Files files, int depth) {
  auto chart = std::make_shared<Chart>();
  bool found = false;
  for (const ChartFile& file : files) {
    if (file.name != "Chart.yaml") continue;
    TRY_WRAP(DecodeMetadata(*file.data, chart->metadata), "cannot load Chart.yaml");
    if (chart->metadata.api_version.empty()) chart->metadata.api_version = "v1";
    found = true;
  }
  if (!found) return Fail(InvalidArgument("Chart.yaml file is missing"));
  std::map<std::string, Files> subcharts;
  for (ChartFile& file : files) TRY(PlaceFile(std::move(file), *chart, subcharts));
  TRY(ValidateMetadata(chart->metadata));
  TRY(LoadSubcharts(std::move(subcharts), depth, *chart));
  return chart;
}

// The documents of a values file, cut as k8s.io/apimachinery's YAMLReader cuts them: at lines
// that start with "---" and hold nothing else but blanks or a comment.
std::vector<std::string> SplitDocuments(std::string_view text) {
  std::vector<std::string> documents;
  std::string current;
  while (!text.empty()) {
    const std::size_t newline = text.find('\n');
    std::string_view line =
        text.substr(0, newline == std::string_view::npos ? newline : newline + 1);
    text.remove_prefix(line.size());
    if (line.starts_with("---")) {
      const std::string_view rest = Trim(line.substr(3));
      if ((rest.empty() || rest[0] == '#') && !current.empty()) {
        documents.push_back(std::move(current));
        current.clear();
        continue;
      }
    }
    current += line;
  }
  if (!current.empty()) documents.push_back(std::move(current));
  return documents;
}

}  // namespace

Value MergeMaps(const Value& base, const Value& over) {
  std::vector<Member> members(base.members().begin(), base.members().end());
  for (const Member& m : over.members()) {
    const Value* old = base.Find(m.name());
    const bool tables = m.value.is_object() && old != nullptr && old->is_object();
    members.emplace_back(m.key, tables ? MergeMaps(*old, m.value) : m.value);
  }
  return Value::Object(std::move(members));  // of equal keys the last wins
}

Result<Value> LoadValues(std::string_view yaml) {
  Value values = Value::EmptyObject();
  for (const std::string& text : SplitDocuments(yaml)) {
    auto document = funcs::ParseSigsYaml(text, true);
    if (!document) {
      return Fail(std::move(document).error().Wrap("cannot unmarshal yaml document"));
    }
    if (document->is_null()) continue;
    auto checked = GoStruct::Of(*document, "", "map[string]interface {}");
    if (!checked) {
      return Fail(std::move(checked).error().Wrap("cannot unmarshal yaml document"));
    }
    values = MergeMaps(values, *document);
  }
  return values;
}

Result<ChartPtr> LoadChart(const FileTree& tree, std::string_view folder) {
  std::string ignore;
  auto ignore_file = tree.Read(JoinPath(folder, ".helmignore"));
  if (ignore_file) {
    ignore = *std::move(ignore_file);
  } else if (ignore_file.error().code() != ErrorCode::kNotFound) {
    return Fail(std::move(ignore_file).error());
  }
  const IgnoreRules rules = TRY_WRAP(IgnoreRules::Parse(ignore), ".helmignore");
  Walker walker(tree, folder, &rules);
  TRY(walker.Walk("", 0));
  return LoadFiles(std::move(walker.files), 0);
}

Result<ChartPtr> LoadArchivedChart(const FileTree& tree) {
  Walker walker(tree, "", nullptr);
  TRY(walker.Walk("", 0));
  Files files;
  for (ChartFile& file : walker.files) {
    const std::size_t slash = file.name.find('/');
    if (slash == std::string::npos) {
      if (file.name == "Chart.yaml") {
        return Fail(InvalidArgument("chart yaml not in base directory"));
      }
      continue;
    }
    files.push_back({file.name.substr(slash + 1), std::move(file.data)});
  }
  if (files.empty()) return Fail(InvalidArgument("no files in chart archive"));
  return LoadFiles(std::move(files), 0);
}

}  // namespace swell::helm
