#include "reconciler/charts/access.h"

#include <fstream>
#include <sstream>

#include "base/core/encoding.h"
#include "base/core/strings.h"

namespace swell::charts {

Result<Access> AccessOf(const Repository* repository) {
  Access out;
  if (repository == nullptr) return out;
  out.resource = repository->name;
  out.username = repository->username;
  out.password = repository->password;
  out.ca_file = repository->ca_file;
  out.plain_http = repository->plain_http;
  if (repository->password_file.empty()) return out;
  std::ifstream in(repository->password_file, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  if (!in) {
    return Fail(FailedPrecondition("Repository " + repository->name + ": cannot read " +
                                   repository->password_file));
  }
  out.password = Secret(std::string(Trim(text.str())));
  return out;
}

Secret BasicAuthorization(const Access& access) {
  if (access.anonymous()) return {};
  return Secret("Basic " + Base64Encode(access.username + ":" + access.password.Reveal()));
}

Error Rejected(const HttpResponse& response, const std::string& url, const Access& access) {
  const int status = response.status;
  const ErrorCode code = status == 401 ? ErrorCode::kUnauthenticated : ErrorCode::kPermissionDenied;
  if (!response.elsewhere.empty()) {
    const std::string answer =
        url + " redirects to " + response.elsewhere + ", which answers " + std::to_string(status);
    if (access.anonymous()) return Error(code, answer);
    return Error(code, answer + ": it is another host, and the credentials of Repository " +
                           access.resource + " are not for it");
  }
  const std::string answer = url + " answers " + std::to_string(status);
  if (access.resource.empty()) {
    return Error(code, answer + ": declare a Repository resource with credentials for it");
  }
  if (access.anonymous()) {
    return Error(code, answer + ": Repository " + access.resource + " has no password");
  }
  return Error(code, answer + ": the credentials of Repository " + access.resource +
                         (status == 401 ? " are not accepted" : " do not suffice"));
}

}  // namespace swell::charts
