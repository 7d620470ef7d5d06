#include "reconciler/charts/registry_auth.h"

#include <algorithm>

#include "base/core/digest.h"
#include "base/core/strings.h"
#include "base/net/url.h"
#include "base/value/json.h"

namespace swell::charts {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kMaxTokenBytes = 1u << 20;
constexpr std::size_t kMaxTokens = 1000;
constexpr auto kLeastLife = std::chrono::seconds(60);  // as the token specification has it
constexpr auto kMostLife = std::chrono::hours(1);

// Skips blanks and commas.
void SkipSeparators(std::string_view& text) {
  while (!text.empty() && (text[0] == ' ' || text[0] == '\t' || text[0] == ',')) {
    text.remove_prefix(1);
  }
}

// A token, or a quoted string with its escapes undone.
std::string TakeValue(std::string_view& text) {
  std::string out;
  if (!text.starts_with('"')) {
    const std::size_t end = std::min(text.find_first_of(", \t"), text.size());
    out = text.substr(0, end);
    text.remove_prefix(end);
    return out;
  }
  text.remove_prefix(1);
  while (!text.empty() && text[0] != '"') {
    if (text[0] == '\\' && text.size() > 1) text.remove_prefix(1);
    out += text[0];
    text.remove_prefix(1);
  }
  if (!text.empty()) text.remove_prefix(1);
  return out;
}

// The challenge that Swell can answer: of several Bearer before Basic.
std::optional<Challenge> BestChallenge(const net::Headers& headers) {
  std::optional<Challenge> best;
  for (const net::Header& header : headers) {
    if (header.name != "www-authenticate") continue;
    auto challenge = ParseChallenge(header.value);
    if (!challenge) continue;
    if (challenge->scheme == "bearer") return challenge;
    if (challenge->scheme == "basic") best = std::move(challenge);
  }
  return best;
}

Result<net::Url> RealmOf(const Challenge& challenge, const fetch::HttpRequest& request) {
  const auto it = challenge.parameters.find("realm");
  if (it == challenge.parameters.end()) {
    return Fail(InvalidArgument("the registry asks for a token but names no realm"));
  }
  net::Url realm = TRY_WRAP(net::Url::Parse(it->second), "the registry's token realm");
  if (request.url.starts_with("https://") && realm.scheme != "https") {
    return Fail(Error(ErrorCode::kPermissionDenied, "the registry wants its tokens fetched from " +
                                                        fetch::ShowUrl(it->second) +
                                                        ", which is not encrypted"));
  }
  return realm;
}

}  // namespace

std::optional<Challenge> ParseChallenge(std::string_view header) {
  header = Trim(header);
  const std::size_t space = header.find(' ');
  Challenge out;
  out.scheme = ToLower(header.substr(0, space));
  if (out.scheme.empty()) return std::nullopt;
  if (space == std::string_view::npos) return out;
  std::string_view rest = header.substr(space + 1);
  for (SkipSeparators(rest); !rest.empty(); SkipSeparators(rest)) {
    const std::size_t equals = rest.find('=');
    if (equals == std::string_view::npos) break;
    const std::string name = ToLower(Trim(rest.substr(0, equals)));
    rest.remove_prefix(equals + 1);
    out.parameters.insert_or_assign(name, TakeValue(rest));
  }
  return out;
}

Result<fetch::HttpResponse> RegistryClient::Get(fetch::HttpRequest request,
                                                const std::string& scope, const Access& access,
                                                Deadline deadline) {
  const std::string origin = TRY(net::Url::Parse(request.url)).Origin();
  // The password's digest is in the key: a changed one gets tokens of its own.
  const std::string key = Hasher()
                              .Add(origin)
                              .Add(scope)
                              .Add(access.username)
                              .Add(access.password.Reveal())
                              .Finish()
                              .Hex();
  request.authorization = Kept(key);
  fetch::HttpResponse response = TRY(http_.Get(request, deadline));
  if (response.status != 401 || !response.elsewhere.empty()) return response;
  const auto challenge = BestChallenge(response.headers);
  if (!challenge) return response;
  request.authorization = TRY(Answer(*challenge, request, scope, access, key, deadline));
  if (request.authorization.empty()) return response;
  return http_.Get(std::move(request), deadline);
}

Secret RegistryClient::Kept(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto it = tokens_.find(key);
  if (it == tokens_.end() || it->second.ends <= steady_clock::now()) return {};
  return it->second.authorization;
}

Result<Secret> RegistryClient::Answer(const Challenge& challenge, const fetch::HttpRequest& request,
                                      const std::string& scope, const Access& access,
                                      const std::string& key, Deadline deadline) {
  const bool bearer = challenge.scheme == "bearer";
  if (!bearer && access.anonymous()) return Secret();
  Token token{BasicAuthorization(access), steady_clock::now() + kMostLife};
  if (bearer) {
    token = TRY_WRAP(FetchToken(challenge, request, scope, access, deadline),
                     "get a token for " + fetch::ShowUrl(request.url));
  }
  const std::lock_guard lock(mutex_);
  if (tokens_.size() >= kMaxTokens) tokens_.clear();
  tokens_.insert_or_assign(key, token);
  return token.authorization;
}

Result<RegistryClient::Token> RegistryClient::FetchToken(const Challenge& challenge,
                                                         const fetch::HttpRequest& request,
                                                         const std::string& scope,
                                                         const Access& access, Deadline deadline) {
  net::Url realm = TRY(RealmOf(challenge, request));
  net::Query query = TRY_WRAP(net::ParseQuery(realm.query), "the registry's token realm");
  if (const auto it = challenge.parameters.find("service"); it != challenge.parameters.end()) {
    query.emplace_back("service", it->second);
  }
  // The scope is ours, not what the registry says: never more than this chart's pull.
  query.emplace_back("scope", scope);
  realm.query = net::EncodeQuery(query);
  fetch::HttpRequest ask;
  ask.url = realm.ToString();
  ask.authorization = BasicAuthorization(access);
  // The registry's CA vouches for the registry, not for whom it names.
  if (realm.Origin() == TRY(net::Url::Parse(request.url)).Origin()) ask.ca_file = request.ca_file;
  ask.max_bytes = kMaxTokenBytes;
  const fetch::HttpResponse response = TRY(http_.Get(std::move(ask), deadline));
  if (response.status == 401 || response.status == 403) {
    return Fail(Rejected(response, fetch::ShowUrl(realm.ToString()), access));
  }
  if (response.status != 200) {
    return Fail(Unavailable(fetch::ShowUrl(realm.ToString()) + " answers " +
                            std::to_string(response.status)));
  }
  const auto body = json::Parse(response.body);
  std::string token = body ? (*body)["token"].str() : "";
  if (token.empty() && body) token = (*body)["access_token"].str();
  if (token.empty() || token.find_first_of("\r\n") != std::string::npos) {
    return Fail(Unavailable(fetch::ShowUrl(realm.ToString()) + " gives no token"));
  }
  const auto life = std::clamp<std::chrono::seconds>(
      std::chrono::seconds((*body)["expires_in"].as_int(kLeastLife.count())), kLeastLife,
      kMostLife);
  // Ends early: it must still hold when the request arrives.
  return Token{Secret("Bearer " + token), steady_clock::now() + life * 9 / 10};
}

}  // namespace swell::charts
