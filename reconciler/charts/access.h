#pragma once
// Who Swell is to a chart repository or registry, and how it trusts it.

#include <string>

#include "base/core/result.h"
#include "base/core/secret.h"
#include "base/fetch/client.h"
#include "reconciler/domain/application.h"

namespace swell::charts {

struct Access {
  std::string resource;  // the Repository's name; "" where none is declared
  std::string username;
  Secret password;
  std::string ca_file;
  bool plain_http = false;

  bool anonymous() const { return password.empty(); }
};

// Reads the password file, where there is one: kFailedPrecondition where that gives no password.
// Null: anonymous, with the system's trust.
Result<Access> AccessOf(const Repository* repository);

// "Basic …"; empty for the anonymous.
Secret BasicAuthorization(const Access& access);

// What a 401 or 403 means to whoever declared, or did not declare, credentials.
Error Rejected(const fetch::HttpResponse& response, const std::string& url, const Access& access);

}  // namespace swell::charts
