#include "renderer/ambient/remotes.h"

#include <algorithm>
#include <utility>

#include "base/core/digest.h"
#include "base/core/strings.h"

namespace swell {

std::string WithoutCredentials(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (!ToLower(url).starts_with("http") || scheme == url.npos) return std::string(url);
  const std::size_t from = scheme + 3;
  const std::size_t at = url.substr(0, std::min(url.find('/', from), url.size())).rfind('@');
  if (at == url.npos || at < from) return std::string(url);
  return std::string(url.substr(0, from)) + "***" + std::string(url.substr(at));
}

std::string RemoteName::ToString() const {
  const std::string shown = WithoutCredentials(url);
  if (kind == Kind::kFile)
    return shown.substr(0, std::min(shown.find_first_of("?#"), shown.size()));
  if (kind == Kind::kChart) {
    const std::string what = chart.empty() ? "chart " + shown : "chart " + chart + " of " + shown;
    return what + " at " + (ref.empty() ? "the newest version" : ref);
  }
  return shown + " at " + (ref.empty() ? "HEAD" : ref);
}

namespace {

constexpr RemoteName::Kind kKinds[] = {RemoteName::Kind::kGit, RemoteName::Kind::kFile,
                                       RemoteName::Kind::kChart};

std::string_view KindName(RemoteName::Kind kind) {
  switch (kind) {
    case RemoteName::Kind::kGit:
      return "git";
    case RemoteName::Kind::kFile:
      return "file";
    case RemoteName::Kind::kChart:
      return "chart";
  }
  return "";
}

}  // namespace

Value ToValue(const RemotePins& pins) {
  std::vector<Value> out;
  for (const auto& [name, id] : pins) {
    const Value item = Value::Object({{"kind", Value(KindName(name.kind))},
                                      {"url", Value(name.url)},
                                      {"ref", Value(name.ref)},
                                      {"id", Value(id)}});
    out.push_back(name.chart.empty() ? item : item.With("chart", Value(name.chart)));
  }
  return Value::Array(std::move(out));
}

Result<RemotePins> RemotePinsFromValue(const Value& value) {
  RemotePins out;
  for (const Value& item : value.items()) {
    const std::string written = item["kind"].str();
    const auto kind = std::ranges::find(kKinds, written, KindName);
    if (kind == std::end(kKinds)) {
      return Fail(Error(ErrorCode::kDataLoss, "a remote of kind " + Quote(written)));
    }
    const RemoteName name{.kind = *kind,
                          .url = item["url"].str(),
                          .ref = item["ref"].str(),
                          .chart = item["chart"].str()};
    out.emplace(name, item["id"].str());
  }
  return out;
}

std::string RemoteFolder(const RemoteName& name) {
  const Digest digest = Hasher()
                            .Add("remote")
                            .Add(static_cast<std::int64_t>(name.kind))
                            .Add(name.url)
                            .Add(name.ref)
                            .Add(name.chart)
                            .Finish();
  return ".swell-remotes/" + digest.Hex().substr(0, 32);
}

void RemoteRequests::Note(WantedRemote wanted) {
  const std::lock_guard lock(mutex_);
  ++noted_;
  const bool known = std::ranges::any_of(wanted_, [&](const WantedRemote& other) {
    return other.file == wanted.file && other.git == wanted.git && other.chart == wanted.chart;
  });
  if (!known && wanted_.size() < kMaxWanted) wanted_.push_back(std::move(wanted));
}

std::size_t RemoteRequests::noted() const {
  const std::lock_guard lock(mutex_);
  return noted_;
}

std::vector<WantedRemote> RemoteRequests::Take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(wanted_, {});
}

}  // namespace swell
