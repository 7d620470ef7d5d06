// A chart archive of any bytes: refused, or a chart whose files have clean names.
//
// Input that is no gzip is taken for a tar whose checksums are put right first, so that the
// fuzzer gets past them.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/core/check.h"
#include "renderer/helm/loader.h"
#include "renderer/source/path.h"
#include "renderer/source/trees.h"

namespace {

using namespace swell;

constexpr std::size_t kBlock = 512;
constexpr std::uint64_t kMaxBytes = 1u << 20;

void SetChecksum(char* header) {
  for (int i = 148; i < 156; ++i) header[i] = ' ';
  unsigned sum = 0;
  for (std::size_t i = 0; i < kBlock; ++i) sum += static_cast<unsigned char>(header[i]);
  for (int i = 153; i >= 148; --i, sum >>= 3) header[i] = static_cast<char>('0' + (sum & 7));
  header[154] = '\0';
}

// Every block that could be a header gets a right checksum; content that is changed by it is
// still content.
std::string WithChecksums(std::string bytes) {
  for (std::size_t at = 0; at + kBlock <= bytes.size(); at += kBlock) {
    if (bytes.compare(at + 257, 5, "ustar") == 0) SetChecksum(bytes.data() + at);
  }
  return bytes;
}

void CheckFiles(const std::vector<helm::ChartFile>& files) {
  for (const helm::ChartFile& file : files) {
    SWELL_CHECK(IsCleanPath(file.name));
    SWELL_CHECK(!file.name.empty());
  }
}

void CheckChart(const helm::Chart& chart) {
  CheckFiles(chart.templates);
  CheckFiles(chart.files);
  SWELL_CHECK(chart.values.is_object());
  for (const helm::ChartPtr& sub : chart.dependencies) CheckChart(*sub);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  if (!bytes.starts_with("\x1f\x8b")) bytes = WithChecksums(std::move(bytes));
  const auto tree = OpenArchive(bytes, kMaxBytes, "fuzz.tgz");
  if (!tree) {
    SWELL_CHECK(tree.error().ToString().find("archive") != std::string::npos);
    return 0;
  }
  const auto chart = helm::LoadArchivedChart(**tree);
  if (chart) CheckChart(**chart);
  return 0;
}
