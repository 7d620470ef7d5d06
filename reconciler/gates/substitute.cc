#include "reconciler/gates/substitute.h"

#include "base/core/strings.h"
#include "base/net/url.h"
#include "base/value/json.h"

namespace swell::gates {
namespace {

Result<std::string> Find(std::string_view name, const Context& context) {
  if (name == ".application") return context.application;
  if (name == ".rollout") return context.rollout;
  if (name == ".wave") return context.wave;
  if (name == ".clusters") return Join(context.clusters, ",");
  return Fail(InvalidArgument("{{ " + std::string(name) +
                              " }} is not one of {{ .application }}, {{ .rollout }}, {{ .wave }} "
                              "and {{ .clusters }}"));
}

std::string Written(const std::string& value, Escape escape) {
  switch (escape) {
    case Escape::kNone:
      return value;
    case Escape::kUrl:
      return net::EscapeComponent(value);
    case Escape::kJson: {
      std::string quoted;
      json::AppendString(quoted, value);
      return quoted.substr(1, quoted.size() - 2);
    }
  }
  return value;
}

}  // namespace

Result<std::string> Substitute(std::string_view text, const Context& context, Escape escape) {
  std::string out;
  while (true) {
    const std::size_t begin = text.find("{{");
    out += text.substr(0, begin);
    if (begin == text.npos) return out;
    const std::size_t end = text.find("}}", begin);
    if (end == text.npos) return Fail(InvalidArgument("{{ without }} in " + Quote(text)));
    const std::string_view name = Trim(text.substr(begin + 2, end - begin - 2));
    out += Written(TRY(Find(name, context)), escape);
    text.remove_prefix(end + 2);
  }
}

}  // namespace swell::gates
