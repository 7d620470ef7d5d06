#include "base/core/version.h"

#include "cli/commands/commands.h"
#include "cli/commands/messages.h"
#include "cli/output/text.h"

namespace swell::cli {

Result<int> ShowVersion(const Session& session) {
  // Asked before or without a server, this command still has an answer.
  const auto server = session.client.GetVersion({});
  const std::string server_version = server ? server->version() : "";
  if (session.format != Format::kTable) {
    session.write(PrintValue(Value::EmptyObject()
                                 .With("client", Value(kVersion))
                                 .With("server", server ? Value(server_version) : Value()),
                             session.format));
  } else {
    session.write(std::string("swell ") + kVersion + "\n" +
                  (server ? "swelld " + OneLine(server_version) + "\n" : ""));
  }
  if (!server) session.complain(server.error().ToString());
  return kOk;
}

}  // namespace swell::cli
