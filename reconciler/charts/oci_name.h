#pragma once
// Names in OCI registries.

#include <string>
#include <string_view>

#include "base/core/result.h"

namespace swell::charts {

// One repository of a registry, which holds the versions of one chart.
struct OciName {
  std::string registry;    // "registry.example.com:5000"
  std::string repository;  // "charts/web"

  // "oci://registry.example.com:5000/charts/web", with the chart's name added where it is given.
  // kInvalidArgument for a URL with a tag or digest (they belong in the revision), and for
  // what no registry could have.
  static Result<OciName> Parse(std::string_view url, std::string_view chart = {});

  // The last path component: the chart's name.
  std::string_view chart() const;
  std::string ToString() const { return "oci://" + registry + "/" + repository; }
  friend bool operator==(const OciName&, const OciName&) = default;
};

// What a chart's version is called in a registry, and back: tags may not hold a '+'.
std::string TagOf(std::string_view version);
std::string VersionOf(std::string_view tag);

// Whether it can stand in a path as a tag.
bool IsTag(std::string_view text);

}  // namespace swell::charts
