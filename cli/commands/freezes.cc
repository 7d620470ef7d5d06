// swell freeze, unfreeze, override, freezes: who may write, and who may all the same.

#include <google/protobuf/util/time_util.h>

#include "cli/commands/commands.h"
#include "cli/commands/messages.h"
#include "cli/output/table.h"
#include "cli/output/text.h"

namespace swell::cli {
namespace {

using google::protobuf::util::TimeUtil;

std::string Named(const std::string& application) {
  return application.empty() ? "the fleet" : application;
}

Status CheckScope(const FreezeOptions& options) {
  if (options.fleet == options.application.empty()) return {};
  return Fail(InvalidArgument("name an application, or say --fleet"));
}

// What the four requests have in common.
template <class Request>
Request ToRequest(const Session& session, const FreezeOptions& options) {
  Request request;
  request.set_application(options.application);
  request.set_actor(session.actor);
  request.set_reason(options.reason);
  return request;
}

std::string Until(const google::protobuf::Timestamp& time) {
  return FormatTimestamp(std::chrono::floor<std::chrono::seconds>(TimeOf(time)));
}

Result<int> Say(const Session& session, const google::protobuf::Message& response,
                const std::string& text) {
  if (session.format != Format::kTable) {
    TRY(PrintMessage(session, response));
  } else {
    session.write(text + "\n");
  }
  return kOk;
}

}  // namespace

Result<int> Freeze(const Session& session, const FreezeOptions& options) {
  TRY(CheckScope(options));
  auto request = ToRequest<v1::FreezeRequest>(session, options);
  if (options.length) {
    *request.mutable_length() = TimeUtil::MillisecondsToDuration(options.length->count());
  }
  const v1::FreezeResponse response = TRY(session.client.Freeze(request));
  const v1::Freeze& freeze = response.freeze();
  return Say(session, response,
             Named(freeze.application()) + " is frozen" +
                 (freeze.has_until() ? " until " + Until(freeze.until()) : "") +
                 ": nothing is begun there; end it with: swell unfreeze " +
                 (options.fleet ? "--fleet" : options.application));
}

Result<int> Unfreeze(const Session& session, const FreezeOptions& options) {
  TRY(CheckScope(options));
  const auto response =
      TRY(session.client.Unfreeze(ToRequest<v1::UnfreezeRequest>(session, options)));
  return Say(session, response, Named(options.application) + " is no longer frozen");
}

Result<int> Override(const Session& session, const FreezeOptions& options) {
  TRY(CheckScope(options));
  if (!options.length) return Fail(InvalidArgument("say for how long with --for, at most 24h"));
  auto request = ToRequest<v1::OverrideRequest>(session, options);
  *request.mutable_length() = TimeUtil::MillisecondsToDuration(options.length->count());
  const v1::OverrideResponse response = TRY(session.client.Override(request));
  return Say(session, response,
             "until " + Until(response.override().until()) +
                 " freezes, windows and deletion budgets let pass what is done by hand with " +
                 Named(options.application));
}

Result<int> EndOverride(const Session& session, const FreezeOptions& options) {
  TRY(CheckScope(options));
  const auto response =
      TRY(session.client.EndOverride(ToRequest<v1::EndOverrideRequest>(session, options)));
  return Say(session, response, "the override of " + Named(options.application) + " has ended");
}

Result<int> ListFreezes(const Session& session) {
  const v1::ListFreezesResponse list = TRY(session.client.ListFreezes({}));
  if (session.format != Format::kTable) {
    TRY(PrintMessage(session, list));
    return kOk;
  }
  Table table({"KIND", "WHAT", "ACTOR", "AGE", "UNTIL", "REASON"});
  const Timestamp now = session.clock.Now();
  for (const v1::Freeze& freeze : list.freezes()) {
    table.AddRow({Cell("freeze", Tone::kWarn), Named(freeze.application()), freeze.actor(),
                  Age(now, TimeOf(freeze.at())),
                  freeze.has_until() ? Until(freeze.until()) : "ended by hand", freeze.reason()});
  }
  for (const v1::Override& given : list.overrides()) {
    table.AddRow({Cell("override", Tone::kBad), Named(given.application()), given.actor(),
                  Age(now, TimeOf(given.at())), Until(given.until()), given.reason()});
  }
  session.write(table.empty() ? "nothing is frozen or overridden\n"
                              : table.Render(session.terminal));
  return kOk;
}

}  // namespace swell::cli
