#include "reconciler/domain/source.h"

namespace swell {

SourceKey KeyOf(const SourceSpec& source) {
  return {.repository = source.repository, .chart = source.chart};
}

SourceKey KeyOf(const RemoteName& remote) {
  const bool file = remote.kind == RemoteName::Kind::kFile;
  return {.repository = remote.url,
          .chart = remote.chart,
          .kind = file ? SourceKey::Kind::kFile : SourceKey::Kind::kRepository};
}

bool IsChart(const SourceKey& key) {
  return !key.chart.empty() || key.repository.starts_with("oci://");
}

const Repository* CredentialsFor(const std::vector<Repository>& repositories,
                                 const std::string& url) {
  const Repository* best = nullptr;
  for (const Repository& r : repositories) {
    if (!url.starts_with(r.url)) continue;
    // "https://host/a" must not lend its password to "https://host/ab" or "https://host.evil/".
    const bool whole =
        url.size() == r.url.size() || r.url.ends_with('/') || url[r.url.size()] == '/';
    if (whole && (!best || r.url.size() > best->url.size())) best = &r;
  }
  return best;
}

}  // namespace swell
