// swell drift: what differs in the clusters, and what became of it.

#include "cli/commands/healing.h"
#include "cli/commands/healing_view.h"
#include "cli/commands/messages.h"
#include "cli/output/table.h"
#include "cli/output/text.h"

namespace swell::cli {
namespace {

std::string FieldText(const v1::DriftField& field) {
  if (field.path().empty()) return "absent";
  return field.path() + ": " + field.before() + " -> " + field.after();
}

std::string FieldsText(const v1::Drift& drift) {
  if (drift.fields().empty()) return "";
  const int more = drift.fields_size() - 1;
  return FieldText(drift.fields(0)) + (more == 0 ? "" : " and " + std::to_string(more) + " more");
}

std::string Managers(const v1::Drift& drift) {
  std::string out;
  for (const v1::DriftField& field : drift.fields()) {
    if (field.manager().empty() || out.contains(field.manager())) continue;
    out += (out.empty() ? "" : ", ") + field.manager();
  }
  return out;
}

// What became of it, in a few words.
std::string StateText(const v1::Drift& drift, Timestamp now) {
  const std::string ago = Age(now, TimeOf(drift.state_since())) + " ago";
  if (drift.state() == "repaired") return "repaired " + ago + " (" + drift.rollout() + ")";
  if (drift.state() == "repairing") return "repairing (" + drift.rollout() + ")";
  if (drift.state() == "gone") return "gone " + ago;
  if (drift.state() == "waiting") {
    const auto wait = std::max<Duration>(Duration(0), TimeOf(drift.until()) - now);
    return "repaired in " + Span(wait) + ", after " +
           Count(static_cast<std::size_t>(drift.repairs_size()), "repair");
  }
  if (drift.state() == "stopped" && !drift.stops().empty()) {
    const v1::DriftStop& stop = drift.stops(0);
    return "not repaired any more: " + std::to_string(stop.flips()) + " flips with " +
           (stop.manager().empty() ? "somebody" : stop.manager()) + " in " +
           Span(LengthOf(stop.span()));
  }
  if (drift.state() == "tolerated" && !drift.why().empty()) return drift.why();
  return drift.state() + (drift.why().empty() ? "" : ": " + drift.why());
}

}  // namespace

Result<int> ShowDrift(const Session& session, const std::string& application) {
  v1::ListDriftRequest request;
  request.set_application(application);
  const v1::ListDriftResponse found = TRY(session.client.ListDrift(request));
  if (session.format != Format::kTable) {
    TRY(PrintMessage(session, found));
    return kOk;
  }
  Table table({"APPLICATION", "CLUSTER", "OBJECT", "FIELD", "MANAGER", "FIRST", "LAST", "STATE"});
  const Timestamp now = session.clock.Now();
  for (const v1::Drift& drift : found.drift()) {
    table.AddRow({drift.application(), drift.cluster(), ObjectText(drift.object()),
                  FieldsText(drift), Managers(drift), Age(now, TimeOf(drift.first_seen())),
                  Age(now, TimeOf(drift.last_seen())),
                  Cell(StateText(drift, now), drift.open() ? Tone::kWarn : Tone::kPlain)});
  }
  session.write(table.empty() ? "no drift\n" : table.Render(session.terminal));
  return kOk;
}

}  // namespace swell::cli
