// POST, PUT, PATCH, DELETE, and the subresources.

#include "base/core/strings.h"
#include "server/sandbox/api.h"
#include "server/sandbox/errors.h"

namespace swell::sandbox {
namespace {

std::string_view MediaType(std::string_view content_type) {
  return Trim(content_type.substr(0, content_type.find(';')));
}

Value SuccessStatus(const Resource& resource, const Stored& object) {
  std::vector<Member> details{{"name", Value(object.name())},
                              {"kind", Value(resource.plural)},
                              {"uid", Value(object.uid())}};
  if (!resource.group.empty()) details.emplace_back("group", Value(resource.group));
  return Value::Object({{"kind", Value("Status")},
                        {"apiVersion", Value("v1")},
                        {"metadata", Value::EmptyObject()},
                        {"status", Value("Success")},
                        {"details", Value::Object(std::move(details))}});
}

// The autoscaling/v1 Scale of a workload.
Value ScaleOf(const Stored& object) {
  Value metadata = Value::Object({{"name", Value(object.name())},
                                  {"namespace", Value(object.ns())},
                                  {"uid", Value(object.uid())},
                                  {"resourceVersion", Value(std::to_string(object.version))},
                                  {"creationTimestamp", object.metadata()["creationTimestamp"]}});
  std::vector<std::string> selector;
  for (const Member& label : object.value.At({"spec", "selector", "matchLabels"}).members()) {
    selector.push_back(std::string(label.name()) + "=" + label.value.str());
  }
  return Value::Object(
      {{"kind", Value("Scale")},
       {"apiVersion", Value("autoscaling/v1")},
       {"metadata", std::move(metadata)},
       {"spec", Value::Object({{"replicas", Value(object.value["spec"]["replicas"].as_int())}})},
       {"status", Value::Object({{"replicas", Value(object.value["status"]["replicas"].as_int())},
                                 {"selector", Value(Join(selector, ","))}})}});
}

bool KnownSubresource(const Route& route) {
  const std::string& sub = route.subresource;
  const Resource& resource = *route.resource;
  if (sub.empty()) return true;
  if (sub == "status") return resource.has_status;
  if (sub == "scale") return resource.has_scale;
  if (sub == "finalize") return resource.group.empty() && resource.kind == "Namespace";
  if (sub == "log" || sub == "eviction") return resource.group.empty() && resource.kind == "Pod";
  return false;
}

}  // namespace

Response Api::Handle(const Route& route, const Request& request) {
  const std::string& method = request.method;
  if (!KnownSubresource(route)) return Response::Text(404, "404 page not found\n");
  if (!route.resource->read_write) {
    return method == "POST" ? Review(route, request) : errors::MethodNotAllowed().ToResponse();
  }
  if (route.subresource == "scale") return Scale(route, request);
  if (method == "GET") {
    if (request.QueryFlag("watch")) return Watch(route, request);
    return route.name.empty() ? List(route, request) : Get(route, request);
  }
  if (method == "POST" && (route.name.empty() || route.subresource == "eviction")) {
    return Create(route, request);
  }
  if (method == "DELETE" && route.subresource.empty()) {
    return route.name.empty() ? DeleteCollection(route, request) : Delete(route, request);
  }
  if (method == "PUT" && !route.name.empty()) return Update(route, request);
  if (method == "PATCH" && !route.name.empty()) return Patch(route, request);
  return errors::MethodNotAllowed().ToResponse();
}

Response Api::Answer(const Route& route, const Request& request,
                     const ApiResult<Written>& written) {
  if (!written) return written.error().ToResponse();
  if (written->changed) ++stats_.changes;
  const Format format = Negotiate(request.Header("accept")).value_or(Format::kObject);
  const Encoder encoder{*route.resource, route.version, format, false, objects_.clock().Now()};
  return Response::Json(written->created ? 201 : 200, encoder.One(*written->object));
}

Response Api::Create(const Route& route, const Request& request) {
  Count("create");
  auto options = OptionsOf(route, request);
  if (!options) return options.error().ToResponse();
  if (route.subresource == "eviction") {
    const auto gone = objects_.Delete(*route.resource, route.ns, route.name, {});
    if (!gone) return gone.error().ToResponse();
    ++stats_.changes;
    return Response::Json(201, SuccessStatus(*route.resource, *gone->object));
  }
  auto body = ParseBody(request);
  if (!body) return body.error().ToResponse();
  std::string ns = route.ns;
  if (route.all_namespaces) {
    return errors::BadRequest(
               "the namespace of the provided object does not match the namespace "
               "sent on the request")
        .ToResponse();
  }
  return Answer(route, request, objects_.Create(*route.resource, ns, *body, *options));
}

Response Api::Update(const Route& route, const Request& request) {
  Count("update");
  auto options = OptionsOf(route, request);
  if (!options) return options.error().ToResponse();
  auto body = ParseBody(request);
  if (!body) return body.error().ToResponse();
  if (route.subresource == "finalize") options->subresource.clear();
  return Answer(route, request,
                objects_.Update(*route.resource, route.ns, route.name, *body, *options));
}

Response Api::Patch(const Route& route, const Request& request) {
  const std::string_view type = MediaType(request.Header("content-type"));
  const bool apply = type == "application/apply-patch+yaml";
  Count(apply ? "apply" : "patch");
  auto options = OptionsOf(route, request);
  if (!options) return options.error().ToResponse();
  PatchType patch = PatchType::kMerge;
  if (type == "application/json-patch+json") {
    patch = PatchType::kJson;
  } else if (type == "application/strategic-merge-patch+json") {
    patch = PatchType::kStrategic;
  } else if (!apply && type != "application/merge-patch+json") {
    return errors::UnsupportedMedia(
               type,
               "application/json-patch+json, application/merge-patch+json, "
               "application/strategic-merge-patch+json, application/apply-patch+yaml")
        .ToResponse();
  }
  auto body = ParseBody(request);
  if (!body) return body.error().ToResponse();
  if (apply) {
    return Answer(route, request,
                  objects_.Apply(*route.resource, route.ns, route.name, *body, *options));
  }
  return Answer(route, request,
                objects_.Patch(*route.resource, route.ns, route.name, patch, *body, *options));
}

Response Api::Delete(const Route& route, const Request& request) {
  Count("delete");
  auto options = DeleteOptionsOf(route, request);
  if (!options) return options.error().ToResponse();
  const auto deleted = objects_.Delete(*route.resource, route.ns, route.name, *options);
  if (!deleted) return deleted.error().ToResponse();
  if (!options->dry_run) ++stats_.changes;
  if (deleted->gone) return Response::Json(200, SuccessStatus(*route.resource, *deleted->object));
  const Encoder encoder{*route.resource, route.version, Format::kObject, false, Timestamp{}};
  return Response::Json(200, encoder.One(*deleted->object));
}

Response Api::DeleteCollection(const Route& route, const Request& request) {
  Count("deletecollection");
  auto options = DeleteOptionsOf(route, request);
  if (!options) return options.error().ToResponse();
  auto selected = Select(route, request);
  if (!selected) return selected.error().ToResponse();
  for (const ObjectPtr& object : *selected) {
    const auto deleted = objects_.Delete(*route.resource, object->ns(), object->name(), *options);
    if (deleted && !options->dry_run) ++stats_.changes;
  }
  const Encoder encoder{*route.resource, route.version, Format::kObject, false, Timestamp{}};
  return Response::Json(
      200,
      encoder.List(
          *selected,
          Value::Object({{"resourceVersion", Value(std::to_string(objects_.store().version()))}})));
}

Response Api::Scale(const Route& route, const Request& request) {
  const ObjectPtr object = objects_.store().Find(*route.resource, route.ns, route.name);
  if (object == nullptr) return errors::NotFound(*route.resource, route.name).ToResponse();
  if (request.method == "GET") {
    Count("get");
    return Response::Json(200, ScaleOf(*object));
  }
  if (request.method != "PUT" && request.method != "PATCH") {
    return errors::MethodNotAllowed().ToResponse();
  }
  Count(request.method == "PUT" ? "update" : "patch");
  auto options = OptionsOf(route, request);
  if (!options) return options.error().ToResponse();
  auto body = ParseBody(request);
  if (!body) return body.error().ToResponse();
  const Value& replicas = (*body)["spec"]["replicas"];
  if (!replicas.is_int()) {
    return errors::BadRequest("a Scale needs spec.replicas as an integer").ToResponse();
  }
  options->subresource.clear();
  Value patch = Value::Object({{"spec", Value::Object({{"replicas", replicas}})}});
  const std::string_view version = (*body)["metadata"]["resourceVersion"].as_string();
  if (!version.empty()) {
    patch = patch.WithAt({"metadata", "resourceVersion"}, Value(version));
  }
  const auto written =
      objects_.Patch(*route.resource, route.ns, route.name, PatchType::kMerge, patch, *options);
  if (!written) return written.error().ToResponse();
  if (written->changed) ++stats_.changes;
  return Response::Json(200, ScaleOf(*written->object));
}

// Whoever reaches a simulated cluster may do everything.
Response Api::Review(const Route& route, const Request& request) {
  Count("create");
  auto body = ParseBody(request);
  if (!body) return body.error().ToResponse();
  if (route.resource->kind != "SelfSubjectAccessReview") {
    return errors::MethodNotAllowed("swell-sandbox does not simulate " + route.resource->kind)
        .ToResponse();
  }
  return Response::Json(201, body->With("status", Value::Object({{"allowed", Value(true)}})));
}

}  // namespace swell::sandbox
