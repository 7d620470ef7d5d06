#pragma once
// API messages as people and programs read them.

#include <google/protobuf/message.h>

#include <string>
#include <string_view>

#include "base/core/clock.h"
#include "base/core/result.h"
#include "base/value/value.h"
#include "cli/commands/session.h"
#include "swell/v1/swell.pb.h"

namespace swell::cli {

// protobuf's JSON mapping: names in lowerCamel, fields without a value included, int64 as
// strings.
Result<Value> MessageToValue(const google::protobuf::Message& message);
// The message in the session's format, which is not kTable.
Status PrintMessage(const Session& session, const google::protobuf::Message& message);
// Timestamp{} where the message has none.
Timestamp TimeOf(const google::protobuf::Timestamp& time);
Duration LengthOf(const google::protobuf::Duration& length);
std::string ShortCommit(std::string_view commit);

// "main 1a2b3c4"; "-" where there is no commit.
std::string RevisionText(const v1::Revision& revision);
// "Degraded: why"; the status alone where there is no message.
std::string HealthText(const v1::Health& health);
// "c01, c02, c03 … 8 more"
std::string NameList(const google::protobuf::RepeatedPtrField<std::string>& names, int most);

// Whether the rollout has reached what it was for.
bool Succeeded(const v1::Rollout& rollout);

// "application", "apps", "repo" … -> "Application"; kInvalidArgument for others.
Result<std::string> ParseKind(std::string_view text);

}  // namespace swell::cli
