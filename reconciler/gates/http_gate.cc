#include "reconciler/gates/http_gate.h"

#include <algorithm>
#include <optional>

#include "base/core/strings.h"
#include "base/value/json.h"
#include "base/value/pointer.h"
#include "reconciler/gates/substitute.h"
#include "reconciler/gates/threshold.h"

namespace swell::gates {
namespace {

Result<fetch::HttpRequest> ReadRequest(const HttpGate& gate, const Asking& asking) {
  const std::string url =
      TRY_WRAP(Substitute(gate.url, asking.context, Escape::kUrl), "url of the gate");
  fetch::HttpRequest out = TRY(MakeRequest(asking, url, gate.bearer_token_file, gate.ca_file));
  out.method = gate.method;
  out.body = TRY_WRAP(Substitute(gate.body, asking.context, Escape::kJson), "body of the gate");
  if (!gate.body.empty() && gate.method != "POST") {
    return Fail(InvalidArgument("a body goes with method POST"));
  }
  for (const auto& [name, value] : gate.headers) {
    const std::string text = TRY_WRAP(Substitute(value, asking.context, Escape::kNone),
                                      "header " + name + " of the gate");
    const auto ends = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
    if (name.empty() || name.find_first_of(": \t\r\n") != name.npos ||
        std::ranges::any_of(text, ends)) {
      return Fail(InvalidArgument("header " + Quote(name) + " is not one line of name and value"));
    }
    out.headers.Add(name, text);
  }
  if (out.method == "POST" && !out.headers.Has("content-type")) {
    out.headers.Add("Content-Type", "application/json");
  }
  return out;
}

// As `equals` is compared: texts as they are, numbers and booleans as JSON writes them.
std::optional<std::string> AsText(const Value& value) {
  if (value.is_string()) return value.str();
  if (value.is_number() || value.is_bool()) return json::Write(value);
  return std::nullopt;
}

std::string_view TypeName(const Value& value) {
  if (value.is_null()) return "null";
  if (value.is_bool()) return "a boolean";
  if (value.is_number()) return "a number";
  if (value.is_string()) return "a text";
  return value.is_array() ? "an array" : "an object";
}

Result<Answer> Judge(const HttpGate& gate, const std::string& body) {
  const PointerTokens tokens =
      TRY_WRAP(ParsePointer(gate.json_pointer), "jsonPointer " + Quote(gate.json_pointer));
  const auto document = json::Parse(body);
  if (!document) {
    return Fail(Unavailable("its answer is no JSON: " + document.error().ToString()));
  }
  const Value* value = FindPointer(*document, tokens);
  if (value == nullptr) {
    return Fail(NotFound("its answer has nothing at " + gate.json_pointer));
  }
  if (gate.threshold) {
    if (!value->is_number()) {
      return Fail(FailedPrecondition(gate.json_pointer + " of its answer is " +
                                     std::string(TypeName(*value)) + ", not a number"));
    }
    const double number = value->as_float();
    return Answer{
        Holds(*gate.threshold, number) ? Verdict::kPass : Verdict::kFail,
        gate.json_pointer + " is " + ShowNumber(number) + ": " + Show(*gate.threshold, number)};
  }
  const auto text = AsText(*value);
  if (!text) {
    return Fail(FailedPrecondition(gate.json_pointer + " of its answer is " +
                                   std::string(TypeName(*value)) +
                                   ", which equals is not compared with"));
  }
  const bool same = *text == gate.equals;
  return Answer{same ? Verdict::kPass : Verdict::kFail,
                gate.json_pointer + " is " + Quote(Foreign(*text)) +
                    (same ? "" : ", not " + Quote(gate.equals))};
}

Result<Answer> Ask(const HttpGate& gate, const Asking& asking) {
  fetch::HttpRequest request = TRY(ReadRequest(gate, asking));
  const std::string shown = fetch::ShowUrl(request.url);
  const fetch::HttpResponse response = TRY(asking.http.Ask(std::move(request), asking.deadline));
  if (response.status < 200 || response.status > 299) {
    return Fail(Unavailable(shown + " " + ShowStatus(response)));
  }
  if (gate.json_pointer.empty()) {
    return Answer{Verdict::kPass, shown + " " + ShowStatus(response)};
  }
  return TRY_WRAP(Judge(gate, response.body), shown);
}

}  // namespace

Answer EvaluateHttp(const HttpGate& gate, const Asking& asking) {
  auto answer = Ask(gate, asking);
  return answer ? *std::move(answer) : Hold(answer.error().ToString());
}

}  // namespace swell::gates
