#include "server/sandbox/discovery.h"

#include <algorithm>
#include <charconv>

#include "base/core/digest.h"
#include "base/core/strings.h"
#include "base/value/json.h"

namespace swell::sandbox::discovery {
namespace {

constexpr std::string_view kAggregated =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

Value Texts(const std::vector<std::string>& texts) {
  std::vector<Value> list;
  for (const std::string& text : texts) list.emplace_back(text);
  return Value::Array(std::move(list));
}

std::vector<std::string> Verbs(const Resource& resource) {
  if (!resource.read_write) return {"create"};
  return {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"};
}

const std::vector<std::string> kSubresourceVerbs = {"get", "patch", "update"};

Value ResponseKind(std::string_view group, std::string_view version, std::string_view kind) {
  return Value::Object(
      {{"group", Value(group)}, {"version", Value(version)}, {"kind", Value(kind)}});
}

Value Subresource(const char* name, const Value& kind) {
  return Value::Object(
      {{"subresource", Value(name)}, {"responseKind", kind}, {"verbs", Texts(kSubresourceVerbs)}});
}

Value AggregatedResource(const Resource& resource, const std::string& version) {
  const Value kind = ResponseKind(resource.group, version, resource.kind);
  std::vector<Value> subresources;
  if (resource.has_scale) {
    subresources.push_back(Subresource("scale", ResponseKind("autoscaling", "v1", "Scale")));
  }
  if (resource.has_status) subresources.push_back(Subresource("status", kind));
  std::vector<Member> members{
      {"resource", Value(resource.plural)},
      {"responseKind", kind},
      {"scope", Value(resource.namespaced ? "Namespaced" : "Cluster")},
      {"singularResource", Value(resource.singular)},
      {"verbs", Texts(Verbs(resource))},
  };
  if (!resource.short_names.empty()) {
    members.emplace_back("shortNames", Texts(resource.short_names));
  }
  if (!resource.categories.empty()) members.emplace_back("categories", Texts(resource.categories));
  if (!subresources.empty()) {
    members.emplace_back("subresources", Value::Array(std::move(subresources)));
  }
  return Value::Object(std::move(members));
}

Value AggregatedList(const Registry& registry, bool core) {
  std::vector<Value> groups;
  for (const auto& [group, versions] : registry.Groups()) {
    if (group.empty() != core) continue;
    std::vector<Value> list;
    for (const std::string& version : versions) {
      std::vector<Value> resources;
      for (const Resource* resource : registry.Served(group, version)) {
        resources.push_back(AggregatedResource(*resource, version));
      }
      list.push_back(Value::Object({{"version", Value(version)},
                                    {"resources", Value::Array(std::move(resources))},
                                    {"freshness", Value("Current")}}));
    }
    Value metadata = Value::Object({{"creationTimestamp", Value()}});
    if (!group.empty()) metadata = metadata.With("name", Value(group));
    groups.push_back(Value::Object(
        {{"metadata", std::move(metadata)}, {"versions", Value::Array(std::move(list))}}));
  }
  return Value::Object({{"kind", Value("APIGroupDiscoveryList")},
                        {"apiVersion", Value("apidiscovery.k8s.io/v2")},
                        {"metadata", Value::EmptyObject()},
                        {"items", Value::Array(std::move(groups))}});
}

Value Group(const std::string& name, const std::vector<std::string>& versions) {
  std::vector<Value> list;
  for (const std::string& version : versions) {
    list.push_back(Value::Object(
        {{"groupVersion", Value(name + "/" + version)}, {"version", Value(version)}}));
  }
  Value preferred = list.front();
  return Value::Object({{"name", Value(name)},
                        {"versions", Value::Array(std::move(list))},
                        {"preferredVersion", std::move(preferred)}});
}

Value GroupList(const Registry& registry) {
  std::vector<Value> groups;
  for (const auto& [group, versions] : registry.Groups()) {
    if (!group.empty()) groups.push_back(Group(group, versions));
  }
  return Value::Object({{"kind", Value("APIGroupList")},
                        {"apiVersion", Value("v1")},
                        {"groups", Value::Array(std::move(groups))}});
}

Value Listed(const Resource& resource, const std::string& suffix,
             const std::vector<std::string>& verbs) {
  std::vector<Member> members{{"name", Value(resource.plural + suffix)},
                              {"singularName", Value(suffix.empty() ? resource.singular : "")},
                              {"namespaced", Value(resource.namespaced)},
                              {"kind", Value(suffix == "/scale" ? "Scale" : resource.kind)},
                              {"verbs", Texts(verbs)}};
  if (suffix == "/scale") {
    members.emplace_back("group", Value("autoscaling"));
    members.emplace_back("version", Value("v1"));
  }
  if (suffix.empty() && !resource.short_names.empty()) {
    members.emplace_back("shortNames", Texts(resource.short_names));
  }
  if (suffix.empty() && !resource.categories.empty()) {
    members.emplace_back("categories", Texts(resource.categories));
  }
  return Value::Object(std::move(members));
}

Value ResourceList(const Registry& registry, const Route& route) {
  std::vector<Value> list;
  for (const Resource* resource : registry.Served(route.group, route.version)) {
    list.push_back(Listed(*resource, "", Verbs(*resource)));
    if (resource->has_scale) list.push_back(Listed(*resource, "/scale", kSubresourceVerbs));
    if (resource->has_status) list.push_back(Listed(*resource, "/status", kSubresourceVerbs));
  }
  const std::string version =
      route.group.empty() ? route.version : route.group + "/" + route.version;
  return Value::Object({{"kind", Value("APIResourceList")},
                        {"apiVersion", Value("v1")},
                        {"groupVersion", Value(version)},
                        {"resources", Value::Array(std::move(list))}});
}

// The version of one resource's URL in the OpenAPI document: its patch operation says that
// dryRun and fieldValidation are understood.
Value PathItem(const Resource& resource, const std::string& version) {
  const Value query = Value("query");
  Value patch = Value::Object(
      {{"x-kubernetes-action", Value("patch")},
       {"x-kubernetes-group-version-kind", ResponseKind(resource.group, version, resource.kind)},
       {"parameters",
        Value::Array({Value::Object({{"name", Value("dryRun")}, {"in", query}}),
                      Value::Object({{"name", Value("fieldManager")}, {"in", query}}),
                      Value::Object({{"name", Value("fieldValidation")}, {"in", query}}),
                      Value::Object({{"name", Value("force")}, {"in", query}})})},
       {"responses", Value::EmptyObject()}});
  return Value::Object({{"patch", std::move(patch)}});
}

std::string Prefix(const std::string& group, const std::string& version) {
  return group.empty() ? "api/" + version : "apis/" + group + "/" + version;
}

Value OpenApiDocument(const Registry& registry, const std::string& group,
                      const std::string& version) {
  std::vector<Member> paths;
  for (const Resource* resource : registry.Served(group, version)) {
    const std::string scope = resource->namespaced ? "/namespaces/{namespace}/" : "/";
    paths.emplace_back("/" + Prefix(group, version) + scope + resource->plural + "/{name}",
                       PathItem(*resource, version));
  }
  return Value::Object(
      {{"openapi", Value("3.0.0")},
       {"info", Value::Object({{"title", Value("Kubernetes (simulated by swell-sandbox)")},
                               {"version", Value("unversioned")}})},
       {"paths", Value::Object(std::move(paths))},
       {"components", Value::Object({{"schemas", Value::EmptyObject()}})}});
}

Response WithTag(Response response, const Request& request) {
  const std::string tag = "\"" + Digest::Of(response.body).Hex() + "\"";
  if (request.Header("if-none-match") == tag) {
    Response same;
    same.status = 304;
    same.headers.emplace_back("etag", tag);
    return same;
  }
  response.headers.emplace_back("etag", tag);
  response.headers.emplace_back("vary", "Accept");
  return response;
}

}  // namespace

Value Version(std::string_view kubernetes_version) {
  std::string_view rest = kubernetes_version;
  if (rest.starts_with('v')) rest.remove_prefix(1);
  const auto parts = Split(rest, '.');
  const auto part = [&](std::size_t i) { return Value(i < parts.size() ? parts[i] : "0"); };
  return Value::Object({{"major", part(0)},
                        {"minor", part(1)},
                        {"gitVersion", Value("v" + std::string(rest) + "+swell-sandbox")},
                        {"gitCommit", Value("simulated")},
                        {"gitTreeState", Value("clean")},
                        {"buildDate", Value("1970-01-01T00:00:00Z")},
                        {"goVersion", Value("none")},
                        {"compiler", Value("none")},
                        {"platform", Value("linux/amd64")}});
}

Response Answer(const Route& route, const Request& request, const Registry& registry) {
  const bool aggregated =
      request.Header("accept").find("v=v2;as=APIGroupDiscoveryList") != std::string_view::npos;
  const bool core = route.kind == Route::Kind::kApiVersions;
  if (aggregated && (core || route.kind == Route::Kind::kApiGroups)) {
    Response response = Response::Json(200, AggregatedList(registry, core));
    response.headers.front().second = kAggregated;
    return WithTag(std::move(response), request);
  }
  switch (route.kind) {
    case Route::Kind::kApiVersions:
      return Response::Json(200,
                            Value::Object({{"kind", Value("APIVersions")},
                                           {"versions", Value::Array({Value("v1")})},
                                           {"serverAddressByClientCIDRs", Value::EmptyArray()}}));
    case Route::Kind::kApiGroups:
      return Response::Json(200, GroupList(registry));
    case Route::Kind::kGroup:
      for (const auto& [group, versions] : registry.Groups()) {
        if (group != route.group) continue;
        return Response::Json(
            200,
            Group(group, versions).With("kind", Value("APIGroup")).With("apiVersion", Value("v1")));
      }
      break;
    case Route::Kind::kResourceList:
      return Response::Json(200, ResourceList(registry, route));
    default:
      break;
  }
  return Response::Text(404, "404 page not found\n");
}

Response OpenApi(const Request& request, const Registry& registry) {
  if (request.path == "/openapi/v2") {
    if (request.Header("accept").find("protobuf") != std::string_view::npos) {
      Response response;
      response.headers.emplace_back("content-type",
                                    "application/com.github.proto-openapi.spec.v2.v1.0+protobuf");
      response.body = std::string(
          "\x0a\x03"
          "2.0",
          5);  // field 1, swagger: "2.0"
      return response;
    }
    return Response::Json(200, Value::Object({{"swagger", Value("2.0")},
                                              {"info", Value::EmptyObject()},
                                              {"paths", Value::EmptyObject()},
                                              {"definitions", Value::EmptyObject()}}));
  }
  std::vector<Member> paths;
  for (const auto& [group, versions] : registry.Groups()) {
    for (const std::string& version : versions) {
      const std::string prefix = Prefix(group, version);
      if (request.path == "/openapi/v3/" + prefix) {
        return WithTag(Response::Json(200, OpenApiDocument(registry, group, version)), request);
      }
      const std::string url =
          "/openapi/v3/" + prefix + "?hash=" + std::to_string(registry.revision());
      paths.emplace_back(prefix, Value::Object({{"serverRelativeURL", Value(url)}}));
    }
  }
  if (request.path != "/openapi/v3") return Response::Text(404, "404 page not found\n");
  return Response::Json(200, Value::Object({{"paths", Value::Object(std::move(paths))}}));
}

}  // namespace swell::sandbox::discovery
