// swell apply, swell cluster add: resources to the server.

#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "base/core/strings.h"
#include "base/value/yaml.h"
#include "cli/commands/commands.h"
#include "cli/commands/documents.h"
#include "cli/commands/messages.h"
#include "cli/output/text.h"

namespace swell::cli {
namespace {

Result<int> Send(const Session& session, const v1::ApplyRequest& request) {
  const v1::ApplyResponse response = TRY(session.client.Apply(request));
  if (session.format != Format::kTable) {
    TRY(PrintMessage(session, response));
    return kOk;
  }
  std::string out;
  for (const auto& result : response.results()) {
    out += ToLower(result.kind()) + "/" + OneLine(result.name()) + " " +
           Paint(session.terminal, ToneOf(result.outcome()), result.outcome()) +
           (request.dry_run() ? " (dry run)" : "") + "\n";
  }
  session.write(out);
  return kOk;
}

// The server reads the file, so it must not depend on where this command runs.
Result<std::string> AbsoluteKubeconfig(std::string path) {
  if (path.empty()) {
    const char* variable = std::getenv("KUBECONFIG");
    const char* home = std::getenv("HOME");
    if (variable && *variable) {
      path = variable;
    } else if (home && *home) {
      path = std::string(home) + "/.kube/config";
    }
    if (path.empty() || path.find(':') != std::string::npos) {
      return Fail(InvalidArgument("say which file: --kubeconfig FILE"));
    }
  }
  if (path.starts_with('/')) return path;
  std::error_code error;
  const auto absolute = std::filesystem::canonical(path, error);
  if (error) return Fail(NotFound("kubeconfig " + path + ": " + error.message()));
  return absolute.string();
}

}  // namespace

Result<int> Apply(const Session& session, const ApplyOptions& options) {
  const Documents documents = TRY(ReadDocuments(options.files, options.recurse, std::cin));
  v1::ApplyRequest request;
  request.set_documents(documents.text);
  request.set_file_name(documents.name);
  request.set_dry_run(options.dry_run == DryRun::kYes);
  request.set_actor(session.actor);
  auto done = Send(session, request);
  if (done) return done;
  return Fail(Error(done.error().code(), documents.Locate(done.error().ToString())));
}

Result<int> AddCluster(const Session& session, const ClusterOptions& options) {
  Value labels = Value::EmptyObject();
  for (const auto& [key, value] : options.labels) labels = labels.With(key, Value(value));
  Value metadata = Value::EmptyObject().With("name", Value(options.name));
  if (!labels.empty()) metadata = metadata.With("labels", labels);
  Value kubeconfig =
      Value::EmptyObject().With("path", Value(TRY(AbsoluteKubeconfig(options.kubeconfig))));
  if (!options.context.empty()) kubeconfig = kubeconfig.With("context", Value(options.context));
  const Value cluster = Value::EmptyObject()
                            .With("apiVersion", Value("swell/v1alpha1"))
                            .With("kind", Value("Cluster"))
                            .With("metadata", metadata)
                            .With("spec", Value::EmptyObject().With("kubeconfig", kubeconfig));
  v1::ApplyRequest request;
  request.set_documents(yaml::Write(cluster));
  request.set_file_name("cluster " + options.name);
  request.set_actor(session.actor);
  return Send(session, request);
}

}  // namespace swell::cli
