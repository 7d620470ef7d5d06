#include "reconciler/gates/request.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "base/core/strings.h"
#include "reconciler/kube/text.h"

namespace swell::gates {
namespace {

constexpr std::size_t kMaxTokenBytes = 64 << 10;
constexpr std::size_t kMaxForeign = 300;

// Where the file really is, so that no link leads out of the folder.
Result<std::string> Locate(const std::string& field, const std::string& path,
                           const std::string& folder) {
  if (folder.empty()) return path;
  std::error_code error;
  const std::filesystem::path real = std::filesystem::canonical(path, error);
  if (error) {
    return Fail(FailedPrecondition("cannot read " + field + " " + path + ": " + error.message()));
  }
  const std::filesystem::path base = std::filesystem::canonical(folder, error);
  const auto apart = std::ranges::mismatch(base, real);
  if (error || apart.in1 != base.end()) {
    return Fail(Error(ErrorCode::kPermissionDenied,
                      field + " " + path + " is not in " + folder + ", where files of gates are"));
  }
  return real.string();
}

Result<Secret> ReadToken(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                             &std::fclose);
  std::string text(kMaxTokenBytes + 1, '\0');
  if (file) text.resize(std::fread(text.data(), 1, text.size(), file.get()));
  if (!file || std::ferror(file.get()) != 0) {
    return Fail(
        FailedPrecondition("cannot read bearerTokenFile " + path + ": " + std::strerror(errno)));
  }
  const std::string_view token = Trim(text);
  // Anything else would break out of the header, or is no token at all.
  const bool plain = std::ranges::all_of(token, [](char c) { return c > 0x20 && c < 0x7f; });
  if (token.empty() || text.size() > kMaxTokenBytes || !plain) {
    return Fail(FailedPrecondition("bearerTokenFile " + path +
                                   (token.empty() ? " is empty" : " does not hold one token")));
  }
  return Secret("Bearer " + std::string(token));
}

}  // namespace

Result<fetch::HttpRequest> MakeRequest(const Asking& asking, const std::string& url,
                                       const std::string& bearer_token_file,
                                       const std::string& ca_file) {
  fetch::HttpRequest out;
  out.url = url;
  out.encoding = fetch::Encoding::kGzip;
  out.max_bytes = asking.max_response_bytes;
  out.budget = "max_response_bytes of gates";
  out.owner = "the gate";
  const std::string& folder = asking.context.files_folder;
  if (!bearer_token_file.empty()) {
    out.authorization = TRY(ReadToken(TRY(Locate("bearerTokenFile", bearer_token_file, folder))));
  }
  if (!ca_file.empty()) out.ca_file = TRY(Locate("caFile", ca_file, folder));
  return out;
}

std::string ShowStatus(const fetch::HttpResponse& response) {
  std::string out = "answers " + std::to_string(response.status);
  const std::string_view text = net::StatusText(response.status);
  if (!text.empty()) out += " " + std::string(text);
  if (response.status == 401 || response.status == 403) out += " (bearerTokenFile of the gate)";
  return out;
}

std::string Foreign(std::string_view text) { return kube::Printable(text, kMaxForeign); }

Answer Hold(std::string why) { return {Verdict::kHold, std::move(why)}; }

}  // namespace swell::gates
