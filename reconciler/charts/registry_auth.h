#pragma once
// How registries want to be asked: Basic, or a token from the server that they name.

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/core/secret.h"
#include "base/fetch/client.h"
#include "reconciler/charts/access.h"

namespace swell::charts {

// One WWW-Authenticate header.
struct Challenge {
  std::string scheme;                             // lower case: "bearer", "basic"
  std::map<std::string, std::string> parameters;  // names in lower case
};
std::optional<Challenge> ParseChallenge(std::string_view header);

// GETs from registries with what they ask for. Tokens are kept in memory until they end, by
// registry, scope and user. Thread-safe.
class RegistryClient {
 public:
  explicit RegistryClient(fetch::HttpClient& http) : http_(http) {}

  // As fetch::HttpClient::Get, answering one challenge of the registry's own; of nobody else's that
  // a redirect led to. `scope`: "repository:charts/web:pull". kUnauthenticated where that does not
  // help.
  Result<fetch::HttpResponse> Get(fetch::HttpRequest request, const std::string& scope,
                                  const Access& access, Deadline deadline);

 private:
  struct Token {
    Secret authorization;
    std::chrono::steady_clock::time_point ends;
  };
  Secret Kept(const std::string& key);
  Result<Secret> Answer(const Challenge& challenge, const fetch::HttpRequest& request,
                        const std::string& scope, const Access& access, const std::string& key,
                        Deadline deadline);
  Result<Token> FetchToken(const Challenge& challenge, const fetch::HttpRequest& request,
                           const std::string& scope, const Access& access, Deadline deadline);

  fetch::HttpClient& http_;
  std::mutex mutex_;
  std::map<std::string, Token> tokens_;  // guarded by mutex_
};

}  // namespace swell::charts
