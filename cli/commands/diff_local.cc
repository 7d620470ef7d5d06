#include <cstdio>

#include "base/value/json.h"
#include "cli/commands/local_engine.h"
#include "reconciler/diff/diff.h"

namespace swell::cli {
namespace {

struct DiffArguments {
  std::string desired;
  std::string live;
  std::string last_applied;
  diff::Options options;
  OutputFormat format = OutputFormat::kText;
};

Status TakeFlag(ArgumentReader& reader, DiffArguments& to) {
  const std::string& flag = reader.flag();
  diff::IgnoreRules& ignore = to.options.ignore;
  if (flag == "--desired") {
    to.desired = TRY(reader.Value());
  } else if (flag == "--live") {
    to.live = TRY(reader.Value());
  } else if (flag == "--last-applied") {
    to.last_applied = TRY(reader.Value());
  } else if (flag == "--field-manager") {
    to.options.field_manager = TRY(reader.Value());
  } else if (flag == "--ignore") {
    ignore.pointers.push_back(TRY_WRAP(ParsePointer(TRY(reader.Value())), "--ignore"));
  } else if (flag == "--ignore-jq") {
    ignore.expressions.push_back(
        TRY_WRAP(diff::PathExpression::Parse(TRY(reader.Value())), "--ignore-jq"));
  } else if (flag == "--ignore-manager") {
    ignore.managers.push_back(TRY(reader.Value()));
  } else if (flag == "-o" || flag == "--output") {
    to.format = TRY(ParseOutputFormat(TRY(reader.Value())));
  } else {
    return Fail(reader.Unknown("diff"));
  }
  return {};
}

Status CheckSameObject(const Value& desired, const Value& live) {
  const std::string wanted = desired["kind"].str();
  const std::string found = live["kind"].str();
  if (wanted == found) return {};
  return Fail(InvalidArgument("--desired is a " + wanted + " and --live a " + found +
                              ": a diff compares two states of one object"));
}

std::string ToJson(const std::vector<FieldChange>& changes) {
  std::vector<Value> fields;
  for (const FieldChange& change : changes) fields.emplace_back(change.path);
  std::vector<Member> members;
  members.emplace_back("modified", Value(!changes.empty()));
  members.emplace_back("fields", Value::Array(std::move(fields)));
  return json::Write(Value::Object(std::move(members))) + "\n";
}

std::string ToText(const std::vector<FieldChange>& changes) {
  if (changes.empty()) return "no differences\n";
  std::string text;
  for (const FieldChange& change : changes) {
    text += change.path + " (" + std::string(ChangeCauseName(change.cause)) + ")\n";
    if (!change.before.empty()) text += "  - " + change.before + "\n";
    if (!change.after.empty()) text += "  + " + change.after + "\n";
  }
  return text;
}

Result<std::string> Run(std::span<const std::string> arguments) {
  DiffArguments parsed;
  parsed.options.use_annotation = true;
  ArgumentReader reader(arguments);
  while (!reader.AtEnd()) {
    TRY(reader.Next());
    TRY(TakeFlag(reader, parsed));
  }
  if (parsed.desired.empty() || parsed.live.empty()) {
    return Fail(InvalidArgument("swell diff needs --desired FILE and --live FILE"));
  }
  const Value desired = TRY(ReadObjectFile(parsed.desired));
  const Value live = TRY(ReadObjectFile(parsed.live));
  Value last;
  if (!parsed.last_applied.empty()) last = TRY(ReadObjectFile(parsed.last_applied));
  TRY(CheckSameObject(desired, live));
  // Pointers are what programs want, keys what people want.
  const bool as_json = parsed.format == OutputFormat::kJson;
  parsed.options.path_style = as_json ? diff::PathStyle::kPointer : diff::PathStyle::kReadable;
  const auto changes = diff::Compare(desired, live, last, parsed.options);
  return as_json ? ToJson(changes) : ToText(changes);
}

}  // namespace

int DiffLocal(std::span<const std::string> arguments) {
  const Result<std::string> text = Run(arguments);
  if (!text) {
    std::fprintf(stderr, "error: %s\n", text.error().ToString().c_str());
    return 1;
  }
  std::fwrite(text->data(), 1, text->size(), stdout);
  return 0;
}

}  // namespace swell::cli
