#include "reconciler/domain/health_check_file.h"

#include "reconciler/domain/sync_fields.h"

namespace swell {

Result<std::vector<HealthCheck>> ParseHealthChecks(std::string_view text, const std::string& file) {
  std::vector<HealthCheck> checks;
  const auto documents = TRY(config::ParseAll(text, file));
  if (documents.size() > 1) {
    return Fail(InvalidArgument("more than one document: one is expected").At({file, 1, 1}));
  }
  for (const config::Document& document : documents) {
    Complaint complaint(document);
    Fields root(complaint, document.value, "");
    ReadHealthChecks(root, checks);
    root.Finish();
    if (complaint.error()) return Fail(*complaint.error());
  }
  return checks;
}

}  // namespace swell
