#include "base/core/encoding.h"
#include "base/core/strings.h"
#include "base/value/yaml.h"
#include "renderer/gotemplate/function.h"
#include "renderer/helm/objects.h"
#include "renderer/helm/patterns.h"

namespace swell::helm {
namespace {

using gotemplate::Any;
using gotemplate::Context;
using gotemplate::Function;
using gotemplate::Map;
using gotemplate::Type;
namespace types = gotemplate::types;
using Args = std::span<const Any>;

constexpr std::size_t kMaxGlobBytes = 1'024;

const Type* FilesType();

// The bytes of a []uint8.
std::string BytesOf(const Any& bytes) {
  const gotemplate::List* list = bytes.as_list();
  return list != nullptr ? list->Text() : std::string();
}

Result<Any> GetBytes(Context&, Args args) {
  const Any* found = args[0].as_map()->Find(args[1].as_string());
  return found != nullptr ? *found : Any::Bytes("");
}

Result<Any> Get(Context& context, Args args) {
  return Any::String(BytesOf(TRY(GetBytes(context, args))));
}

Result<Any> Glob(Context& context, Args args) {
  const std::string_view pattern = args[1].as_string();
  if (pattern.size() > kMaxGlobBytes) {
    return Fail(ResourceExhausted("a pattern of " + std::to_string(pattern.size()) +
                                  " bytes is longer than " + std::to_string(kMaxGlobBytes)));
  }
  TRY(context.budget().Spend(pattern.size()));
  const auto compiled = GlobPattern::Compile(pattern);
  TRY(context.budget().Spend(compiled ? compiled->size() / 16 : 4'096));
  Any out = Any::NewMap(FilesType());
  for (const Map::Entry& entry : args[0].as_map()->entries()) {
    const std::size_t cost = compiled ? compiled->size() * (1 + entry.name().size() / 32) : 0;
    TRY(context.budget().Spend(1 + cost / 64));
    // A pattern that does not compile stands for everything.
    if (!compiled || compiled->Matches(entry.name())) {
      out.as_map()->Set(entry.name(), entry.value);
    }
  }
  return out;
}

Result<Any> Lines(Context& context, Args args) {
  std::string text = TRY(Get(context, args)).str();
  if (text.empty()) return Any::StringList({});
  if (text.ends_with('\n')) text.pop_back();
  std::vector<std::string> lines;
  for (std::string_view line : Split(text, '\n')) lines.emplace_back(line);
  return Any::StringList(lines);
}

std::string BaseNameOf(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));
}

// The files as a YAML map by base name, for a ConfigMap's or Secret's data.
template <class Encode>
Result<Any> AsYaml(Args args, Encode encode) {
  std::vector<Member> members;
  for (const Map::Entry& entry : args[0].as_map()->entries()) {
    members.emplace_back(BaseNameOf(entry.name()), Value(encode(BytesOf(entry.value))));
  }
  std::string text = yaml::Write(Value::Object(std::move(members)));
  if (text.ends_with('\n')) text.pop_back();
  return Any::String(std::move(text));
}

Result<Any> AsConfig(Context&, Args args) {
  return AsYaml(args, [](std::string bytes) { return bytes; });
}

Result<Any> AsSecrets(Context&, Args args) {
  return AsYaml(args, [](const std::string& bytes) { return Base64Encode(bytes); });
}

const Function* FindFilesMethod(std::string_view name) {
  static const Function kMethods[] = {
      {.name = "Get", .params = {types::kString}, .call = &Get},
      {.name = "GetBytes", .params = {types::kString}, .call = &GetBytes},
      {.name = "Glob", .params = {types::kString}, .call = &Glob},
      {.name = "Lines", .params = {types::kString}, .call = &Lines},
      {.name = "AsConfig", .call = &AsConfig},
      {.name = "AsSecrets", .call = &AsSecrets},
  };
  for (const Function& method : kMethods) {
    if (method.name == name) return &method;
  }
  return nullptr;
}

const Type* FilesType() {
  static const Type kBytesMap{.name = "map[string][]uint8", .kind = "map", .elem = types::kBytes};
  static const Type kFiles{.name = "engine.files",
                           .kind = "map",
                           .elem = types::kBytes,
                           .underlying = &kBytesMap,
                           .find_method = &FindFilesMethod};
  return &kFiles;
}

}  // namespace

Any FilesMaker::Make(const std::vector<ChartFile>& files) {
  Any out = Any::NewMap(FilesType());
  for (const ChartFile& file : files) {
    const auto [known, is_new] = bytes_.try_emplace(file.data.get());
    if (is_new) known->second = Any::Bytes(file.data);
    out.as_map()->Set(file.name, known->second);
  }
  return out;
}

}  // namespace swell::helm
