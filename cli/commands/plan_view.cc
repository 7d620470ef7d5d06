#include "cli/commands/plan_view.h"

#include "base/core/strings.h"
#include "cli/commands/diff_view.h"
#include "cli/commands/messages.h"
#include "cli/output/table.h"
#include "cli/output/text.h"

namespace swell::cli {
namespace {

constexpr int kNamesShown = 10;
constexpr int kColumn = 13;

class Page {
 public:
  explicit Page(const Terminal& terminal) : terminal_(terminal) {}

  void Field(const std::string& name, const std::string& text, Tone tone = Tone::kPlain) {
    if (text.empty()) return;
    out_ += Paint(terminal_, Tone::kDim, PadRight(name, kColumn)) +
            Paint(terminal_, tone, OneLine(text)) + "\n";
  }
  void Section(const std::string& text) {
    out_ += "\n" + Paint(terminal_, Tone::kBold, text) + "\n";
  }
  void Text(const std::string& text) { out_ += text; }
  std::string Take() { return std::move(out_); }

 private:
  const Terminal& terminal_;
  std::string out_;
};

std::string Of(int n, int total) { return std::to_string(n) + " of " + std::to_string(total); }

// "2 created, 1 deleted"
std::string Fates(int created, int updated, int deleted) {
  std::string out;
  const auto add = [&out](int n, const char* what) {
    if (n > 0) out += (out.empty() ? "" : ", ") + std::to_string(n) + " " + what;
  };
  add(created, "created");
  add(updated, "updated");
  add(deleted, "deleted");
  return out;
}

std::string KindLine(const v1::Plan& plan) {
  std::string out = plan.kind();
  if (plan.rollback_to() > 0) out += " to rollout " + std::to_string(plan.rollback_to());
  if (plan.clusters_size() > 0) {
    out += " on " + Count(static_cast<std::size_t>(plan.clusters_size()), "cluster") + ": " +
           NameList(plan.clusters(), kNamesShown);
  }
  if (plan.confirmed()) out += ", with what asks to be confirmed before it is deleted";
  return out;
}

void AddRadius(Page& page, const v1::BlastRadius& radius) {
  page.Section("Blast radius");
  page.Field("clusters", Of(radius.touched(), radius.clusters()) + " change");
  if (radius.unreadable() > 0) {
    page.Field("", std::to_string(radius.unreadable()) + " could not be read", Tone::kBad);
  }
  std::string objects = Fates(radius.created(), radius.updated(), radius.deleted());
  if (objects.empty()) objects = "none change";
  if (radius.hooks() > 0) {
    objects += "; " + Count(static_cast<std::size_t>(radius.hooks()), "hook") +
               (radius.hooks() == 1 ? " runs" : " run");
  }
  page.Field("objects", objects);
  if (radius.replicas_before() != 0 || radius.replicas_after() != 0) {
    const bool same = radius.replicas_before() == radius.replicas_after();
    page.Field("replicas",
               same
                   ? std::to_string(radius.replicas_after()) + " of what changes, as many as before"
                   : std::to_string(radius.replicas_before()) + " -> " +
                         std::to_string(radius.replicas_after()),
               radius.replicas_after() < radius.replicas_before() ? Tone::kWarn : Tone::kPlain);
  }
  std::string deleted;
  for (const v1::KindReach& kind : radius.deletions()) {
    deleted += (deleted.empty() ? "" : ", ") + std::to_string(kind.deleted()) + " " + kind.kind();
  }
  page.Field("deleted", deleted, Tone::kBad);
  for (const v1::KindReach& kind : radius.protected_kinds()) {
    page.Field("protected",
               kind.kind() + ": " + Fates(kind.created(), kind.updated(), kind.deleted()),
               kind.deleted() > 0 ? Tone::kBad : Tone::kWarn);
  }
}

void AddWaves(Page& page, const v1::BlastRadius& radius) {
  page.Section("Waves");
  int number = 0;
  for (const v1::WaveReach& wave : radius.waves()) {
    std::string text = wave.clusters().empty()
                           ? "no clusters"
                           : Of(wave.touched(), wave.clusters_size()) +
                                 " clusters change: " + NameList(wave.clusters(), kNamesShown);
    if (wave.approvals()) text += "; starts when it is approved";
    if (LengthOf(wave.bake()).count() > 0)
      text += "; bakes " + FormatDuration(LengthOf(wave.bake()));
    if (wave.gates() > 0) {
      text += "; then " + Count(static_cast<std::size_t>(wave.gates()), "gate") +
              (wave.gates() == 1 ? " is asked" : " are asked");
    }
    page.Field(std::to_string(++number) + " " + wave.name(), text);
  }
}

bool ChangesSomething(const v1::DiffGroup& group) {
  return group.error().empty() && group.objects_size() > 0;
}

// "97 clusters change alike, 3 otherwise"
std::string Likeness(const DiffGroups& groups) {
  int most = 0, all = 0, kinds = 0;
  for (const v1::DiffGroup& group : groups) {
    if (!ChangesSomething(group)) continue;
    most = std::max(most, group.clusters_size());
    all += group.clusters_size();
    ++kinds;
  }
  if (kinds == 0) return "nothing changes";
  const std::string many = Count(static_cast<std::size_t>(most), "cluster");
  if (kinds == 1) return many + (most == 1 ? " changes" : ": the same change");
  return many + ": the same change; " + std::to_string(all - most) +
         (all - most == 1 ? " differs" : " differ");
}

std::string SideText(const std::string& side) { return side.empty() ? "no change" : side; }

std::string ObjectTitle(const v1::OperationDifference& object) {
  std::string out = object.kind();
  if (!object.group().empty()) out += "." + object.group();
  out += " ";
  if (!object.namespace_().empty()) out += object.namespace_() + "/";
  return out + object.name();
}

}  // namespace

std::string ShortDigest(const std::string& digest) { return digest.substr(0, 12); }

std::string PlanPage(const v1::PlanDetail& detail, Timestamp now, const Terminal& terminal) {
  const v1::Plan& plan = detail.plan();
  Page page(terminal);
  page.Field("Plan", ShortDigest(plan.digest()), Tone::kBold);
  page.Field("Application", plan.application());
  page.Field("Kind", KindLine(plan));
  page.Field("Revision", RevisionText(plan.revision()) +
                             (plan.revision().message().empty() ? "" : "  ") +
                             plan.revision().message());
  page.Field("Made", Age(now, TimeOf(plan.at())) + " ago by " + plan.actor() +
                         (plan.reason().empty() ? "" : ": " + plan.reason()));
  for (const v1::PlanApproval& approval : plan.approvals()) {
    page.Field("Approved",
               Age(now, TimeOf(approval.at())) + " ago by " + approval.actor() +
                   (approval.comment().empty() ? "" : ": " + approval.comment()),
               Tone::kGood);
  }
  for (const std::string& warning : plan.warnings()) page.Field("Warning", warning, Tone::kWarn);
  AddRadius(page, plan.blast_radius());
  AddWaves(page, plan.blast_radius());
  page.Section("Changes: " + Likeness(detail.groups()));
  page.Text(GroupsText(detail.groups(), DiffView::kUnified, terminal));
  return page.Take();
}

std::string PlanTable(const v1::ListPlansResponse& plans, Timestamp now, const Terminal& terminal) {
  Table table({"PLAN", "KIND", "REVISION", "CLUSTERS", "OBJECTS", "APPROVED BY", "MADE BY", "AGE"});
  for (const v1::Plan& plan : plans.plans()) {
    const v1::BlastRadius& radius = plan.blast_radius();
    std::string approved;
    for (const v1::PlanApproval& approval : plan.approvals()) {
      approved += (approved.empty() ? "" : ", ") + approval.actor();
    }
    table.AddRow(
        {ShortDigest(plan.digest()),
         plan.kind() + (plan.rollback_to() > 0 ? " to " + std::to_string(plan.rollback_to()) : ""),
         RevisionText(plan.revision()), Of(radius.touched(), radius.clusters()),
         Fates(radius.created(), radius.updated(), radius.deleted()), approved, plan.actor(),
         Age(now, TimeOf(plan.at()))});
  }
  return table.Render(terminal);
}

std::string ComparisonPage(const v1::PlanComparison& comparison, const Terminal& terminal) {
  const std::string first = ShortDigest(comparison.first());
  const std::string second = ShortDigest(comparison.second());
  if (comparison.first() == comparison.second()) return "both are plan " + first + "\n";
  std::string out =
      Paint(terminal, Tone::kBold, "plan " + first + " against plan " + second) + "\n";
  for (const std::string& input : comparison.inputs()) out += "  " + OneLine(input) + "\n";
  for (const v1::ClusterDifference& cluster : comparison.clusters()) {
    out += "\n" +
           Paint(terminal, Tone::kBold,
                 Count(static_cast<std::size_t>(cluster.clusters_size()), "cluster") + ": " +
                     OneLine(NameList(cluster.clusters(), kNamesShown))) +
           "\n";
    if (!cluster.note().empty()) out += "  " + OneLine(cluster.note()) + "\n";
    for (const v1::OperationDifference& object : cluster.operations()) {
      const bool same = object.first() == object.second();
      out += "  " + OneLine(ObjectTitle(object)) + ": " +
             (same ? object.first() : object.first() + " -> " + object.second()) + "\n";
      for (const v1::FieldDifference& field : object.fields()) {
        out += "    " + OneLine(field.path()) + "\n      " +
               Paint(terminal, Tone::kBad, first + "  " + OneLine(SideText(field.first()))) +
               "\n      " +
               Paint(terminal, Tone::kGood, second + "  " + OneLine(SideText(field.second()))) +
               "\n";
      }
    }
  }
  return out;
}

}  // namespace swell::cli
