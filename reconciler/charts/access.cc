#include "reconciler/charts/access.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "base/core/encoding.h"
#include "base/core/strings.h"

namespace swell::charts {
namespace {

// One line is plenty for a password or a token.
constexpr std::size_t kMaxPasswordBytes = 64 << 10;

// Without a password Swell would go on as nobody, whom some hosts answer with less.
Result<Secret> ReadPassword(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                             &std::fclose);
  std::string text(kMaxPasswordBytes, '\0');
  if (file) text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (!file || std::ferror(file.get()) != 0) {
    return Fail(
        FailedPrecondition("cannot read passwordFile " + path + ": " + std::strerror(errno)));
  }
  const std::string_view password = Trim(text);
  if (password.empty()) {
    return Fail(FailedPrecondition("passwordFile " + path +
                                   " is empty: write the password into it, or leave the field out "
                                   "to go without one"));
  }
  return Secret(std::string(password));
}

}  // namespace

Result<Access> AccessOf(const Repository* repository) {
  Access out;
  if (repository == nullptr) return out;
  out.resource = repository->name;
  out.username = repository->username;
  out.password = repository->password;
  out.ca_file = repository->ca_file;
  out.plain_http = repository->plain_http;
  if (repository->password_file.empty()) return out;
  out.password =
      TRY_WRAP(ReadPassword(repository->password_file), "Repository " + repository->name);
  return out;
}

Secret BasicAuthorization(const Access& access) {
  if (access.anonymous()) return {};
  return Secret("Basic " + Base64Encode(access.username + ":" + access.password.Reveal()));
}

Error Rejected(const fetch::HttpResponse& response, const std::string& url, const Access& access) {
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
