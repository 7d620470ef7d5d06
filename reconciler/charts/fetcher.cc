#include "reconciler/charts/fetcher.h"

#include <utility>

#include "base/core/strings.h"
#include "base/net/url.h"
#include "reconciler/charts/archive.h"
#include "reconciler/charts/versions.h"
#include "reconciler/domain/source.h"

namespace swell::charts {
namespace {

constexpr std::size_t kMaxValidators = 10'000;
constexpr std::size_t kMaxNames = 10'000;

bool IsOci(std::string_view url) { return url.starts_with("oci://"); }

Status CheckName(const std::string& archive, const std::string& name, const std::string& chart) {
  if (name == chart) return {};
  return Fail(InvalidArgument("archive " + archive + " holds the chart " + Quote(name) + ", not " +
                              Quote(chart)));
}

bool SameOrigin(const std::string& a, const std::string& b) {
  const auto first = net::Url::Parse(a), second = net::Url::Parse(b);
  return first && second && first->Origin() == second->Origin();
}

Error WrongDigest(const std::string& what, const Digest& expected, const Digest& got) {
  return Error(ErrorCode::kDataLoss, what + " should be " + expected.ToString() + " but is " +
                                         got.ToString() +
                                         ": it was replaced or damaged on the way; it is not used");
}

}  // namespace

Fetcher::Fetcher(std::string cache_folder, const Limits& limits, DiskCache::OnDamage on_damage)
    : limits_(limits),
      http_(limits.http),
      registries_(http_),
      indexes_(http_, limits.index),
      cache_(std::move(cache_folder), limits.max_cache_bytes, std::move(on_damage)) {}

void Fetcher::SetRepositories(std::vector<Repository> repositories) {
  const std::lock_guard lock(mutex_);
  repositories_ = std::move(repositories);
}

Result<Access> Fetcher::AccessTo(const std::string& url, const std::string& home) const {
  std::optional<Repository> found;
  {
    const std::lock_guard lock(mutex_);
    const Repository* repository = CredentialsFor(repositories_, url);
    if (!repository && SameOrigin(url, home)) repository = CredentialsFor(repositories_, home);
    if (repository) found = *repository;
  }
  return AccessOf(found ? &*found : nullptr);
}

Result<FetchedChart> Fetcher::Fetch(const ChartReference& reference, Deadline deadline) {
  return IsOci(reference.repository) ? FetchFromRegistry(reference, deadline)
                                     : FetchFromIndex(reference, deadline);
}

Result<FetchedChart> Fetcher::FromCache(const Digest& archive, const std::string& chart) {
  const std::string bytes = TRY(cache_.Archive(archive));
  const helm::Metadata metadata = TRY(ReadChartArchive(bytes, archive.Short()));
  Remember(archive, metadata.name);
  TRY(CheckName(archive.Short(), metadata.name, chart));
  return FetchedChart{metadata.name, metadata.version, archive, {}};
}

// Unpacks an archive for its name once: every poll asks.
Result<bool> Fetcher::CheckHeld(const Digest& archive, const std::string& chart) {
  if (!cache_.HasArchive(archive)) return false;
  std::string name;
  {
    const std::lock_guard lock(mutex_);
    if (const auto it = names_.find(archive); it != names_.end()) name = it->second;
  }
  if (!name.empty()) {
    TRY(CheckName(archive.Short(), name, chart));
    return true;
  }
  auto held = FromCache(archive, chart);
  if (held) return true;
  if (held.error().code() == ErrorCode::kNotFound) return false;  // it was damaged
  return Fail(std::move(held.error()));
}

void Fetcher::Remember(const Digest& archive, const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (names_.size() >= kMaxNames) names_.clear();
  names_[archive] = name;
}

Result<FetchedChart> Fetcher::FetchFromIndex(const ChartReference& reference, Deadline deadline) {
  const Access access = TRY(AccessTo(reference.repository));
  const auto index = TRY(indexes_.Get(reference.repository, access, deadline));
  const IndexEntry entry = TRY_WRAP(PickEntry(*index, reference.chart, reference.version),
                                    "chart repository " + reference.repository);
  const std::string what = reference.chart + " " + entry.version;
  Digest expected;
  if (!entry.digest.empty()) {
    expected = TRY_WRAP(Digest::Parse(entry.digest),
                        "the index of " + reference.repository + ", digest of " + what);
  }
  const std::string url =
      TRY_WRAP(ResolveInRepository(reference.repository, entry.url), "chart " + what);
  const Digest archive =
      TRY_WRAP(FetchArchive(url, reference.repository, reference.chart, expected, deadline),
               "chart " + what);
  return FetchedChart{reference.chart, entry.version, archive, entry.created};
}

Result<Digest> Fetcher::FetchArchive(const std::string& url, const std::string& repository,
                                     const std::string& chart, const Digest& expected,
                                     Deadline deadline) {
  if (!expected.empty() && TRY(CheckHeld(expected, chart))) return expected;
  const Access access = TRY(AccessTo(url, repository));
  if (!IsOci(url)) return Download(url, access, chart, expected, deadline);
  // An index may point into a registry: oci://host/charts/web:1.2.3
  const std::size_t colon = url.rfind(':');
  const bool tagged = colon > url.rfind('/') && colon != std::string::npos;
  if (!tagged) return Fail(InvalidArgument(url + " in the index names no tag"));
  const OciName name = TRY(OciName::Parse(std::string_view(url).substr(0, colon)));
  OciRepository from(registries_, name, access);
  const OciManifest manifest = TRY(from.Manifest(url.substr(colon + 1), deadline));
  if (!expected.empty() && expected != manifest.archive && expected != manifest.digest) {
    return Fail(WrongDigest(url, expected, manifest.archive));
  }
  TRY(FetchBlob(from, manifest, chart, deadline));
  return manifest.archive;
}

Result<Digest> Fetcher::Download(const std::string& url, const Access& access,
                                 const std::string& chart, const Digest& expected,
                                 Deadline deadline) {
  fetch::HttpRequest request;
  request.url = url;
  request.authorization = BasicAuthorization(access);
  request.ca_file = access.ca_file;
  request.headers = {{"Accept", "application/gzip, application/octet-stream"}};
  request.max_bytes = limits_.max_archive_bytes;
  request.budget = "max_archive_bytes";
  const Validators last = expected.empty() ? ValidatorsOf(url, chart) : Validators{};
  if (!last.etag.empty()) request.headers.Add("If-None-Match", last.etag);
  if (!last.last_modified.empty()) request.headers.Add("If-Modified-Since", last.last_modified);
  const fetch::HttpResponse response = TRY(http_.Get(std::move(request), deadline));
  if (response.status == 304 && !last.archive.empty()) return last.archive;
  if (response.status == 401 || response.status == 403) {
    return Fail(Rejected(response, fetch::ShowUrl(url), access));
  }
  if (response.status == 404) {
    return Fail(NotFound(fetch::ShowUrl(url) + ", which the index names, is not there"));
  }
  if (response.status != 200) {
    return Fail(Unavailable(fetch::ShowUrl(url) + " answers " + std::to_string(response.status)));
  }
  const Digest got = Digest::Of(response.body);
  if (!expected.empty() && got != expected)
    return Fail(WrongDigest(fetch::ShowUrl(url), expected, got));
  TRY(Keep(got, response.body, fetch::ShowUrl(url), chart));
  if (expected.empty()) {
    const std::lock_guard lock(mutex_);
    if (validators_.size() >= kMaxValidators) validators_.clear();
    validators_[url] = {std::string(response.headers.Get("etag")),
                        std::string(response.headers.Get("last-modified")), got};
  }
  return got;
}

// None where the archive is of no use: it is then sent again, and judged by what it is now.
Fetcher::Validators Fetcher::ValidatorsOf(const std::string& url, const std::string& chart) {
  Validators last;
  {
    const std::lock_guard lock(mutex_);
    const auto it = validators_.find(url);
    if (it == validators_.end()) return {};
    last = it->second;
  }
  const auto held = CheckHeld(last.archive, chart);
  return held && *held ? last : Validators{};
}

Result<FetchedChart> Fetcher::FetchFromRegistry(const ChartReference& reference,
                                                Deadline deadline) {
  const OciName name = TRY(OciName::Parse(reference.repository, reference.chart));
  OciRepository repository(registries_, name, TRY(AccessTo(name.ToString())));
  const std::size_t at = reference.version.rfind("sha256:");
  if (at != std::string::npos) {
    return FetchPinned(repository, name, reference.version.substr(at), deadline);
  }
  std::string version = reference.version;
  if (!IsExactVersion(version)) {
    const auto versions = TRY_WRAP(repository.Versions(deadline), "chart " + name.ToString());
    version =
        versions[TRY_WRAP(PickVersion(versions, reference.version), "chart " + name.ToString())];
  }
  const std::string what = "chart " + name.ToString() + " " + version;
  const OciManifest manifest = TRY_WRAP(repository.Manifest(TagOf(version), deadline), what);
  TRY_WRAP(FetchBlob(repository, manifest, std::string(name.chart()), deadline), what);
  return FetchedChart{std::string(name.chart()), version, manifest.archive, manifest.created};
}

// What a manifest's digest leads to never changes: the second time nobody is asked.
Result<FetchedChart> Fetcher::FetchPinned(OciRepository& repository, const OciName& name,
                                          const std::string& digest, Deadline deadline) {
  const std::string what = "chart " + name.ToString() + "@" + digest;
  const Digest pinned = TRY_WRAP(Digest::Parse(digest), what);
  const std::string chart(name.chart());
  // With the repository: what one has, another need not have.
  const Digest key = Hasher().Add("manifest").Add(name.ToString()).Add(pinned).Finish();
  if (const auto note = cache_.Note(key)) {
    const auto archive = Digest::Parse(*note);
    if (archive && TRY(CheckHeld(*archive, chart))) return FromCache(*archive, chart);
  }
  const OciManifest manifest = TRY_WRAP(repository.Manifest(digest, deadline), what);
  TRY_WRAP(FetchBlob(repository, manifest, chart, deadline), what);
  TRY(cache_.PutNote(key, manifest.archive.Hex()));
  FetchedChart out = TRY(FromCache(manifest.archive, chart));
  out.created = manifest.created;
  return out;
}

Status Fetcher::FetchBlob(OciRepository& repository, const OciManifest& manifest,
                          const std::string& chart, Deadline deadline) {
  if (TRY(CheckHeld(manifest.archive, chart))) return {};
  if (manifest.archive_bytes > limits_.max_archive_bytes) {
    return Fail(ResourceExhausted("the archive has " + std::to_string(manifest.archive_bytes) +
                                  " bytes, more than " + std::to_string(limits_.max_archive_bytes) +
                                  " (budget max_archive_bytes)"));
  }
  const std::string bytes =
      TRY(repository.Blob(manifest.archive, limits_.max_archive_bytes, deadline));
  return Keep(manifest.archive, bytes, manifest.archive.Short(), chart);
}

Status Fetcher::Keep(const Digest& digest, std::string_view bytes, const std::string& name,
                     const std::string& chart) {
  const helm::Metadata metadata = TRY(ReadChartArchive(bytes, name));
  TRY(CheckName(name, metadata.name, chart));
  TRY(cache_.PutArchive(digest, bytes));
  Remember(digest, metadata.name);
  return {};
}

}  // namespace swell::charts
