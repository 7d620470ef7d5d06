#include "cli/commands/local_engine.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "base/core/strings.h"
#include "base/value/json.h"
#include "base/value/yaml.h"

namespace swell::cli {
namespace {

constexpr std::size_t kMaxFileBytes = 64u << 20;

struct CloseFile {
  void operator()(std::FILE* file) const {
    if (file != stdin) std::fclose(file);
  }
};

}  // namespace

Status ArgumentReader::Next() {
  flag_ = rest_.front();
  rest_ = rest_.subspan(1);
  has_inline_value_ = false;
  if (flag_.size() < 2 || flag_[0] != '-') {
    return Fail(InvalidArgument("unexpected argument " + Quote(flag_)));
  }
  const std::size_t equals = flag_.find('=');
  if (equals == std::string::npos) return {};
  inline_value_ = flag_.substr(equals + 1);
  flag_.resize(equals);
  has_inline_value_ = true;
  return {};
}

Result<std::string> ArgumentReader::Value() {
  if (has_inline_value_) return inline_value_;
  if (rest_.empty()) return Fail(InvalidArgument("flag " + flag_ + " needs a value"));
  std::string value = rest_.front();
  rest_ = rest_.subspan(1);
  return value;
}

Error ArgumentReader::Unknown(std::string_view command) const {
  return InvalidArgument("unknown flag " + Quote(flag_) + " of swell " + std::string(command));
}

Result<OutputFormat> ParseOutputFormat(std::string_view text) {
  if (text == "json") return OutputFormat::kJson;
  if (text == "text") return OutputFormat::kText;
  return Fail(InvalidArgument("output format " + Quote(text) + ": json and text are known"));
}

Result<std::string> ReadTextFile(const std::string& path) {
  std::unique_ptr<std::FILE, CloseFile> file(path == "-" ? stdin : std::fopen(path.c_str(), "rb"));
  if (!file) {
    const int error = errno;
    std::string message = "cannot open " + path + ": " + std::strerror(error);
    return Fail(error == ENOENT ? NotFound(message) : Unavailable(message));
  }
  std::string text;
  char buffer[64 * 1024];
  std::size_t got = 0;
  while ((got = std::fread(buffer, 1, sizeof buffer, file.get())) > 0) {
    text.append(buffer, got);
    if (text.size() > kMaxFileBytes) {
      return Fail(ResourceExhausted(path + " is larger than " +
                                    std::to_string(kMaxFileBytes >> 20) + " MiB"));
    }
  }
  if (std::ferror(file.get()) != 0) return Fail(Unavailable("cannot read " + path));
  return text;
}

Result<Value> ReadObjectFile(const std::string& path) {
  const std::string text = TRY(ReadTextFile(path));
  Value object;
  if (Trim(text).starts_with('{')) {
    // JSON may be indented with tabs, which YAML refuses; a flow mapping of YAML that is no
    // JSON goes on to the YAML reader.
    if (auto parsed = json::Parse(text, {.file = path})) object = *parsed;
  }
  if (object.is_null()) {
    const auto documents = TRY(yaml::ParseAll(text, {.file = path}));
    if (documents.size() > 1) {
      return Fail(InvalidArgument(path + " holds " + std::to_string(documents.size()) +
                                  " documents: one object is expected"));
    }
    if (!documents.empty()) object = documents.front().value;
  }
  if (!object.is_object()) return Fail(InvalidArgument(path + " holds no Kubernetes object"));
  for (const char* field : {"apiVersion", "kind"}) {
    if (!object[field].is_string()) {
      return Fail(InvalidArgument(path + ": " + field + " is missing or no string"));
    }
  }
  return object;
}

}  // namespace swell::cli
