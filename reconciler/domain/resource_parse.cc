#include <algorithm>

#include "base/core/strings.h"
#include "base/text/glob.h"
#include "reconciler/domain/application.h"
#include "reconciler/domain/fields.h"
#include "reconciler/domain/source_fields.h"
#include "reconciler/domain/strategy_fields.h"
#include "reconciler/domain/sync_fields.h"
#include "reconciler/domain/window_fields.h"

namespace swell {
namespace {

bool IsDnsName(std::string_view name) {
  if (name.empty() || name.size() > 63 || name.front() == '-' || name.back() == '-') return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

struct Metadata {
  std::string name;
  std::string project;
  Labels labels;
};

Metadata ReadMetadata(Fields& root) {
  Fields fields = root.Nested("metadata", Presence::kRequired);
  Metadata out;
  out.name = fields.String("name", Presence::kRequired);
  if (!out.name.empty() && !IsDnsName(out.name)) {
    fields.Complain(
        "name",
        Quote(out.name) + " is not a name: lower-case letters, digits, '-' and '.', at most 63");
  }
  out.project = fields.String("project");
  out.labels = fields.StringMap("labels");
  fields.Ignore("annotations");
  fields.Finish();
  return out;
}

PermissionSpec ReadPermissions(Fields fields) {
  PermissionSpec out;
  out.sync = fields.StringList("sync");
  out.rollback = fields.StringList("rollback");
  out.approve = fields.StringList("approve");
  out.override_ = fields.StringList("override");
  out.remove = fields.StringList("delete");
  fields.Finish();
  return out;
}

Application ReadApplication(Fields& root) {
  Application app;
  Metadata metadata = ReadMetadata(root);
  app.name = std::move(metadata.name);
  app.labels = std::move(metadata.labels);
  if (!metadata.project.empty()) app.project = metadata.project;
  Fields spec = root.Nested("spec", Presence::kRequired);
  app.source = ReadSource(spec.Nested("source", Presence::kRequired));
  Fields destination = spec.Nested("destination", Presence::kRequired);
  app.destination.clusters = ReadSelector(destination.Nested("clusters", Presence::kRequired));
  if (app.destination.clusters.empty()) {
    destination.Complain("clusters", kSelectsNothing);
  }
  app.destination.ns = destination.String("namespace");
  if (!app.destination.ns.empty() && !IsDnsName(app.destination.ns)) {
    destination.Complain("namespace", Quote(app.destination.ns) + " is not a namespace's name");
  }
  app.destination.create_namespace = destination.Bool("createNamespace");
  if (app.destination.create_namespace && app.destination.ns.empty()) {
    destination.Complain("createNamespace", "needs namespace");
  }
  destination.Finish();
  app.sync = ReadSync(spec.Nested("sync"));
  ReadIgnoreDifferences(spec, app.ignore_differences);
  ReadHealthChecks(spec, app.health_checks);
  app.deletion = ReadDeletion(spec);
  app.rollout = ReadStrategy(spec.Nested("rollout"));
  app.depends_on = spec.StringList("dependsOn");
  if (std::ranges::find(app.depends_on, app.name) != app.depends_on.end()) {
    spec.Complain("dependsOn", Quote(app.name) + " is the application itself");
  }
  app.permissions = ReadPermissions(spec.Nested("permissions"));
  spec.Finish();
  return app;
}

Cluster ReadCluster(Fields& root) {
  Cluster cluster;
  Metadata metadata = ReadMetadata(root);
  cluster.name = std::move(metadata.name);
  cluster.labels = std::move(metadata.labels);
  Fields spec = root.Nested("spec", Presence::kRequired);
  Fields kubeconfig = spec.Nested("kubeconfig", Presence::kRequired);
  cluster.kubeconfig_path = kubeconfig.String("path");
  cluster.kubeconfig_inline = kubeconfig.SecretString("inline");
  cluster.context = kubeconfig.String("context");
  if (cluster.kubeconfig_path.empty() == cluster.kubeconfig_inline.empty()) {
    kubeconfig.Complain("", "give one of path and inline");
  }
  if (!cluster.kubeconfig_path.empty() && cluster.kubeconfig_path[0] != '/') {
    kubeconfig.Complain("path", "must be absolute: the server reads it, not this command");
  }
  kubeconfig.Finish();
  spec.Finish();
  return cluster;
}

Team ReadTeam(Fields& root) {
  Team team;
  team.name = ReadMetadata(root).name;
  Fields spec = root.Nested("spec", Presence::kRequired);
  team.members = spec.StringList("members");
  spec.Finish();
  return team;
}

ChangeWindow ReadChangeWindow(Fields& root) {
  const std::string name = ReadMetadata(root).name;
  ChangeWindow window = ReadWindow(root.Nested("spec", Presence::kRequired));
  window.name = name;
  return window;
}

// Whether the glob is of one host, so that a forgotten "*" does not open everything.
bool NamesHost(std::string_view glob) {
  for (const std::string_view scheme : {"https://", "http://", "ssh://", "oci://"}) {
    if (!glob.starts_with(scheme)) continue;
    glob.remove_prefix(scheme.size());
    const std::size_t end = glob.find('/');
    return end != 0 && end < glob.size() && glob.find_first_of("*?[{\\") > end;
  }
  return false;
}

std::vector<std::string> ReadAllowedRemotes(Fields kustomize) {
  std::vector<std::string> out = kustomize.StringList("allowedRemotes");
  for (const std::string& glob : out) {
    if (!NamesHost(glob)) {
      kustomize.Complain("allowedRemotes",
                         Quote(glob) +
                             " is not of the form https://HOST/PATH (or http://, "
                             "ssh://USER@HOST/PATH, oci://HOST/PATH) with a host that is written "
                             "out");
    } else if (const auto matched = GlobMatch(glob, ""); !matched) {
      kustomize.Complain("allowedRemotes", Quote(glob) + ": " + matched.error().message());
    }
  }
  kustomize.Finish();
  return out;
}

Repository ReadRepository(Fields& root) {
  Repository out;
  Metadata metadata = ReadMetadata(root);
  out.name = std::move(metadata.name);
  Fields spec = root.Nested("spec", Presence::kRequired);
  out.url = spec.String("url", Presence::kRequired);
  if (!out.url.empty() && !KnownScheme(out.url)) {
    spec.Complain("url", "expected a file://, https://, ssh:// or oci:// URL");
  }
  out.username = spec.String("username");
  out.password = spec.SecretString("password");
  out.password_file = spec.String("passwordFile");
  out.ssh_key_file = spec.String("sshKeyFile");
  out.ssh_key_passphrase = spec.SecretString("sshKeyPassphrase");
  out.known_hosts_file = spec.String("knownHostsFile");
  out.ca_file = spec.String("caFile");
  out.plain_http = spec.Bool("plainHTTP");
  if (out.plain_http && !out.url.starts_with("oci://")) {
    spec.Complain("plainHTTP", "is for oci:// URLs; write http:// instead");
  }
  out.allowed_remotes = ReadAllowedRemotes(spec.Nested("kustomize"));
  if (!out.password.empty() && !out.password_file.empty()) {
    spec.Complain("passwordFile", "give one of password and passwordFile");
  }
  spec.Finish();
  return out;
}

}  // namespace

Result<Resource> ParseResource(const config::Document& document) {
  Complaint complaint(document);
  Fields root(complaint, document.value, "");
  const std::string version = root.String("apiVersion", Presence::kRequired);
  const std::string kind = root.String("kind", Presence::kRequired);
  if (!complaint.error() && version != kApiVersion) {
    root.Complain("apiVersion", Quote(version) + " is not " + kApiVersion);
  }
  if (complaint.error()) return Fail(*complaint.error());
  Resource resource;
  if (kind == "Application") {
    resource = ReadApplication(root);
  } else if (kind == "Cluster") {
    resource = ReadCluster(root);
  } else if (kind == "Repository") {
    resource = ReadRepository(root);
  } else if (kind == "Team") {
    resource = ReadTeam(root);
  } else if (kind == "ChangeWindow") {
    resource = ReadChangeWindow(root);
  } else if (kind == "Project" || kind == "Notification") {
    return Fail(
        Unimplemented("kind " + kind + " is not supported yet").At(document.SpanOf("/kind")));
  } else {
    root.Complain(
        "kind",
        Quote(kind) + " is not one of Application, Cluster, Repository, Team, ChangeWindow");
  }
  root.Ignore("status");
  root.Finish();
  if (complaint.error()) return Fail(*complaint.error());
  return resource;
}

Result<std::vector<Resource>> ParseResources(std::string_view text, const std::string& file) {
  std::vector<Resource> out;
  for (const config::Document& document : TRY(config::ParseAll(text, file))) {
    out.push_back(TRY(ParseResource(document)));
  }
  return out;
}

}  // namespace swell
