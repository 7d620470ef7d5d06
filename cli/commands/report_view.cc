#include "cli/commands/report_view.h"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <vector>

#include "base/core/clock.h"
#include "base/text/html.h"
#include "cli/commands/messages.h"
#include "cli/output/table.h"
#include "cli/output/text.h"

namespace swell::cli {
namespace {

constexpr char kTotal[] = "total";

std::string Number(double value, const char* format) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string Percent(bool has, double share) { return has ? Number(100 * share, "%.1f%%") : ""; }

std::string Moment(const google::protobuf::Timestamp& time) {
  return FormatTimestamp(std::chrono::floor<std::chrono::seconds>(TimeOf(time)));
}

// "2h5m / 9h"
std::string SpreadText(const v1::Spread& spread) {
  if (spread.count() == 0) return "";
  return Span(LengthOf(spread.p50())) + " / " + Span(LengthOf(spread.p90()));
}

// With what has no end yet.
std::string OpenText(const v1::Spread& spread, int open, const char* what) {
  std::string out = SpreadText(spread);
  if (open > 0) out += (out.empty() ? "" : ", ") + std::to_string(open) + " " + what;
  return out;
}

// The columns of the table and of the page.
struct Column {
  const char* title;
  std::function<std::string(const v1::Delivery&)> text;
};

const std::vector<Column>& Columns() {
  static const std::vector<Column> kColumns = {
      {"ROLLOUTS", [](const v1::Delivery& d) { return std::to_string(d.rollouts()); }},
      {"PER DAY", [](const v1::Delivery& d) { return Number(d.deployments_per_day(), "%.2f"); }},
      {"SUCCESS",
       [](const v1::Delivery& d) { return Percent(d.has_success_rate(), d.success_rate()); }},
      {"LEAD TIME p50/p90", [](const v1::Delivery& d) { return SpreadText(d.lead_time()); }},
      {"CHANGE FAILURES",
       [](const v1::Delivery& d) {
         return Percent(d.has_change_failure_rate(), d.change_failure_rate());
       }},
      {"RESTORE p50/p90",
       [](const v1::Delivery& d) { return OpenText(d.restore(), d.unrestored(), "not yet"); }},
      {"DRIFT PER DAY", [](const v1::Delivery& d) { return Number(d.drifts_per_day(), "%.2f"); }},
      {"REPAIR p50/p90",
       [](const v1::Delivery& d) { return OpenText(d.repair(), d.unrepaired(), "open"); }},
  };
  return kColumns;
}

// Calls `row` for each application and for the total.
void ForEach(const v1::Report& report,
             const std::function<void(const std::string&, const v1::Delivery&)>& row) {
  for (const v1::ApplicationReport& one : report.applications()) {
    row(one.application(), one.delivery());
  }
  row(kTotal, report.total());
}

// Quotes where RFC 4180 asks for them. What a spreadsheet would take for a formula gets a quote
// before it: names of waves and applications are other people's.
std::string CsvCell(std::string text) {
  if (!text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos) {
    text.insert(0, "'");
  }
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + "\"";
}

std::string CsvSeconds(const v1::Spread& spread, const google::protobuf::Duration& length) {
  return spread.count() == 0 ? ""
                             : Number(static_cast<double>(LengthOf(length).count()) / 1000, "%.3f");
}

void AppendSpread(std::vector<std::string>& cells, const v1::Spread& spread) {
  cells.push_back(std::to_string(spread.count()));
  cells.push_back(CsvSeconds(spread, spread.p50()));
  cells.push_back(CsvSeconds(spread, spread.p90()));
}

std::string CsvRow(const std::vector<std::string>& cells) {
  std::string out;
  for (std::size_t i = 0; i < cells.size(); ++i) out += (i > 0 ? "," : "") + CsvCell(cells[i]);
  return out + "\r\n";
}

std::string WavesText(const v1::Delivery& delivery) {
  std::string out;
  for (const v1::WaveLeadTime& wave : delivery.lead_times()) {
    out += (out.empty() ? "" : ", ") + wave.wave() + " " + SpreadText(wave.lead_time());
  }
  return out;
}

constexpr char kHtmlHead[] =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<title>Swell: report</title>\n<style>\n"
    "body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; }\n"
    "table { border-collapse: collapse; width: 100%; }\n"
    "th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #ccc; }\n"
    "tr:last-child td { font-weight: bold; border-top: 2px solid #444; }\n"
    "</style>\n</head>\n<body>\n";

}  // namespace

std::string ReportTable(const v1::Report& report, const Terminal& terminal) {
  std::vector<std::string> headers = {"APPLICATION"};
  for (const Column& column : Columns()) headers.push_back(column.title);
  Table table(headers);
  Table waves({"APPLICATION", "WAVE", "ROLLOUTS", "LEAD TIME p50", "p90", "LONGEST"});
  ForEach(report, [&](const std::string& name, const v1::Delivery& delivery) {
    std::vector<Cell> row = {name};
    for (const Column& column : Columns()) row.push_back(column.text(delivery));
    table.AddRow(std::move(row));
    for (const v1::WaveLeadTime& wave : delivery.lead_times()) {
      const v1::Spread& lead = wave.lead_time();
      waves.AddRow({name, wave.wave(), std::to_string(lead.count()), Span(LengthOf(lead.p50())),
                    Span(LengthOf(lead.p90())), Span(LengthOf(lead.longest()))});
    }
  });
  std::string out = Paint(terminal, Tone::kBold,
                          "From " + Moment(report.since()) + " to " + Moment(report.until())) +
                    "\n\n" + table.Render(terminal);
  if (!waves.empty()) out += "\nFrom the commit until a wave was well\n\n" + waves.Render(terminal);
  const int unknown = report.total().unknown_commit_times();
  if (unknown > 0) {
    out += "\n" + Count(static_cast<std::size_t>(unknown), "rollout") +
           " without a lead time: when its commit was made is not known\n";
  }
  return out;
}

std::string ReportCsv(const v1::Report& report) {
  std::string out = CsvRow({"application",
                            "wave",
                            "since",
                            "until",
                            "rollouts",
                            "succeeded",
                            "failed",
                            "cancelled",
                            "rolled_back_by_hand",
                            "deployments_per_day",
                            "success_rate",
                            "change_failure_rate",
                            "lead_times",
                            "lead_time_p50_s",
                            "lead_time_p90_s",
                            "restores",
                            "restore_p50_s",
                            "restore_p90_s",
                            "unrestored",
                            "drifts",
                            "drifts_per_day",
                            "repairs",
                            "repair_p50_s",
                            "repair_p90_s",
                            "unrepaired",
                            "heals"});
  const std::string since = Moment(report.since()), until = Moment(report.until());
  ForEach(report, [&](const std::string& name, const v1::Delivery& d) {
    std::vector<std::string> cells = {
        name,
        "",
        since,
        until,
        std::to_string(d.rollouts()),
        std::to_string(d.succeeded()),
        std::to_string(d.failed()),
        std::to_string(d.cancelled()),
        std::to_string(d.rolled_back_by_hand()),
        Number(d.deployments_per_day(), "%.4f"),
        d.has_success_rate() ? Number(d.success_rate(), "%.4f") : "",
        d.has_change_failure_rate() ? Number(d.change_failure_rate(), "%.4f") : ""};
    AppendSpread(cells, d.lead_time());
    AppendSpread(cells, d.restore());
    cells.push_back(std::to_string(d.unrestored()));
    cells.push_back(std::to_string(d.drifts()));
    cells.push_back(Number(d.drifts_per_day(), "%.4f"));
    AppendSpread(cells, d.repair());
    cells.push_back(std::to_string(d.unrepaired()));
    cells.push_back(std::to_string(d.heals()));
    out += CsvRow(cells);
    for (const v1::WaveLeadTime& wave : d.lead_times()) {
      std::vector<std::string> row(cells.size());
      row[0] = name;
      row[1] = wave.wave();
      row[2] = since;
      row[3] = until;
      std::vector<std::string> lead;
      AppendSpread(lead, wave.lead_time());
      std::ranges::copy(lead, row.begin() + 12);
      out += CsvRow(row);
    }
  });
  return out;
}

std::string ReportHtml(const v1::Report& report) {
  std::string out = kHtmlHead;
  out += "<h1>Delivery</h1>\n<p>From " + Moment(report.since()) + " to before " +
         Moment(report.until()) + " (UTC). Pairs of times are medians and 90th percentiles.</p>\n";
  out += "<table>\n<tr><th>Application</th>";
  for (const Column& column : Columns()) out += "<th>" + EscapeHtml(column.title) + "</th>";
  out += "<th>LEAD TIME BY WAVE</th></tr>\n";
  ForEach(report, [&](const std::string& name, const v1::Delivery& delivery) {
    out += "<tr><td>" + EscapeHtml(name) + "</td>";
    for (const Column& column : Columns()) {
      const std::string text = column.text(delivery);
      out += "<td>" + EscapeHtml(text.empty() ? "-" : text) + "</td>";
    }
    out += "<td>" + EscapeHtml(WavesText(delivery)) + "</td></tr>\n";
  });
  return out + "</table>\n</body>\n</html>\n";
}

}  // namespace swell::cli
