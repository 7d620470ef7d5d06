#include <unistd.h>

#include <cstdio>

#include "base/text/unified_diff.h"
#include "base/value/json.h"
#include "base/value/yaml.h"
#include "cli/commands/local_engine.h"
#include "cli/output/diff.h"
#include "cli/output/format.h"
#include "cli/output/terminal.h"
#include "reconciler/diff/explain.h"
#include "reconciler/diff/preview.h"
#include "renderer/schema/custom_types.h"

namespace swell::cli {
namespace {

// As of the commands that talk to a server (session.h).
constexpr int kOk = 0;
constexpr int kError = 1;
constexpr int kFoundChanges = 5;

enum class View { kUnified, kSideBySide, kCauses };

struct DiffArguments {
  std::string desired;
  std::string live;
  std::string last_applied;
  std::vector<std::string> crds;
  diff::Options options;
  OutputFormat format = OutputFormat::kText;
  View view = View::kUnified;
  bool exit_code = false;
};

struct DiffInputs {
  Value desired;
  Value live;
  Value last;
};

struct Answer {
  std::string text;
  bool modified = false;
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
  } else if (flag == "--crd") {
    to.crds.push_back(TRY(reader.Value()));
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
  } else if (flag == "--side-by-side") {
    to.view = View::kSideBySide;
  } else if (flag == "--causes") {
    to.view = View::kCauses;
  } else if (flag == "--exit-code") {
    to.exit_code = true;
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

Value ToValue(const diff::Explanation& e) {
  std::vector<Member> members;
  members.emplace_back("path", Value(e.change.path));
  members.emplace_back("cause", Value(ChangeCauseName(e.change.cause)));
  const auto add = [&](const char* name, const std::string& text) {
    if (!text.empty()) members.emplace_back(name, Value(text));
  };
  add("before", e.change.before);
  add("after", e.change.after);
  add("manager", e.manager);
  add("time", e.time);
  add("note", e.note);
  return Value::Object(std::move(members));
}

// Pointers are what programs want, keys what people want.
Answer AsJson(const DiffInputs& in, diff::Options options) {
  options.path_style = diff::PathStyle::kPointer;
  std::vector<Value> fields, differences;
  for (const FieldChange& change : diff::Compare(in.desired, in.live, in.last, options)) {
    fields.emplace_back(change.path);
  }
  for (const diff::Explanation& e : diff::Explain(in.desired, in.live, in.last, options)) {
    differences.push_back(ToValue(e));
  }
  const bool modified = !fields.empty();
  std::vector<Member> members;
  members.emplace_back("modified", Value(modified));
  members.emplace_back("fields", Value::Array(std::move(fields)));
  members.emplace_back("differences", Value::Array(std::move(differences)));
  return {json::Write(Value::Object(std::move(members))) + "\n", modified};
}

Answer AsCauses(const DiffInputs& in, const diff::Options& options, const Terminal& terminal) {
  Answer answer;
  std::vector<CauseRow> rows;
  for (const diff::Explanation& e : diff::Explain(in.desired, in.live, in.last, options)) {
    rows.push_back({e.change.path, std::string(ChangeCauseName(e.change.cause)), e.manager, e.time,
                    e.change.before, e.change.after, e.note});
  }
  answer.modified = !diff::Compare(in.desired, in.live, in.last, options).empty();
  answer.text = rows.empty() ? "no differences\n" : CausesTable(terminal, rows);
  return answer;
}

Answer AsDiff(const DiffInputs& in, const diff::Options& options, View view,
              const Terminal& terminal) {
  Answer answer;
  answer.modified = !diff::Compare(in.desired, in.live, in.last, options).empty();
  const diff::Preview preview = diff::PreviewApply(in.desired, in.live, in.last, options);
  const std::string unified = UnifiedDiff(yaml::Write(preview.before), yaml::Write(preview.after),
                                          {.from_name = "live", .to_name = "desired"});
  if (!answer.modified) {
    answer.text = "no differences\n";
  } else if (view == View::kSideBySide) {
    const std::size_t body = unified.find("@@");
    answer.text =
        SideBySide(terminal, body == std::string::npos ? std::string_view()
                                                       : std::string_view(unified).substr(body));
  } else {
    answer.text = PaintDiff(terminal, unified, 0);
  }
  return answer;
}

Result<Answer> Run(DiffArguments parsed) {
  if (parsed.desired.empty() || parsed.live.empty()) {
    return Fail(InvalidArgument("swell diff needs --desired FILE and --live FILE"));
  }
  DiffInputs in{TRY(ReadObjectFile(parsed.desired)), TRY(ReadObjectFile(parsed.live)), {}};
  if (!parsed.last_applied.empty()) in.last = TRY(ReadObjectFile(parsed.last_applied));
  TRY(CheckSameObject(in.desired, in.live));
  schema::CustomTypes types;
  for (const std::string& file : parsed.crds) {
    types.Add(TRY_WRAP(schema::CrdTypes::Read(TRY(ReadObjectFile(file))), "--crd " + file));
  }
  parsed.options.use_annotation = true;
  parsed.options.custom_types = &types;
  // A rule that cannot be followed to the end would pass for one that found nothing.
  std::vector<std::string> problems;
  parsed.options.ignore_problems = &problems;
  const Terminal terminal = DetectTerminal(STDOUT_FILENO);
  Answer answer = parsed.format == OutputFormat::kJson ? AsJson(in, parsed.options)
                  : parsed.view == View::kCauses
                      ? AsCauses(in, parsed.options, terminal)
                      : AsDiff(in, parsed.options, parsed.view, terminal);
  if (!problems.empty()) return Fail(ResourceExhausted("--ignore-jq: " + problems.front()));
  return answer;
}

Result<DiffArguments> ParseArguments(std::span<const std::string> arguments) {
  DiffArguments parsed;
  ArgumentReader reader(arguments);
  while (!reader.AtEnd()) {
    TRY(reader.Next());
    TRY(TakeFlag(reader, parsed));
  }
  return parsed;
}

}  // namespace

int DiffLocal(std::span<const std::string> arguments) {
  const auto parsed = ParseArguments(arguments);
  Result<Answer> answer;
  if (parsed) {
    answer = Run(*parsed);
  } else {
    answer = Fail(parsed.error());
  }
  if (!answer) {
    std::fprintf(stderr, "error: %s\n", answer.error().ToString().c_str());
    return kError;
  }
  std::fwrite(answer->text.data(), 1, answer->text.size(), stdout);
  return parsed->exit_code && answer->modified ? kFoundChanges : kOk;
}

}  // namespace swell::cli
