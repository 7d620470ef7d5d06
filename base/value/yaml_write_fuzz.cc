// Whatever value comes: what is printed reads back as the same value, by either printer.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/core/check.h"
#include "base/text/utf8.h"
#include "base/value/yaml.h"

namespace {

using namespace swell;

// Makes a value of bytes: one says what comes, strings have their length in front.
class Maker {
 public:
  explicit Maker(std::string_view bytes) : rest_(bytes) {}

  Value Make(int depth) {
    const unsigned what = Byte();
    switch (depth > 20 ? what % 5 : what % 8) {
      case 0:
        return Value();
      case 1:
        return Value((what & 8) != 0);
      case 2:
        return Value(static_cast<std::int64_t>(Byte() << 24 | Byte()) - static_cast<int>(Byte()));
      case 3:
      case 4:
        return Value(Text());
      case 5:
      case 6: {
        std::vector<Member> members;
        for (unsigned i = what / 8 % 8; i > 0; --i) {
          const std::string_view name = Text();
          has_merge_key_ = has_merge_key_ || name == "<<";
          members.emplace_back(name, Make(depth + 1));
        }
        return Value::Object(std::move(members));
      }
      default: {
        std::vector<Value> items;
        for (unsigned i = what / 8 % 8; i > 0; --i) items.push_back(Make(depth + 1));
        return Value::Array(std::move(items));
      }
    }
  }
  bool is_utf8() const { return is_utf8_; }
  bool has_next_line() const { return has_next_line_; }
  // go-yaml v3 prints literals that start with a tab, which no reader takes.
  bool has_tab() const { return has_tab_; }
  // go-yaml prints such a key without quotes, too, and means a merge when it reads it.
  bool has_merge_key() const { return has_merge_key_; }

 private:
  unsigned Byte() {
    if (rest_.empty()) return 0;
    const auto byte = static_cast<unsigned char>(rest_[0]);
    rest_.remove_prefix(1);
    return byte;
  }
  std::string_view Text() {
    const std::size_t size = Byte();
    const std::string_view out = rest_.substr(0, size);
    rest_.remove_prefix(out.size());
    is_utf8_ = is_utf8_ && IsValidUtf8(out);
    has_tab_ = has_tab_ || out.find('\t') != std::string_view::npos;
    has_next_line_ = has_next_line_ || out.find("\u0085") != std::string_view::npos;
    return out;
  }

  std::string_view rest_;
  bool is_utf8_ = true;
  bool has_next_line_ = false;
  bool has_merge_key_ = false;
  bool has_tab_ = false;
};

Value Read(std::string_view text, yaml::Schema schema) {
  const auto read = yaml::Parse(text, {.schema = schema});
  SWELL_CHECK(read.has_value());
  return *read;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Maker maker(std::string_view(reinterpret_cast<const char*>(data), size));
  const Value value = maker.Make(0);
  const std::string printed = yaml::Write(value);
  const std::string pretty = yaml::Write(value, {.printer = yaml::Printer::kGoYaml3});
  if (maker.has_merge_key()) return 0;
  if (maker.is_utf8() && !maker.has_tab()) {
    SWELL_CHECK(Read(pretty, yaml::Schema::kYaml12) == value);
  }
  const auto marshalled = yaml::Marshal(value);
  if (!marshalled) return 0;
  SWELL_CHECK(*marshalled == printed);
  // U+0085 is folded and bad bytes are replaced, as Marshal does it; two keys may become one.
  if (maker.has_next_line() || !maker.is_utf8()) return 0;
  SWELL_CHECK(Read(printed, yaml::Schema::kYaml11) == value);
  return 0;
}
