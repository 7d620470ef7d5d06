#pragma once
// The built-in objects that templates see: .Capabilities, .Files, .Chart, .Values.

#include <map>
#include <string>
#include <vector>

#include "renderer/gotemplate/value.h"
#include "renderer/helm/capabilities.h"
#include "renderer/helm/chart.h"
#include "renderer/helm/table.h"

namespace swell::helm {

// *common.Capabilities. Sets *used on the first look into it; `used` must outlive the object.
gotemplate::Any MakeCapabilities(const Capabilities& capabilities, bool* used);

// Makes engine.files, with Get, GetBytes, Glob, Lines, AsConfig and AsSecrets. A []uint8 takes
// sixteen times its file's size, so the copies of a chart that aliases make share it.
class FilesMaker {
 public:
  gotemplate::Any Make(const std::vector<ChartFile>& files);

 private:
  std::map<const FileContent*, gotemplate::Any> bytes_;  // by the content's address
};

// Chart.yaml as helm 4 shows it: a map with Go's field names.
gotemplate::Any MakeChart(const Metadata& metadata, bool is_root);

// The coalesced values; tables that are one in `values` are one map in the result.
gotemplate::Any MakeValues(const TablePtr& values);

}  // namespace swell::helm
