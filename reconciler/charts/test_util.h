#pragma once
// For tests: charts and their archives.

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "base/fetch/test_util.h"
#include "reconciler/charts/fetcher.h"
#include "renderer/source/trees.h"

namespace swell::charts::testing {

inline std::map<std::string, std::string> ChartFiles(const std::string& name,
                                                     const std::string& version) {
  return {{name + "/Chart.yaml", "apiVersion: v2\nname: " + name + "\nversion: " + version + "\n"},
          {name + "/templates/config.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " +
                                                name + "}\ndata: {v: \"" + version + "\"}\n"}};
}

inline std::string ChartArchive(const std::string& name, const std::string& version) {
  return WriteTar(ChartFiles(name, version));
}

// An index of (name, version, url, digest); "" leaves the digest out.
struct Indexed {
  std::string name, version, url, digest;
};
inline std::string IndexOf(const std::vector<Indexed>& charts) {
  std::map<std::string, std::string> entries;
  for (const Indexed& c : charts) {
    entries[c.name] += "  - name: " + c.name + "\n    version: \"" + c.version +
                       "\"\n    created: \"2026-11-27T05:38:55.715068418Z\"\n    urls: [\"" +
                       c.url + "\"]\n" + (c.digest.empty() ? "" : "    digest: " + c.digest + "\n");
  }
  std::string out = "apiVersion: v1\nentries:\n";
  for (const auto& [name, text] : entries) out += "  " + name + ":\n" + text;
  return out + "generated: \"2026-11-27T05:38:55Z\"\n";
}

// An index is asked for every time, and nothing waits long.
inline Limits TestLimits() {
  Limits limits;
  limits.index.reuse = std::chrono::milliseconds(0);
  limits.http.first_pause = std::chrono::milliseconds(1);
  return limits;
}

}  // namespace swell::charts::testing
