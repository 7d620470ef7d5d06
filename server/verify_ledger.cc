#include "server/verify_ledger.h"

#include <cstdio>

#include "server/store/store.h"

namespace swell {

int VerifyLedger(const config::ServerConfig& config) {
  const auto complain = [](const std::string& what) {
    std::fprintf(stderr, "swelld: %s\n", what.c_str());
    return 1;
  };
  VerifyRequest request;
  if (!config.expect_head.empty()) {
    const auto head = Digest::Parse(config.expect_head);
    if (!head) return complain("--expect: " + head.error().ToString());
    request.expect = *head;
  }
  const auto report = store::VerifyFile(config.data + "/swell.db", request);
  if (!report) return complain(report.error().ToString());
  const std::string checked =
      std::to_string(report->links) + " links (" + std::to_string(report->events) + " events)";
  if (!report->ok()) {
    return complain(report->damage + "\nThe " + checked + " before it are as they were written");
  }
  const std::string text = checked + " are as they were written; the chain began " +
                           FormatTimestamp(report->began_at) + "\nhead " + report->head.Hex() +
                           " (link " + std::to_string(report->last) + ")\n";
  std::fputs(text.c_str(), stdout);
  return 0;
}

}  // namespace swell
