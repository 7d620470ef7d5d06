// GET: one object, lists in pages, watches.

#include <charconv>

#include "base/core/encoding.h"
#include "base/core/strings.h"
#include "base/value/json.h"
#include "server/sandbox/api.h"
#include "server/sandbox/errors.h"

namespace swell::sandbox {
namespace {

constexpr Duration kDefaultWatch = std::chrono::minutes(30);
constexpr std::size_t kMaxPage = 100'000;

std::optional<std::uint64_t> Number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Where the next page starts: after (ns, name), of the list that began at `version`.
struct Token {
  std::uint64_t version = 0;
  std::string ns, name;

  std::string Encode() const {
    return Base64Encode(
        json::Write(Value::Object({{"v", Value("meta.k8s.io/v1")},
                                   {"rv", Value(static_cast<std::int64_t>(version))},
                                   {"ns", Value(ns)},
                                   {"name", Value(name)}})));
  }
  static std::optional<Token> Decode(std::string_view text) {
    const auto bytes = Base64Decode(text);
    if (!bytes) return std::nullopt;
    const auto value = json::Parse(*bytes);
    if (!value || (*value)["v"].as_string() != "meta.k8s.io/v1") return std::nullopt;
    return Token{static_cast<std::uint64_t>((*value)["rv"].as_int()), (*value)["ns"].str(),
                 (*value)["name"].str()};
  }
};

ApiError NotAcceptable() {
  return {.code = 406,
          .reason = "NotAcceptable",
          .message = "only the following media types are accepted: application/json"};
}

Encoder EncoderOf(const Route& route, const Request& request, Format format, Timestamp now) {
  return {*route.resource, route.version, format, request.Query("includeObject") == "Object", now};
}

}  // namespace

ApiResult<Api::Selection> Api::SelectionOf(const Request& request) const {
  auto labels = LabelSelector::Parse(request.Query("labelSelector"));
  if (!labels) return std::unexpected(errors::BadRequest(labels.error().message()));
  auto fields = FieldSelector::Parse(request.Query("fieldSelector"));
  if (!fields) return std::unexpected(errors::BadRequest(fields.error().message()));
  return Selection{std::move(*labels), std::move(*fields)};
}

ApiResult<std::vector<ObjectPtr>> Api::Select(const Route& route, const Request& request) const {
  const Selection selection = API_TRY(SelectionOf(request));
  std::vector<ObjectPtr> selected;
  const auto& objects = objects_.store().All(*route.resource);
  auto it = route.ns.empty() ? objects.begin() : objects.lower_bound({route.ns, ""});
  for (; it != objects.end() && (route.ns.empty() || it->first.first == route.ns); ++it) {
    const Stored& object = *it->second;
    if (selection.labels.Matches(object.metadata()["labels"]) &&
        selection.fields.Matches(object.value)) {
      selected.push_back(it->second);
    }
  }
  return selected;
}

Response Api::Get(const Route& route, const Request& request) {
  Count("get");
  const auto format = Negotiate(request.Header("accept"));
  if (!format) return NotAcceptable().ToResponse();
  const ObjectPtr object = objects_.store().Find(*route.resource, route.ns, route.name);
  if (object == nullptr) return errors::NotFound(*route.resource, route.name).ToResponse();
  return Response::Json(200,
                        EncoderOf(route, request, *format, objects_.clock().Now()).One(*object));
}

Response Api::List(const Route& route, const Request& request) {
  Count("list");
  const auto format = Negotiate(request.Header("accept"));
  if (!format) return NotAcceptable().ToResponse();
  auto selected = Select(route, request);
  if (!selected) return selected.error().ToResponse();
  std::uint64_t version = objects_.store().version();
  if (request.Query("resourceVersionMatch") == "Exact" &&
      Number(request.Query("resourceVersion")) != version) {
    return errors::Expired("The resourceVersion for the provided list is too old.").ToResponse();
  }
  std::size_t first = 0;
  if (const std::string_view text = request.Query("continue"); !text.empty()) {
    const auto token = Token::Decode(text);
    if (!token)
      return errors::BadRequest("invalid continue token: continue key is not valid").ToResponse();
    if (!objects_.store().Remembers(token->version)) {
      return errors::Expired(
                 "The provided continue parameter is too old to display a consistent "
                 "list result. You can start a new list without the continue "
                 "parameter.")
          .ToResponse();
    }
    version = token->version;
    const Store::Key after{token->ns, token->name};
    while (first < selected->size() &&
           Store::Key((*selected)[first]->ns(), (*selected)[first]->name()) <= after) {
      ++first;
    }
  }
  selected->erase(selected->begin(), selected->begin() + static_cast<std::ptrdiff_t>(first));
  Value metadata = Value::Object({{"resourceVersion", Value(std::to_string(version))}});
  std::size_t limit = Number(request.Query("limit")).value_or(0);
  if (limit == 0) limit = kMaxPage;
  if (selected->size() > limit) {
    const std::size_t rest = selected->size() - limit;
    selected->resize(limit);
    const Stored& last = *selected->back();
    const Token next{version, std::string(last.ns()), std::string(last.name())};
    metadata = metadata.With("continue", Value(next.Encode()));
    if (request.Query("labelSelector").empty() && request.Query("fieldSelector").empty()) {
      metadata = metadata.With("remainingItemCount", Value(static_cast<std::int64_t>(rest)));
    }
  }
  return Response::Json(
      200, EncoderOf(route, request, *format, objects_.clock().Now()).List(*selected, metadata));
}

Response Api::Watch(const Route& route, const Request& request) {
  Count("watch");
  const auto format = Negotiate(request.Header("accept"));
  if (!format) return NotAcceptable().ToResponse();
  auto selection = SelectionOf(request);
  if (!selection) return selection.error().ToResponse();
  WatchSpec spec;
  spec.resource = route.resource;
  spec.version = route.version;
  spec.ns = route.ns;
  spec.name = route.name;
  spec.labels = std::move(selection->labels);
  spec.fields = std::move(selection->fields);
  spec.format = *format;
  spec.include_object = request.Query("includeObject") == "Object";
  spec.bookmarks = request.QueryFlag("allowWatchBookmarks");
  const std::string_view version = request.Query("resourceVersion");
  const auto from = version.empty() ? 0 : Number(version);
  if (!from) {
    return errors::BadRequest("invalid resource version: " + Quote(version)).ToResponse();
  }
  spec.from = *from;
  spec.initial_end = request.QueryFlag("sendInitialEvents");
  if (spec.initial_end && request.Query("resourceVersionMatch") != "NotOlderThan") {
    ApiError error{.code = 422, .reason = "Invalid"};
    error.message =
        "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: "
        "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan";
    return error.ToResponse();
  }
  spec.initial_events = spec.initial_end || spec.from == 0;
  spec.timeout = kDefaultWatch;
  if (const auto seconds = Number(request.Query("timeoutSeconds")); seconds && *seconds > 0) {
    spec.timeout = std::chrono::seconds(std::min<std::uint64_t>(*seconds, 86'400));
  }
  Response response;
  response.headers.emplace_back("content-type", "application/json");
  WatchTicket ticket;
  ticket.id = watches_.Prepare(std::move(spec));
  if (ticket.id == 0) {
    return Response::Text(429, "Too many requests, please try again later.\n");
  }
  response.watch = ticket;
  return response;
}

}  // namespace swell::sandbox
