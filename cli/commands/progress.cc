#include "cli/commands/progress.h"

#include <algorithm>
#include <map>
#include <span>

#include "cli/commands/messages.h"
#include "cli/output/text.h"

namespace swell::cli {
namespace {

using Clusters = google::protobuf::RepeatedPtrField<v1::RolloutCluster>;

constexpr int kBarWidth = 20;
// From so many lines on, two of them say how many waves are left out before and after.
constexpr int kRoomForCounts = 3;

// The most urgent first.
int Rank(const v1::RolloutCluster& cluster) {
  static const std::map<std::string_view, int> kRanks = {
      {"RollbackFailed", 0}, {"Failed", 1},     {"RollingBack", 2},     {"Verifying", 3},
      {"Applying", 4},       {"RolledBack", 5}, {"Healthy", 6},         {"Pending", 7},
      {"Skipped", 8},        {"Offline", 8},    {"AwaitingRollback", 7}};
  const auto it = kRanks.find(cluster.phase());
  return it == kRanks.end() ? 3 : it->second;
}
bool Bad(const v1::RolloutCluster& c) { return Rank(c) <= 1; }
bool Busy(const v1::RolloutCluster& c) { return Rank(c) >= 2 && Rank(c) <= 4; }

int CountOf(const Clusters& clusters, bool (*is)(const v1::RolloutCluster&)) {
  return static_cast<int>(std::ranges::count_if(clusters, is));
}
int HealthyOf(const Clusters& clusters) {
  return CountOf(clusters, [](const v1::RolloutCluster& c) { return c.phase() == "Healthy"; });
}

std::string Repeat(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

// Healthy, failed and busy clusters each get their share; what is there at all gets a cell.
std::string Bar(const Clusters& clusters, const Terminal& terminal) {
  const int total = std::max(1, clusters.size());
  const int counts[] = {HealthyOf(clusters), CountOf(clusters, Bad), CountOf(clusters, Busy)};
  static constexpr Tone kTones[] = {Tone::kGood, Tone::kBad, Tone::kBusy};
  static constexpr const char* kFull[] = {"█", "█", "▒"};
  static constexpr const char* kPlain[] = {"#", "x", "="};
  std::string out;
  int left = kBarWidth;
  for (int i = 0; i < 3; ++i) {
    int cells = counts[i] * kBarWidth / total;
    if (counts[i] > 0) cells = std::max(1, cells);
    cells = std::min(cells, left);
    left -= cells;
    out += Paint(terminal, kTones[i], Repeat((terminal.unicode ? kFull : kPlain)[i], cells));
  }
  return out + Paint(terminal, Tone::kDim, Repeat(terminal.unicode ? "░" : ".", left));
}

std::string WaveState(const v1::Wave& wave, Timestamp now) {
  std::string out = wave.phase();
  if (wave.phase() == "Baking") {
    const Timestamp until = TimeOf(wave.healthy_at()) + LengthOf(wave.bake());
    out += ", " + Span(until - now) + " left";
  } else if (wave.phase() == "Done" && wave.has_started_at() && wave.has_finished_at()) {
    out += " in " + Span(TimeOf(wave.finished_at()) - TimeOf(wave.started_at()));
  } else if (wave.phase() == "Progressing" && wave.has_started_at()) {
    out += ", " + Span(now - TimeOf(wave.started_at()));
  }
  return out;
}

std::string ClusterSays(const v1::RolloutCluster& cluster) {
  if (!cluster.error().empty()) return cluster.error();
  if (cluster.phase() == "Pending") return cluster.waits();
  if (cluster.phase() == "Verifying" || cluster.phase() == "RollingBack") {
    // That a cluster under way is Progressing goes without saying.
    return cluster.health().status() == "Progressing" ? cluster.health().message()
           : cluster.health().message().empty()       ? ""
                                                      : HealthText(cluster.health());
  }
  if (cluster.phase() == "Healthy" && !cluster.has_changes()) return "nothing to change";
  return "";
}

class View {
 public:
  View(const v1::Rollout& rollout, Timestamp now, const Terminal& terminal)
      : rollout_(rollout), now_(now), terminal_(terminal) {
    for (const v1::Wave& wave : rollout.waves()) {
      name_width_ = std::max(name_width_, std::min(24, DisplayWidth(wave.name())));
      for (const v1::RolloutCluster& c : wave.clusters()) {
        cluster_width_ = std::max(cluster_width_, std::min(32, DisplayWidth(c.name())));
      }
    }
  }

  std::vector<std::string> Lines() {
    Heading();
    const std::vector<std::string> message = Message();
    // What is not left for waves and clusters.
    const int fixed = static_cast<int>(lines_.size() + message.size());
    int room = terminal_.height > 0 ? std::max(1, terminal_.height - 1 - fixed) : 1 << 20;
    const auto [first, last] = VisibleWaves(room);
    const int waves = rollout_.waves_size();
    const bool counts = room >= kRoomForCounts;
    if (counts && first > 0) Note(std::to_string(first) + " earlier waves");
    room -= last - first + (counts ? (first > 0) + (last < waves) : 0);
    for (int i = first; i < last; ++i) {
      const v1::Wave& wave = rollout_.waves(i);
      WaveLine(wave);
      GateLines(wave, room);
      ClusterLines(wave, room);
    }
    if (counts && last < waves) Note(std::to_string(waves - last) + " later waves");
    lines_.insert(lines_.end(), message.begin(), message.end());
    return std::move(lines_);
  }

 private:
  void Add(std::string line) {
    lines_.push_back(terminal_.width > 0 ? Truncate(line, terminal_.width - 1) : std::move(line));
  }
  void Note(const std::string& text) {
    Add("  " + Paint(terminal_, Tone::kDim, (terminal_.unicode ? "… " : "... ") + text));
  }

  void Heading() {
    std::string line = Paint(terminal_, Tone::kBold,
                             OneLine(rollout_.application()) + " " + RolloutTitle(rollout_));
    line += "  " + Paint(terminal_, ToneOf(rollout_.phase()), rollout_.phase());
    if (rollout_.has_created_at()) {
      const Timestamp end = rollout_.has_finished_at() ? TimeOf(rollout_.finished_at()) : now_;
      line += (rollout_.finished() ? " after " : ", ") + Span(end - TimeOf(rollout_.created_at()));
    }
    Add(line);
  }

  std::vector<std::string> Message() {
    if (rollout_.message().empty()) return {};
    std::vector<std::string> before = std::exchange(lines_, {});
    Add(Paint(terminal_, rollout_.finished() ? ToneOf(rollout_.phase()) : Tone::kDim,
              OneLine(rollout_.message())));
    return std::exchange(lines_, std::move(before));
  }

  // The waves [first, last) that fit, with the one at work among them.
  std::pair<int, int> VisibleWaves(int room) const {
    const int waves = rollout_.waves_size();
    if (waves <= room) return {0, waves};
    int current = waves - 1;
    for (int i = 0; i < waves; ++i) {
      const std::string& phase = rollout_.waves(i).phase();
      if (phase != "Done" && phase != "Skipped") {
        current = i;
        break;
      }
    }
    const int shown = room >= kRoomForCounts ? room - 2 : room;
    const int first = std::clamp(current - shown / 2, 0, waves - shown);
    return {first, first + shown};
  }

  void WaveLine(const v1::Wave& wave) {
    const Clusters& clusters = wave.clusters();
    std::string counts =
        std::to_string(HealthyOf(clusters)) + "/" + std::to_string(clusters.size());
    if (const int bad = CountOf(clusters, Bad); bad > 0)
      counts += ", " + std::to_string(bad) + " failed";
    Add(PadRight(Truncate(OneLine(wave.name()), name_width_), name_width_) + "  " +
        Bar(clusters, terminal_) + "  " + PadRight(counts, 7) + "  " +
        Paint(terminal_, ToneOf(wave.phase()), WaveState(wave, now_)));
  }

  // What keeps the wave, or failed it.
  void GateLines(const v1::Wave& wave, int& room) {
    for (const auto* gates : {&wave.approvals(), &wave.gates()}) {
      for (const v1::Gate& gate : *gates) {
        const bool open = gate.phase() == "Holding" || gate.phase() == "Failed";
        if (!open || room <= 0) continue;
        --room;
        Add("  " + OneLine(gate.name()) + "  " +
            Paint(terminal_, gate.phase() == "Failed" ? Tone::kBad : Tone::kWarn, gate.phase()) +
            (gate.message().empty() ? "" : "  " + OneLine(gate.message())));
      }
    }
  }

  // Those of waves at work, the urgent ones first; of other waves only what went wrong.
  void ClusterLines(const v1::Wave& wave, int& room) {
    const bool at_work =
        wave.phase() == "Progressing" || wave.phase() == "Failed" || wave.phase() == "Preflight";
    std::vector<const v1::RolloutCluster*> shown;
    for (const v1::RolloutCluster& c : wave.clusters()) {
      if (at_work || Bad(c) || Busy(c)) shown.push_back(&c);
    }
    if (shown.empty() || room <= 0) return;
    if (static_cast<int>(shown.size()) > room) {
      std::ranges::stable_sort(shown, {}, [](const auto* c) { return Rank(*c); });
    }
    const std::size_t most = static_cast<std::size_t>(room);
    const std::size_t fits = shown.size() <= most ? shown.size() : most - 1;
    for (std::size_t i = 0; i < fits; ++i) ClusterLine(*shown[i]);
    room -= static_cast<int>(fits);
    if (fits == shown.size()) return;
    std::map<std::string, int> rest;
    for (std::size_t i = fits; i < shown.size(); ++i) ++rest[shown[i]->phase()];
    std::string text;
    for (const auto& [phase, count] : rest) {
      text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + phase;
    }
    Note(text);
    --room;
  }

  void ClusterLine(const v1::RolloutCluster& cluster) {
    const std::string says = OneLine(ClusterSays(cluster));
    Add("  " + PadRight(Truncate(OneLine(cluster.name()), cluster_width_), cluster_width_) + "  " +
        Paint(terminal_, ToneOf(cluster.phase()),
              says.empty() ? cluster.phase() : PadRight(cluster.phase(), 11)) +
        (says.empty() ? "" : "  " + says));
  }

  const v1::Rollout& rollout_;
  const Timestamp now_;
  const Terminal& terminal_;
  int name_width_ = 4;
  int cluster_width_ = 4;
  std::vector<std::string> lines_;
};

std::string Suffix(const std::string& text) { return text.empty() ? "" : ": " + OneLine(text); }

const v1::RolloutCluster* FindCluster(const v1::Wave* wave, const std::string& name) {
  if (!wave) return nullptr;
  const auto it = std::ranges::find(wave->clusters(), name, &v1::RolloutCluster::name);
  return it == wave->clusters().end() ? nullptr : &*it;
}

}  // namespace

std::string RolloutTitle(const v1::Rollout& rollout) {
  std::string out = "#" + std::to_string(rollout.number()) + "  " + rollout.kind();
  if (rollout.rollback_to() > 0) out += " to #" + std::to_string(rollout.rollback_to());
  // A deletion is of whatever is there.
  const bool names = rollout.kind() != "delete" && !rollout.revision().commit().empty();
  if (names) out += " of " + RevisionText(rollout.revision());
  if (!rollout.actor().empty()) out += " by " + rollout.actor();
  return OneLine(out);
}

std::vector<std::string> ProgressLines(const v1::Rollout& rollout, Timestamp now,
                                       const Terminal& terminal) {
  return View(rollout, now, terminal).Lines();
}

std::vector<std::string> StepLines(const v1::Rollout& before, const v1::Rollout& after) {
  std::vector<std::string> out;
  const bool known = before.id() == after.id();
  const std::string name = after.application() + " #" + std::to_string(after.number());
  if (!known) {
    out.push_back(after.application() + " " + RolloutTitle(after) + ": " +
                  Count(static_cast<std::size_t>(after.waves_size()), "wave"));
  }
  for (int i = 0; i < after.waves_size(); ++i) {
    const v1::Wave& wave = after.waves(i);
    const v1::Wave* old = known && i < before.waves_size() ? &before.waves(i) : nullptr;
    const bool began = wave.phase() != (old ? old->phase() : "Pending");
    const bool over =
        wave.phase() == "Done" || wave.phase() == "Failed" || wave.phase() == "Baking";
    const std::string line = name + " wave " + wave.name() + " " + wave.phase();
    if (began && !over) out.push_back(line);
    for (const v1::RolloutCluster& cluster : wave.clusters()) {
      const v1::RolloutCluster* was = FindCluster(old, cluster.name());
      const std::string says = ClusterSays(cluster);
      if (cluster.phase() == (was ? was->phase() : "Pending") &&
          says == (was ? ClusterSays(*was) : says)) {
        continue;
      }
      out.push_back(name + " cluster " + cluster.name() + " " + cluster.phase() + Suffix(says));
    }
    if (began && over) out.push_back(line);
  }
  // The waves tell of progress.
  const bool turns =
      after.finished() || after.phase() == "RollingBack" || after.phase() == "Waiting";
  if (turns && (!known || before.phase() != after.phase() ||
                (after.phase() == "Waiting" && before.message() != after.message()))) {
    out.push_back(name + " " + after.phase() + Suffix(after.message()));
  }
  for (std::string& line : out) line = OneLine(line);
  return out;
}

}  // namespace swell::cli
