#include "reconciler/domain/application.h"
#include "reconciler/domain/source_fields.h"
#include "reconciler/domain/strategy_fields.h"
#include "reconciler/domain/sync_fields.h"
#include "reconciler/domain/window_fields.h"
#include "reconciler/domain/writer.h"

namespace swell {
namespace {

Value OverrideValue(const SourceOverride& entry) {
  Writer out;
  out.Put("clusters", ToValue(entry.clusters)).Text("path", entry.path);
  out.Put("kustomize", entry.kustomize);
  const Value helm =
      Writer().Texts("valueFiles", entry.helm_value_files).Put("values", entry.helm_values).Done();
  if (!helm.empty()) out.Put("helm", helm);
  return out.Done();
}

Value SourceValue(const SourceSpec& source) {
  Writer out;
  out.Text("repository", source.repository).Text("chart", source.chart);
  out.Text("revision", source.revision);
  out.Text("path", source.path);
  if (source.type == SourceType::kHelm) {
    const HelmParameters& helm = source.helm;
    out.Put("helm",
            Writer()
                .Text("releaseName", helm.release_name)
                .Texts("valueFiles", helm.value_files)
                .Flag("ignoreMissingValueFiles", helm.ignore_missing_value_files)
                .Put("values", helm.values)
                .Texts("set", helm.set)
                .Texts("setString", helm.set_string)
                .Flag("skipCrds", helm.skip_crds)
                .Text("randomValues", helm.random_values == RandomValues::kFresh ? "fresh" : "")
                .Flag("lookup", helm.lookup)
                .Done());
  } else if (source.type == SourceType::kKustomize) {
    out.Put("kustomize", source.kustomize);
  } else if (source.type == SourceType::kDirectory) {
    out.Put("directory", Writer()
                             .Flag("recurse", source.directory.recurse)
                             .Text("include", source.directory.include)
                             .Text("exclude", source.directory.exclude)
                             .Done());
  }
  std::vector<Value> overrides;
  for (const SourceOverride& entry : source.overrides) overrides.push_back(OverrideValue(entry));
  if (!overrides.empty()) out.Put("overrides", Value::Array(std::move(overrides)));
  return out.Done();
}

Value PermissionsValue(const PermissionSpec& p) {
  const Value out = Writer()
                        .Texts("sync", p.sync)
                        .Texts("rollback", p.rollback)
                        .Texts("approve", p.approve)
                        .Texts("override", p.override_)
                        .Texts("delete", p.remove)
                        .Done();
  return out.empty() ? Value() : out;
}

Value Document(std::string_view kind, Value metadata, Value spec) {
  return Writer()
      .Text("apiVersion", kApiVersion)
      .Text("kind", std::string(kind))
      .Put("metadata", std::move(metadata))
      .Put("spec", std::move(spec))
      .Done();
}

Value Convert(const Application& app, SecretFields) {
  Writer spec;
  spec.Put("source", SourceValue(app.source));
  spec.Put("destination", Writer()
                              .Put("clusters", ToValue(app.destination.clusters))
                              .Text("namespace", app.destination.ns)
                              .Flag("createNamespace", app.destination.create_namespace)
                              .Done());
  spec.Put("sync", ToValue(app.sync));
  spec.Put("ignoreDifferences", ToValue(app.ignore_differences));
  spec.Put("healthChecks", ToValue(app.health_checks));
  spec.Put("deletion", ToValue(app.deletion));
  spec.Put("rollout", ToValue(app.rollout));
  spec.Texts("dependsOn", app.depends_on).Put("permissions", PermissionsValue(app.permissions));
  return Document(
      "Application",
      Writer().Text("name", app.name).Text("project", app.project).Map("labels", app.labels).Done(),
      spec.Done());
}

Value Convert(const Cluster& cluster, SecretFields secrets) {
  const Value kubeconfig = Writer()
                               .Text("path", cluster.kubeconfig_path)
                               .PutSecret("inline", cluster.kubeconfig_inline, secrets)
                               .Text("context", cluster.context)
                               .Done();
  return Document("Cluster",
                  Writer().Text("name", cluster.name).Map("labels", cluster.labels).Done(),
                  Writer().Put("kubeconfig", kubeconfig).Done());
}

Value Convert(const Team& team, SecretFields) {
  return Document("Team", Writer().Text("name", team.name).Done(),
                  Writer().Texts("members", team.members).Done());
}

Value Convert(const ChangeWindow& window, SecretFields) {
  return Document("ChangeWindow", Writer().Text("name", window.name).Done(), ToValue(window));
}

Value AllowedRemotesValue(const Repository& r) {
  if (r.allowed_remotes.empty()) return {};
  return Writer().Texts("allowedRemotes", r.allowed_remotes).Done();
}

Value Convert(const Repository& r, SecretFields secrets) {
  return Document("Repository", Writer().Text("name", r.name).Done(),
                  Writer()
                      .Text("url", r.url)
                      .Text("username", r.username)
                      .PutSecret("password", r.password, secrets)
                      .Text("passwordFile", r.password_file)
                      .Text("sshKeyFile", r.ssh_key_file)
                      .PutSecret("sshKeyPassphrase", r.ssh_key_passphrase, secrets)
                      .Text("knownHostsFile", r.known_hosts_file)
                      .Text("caFile", r.ca_file)
                      .Flag("plainHTTP", r.plain_http)
                      .Put("kustomize", AllowedRemotesValue(r))
                      .Done());
}

}  // namespace

Value ToValue(const ClusterSelector& selector) {
  Writer out;
  out.Flag("all", selector.all).Map("matchLabels", selector.match_labels);
  out.Texts("names", selector.names);
  std::vector<Value> expressions;
  for (const auto& e : selector.match_expressions) {
    expressions.push_back(
        Writer().Text("key", e.key).Text("operator", e.op).Texts("values", e.values).Done());
  }
  if (!expressions.empty()) out.Put("matchExpressions", Value::Array(std::move(expressions)));
  return out.Done();
}

std::string_view KindOf(const Resource& resource) {
  static constexpr std::string_view kNames[] = {"Application", "Cluster", "Repository", "Team",
                                                "ChangeWindow"};
  return kNames[resource.index()];
}

const std::string& NameOf(const Resource& resource) {
  return std::visit([](const auto& r) -> const std::string& { return r.name; }, resource);
}

Value ToValue(const Resource& resource, SecretFields secrets) {
  return std::visit([&](const auto& r) { return Convert(r, secrets); }, resource);
}

}  // namespace swell
