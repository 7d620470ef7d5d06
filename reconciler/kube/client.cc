#include "reconciler/kube/client.h"

#include <algorithm>

#include "base/core/strings.h"
#include "base/value/json.h"
#include "reconciler/kube/client_impl.h"

namespace swell::kube {
namespace {

// Watches on one connection (API servers allow 100 streams), if the server allows as many.
constexpr std::size_t kWatchesAConnection = 80;

constexpr char kMetadataOrWhole[] =
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json";

const char* Name(FieldValidation v) {
  switch (v) {
    case FieldValidation::kStrict:
      return "Strict";
    case FieldValidation::kWarn:
      return "Warn";
    case FieldValidation::kIgnore:
      return "Ignore";
  }
  return "Strict";
}

const char* Name(Propagation p) {
  switch (p) {
    case Propagation::kBackground:
      return "Background";
    case Propagation::kForeground:
      return "Foreground";
    case Propagation::kOrphan:
      return "Orphan";
  }
  return "Background";
}

const char* ContentType(PatchType type) {
  switch (type) {
    case PatchType::kJson:
      return "application/json-patch+json";
    case PatchType::kMerge:
      return "application/merge-patch+json";
    case PatchType::kStrategic:
      return "application/strategic-merge-patch+json";
  }
  return "";
}

// A header name holds letters, digits and few other bytes; '%' begins an escape.
std::string EscapeHeaderName(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("!#$&'*+-.^_`|~").contains(c);
    out += plain ? std::string(1, c) : net::EscapeComponent(std::string_view(&c, 1));
  }
  return out;
}

net::Headers ImpersonationHeaders(const Impersonation& who) {
  net::Headers out;
  if (who.user.empty()) return out;
  out.Add("impersonate-user", who.user);
  if (!who.uid.empty()) out.Add("impersonate-uid", who.uid);
  for (const std::string& group : who.groups) out.Add("impersonate-group", group);
  for (const auto& [name, values] : who.extra) {
    for (const std::string& value : values) {
      out.Add("impersonate-extra-" + EscapeHeaderName(name), value);
    }
  }
  return out;
}

net::Query WriteQuery(const std::string& manager, FieldValidation validation, DryRun dry_run) {
  net::Query query = {{"fieldManager", manager}, {"fieldValidation", Name(validation)}};
  if (dry_run == DryRun::kAll) query.emplace_back("dryRun", "All");
  return query;
}

Request ObjectRequest(const char* method, const ResourceRef& ref, Duration timeout) {
  Request request;
  request.method = method;
  request.path = ref.Path();
  request.timeout = timeout;
  request.sensitive = ref.IsSecret();
  return request;
}

}  // namespace

std::string ResourceRef::Path() const {
  std::string out = group.empty() ? "/api/" : "/apis/" + net::EscapeComponent(group) + "/";
  out += net::EscapeComponent(version);
  if (!ns.empty()) out += "/namespaces/" + net::EscapeComponent(ns);
  // "deployments/status": the subresource follows the name.
  const auto slash = resource.find('/');
  out += "/" + net::EscapeComponent(resource.substr(0, slash));
  if (!name.empty()) out += "/" + net::EscapeComponent(name);
  if (slash != std::string::npos) out += "/" + net::EscapeComponent(resource.substr(slash + 1));
  return out;
}

std::string ResourceRef::ToString() const {
  std::string out = (group.empty() ? "" : group + "/") + version + " " + resource;
  if (!ns.empty() || !name.empty()) out += " " + (ns.empty() ? name : ns + "/" + name);
  return out;
}

void Call::Cancel() {
  if (state_) state_->Cancel();
}
void Call::Pause() {
  if (state_) state_->Pause();
}
void Call::Resume() {
  if (state_) state_->Resume();
}

Client::Impl::Impl(net::Loop& l, ClusterAccess a, ClientOptions o)
    : loop(l),
      loop_ref(l.ref()),
      access(std::move(a)),
      options(std::move(o)),
      throttle(clock, {.max_in_flight = options.max_in_flight,
                       .requests_per_second = options.requests_per_second,
                       .burst = options.burst}),
      limit(throttle.limit()) {}

Status Client::Impl::Init() {
  const net::Url url = TRY(net::Url::Parse(access.server));
  origin = url.Origin();
  base_path = url.path;
  while (base_path.ends_with('/')) base_path.pop_back();
  if (!access.exec.command.empty() && !options.executor) {
    return Fail(Unimplemented("a credential plugin needs an executor to run on"));
  }
  if (access.token.Reveal().find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos) {
    return Fail(InvalidArgument("the token holds line breaks"));
  }
  impersonation = ImpersonationHeaders(access.impersonate);
  credentials = std::make_shared<CredentialSource>(loop, options.executor, access);
  TRY(HttpFor(std::make_shared<const Credential>()));  // no I/O: checks the TLS material
  return {};
}

Result<HttpPtr> Client::Impl::NewHttp(const CredentialPtr& credential) const {
  net::Http2Client::Options http_options;
  http_options.origin = origin;
  http_options.tls = access.tls;
  http_options.user_agent = options.user_agent;
  http_options.max_queued = options.max_in_flight + 1000;
  if (!credential->client_cert_pem.empty()) {
    http_options.tls.client_cert_pem = credential->client_cert_pem;
    http_options.tls.client_key = credential->client_key;
  }
  if (!credential->ca_pem.empty()) http_options.tls.ca_pem = credential->ca_pem;
  http_options.proxy = access.proxy;
  // client-go verifies a proxy by the cluster's CA; most are known to the system.
  http_options.proxy_tls.ca_pem = http_options.tls.ca_pem;
  http_options.proxy_tls.also_system_trust = true;
  return HttpPtr(TRY(net::Http2Client::Create(loop, http_options)));
}

Result<HttpPtr> Client::Impl::HttpFor(const CredentialPtr& credential) {
  const bool same = http_credential &&
                    http_credential->client_cert_pem == credential->client_cert_pem &&
                    http_credential->client_key == credential->client_key &&
                    http_credential->ca_pem == credential->ca_pem;
  if (http && same) return http;
  // What still uses the old connection holds it.
  http = TRY(NewHttp(credential));
  watch_http.clear();
  http_credential = credential;
  const std::string& pem = credential->client_cert_pem.empty() ? access.tls.client_cert_pem
                                                               : credential->client_cert_pem;
  auto info = pem.empty() ? Fail(NotFound("")) : net::ReadCertificateInfo(pem);
  std::lock_guard lock(certificate_mutex);
  certificate.reset();
  if (info) certificate = std::move(*info);
  return http;
}

Result<WatchConnectionPtr> Client::Impl::HttpForWatch(const CredentialPtr& credential) {
  TRY(HttpFor(credential));
  // What the server allows on one connection it allows on the next.
  std::size_t room = kWatchesAConnection;
  const auto learn = [&](const HttpPtr& connected) {
    if (const std::size_t streams = connected->stats().streams) room = std::min(room, streams);
  };
  learn(http);
  for (const WatchConnectionPtr& candidate : watch_http) learn(candidate->http);
  for (const WatchConnectionPtr& candidate : watch_http) {
    if (candidate->watches < room) return candidate;
  }
  auto added = std::make_shared<WatchConnection>();
  added->http = TRY(NewHttp(credential));
  watch_http.push_back(added);
  return added;
}

void Client::Impl::Close() {
  if (std::exchange(closed, true)) return;
  const auto open = calls;
  pump_timer.Cancel();
  for (const RequestCallPtr& call : open) Finish(call, std::unexpected(ClosedError()));
  const auto informing = informers;
  for (const InformerPtr& informer : informing) CloseInformer(informer);
  const auto watching = watches;
  for (const WatchCallPtr& watch : watching) CloseWatch(watch);
  const auto streaming = streams;
  for (const StreamCallPtr& stream : streaming) CloseStream(stream);
  http.reset();
  watch_http.clear();
}

Result<std::unique_ptr<Client>> Client::Create(net::Loop& loop, ClusterAccess access,
                                               ClientOptions options) {
  if (!options.random) options.random = SystemRandom();
  const std::string cluster = options.cluster;
  auto impl = std::make_shared<Impl>(loop, std::move(access), std::move(options));
  TRY_WRAP(impl->Init(), "cluster " + cluster);
  return std::unique_ptr<Client>(new Client(std::move(impl)));
}

Client::~Client() {
  impl_->loop.Run([impl = impl_] { impl->Close(); });
}

Call Client::Do(Request request, Callback<Response> done) {
  return impl_->Do(std::move(request), std::move(done));
}

Call Client::Get(const ResourceRef& ref, Callback<Response> done, CallOptions options) {
  return Do(ObjectRequest("GET", ref, options.timeout), std::move(done));
}

Call Client::List(const ResourceRef& ref, Callback<ListResult> done, ListOptions options) {
  return StartList(impl_, ref, std::move(options), std::move(done));
}

Call Client::Apply(const ResourceRef& ref, const Value& object, Callback<Response> done,
                   ApplyOptions options) {
  Request request = ObjectRequest("PATCH", ref, options.timeout);
  request.query = WriteQuery(options.field_manager, options.field_validation, options.dry_run);
  request.query.emplace_back("force", options.force ? "true" : "false");
  request.content_type = "application/apply-patch+yaml";  // JSON is YAML
  if (options.answer == ObjectForm::kMetadata) request.accept = kMetadataOrWhole;
  request.body = json::Write(object);
  return Do(std::move(request), std::move(done));
}

Call Client::Create(const ResourceRef& ref, const Value& object, Callback<Response> done,
                    WriteOptions options) {
  ResourceRef collection = ref;
  collection.name.clear();
  Request request = ObjectRequest("POST", collection, options.timeout);
  request.query = WriteQuery(options.field_manager, options.field_validation, options.dry_run);
  request.content_type = "application/json";
  request.body = json::Write(object);
  request.idempotent = options.dry_run == DryRun::kAll;
  return Do(std::move(request), std::move(done));
}

Call Client::Replace(const ResourceRef& ref, const Value& object, Callback<Response> done,
                     WriteOptions options) {
  Request request = ObjectRequest("PUT", ref, options.timeout);
  request.query = WriteQuery(options.field_manager, options.field_validation, options.dry_run);
  request.content_type = "application/json";
  request.body = json::Write(object);
  return Do(std::move(request), std::move(done));
}

Call Client::Patch(const ResourceRef& ref, PatchType type, const Value& patch,
                   Callback<Response> done, WriteOptions options) {
  Request request = ObjectRequest("PATCH", ref, options.timeout);
  request.query = WriteQuery(options.field_manager, options.field_validation, options.dry_run);
  request.content_type = ContentType(type);
  request.body = json::Write(patch);
  // A JSON patch may add to a list each time.
  request.idempotent = type != PatchType::kJson || options.dry_run == DryRun::kAll;
  return Do(std::move(request), std::move(done));
}

Call Client::Delete(const ResourceRef& ref, Callback<Response> done, DeleteOptions options) {
  Request request = ObjectRequest("DELETE", ref, options.timeout);
  Value body = Value::EmptyObject()
                   .With("apiVersion", Value("v1"))
                   .With("kind", Value("DeleteOptions"))
                   .With("propagationPolicy", Value(Name(options.propagation)));
  if (!options.uid.empty()) body = body.WithAt({"preconditions", "uid"}, Value(options.uid));
  if (!options.resource_version.empty()) {
    body = body.WithAt({"preconditions", "resourceVersion"}, Value(options.resource_version));
  }
  if (options.dry_run == DryRun::kAll) {
    body = body.With("dryRun", Value::Array({Value("All")}));
  }
  request.content_type = "application/json";
  request.body = json::Write(body);
  return Do(std::move(request), std::move(done));
}

Call Client::Watch(const ResourceRef& ref, WatchOptions options, WatchHandler handler) {
  return StartWatch(impl_, ref, std::move(options), std::move(handler));
}

Call Client::Stream(Request request, StreamHandler handler) {
  return StartStream(impl_, std::move(request), std::move(handler));
}

const std::string& Client::cluster() const { return impl_->options.cluster; }
const ClusterAccess& Client::access() const { return impl_->access; }
net::Loop& Client::loop() const { return impl_->loop; }

Client::Stats Client::stats() const {
  return {.in_flight = impl_->in_flight,
          .queued = impl_->queued,
          .requests = impl_->requests,
          .retries = impl_->retries,
          .refused = impl_->refused,
          .limit = impl_->limit};
}

}  // namespace swell::kube
