// include, tpl, required, fail, lookup: what helm adds to the language.

#include "base/core/strings.h"
#include "renderer/funcs/call_site.h"
#include "renderer/funcs/helm_host.h"
#include "renderer/funcs/system_families.h"

namespace swell::funcs {
namespace {

using gotemplate::Any;
using gotemplate::Context;
using gotemplate::FunctionMap;
namespace types = gotemplate::types;
using Args = std::span<const Any>;

// The message travels through the template's error chain between these marks; whoever shows the
// error takes it out again (renderer/helm/engine_errors.h).
Error Marked(std::string_view message) {
  return InvalidArgument("HELM_ERR_START" + std::string(message) + "HELM_ERR_END");
}

Result<Any> Include(Context& context, Args args) {
  const std::string name = args[0].str();
  const HelmHost* host = HelmHost::Of(context);
  if (host == nullptr) return Any::String(TRY(context.ExecuteTemplate(name, args[1])));
  int& active = host->ActiveIncludes(name);
  if (active > kMaxIncludeDepth) {
    return Fail(InvalidArgument("rendering template has a nested reference name: " + name +
                                ": unable to execute template"));
  }
  ++active;
  auto text = context.ExecuteTemplate(name, args[1]);
  --active;
  return Any::String(TRY(std::move(text)));
}

Result<Any> Tpl(Context& context, Args args) {
  std::string text = TRY(context.ExecuteText(kTplName, args[0].as_string(), args[1]));
  if (text.find("<no value>") != std::string::npos) text = ReplaceAll(text, "<no value>", "");
  return Any::String(std::move(text));
}

Result<Any> Required(Context&, Args args) {
  if (args[1].is_nil() || (args[1].is_string() && args[1].as_string().empty())) {
    return Fail(Marked(args[0].as_string()));
  }
  return args[1];
}

Result<Any> FailWith(Context&, Args args) { return Fail(Marked(args[0].as_string())); }

// What is not there is an empty map, and offline nothing is, as with `helm template`.
Result<Any> Lookup(Context& context, Args args) {
  const HelmHost* host = HelmHost::Of(context);
  if (host == nullptr || host->lookups() == nullptr) return Any::NewMap();
  const LookupKey key{args[0].str(), args[1].str(), args[2].str(), args[3].str()};
  const Value found = TRY(host->lookups()->Find(key, SiteOf(context, "lookup", {}).file));
  if (!found.is_object()) return Any::NewMap();
  return FromValue(found, context.budget(), gotemplate::Numbers::kKeep);
}

// helm looks names up only with --enable-dns.
Result<Any> GetHostByName(Context&, Args) { return Any::String(""); }

Result<Any> Hello(Context&, Args) { return Any::String("Hello!"); }

}  // namespace

int& HelmHost::ActiveIncludes(std::string_view name) const {
  auto it = includes_.find(name);
  if (it == includes_.end()) it = includes_.emplace(std::string(name), 0).first;
  return it->second;
}

void RegisterFlow(FunctionMap& functions) {
  functions.Add("include", {types::kString, types::kAny}, &Include);
  functions.Add("tpl", {types::kString, types::kAny}, &Tpl);
  functions.Add("required", {types::kString, types::kAny}, &Required);
  functions.Add("fail", {types::kString}, &FailWith);
  functions.Add("lookup", {types::kString, types::kString, types::kString, types::kString},
                &Lookup);
  functions.Add("getHostByName", {types::kString}, &GetHostByName);
  functions.Add("hello", {}, &Hello);
}

}  // namespace swell::funcs
