#include "renderer/helm/loader.h"

#include <algorithm>
#include <map>

#include "base/core/strings.h"
#include "renderer/funcs/sigs_yaml.h"
#include "renderer/helm/go_decode.h"
#include "renderer/helm/ignore.h"
#include "renderer/helm/parallel.h"
#include "renderer/source/path.h"
#include "renderer/source/trees.h"

namespace swell::helm {
namespace {

using Files = std::vector<ChartFile>;

constexpr int kMaxFolderDepth = 64;
constexpr int kMaxSubchartDepth = 32;
constexpr std::size_t kMaxValuesDocuments = 100;  // of one values file

// What one chart with all its subcharts has used up of its budgets.
class LoadBudget {
 public:
  explicit LoadBudget(const Limits& limits) : limits_(limits) {}

  Status AddFile(std::string_view path) {
    if (++files_ <= limits_.max_chart_files) return {};
    return Fail(ResourceExhausted("at " + Quote(path) + ": the chart has more than " +
                                  std::to_string(limits_.max_chart_files) +
                                  " files and folders (budget max_chart_files)"));
  }
  Status AddBytes(std::string_view path, std::size_t bytes) {
    bytes_ += bytes;
    if (bytes_ <= limits_.max_chart_bytes) return {};
    return Fail(ResourceExhausted("at " + Quote(path) + ": the chart is larger than " +
                                  std::to_string(limits_.max_chart_bytes) +
                                  " bytes (budget max_chart_bytes)"));
  }
  Status AddChart(std::string_view name) {
    if (++charts_ <= limits_.max_charts) return {};
    return Fail(ResourceExhausted("at " + Quote(name) + ": the chart has more than " +
                                  std::to_string(limits_.max_charts) +
                                  " subcharts (budget max_charts)"));
  }
  std::size_t bytes_left() const {
    return limits_.max_chart_bytes - std::min(bytes_, limits_.max_chart_bytes);
  }
  const Limits& limits() const { return limits_; }

 private:
  const Limits& limits_;
  std::size_t files_ = 0;
  std::size_t bytes_ = 0;
  std::size_t charts_ = 0;
};

// Whether it lies in the crds/ of the chart or of a subchart's folder.
bool IsCrd(std::string_view path) {
  while (path.starts_with("charts/")) {
    const std::size_t slash = path.find('/', std::string_view("charts/").size());
    if (slash == std::string_view::npos) return false;
    path.remove_prefix(slash + 1);
  }
  return path.starts_with("crds/");
}

// Collects the files of a folder in lexical order.
class Walker {
  struct Found {
    std::size_t size;
    bool crd;  // a file that may be read later
  };

 public:
  Walker(const FileTree& tree, std::string_view root, const IgnoreRules* rules, LoadBudget& budget)
      : tree_(tree), root_(root), rules_(rules), budget_(budget) {}

  // `deferred`: the tree itself, where CRDs are to be read when asked for; else null.
  Result<Files> Run(unsigned threads, const FileTreePtr& deferred) {
    TRY(Walk("", 0));
    TRY(ReadAll(threads, deferred));
    return std::move(files_);
  }

 private:
  Status Walk(const std::string& relative, int depth) {
    if (depth > kMaxFolderDepth) {
      return Fail(ResourceExhausted("chart folder " + Quote(relative) + " is nested deeper than " +
                                    std::to_string(kMaxFolderDepth) +
                                    " levels; does a symbolic link lead back into it?"));
    }
    for (const FileEntry& entry : TRY(tree_.List(JoinPath(root_, relative)))) {
      const std::string path = JoinPath(relative, entry.name);
      const bool directory = entry.kind == FileEntry::Kind::kDirectory;
      // Before the rules: links back into the folder multiply what has to be looked at.
      TRY(budget_.AddFile(path));
      if (rules_ != nullptr && rules_->Ignores(path, directory)) continue;
      if (directory) {
        TRY(Walk(path, depth + 1));
        continue;
      }
      TRY(TakeFile(path, entry));
    }
    return {};
  }

  Status TakeFile(const std::string& path, const FileEntry& entry) {
    if (entry.size > kMaxChartFileBytes) {
      return Fail(InvalidArgument("chart file " + Quote(entry.name) +
                                  " is larger than the maximum file size " +
                                  std::to_string(kMaxChartFileBytes)));
    }
    TRY(budget_.AddBytes(path, entry.size));
    files_.push_back({path, nullptr});
    // A link that leads nowhere has to fail here.
    found_.push_back({entry.size, entry.kind == FileEntry::Kind::kFile && IsCrd(path)});
    return {};
  }

  // Once all sizes are known to be within the budget.
  Status ReadAll(unsigned threads, const FileTreePtr& deferred) {
    std::vector<Status> read(files_.size());
    ForEach(files_.size(), threads, [&](std::size_t i) {
      const std::string path = JoinPath(root_, files_[i].name);
      if (deferred != nullptr && found_[i].crd) {
        files_[i].data = std::make_shared<const FileContent>(deferred, path, found_[i].size);
        return;
      }
      auto data = tree_.Read(path);
      if (data) {
        files_[i].data = std::make_shared<const FileContent>(*std::move(data));
      } else {
        read[i] = Fail(std::move(data).error().Wrap("error reading " + files_[i].name));
      }
    });
    for (std::size_t i = 0; i < files_.size(); ++i) {
      TRY(std::move(read[i]));
      // It may have grown, and a tree need not know sizes.
      const std::size_t size = files_[i].data->size();
      if (size > found_[i].size) TRY(budget_.AddBytes(files_[i].name, size - found_[i].size));
    }
    return {};
  }

  const FileTree& tree_;
  std::string root_;
  const IgnoreRules* rules_;
  LoadBudget& budget_;
  Files files_;
  std::vector<Found> found_;  // what was listed of files_
};

Result<ChartPtr> LoadFiles(Files files, int depth, LoadBudget& budget);
Result<ChartPtr> LoadUnpacked(const FileTree& tree, int depth, LoadBudget& budget);

Result<ChartPtr> LoadSubchart(const std::string& name, Files files, int depth, LoadBudget& budget) {
  if (name.ends_with(".tgz")) {
    const ChartFile& file = files.front();
    if (file.name != name) {
      return Fail(InvalidArgument("expected " + name + ", got " + file.name));
    }
    FileTreePtr tree = TRY(OpenArchive(file.data->Text(), budget.bytes_left(), name));
    return LoadUnpacked(*tree, depth, budget);
  }
  Files inner;
  for (ChartFile& file : files) {
    const std::size_t slash = file.name.find('/');
    if (slash == std::string::npos) continue;
    inner.push_back({file.name.substr(slash + 1), std::move(file.data)});
  }
  return LoadFiles(std::move(inner), depth, budget);
}

Status LoadSubcharts(std::map<std::string, Files> subcharts, int depth, LoadBudget& budget,
                     Chart& chart) {
  if (!subcharts.empty() && depth >= kMaxSubchartDepth) {
    return Fail(ResourceExhausted("chart " + chart.name() + " nests subcharts deeper than " +
                                  std::to_string(kMaxSubchartDepth) + " levels"));
  }
  for (auto& [name, files] : subcharts) {
    if (name.starts_with('_') || name.starts_with('.')) continue;
    TRY(budget.AddChart(name));
    auto loaded = LoadSubchart(name, std::move(files), depth + 1, budget);
    if (!loaded) {
      return Fail(std::move(loaded).error().Wrap("error unpacking subchart " + name + " in " +
                                                 chart.name()));
    }
    chart.dependencies.push_back(*std::move(loaded));
  }
  return {};
}

Status LoadRequirements(ChartFile& file, Chart& chart) {
  TRY_WRAP(DecodeMetadata(file.data->Text(), chart.metadata), "cannot load requirements.yaml");
  if (chart.metadata.api_version == "v1") chart.files.push_back(std::move(file));
  return {};
}

// Sorts one file into its place; files below charts/ are kept for their chart.
Status PlaceFile(ChartFile file, Chart& chart, std::map<std::string, Files>& subcharts) {
  const std::string& name = file.name;
  if (name == "Chart.yaml" || name == "Chart.lock") return {};
  if (name == "values.yaml") {
    chart.values = TRY_WRAP(LoadValues(file.data->Text()), "cannot load values.yaml");
  } else if (name == "values.schema.json") {
    chart.schema = file.data->Text();
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

// Memory that a value takes once nothing of it is shared any more.
std::size_t BytesOf(const Value& value) {
  std::size_t bytes = sizeof(Value) + value.as_string().size();
  for (const Value& item : value.items()) bytes += BytesOf(item);
  for (const Member& m : value.members()) {
    bytes += sizeof(Value) + m.name().size() + BytesOf(m.value);
  }
  return bytes;
}

Status Weigh(LoadBudget& budget, Chart& chart) {
  const std::size_t values = BytesOf(chart.values);
  TRY_WRAP(budget.AddBytes("values.yaml", values), "chart " + chart.name());
  chart.bytes = values + chart.schema.size();
  for (const ChartFile& file : chart.templates) chart.bytes += file.data->size();
  for (const ChartFile& file : chart.files) chart.bytes += file.data->size();
  return {};
}

// Every pair of a declared and a present subchart is looked at.
Status CheckDeclared(const Metadata& metadata, const Limits& limits) {
  if (metadata.dependencies.size() <= limits.max_charts) return {};
  return Fail(ResourceExhausted("Chart.yaml of " + metadata.name + " declares " +
                                std::to_string(metadata.dependencies.size()) +
                                " dependencies, more than " + std::to_string(limits.max_charts) +
                                " (budget max_charts)"));
}

Result<ChartPtr> LoadFiles(Files files, int depth, LoadBudget& budget) {
  auto chart = std::make_shared<Chart>();
  bool found = false;
  for (const ChartFile& file : files) {
    if (file.name != "Chart.yaml") continue;
    TRY_WRAP(DecodeMetadata(file.data->Text(), chart->metadata), "cannot load Chart.yaml");
    if (chart->metadata.api_version.empty()) chart->metadata.api_version = "v1";
    found = true;
  }
  if (!found) return Fail(InvalidArgument("Chart.yaml file is missing"));
  std::map<std::string, Files> subcharts;
  for (ChartFile& file : files) TRY(PlaceFile(std::move(file), *chart, subcharts));
  TRY(CheckDeclared(chart->metadata, budget.limits()));
  TRY(ValidateMetadata(chart->metadata));
  TRY(Weigh(budget, *chart));
  TRY(LoadSubcharts(std::move(subcharts), depth, budget, *chart));
  return chart;
}

Result<ChartPtr> LoadUnpacked(const FileTree& tree, int depth, LoadBudget& budget) {
  Walker walker(tree, "", nullptr, budget);
  Files all = TRY(walker.Run(1, nullptr));
  Files files;
  for (ChartFile& file : all) {
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
  return LoadFiles(std::move(files), depth, budget);
}

// The documents of a values file, cut as k8s.io/apimachinery's YAMLReader cuts them: at lines
// that start with "---" and hold nothing else but blanks or a comment.
std::vector<std::string_view> SplitDocuments(std::string_view text) {
  std::vector<std::string_view> documents;
  std::size_t begin = 0;  // of the document
  std::size_t line = text.starts_with("---") ? 0 : text.find("\n---");
  while (line != std::string_view::npos) {
    if (text[line] == '\n') ++line;
    const std::size_t end = std::min(text.find('\n', line), text.size());
    const std::string_view rest = Trim(text.substr(line + 3, end - line - 3));
    if ((rest.empty() || rest[0] == '#') && line > begin) {
      documents.push_back(text.substr(begin, line - begin));
      begin = std::min(end + 1, text.size());
    }
    line = text.find("\n---", end);
  }
  if (begin < text.size()) documents.push_back(text.substr(begin));
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
  const std::vector<std::string_view> documents = SplitDocuments(yaml);
  // Merging copies what was there before.
  if (documents.size() > kMaxValuesDocuments) {
    return Fail(ResourceExhausted("the file has " + std::to_string(documents.size()) +
                                  " YAML documents; at most " +
                                  std::to_string(kMaxValuesDocuments) + " are merged"));
  }
  for (const std::string_view text : documents) {
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

Result<ChartPtr> LoadChart(const FileTreePtr& tree, std::string_view folder,
                           const LoadOptions& options) {
  std::string ignore;
  auto ignore_file = tree->Read(JoinPath(folder, ".helmignore"));
  if (ignore_file) {
    ignore = *std::move(ignore_file);
  } else if (ignore_file.error().code() != ErrorCode::kNotFound) {
    return Fail(std::move(ignore_file).error());
  }
  const IgnoreRules rules = TRY_WRAP(IgnoreRules::Parse(ignore), ".helmignore");
  LoadBudget budget(options.limits);
  Walker walker(*tree, folder, &rules, budget);
  const FileTreePtr deferred = options.crds_when_asked_for ? tree : nullptr;
  return LoadFiles(TRY(walker.Run(options.threads, deferred)), 0, budget);
}

Result<ChartPtr> LoadArchivedChart(const FileTree& tree, const Limits& limits) {
  LoadBudget budget(limits);
  return LoadUnpacked(tree, 0, budget);
}

}  // namespace swell::helm
