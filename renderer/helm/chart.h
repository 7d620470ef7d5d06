#pragma once
// A loaded chart: its metadata, values, templates, other files and subcharts.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/core/result.h"
#include "base/value/value.h"
#include "renderer/helm/file_content.h"

namespace swell::helm {

// One entry of Chart.yaml's dependencies.
struct Dependency {
  std::string name;  // the alias takes its place once dependencies are processed
  std::string version;
  std::string repository;
  std::string condition;
  std::vector<std::string> tags;
  std::string alias;
  std::vector<Value> import_values;  // strings and {child, parent} objects
  bool enabled = false;
};

struct Maintainer {
  std::string name;
  std::string email;
  std::string url;
};

// Chart.yaml.
struct Metadata {
  std::string name;
  std::string home;
  std::vector<std::string> sources;
  std::string version;
  std::string description;
  std::vector<std::string> keywords;
  std::vector<Maintainer> maintainers;
  std::string icon;
  std::string api_version;
  std::string condition;
  std::string tags;
  std::string app_version;
  bool deprecated = false;
  std::map<std::string, std::string> annotations;
  std::string kube_version;
  std::vector<Dependency> dependencies;
  std::string type;
};

struct ChartFile {
  std::string name;     // relative to the chart: "templates/deploy.yaml"
  FileContentPtr data;  // shared by the copies that aliases make
};

struct Chart {
  Metadata metadata;
  Value values = Value::EmptyObject();  // defaults; numbers are floats, as in helm
  std::string schema;                   // values.schema.json; "" for none
  std::vector<ChartFile> templates;     // everything below templates/
  std::vector<ChartFile> files;         // everything that .Files shows
  std::vector<std::shared_ptr<Chart>> dependencies;
  // Of its own files and values, the anchors of values.yaml expanded: what a copy adds to the
  // chart's size. Set by the loader.
  std::size_t bytes = 0;

  const std::string& name() const { return metadata.name; }
  bool is_library() const;
};
using ChartPtr = std::shared_ptr<Chart>;

// A copy with copies of its subcharts; the files are shared.
ChartPtr DeepCopy(const Chart& chart);

// Reads a Chart.yaml (or, over it, a requirements.yaml) into `metadata`, coercing scalars to
// strings as helm's typed decoding does. The message is that of helm's decoder.
Status DecodeMetadata(std::string_view yaml, Metadata& metadata);

// helm's Metadata.Validate: required fields, semver, type, aliases; cleans strings.
Status ValidateMetadata(Metadata& metadata);

}  // namespace swell::helm
