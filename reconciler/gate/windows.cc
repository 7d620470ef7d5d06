#include "reconciler/gate/windows.h"

#include <algorithm>
#include <map>

#include "base/text/glob.h"
#include "reconciler/fleet/partition.h"

namespace swell::gate {
namespace {

// How many openings that meet, or changes of several windows, are looked through.
constexpr int kMaxSteps = 1000;

bool MatchesAny(const std::vector<std::string>& globs, const std::string& name) {
  if (globs.empty()) return true;
  return std::ranges::any_of(globs, [&](const std::string& glob) {
    const auto matches = PathMatch(glob, name);
    return matches && *matches;  // malformed ones were refused when they were declared
  });
}

using Applying = std::vector<const Window*>;

bool IsAllowed(const Applying& windows, Timestamp at) {
  bool needs_one = false;
  bool has_one = false;
  for (const Window* window : windows) {
    const bool deny = window->declared().window == WindowKind::kDeny;
    const bool open = window->IsOpen(at);
    if (deny && open) return false;
    needs_one = needs_one || !deny;
    has_one = has_one || (!deny && open);
  }
  return !needs_one || has_one;
}

std::optional<Timestamp> AllowedAt(const Applying& windows, Timestamp at) {
  for (int step = 0; step < kMaxSteps; ++step) {
    std::optional<Timestamp> next;
    for (const Window* window : windows) {
      const auto changes = window->ChangesAt(at);
      if (changes && (!next || *changes < *next)) next = changes;
    }
    if (!next) return std::nullopt;
    at = *next;
    if (IsAllowed(windows, at)) return at;
  }
  return std::nullopt;
}

std::string Until(const std::optional<Timestamp>& at) {
  return at ? " until " + FormatTimestamp(*at) : " without an end";
}

void Say(Verdict& verdict, const std::string& what) {
  verdict.reason += (verdict.reason.empty() ? "" : "; ") + what;
}

// The allow window that was open last had the rollout begin: its policy counts.
const Window* LastClosed(const Applying& windows, Timestamp at) {
  const Window* last = nullptr;
  std::optional<Timestamp> when;
  for (const Window* window : windows) {
    const auto closed = window->ClosedAt(at);
    const bool stricter =
        last && when == closed && window->declared().overrun > last->declared().overrun;
    if (!last || (closed && (!when || *closed > *when)) || stricter) {
      last = window;
      when = closed;
    }
  }
  return last;
}

void SayNoneOpen(Verdict& verdict, const Applying& allows, Timestamp at) {
  const Window* first = nullptr;
  std::optional<Timestamp> when;
  for (const Window* window : allows) {
    const auto opens = window->ChangesAt(at);
    if (!first || (opens && (!when || *opens < *when))) {
      first = window;
      when = opens;
    }
  }
  Say(verdict, "no allow window is open; " + first->declared().name +
                   (when ? " opens at " + FormatTimestamp(*when) : " does not open again"));
}

Verdict JudgeOne(const Applying& windows, Timestamp at) {
  Verdict out;
  if (IsAllowed(windows, at)) return out;
  out.allowed = false;
  out.manual = true;
  out.overrun = Overrun::kFinish;
  Applying allows;
  for (const Window* window : windows) {
    const ChangeWindow& declared = window->declared();
    if (declared.window == WindowKind::kAllow) {
      allows.push_back(window);
      continue;
    }
    if (!window->IsOpen(at)) continue;
    out.manual = out.manual && declared.manual;
    out.overrun = std::max(out.overrun, declared.overrun);
    Say(out, "closed by deny window " + declared.name + Until(window->ChangesAt(at)));
  }
  const bool none_open =
      !allows.empty() && std::ranges::none_of(allows, [&](auto* w) { return w->IsOpen(at); });
  if (none_open) {
    for (const Window* window : allows) out.manual = out.manual && window->declared().manual;
    out.overrun = std::max(out.overrun, LastClosed(allows, at)->declared().overrun);
    SayNoneOpen(out, allows, at);
  }
  out.allowed_at = AllowedAt(windows, at);
  return out;
}

}  // namespace

Result<Window> Window::Compile(ChangeWindow declared) {
  const std::string doing = "ChangeWindow " + declared.name;
  const Cron schedule = TRY_WRAP(Cron::Parse(declared.schedule), doing + ": spec.schedule");
  TimeZone zone = TRY_WRAP(TimeZone::Load(declared.time_zone), doing + ": spec.timeZone");
  return Window(std::move(declared), schedule, std::move(zone));
}

bool Window::AppliesTo(const Application& application) const {
  const ApplicationSelector& selector = declared_.applications;
  if (!MatchesAny(selector.names, application.name)) return false;
  if (!MatchesAny(selector.projects, application.project)) return false;
  return std::ranges::all_of(selector.match_labels, [&](const auto& label) {
    const auto mine = application.labels.find(label.first);
    return mine != application.labels.end() && mine->second == label.second;
  });
}

bool Window::AppliesTo(const Cluster& cluster) const {
  return declared_.clusters.empty() || fleet::Matches(declared_.clusters, cluster);
}

bool Window::IsOpen(Timestamp at) const {
  const auto opened = schedule_.Previous(at, zone_);
  return opened && at < *opened + declared_.duration;
}

std::optional<Timestamp> Window::ChangesAt(Timestamp at) const {
  const auto opened = schedule_.Previous(at, zone_);
  if (!opened || at >= *opened + declared_.duration) return schedule_.Next(at, zone_);
  Timestamp begin = *opened;
  for (int step = 0; step < kMaxSteps; ++step) {
    const Timestamp closes = begin + declared_.duration;
    const auto next = schedule_.Next(begin, zone_);
    if (!next || *next > closes) return closes;
    begin = *next;
  }
  return std::nullopt;
}

std::optional<Timestamp> Window::ClosedAt(Timestamp at) const {
  const auto opened = schedule_.Previous(at, zone_);
  if (!opened) return std::nullopt;
  return *opened + declared_.duration;
}

std::vector<ClusterVerdict> Judge(const std::vector<Window>& windows,
                                  const Application& application,
                                  const std::vector<Cluster>& clusters, Timestamp at) {
  Applying mine;
  for (const Window& window : windows) {
    if (window.AppliesTo(application)) mine.push_back(&window);
  }
  std::map<Applying, Verdict> judged;
  std::vector<ClusterVerdict> out;
  out.reserve(clusters.size());
  for (const Cluster& cluster : clusters) {
    Applying applying;
    std::ranges::copy_if(mine, std::back_inserter(applying),
                         [&](const Window* window) { return window->AppliesTo(cluster); });
    auto known = judged.find(applying);
    if (known == judged.end()) {
      Verdict verdict = JudgeOne(applying, at);
      known = judged.emplace(std::move(applying), std::move(verdict)).first;
    }
    out.push_back({cluster.name, known->second});
  }
  return out;
}

std::string ShowClosed(const std::vector<ClusterVerdict>& verdicts) {
  static constexpr std::size_t kNamed = 3;
  std::vector<std::pair<std::string, std::vector<std::string>>> groups;  // reason, clusters
  for (const ClusterVerdict& one : verdicts) {
    if (one.verdict.allowed) continue;
    auto group = std::ranges::find(groups, one.verdict.reason, [](auto& g) { return g.first; });
    if (group == groups.end()) group = groups.insert(groups.end(), {one.verdict.reason, {}});
    group->second.push_back(one.cluster);
  }
  if (groups.empty()) return "";
  if (groups.size() == 1 && groups[0].second.size() == verdicts.size()) return groups[0].first;
  std::string out;
  for (const auto& [reason, names] : groups) {
    out += out.empty() ? "" : "; ";
    for (std::size_t i = 0; i < std::min(kNamed, names.size()); ++i) {
      out += (i == 0 ? "" : ", ") + names[i];
    }
    if (names.size() > kNamed) out += " and " + std::to_string(names.size() - kNamed) + " more";
    out += ": " + reason;
  }
  return out;
}

}  // namespace swell::gate
