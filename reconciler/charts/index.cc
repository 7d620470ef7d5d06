#include "reconciler/charts/index.h"

#include <algorithm>

#include "base/core/strings.h"
#include "base/text/semver.h"
#include "base/value/yaml.h"
#include "reconciler/charts/versions.h"

namespace swell::charts {
namespace {

// Scalars that should be strings often are not quoted: appVersion: 1.5.
std::string Text(const Value& value) {
  if (value.is_string()) return value.str();
  if (value.is_null() || value.is_array() || value.is_object()) return "";
  return std::string(Trim(yaml::Write(value)));
}

IndexEntry ReadEntry(const Value& value) {
  IndexEntry out;
  out.version = Text(value["version"]);
  out.app_version = Text(value["appVersion"]);
  out.url = value["urls"][0].str();
  out.digest = Text(value["digest"]);
  if (const auto created = ParseTimestamp(value["created"].str())) out.created = *created;
  return out;
}

void SortNewestFirst(std::vector<IndexEntry>& entries) {
  std::vector<std::pair<Semver, IndexEntry>> parsed;
  for (IndexEntry& entry : entries) {
    if (auto version = Semver::ParseLenient(entry.version)) {
      parsed.emplace_back(*std::move(version), std::move(entry));
    }
  }
  std::ranges::stable_sort(parsed, [](const auto& a, const auto& b) { return a.first > b.first; });
  entries.clear();
  for (auto& [version, entry] : parsed) entries.push_back(std::move(entry));
}

}  // namespace

Result<Index> ParseIndex(std::string_view text, const std::string& name) {
  const Value index =
      TRY_WRAP(yaml::Parse(text, {.file = name, .first_document_only = true}), "read the index");
  if (!index["apiVersion"].is_string()) {
    return Fail(InvalidArgument(name + " is not the index of a chart repository: it has no "
                                       "apiVersion"));
  }
  Index out;
  for (const Member& chart : index["entries"].members()) {
    std::vector<IndexEntry> entries;
    for (const Value& item : chart.value.items()) {
      IndexEntry entry = ReadEntry(item);
      if (!entry.version.empty() && !entry.url.empty()) entries.push_back(std::move(entry));
    }
    SortNewestFirst(entries);
    out.emplace(chart.name(), std::move(entries));
  }
  return out;
}

Result<IndexEntry> PickEntry(const Index& index, const std::string& chart,
                             const std::string& wanted) {
  const auto it = index.find(chart);
  if (it == index.end()) return Fail(NotFound("there is no chart " + Quote(chart)));
  std::vector<std::string> versions;
  for (const IndexEntry& entry : it->second) versions.push_back(entry.version);
  const std::size_t picked = TRY_WRAP(PickVersion(versions, wanted), "chart " + chart);
  return it->second[picked];
}

}  // namespace swell::charts
