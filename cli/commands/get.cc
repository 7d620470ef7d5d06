// swell get: what is declared.

#include "base/core/strings.h"
#include "base/value/json.h"
#include "base/value/yaml.h"
#include "cli/commands/commands.h"
#include "cli/commands/messages.h"
#include "cli/commands/status_view.h"
#include "cli/output/table.h"
#include "cli/output/text.h"

namespace swell::cli {
namespace {

Result<v1::GetResourcesResponse> Declared(const Session& session, const ResourceName& resource) {
  v1::GetResourcesRequest request;
  request.set_kind(resource.kind);
  request.set_name(resource.name);
  return session.client.GetResources(request);
}

Result<int> GetYaml(const Session& session, const ResourceName& resource) {
  std::string out;
  const v1::GetResourcesResponse declared = TRY(Declared(session, resource));
  for (const std::string& document : declared.documents()) {
    out += (out.empty() ? "" : "---\n") + document;
  }
  session.write(out);
  return kOk;
}

std::string NoneYet(const std::string& kind) {
  const std::string many = kind == "Repository"     ? "repositories"
                           : kind == "ChangeWindow" ? "change windows"
                                                    : ToLower(kind) + "s";
  return "no " + many + " declared\n";
}

Result<int> GetApplications(const Session& session, const std::string& name) {
  v1::ListApplicationsResponse list;
  if (name.empty()) {
    list = TRY(session.client.ListApplications({}));
  } else {
    v1::GetApplicationRequest request;
    request.set_name(name);
    *list.add_applications() = TRY(session.client.GetApplication(request));
  }
  if (session.format == Format::kJson) {
    TRY(name.empty() ? PrintMessage(session, list) : PrintMessage(session, list.applications(0)));
    return kOk;
  }
  session.write(ApplicationTable(list, session.clock.Now(), session.terminal));
  return kOk;
}

std::string LabelText(const v1::ClusterStatus& cluster) {
  const std::map<std::string, std::string> sorted(cluster.labels().begin(), cluster.labels().end());
  std::string out;
  for (const auto& [key, value] : sorted) out += (out.empty() ? "" : ",") + key + "=" + value;
  return out;
}

Result<int> GetClusters(const Session& session, const std::string& name) {
  v1::ListClustersResponse list = TRY(session.client.ListClusters({}));
  if (!name.empty()) {
    v1::ListClustersResponse one;
    for (const v1::ClusterStatus& cluster : list.clusters()) {
      if (cluster.name() == name) *one.add_clusters() = cluster;
    }
    if (one.clusters().empty()) return Fail(NotFound("there is no cluster " + Quote(name)));
    list = std::move(one);
  }
  if (session.format == Format::kJson) {
    TRY(name.empty() ? PrintMessage(session, list) : PrintMessage(session, list.clusters(0)));
    return kOk;
  }
  if (list.clusters().empty()) {
    session.write(NoneYet("Cluster"));
    return kOk;
  }
  Table table({"NAME", "STATUS", "VERSION", "APPS", "LABELS", "ERROR"});
  for (const v1::ClusterStatus& cluster : list.clusters()) {
    // Until the first contact there is neither a version nor an error.
    const std::string status = cluster.reachable()       ? "Ready"
                               : cluster.error().empty() ? "Unknown"
                                                         : "Unreachable";
    table.AddRow({cluster.name(), StateCell(status), cluster.version(),
                  std::to_string(cluster.applications()), LabelText(cluster), cluster.error()});
  }
  session.write(table.Render(session.terminal));
  return kOk;
}

std::string NameIn(const Value& document) { return document.At({"metadata", "name"}).str(); }

Table RepositoryTable(const std::vector<Value>& documents) {
  Table table({"NAME", "URL", "CREDENTIALS"});
  for (const Value& document : documents) {
    std::vector<std::string> credentials;
    for (const Member& member : document["spec"].members()) {
      if (member.name() != "url") credentials.emplace_back(member.name());
    }
    table.AddRow({NameIn(document), document.At({"spec", "url"}).str(), Join(credentials, ",")});
  }
  return table;
}

// A field that may be absent.
std::string TextIn(const Value& spec, std::string_view key, const std::string& fallback = "") {
  return spec.Has(key) ? spec[key].str() : fallback;
}

std::string ListIn(const Value& list) {
  std::vector<std::string> out;
  for (const Value& item : list.items()) out.push_back(item.str());
  return Join(out, ",");
}

std::string MapIn(const Value& map) {
  std::vector<std::string> out;
  for (const Member& member : map.members()) {
    out.push_back(std::string(member.name()) + "=" + map[member.name()].str());
  }
  return Join(out, ",");
}

// What a selector names, for a column.
std::string SelectorIn(const Value& selector) {
  if (!selector.is_object()) return "all";
  std::string out;
  for (const std::string& part :
       {ListIn(selector["names"]), ListIn(selector["projects"]), MapIn(selector["matchLabels"]),
        std::string(selector.Has("matchExpressions") ? "expressions" : "")}) {
    if (!part.empty()) out += (out.empty() ? "" : " ") + part;
  }
  return out.empty() ? "all" : out;
}

Table WindowTable(const std::vector<Value>& documents) {
  Table table({"NAME", "WINDOW", "SCHEDULE", "DURATION", "ZONE", "APPLICATIONS", "CLUSTERS",
               "OVERRUN", "BY HAND"});
  for (const Value& document : documents) {
    const Value& spec = document["spec"];
    table.AddRow({NameIn(document), TextIn(spec, "window"), TextIn(spec, "schedule"),
                  TextIn(spec, "duration"), TextIn(spec, "timeZone", "UTC"),
                  SelectorIn(spec["applications"]), SelectorIn(spec["clusters"]),
                  TextIn(spec, "overrun", "wave"), spec["manual"].as_bool() ? "passes" : "waits"});
  }
  return table;
}

Table TeamTable(const std::vector<Value>& documents) {
  Table table({"NAME", "MEMBERS"});
  for (const Value& document : documents) {
    table.AddRow({NameIn(document), ListIn(document.At({"spec", "members"}))});
  }
  return table;
}

// Kinds of which the server tells what is declared, and nothing else.
Result<int> GetDeclared(const Session& session, const ResourceName& resource) {
  std::vector<Value> documents;
  const v1::GetResourcesResponse declared = TRY(Declared(session, resource));
  for (const std::string& text : declared.documents()) {
    documents.push_back(TRY(yaml::Parse(text, {.file = "the server's answer"})));
  }
  const std::string& kind = resource.kind;
  if (session.format == Format::kJson) {
    const char* many = kind == "Repository"     ? "repositories"
                       : kind == "ChangeWindow" ? "changeWindows"
                                                : "teams";
    const Value out = resource.name.empty()
                          ? Value::EmptyObject().With(many, Value::Array(std::move(documents)))
                          : documents.front();
    session.write(PrintValue(out, session.format));
    return kOk;
  }
  if (documents.empty()) {
    session.write(NoneYet(kind));
    return kOk;
  }
  const Table table = kind == "Repository"     ? RepositoryTable(documents)
                      : kind == "ChangeWindow" ? WindowTable(documents)
                                               : TeamTable(documents);
  session.write(table.Render(session.terminal));
  return kOk;
}

}  // namespace

Result<int> Get(const Session& session, const ResourceName& resource) {
  if (session.format == Format::kYaml) return GetYaml(session, resource);
  if (resource.kind == "Application") return GetApplications(session, resource.name);
  if (resource.kind == "Cluster") return GetClusters(session, resource.name);
  return GetDeclared(session, resource);
}

}  // namespace swell::cli
