#include "reconciler/charts/dependencies.h"

#include <algorithm>
#include <memory>

#include "base/core/strings.h"
#include "base/value/json.h"
#include "renderer/source/path.h"

namespace swell::charts {
namespace {

using helm::Declared;
using helm::Dependency;

Error OutOfSync(const std::string& folder, const Declared& declared) {
  const std::string& lock = declared.lock->file;
  const std::string of = lock == "Chart.lock" ? "Chart.yaml" : "requirements.yaml";
  return FailedPrecondition(JoinPath(folder, lock) + " is out of sync with " + of +
                            ": it was made for other dependencies. Run `helm dependency update` "
                            "there and commit both files");
}

// What helm would look up in a configuration of its own, and what it could not fetch either.
Status CheckRepository(const Dependency& d) {
  const std::string& url = d.repository;
  if (url.starts_with("@") || url.starts_with("alias:")) {
    return Fail(InvalidArgument("the repository " + Quote(url) +
                                " is a name in helm's configuration, which Swell does not have: "
                                "write the repository's URL into Chart.yaml"));
  }
  for (const char* scheme : {"https://", "http://", "oci://", "file://"}) {
    if (url.starts_with(scheme)) return {};
  }
  return Fail(InvalidArgument("the repository " + Quote(url) +
                              " is no https://, http://, oci:// or file:// URL"));
}

Digest LockedKey(const Dependency& d) {
  return Hasher().Add("locked").Add(d.repository).Add(d.name).Add(d.version).Finish();
}

// Without a lock the choice belongs to the file that left it open: it is made anew when that
// changes.
Digest OpenKey(const Dependency& d, const FileTree& tree, const std::string& folder) {
  Hasher hasher;
  hasher.Add("open").Add(d.repository).Add(d.name).Add(d.version);
  for (const char* file : {"Chart.yaml", "requirements.yaml"}) {
    const auto text = tree.Read(JoinPath(folder, file));
    hasher.Add(text ? *text : "");
  }
  return hasher.Finish();
}

// How to ask for what was resolved to `version`: a manifest's digest says more than a version.
std::string VersionAgain(const Dependency& d, const std::string& version) {
  return d.version.find("sha256:") == std::string::npos ? version : d.version;
}

}  // namespace

Result<Completed> Dependencies::FromCache(FileTreePtr tree, const std::set<std::string>& folders) {
  return Run(std::move(tree), folders, Network::kNone, Deadline::Never());
}

Result<Completed> Dependencies::Complete(FileTreePtr tree, const std::set<std::string>& folders,
                                         Deadline deadline) {
  return Run(std::move(tree), folders, Network::kAllowed, deadline);
}

Result<Completed> Dependencies::Run(FileTreePtr tree, const std::set<std::string>& folders,
                                    Network network, Deadline deadline) {
  Job job{*tree, network, deadline, {}, {}, {}};
  for (const std::string& folder : folders) TRY(AddChart(folder, job));
  Completed out{nullptr, std::move(job.warnings), std::move(job.missing)};
  if (out.missing.empty()) out.tree = OverlayTree(std::move(tree), std::move(job.files));
  return out;
}

Status Dependencies::AddChart(const std::string& folder, Job& job) {
  auto read = helm::ReadDeclared(job.tree, folder);
  if (!read && read.error().code() == ErrorCode::kNotFound) return {};
  const Declared declared = TRY_WRAP(std::move(read), "chart " + Quote(folder));
  std::set<std::string> names;
  for (const Dependency& d : declared.metadata.dependencies) {
    if (!d.repository.empty()) names.insert(d.name);  // without one, charts/ has to hold it
  }
  if (names.empty()) return {};
  const std::set<std::string> missing = TRY(held_.Missing(job.tree, folder, std::move(names)));
  if (missing.empty()) return {};
  const bool locked = declared.lock.has_value();
  if (locked && !helm::LockMatches(declared.metadata, *declared.lock)) {
    return Fail(OutOfSync(folder, declared));
  }
  const std::vector<Dependency>& wanted =
      locked ? declared.lock->dependencies : declared.metadata.dependencies;
  std::vector<std::string> open;
  for (const Dependency& d : wanted) {
    if (!missing.contains(d.name)) continue;
    const std::string doing = "chart " + Quote(folder) + ", dependency " + d.name;
    TRY_WRAP(CheckRepository(d), doing);
    const bool pinned = locked || d.repository.starts_with("file://");
    if (!pinned) open.push_back(d.name + " " + Quote(d.version));
    TRY_WRAP(AddOne(folder, d, pinned ? LockedKey(d) : OpenKey(d, job.tree, folder), job), doing);
  }
  if (!open.empty()) {
    job.warnings.push_back("chart " + Quote(folder) + " has no Chart.lock: which versions of " +
                           Join(open, ", ") +
                           " are taken depends on when it is rendered; run `helm dependency "
                           "update` and commit Chart.lock");
  }
  return {};
}

Status Dependencies::AddOne(const std::string& folder, const Dependency& d, const Digest& key,
                            Job& job) {
  const auto path = [&](const std::string& version) {
    return JoinPath(folder, "charts/" + d.name + "-" + version + ".tgz");
  };
  if (d.name.find('/') != std::string::npos) {
    return Fail(InvalidArgument(Quote(d.name) + " is not a chart's name"));
  }
  if (d.repository.starts_with("file://")) {
    LocalArchive local = TRY(PackLocalChart(job.tree, folder, d));
    const auto bytes = std::make_shared<const std::string>(std::move(local.bytes));
    job.files.insert_or_assign(path(local.version),
                               OverlayFile{.content_id = Digest::Of(*bytes).Hex(),
                                           .size = bytes->size(),
                                           .read = [bytes] { return *bytes; }});
    return {};
  }
  std::optional<Resolved> resolved = TRY(Recall(key));
  const bool held = resolved && fetcher_.cache().HasArchive(resolved->archive);
  if (!held && job.network == Network::kNone) {
    const std::string version = resolved ? VersionAgain(d, resolved->version) : d.version;
    job.missing.push_back(d.name + " " + version + " from " + d.repository);
    return {};
  }
  if (!held) {
    resolved = TRY(resolved ? FetchAgain(d, *resolved, job.deadline) : Fetch(d, key, job.deadline));
  }
  job.files.insert_or_assign(
      path(resolved->version),
      OverlayFile{.content_id = resolved->archive.Hex(),
                  .size = resolved->size,
                  .read = [&fetcher = fetcher_, archive = resolved->archive] {
                    return fetcher.cache().Archive(archive);
                  }});
  return {};
}

// What was resolved before, whether its archive is still there or not.
Result<std::optional<Dependencies::Resolved>> Dependencies::Recall(const Digest& key) {
  const auto note = fetcher_.cache().Note(key);
  if (!note && note.error().code() != ErrorCode::kNotFound) return Fail(Error(note.error()));
  if (!note) return std::nullopt;
  const auto value = json::Parse(*note);
  if (!value) return std::nullopt;
  const auto archive = Digest::Parse((*value)["archive"].as_string());
  if (!archive) return std::nullopt;
  return Resolved{(*value)["version"].str(), *archive,
                  static_cast<std::uint64_t>((*value)["size"].as_int())};
}

// The archive went from the cache; the choice stands.
Result<Dependencies::Resolved> Dependencies::FetchAgain(const Dependency& d, const Resolved& noted,
                                                        Deadline deadline) {
  const std::string version = VersionAgain(d, noted.version);
  const FetchedChart chart = TRY(fetcher_.Fetch({d.repository, d.name, version}, deadline));
  if (chart.digest != noted.archive) {
    return Fail(Error(ErrorCode::kDataLoss,
                      d.name + " " + noted.version + " was " + noted.archive.ToString() +
                          " when it was resolved, and " + d.repository + " now has " +
                          chart.version + ", " + chart.digest.ToString() +
                          ": it was replaced; restore it there, or depend on another version"));
  }
  return noted;
}

Result<Dependencies::Resolved> Dependencies::Fetch(const Dependency& d, const Digest& key,
                                                   Deadline deadline) {
  const FetchedChart chart = TRY(fetcher_.Fetch({d.repository, d.name, d.version}, deadline));
  const std::string bytes = TRY(fetcher_.cache().Archive(chart.digest));
  const Value note = Value::EmptyObject()
                         .With("version", Value(chart.version))
                         .With("archive", Value(chart.digest.Hex()))
                         .With("size", Value(static_cast<std::int64_t>(bytes.size())));
  TRY(fetcher_.cache().PutNote(key, json::Write(note)));
  return Resolved{chart.version, chart.digest, bytes.size()};
}

}  // namespace swell::charts
