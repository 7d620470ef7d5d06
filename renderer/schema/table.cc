#include "renderer/schema/table.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

#include "base/core/check.h"
#include "base/core/strings.h"

namespace swell::schema {

class Table::Type final : public TypeSchema {
 public:
  explicit Type(std::string name) : name_(std::move(name)) {
    self_.shape = Shape::kObject;
    self_.type = this;
  }

  std::string_view name() const override { return name_; }
  const FieldInfo& self() const override { return self_; }
  const FieldInfo* Descend(std::string_view key) const override {
    auto it = std::ranges::lower_bound(fields_, key, {}, &Entry::first);
    return it != fields_.end() && it->first == key ? &it->second : nullptr;
  }
  std::span<const std::pair<std::string, FieldInfo>> fields() const override { return fields_; }

  FieldInfo& MutableSelf() { return self_; }
  FieldInfo& MutableField(std::string_view key) {
    auto it = std::ranges::lower_bound(fields_, key, {}, &Entry::first);
    if (it == fields_.end() || it->first != key) {
      it = fields_.insert(it, {std::string(key), FieldInfo()});
    }
    return it->second;
  }
  std::vector<std::pair<std::string, FieldInfo>>& MutableFields() { return fields_; }

 private:
  using Entry = std::pair<std::string, FieldInfo>;
  std::string name_;
  FieldInfo self_;
  std::vector<Entry> fields_;  // sorted
};

struct Table::State {
  std::unordered_map<std::string, std::unique_ptr<Type>> types;
  std::unordered_map<std::string, std::string> kinds;  // "apps/v1 Deployment" -> type name

  Type* TypeNamed(const std::string& name) {
    auto& slot = types[name];
    if (!slot) slot = std::make_unique<Type>(name);
    return slot.get();
  }

  void AddLine(std::string_view line);
  void AddField(Type* type, std::string_view package, std::string_view spec);
};

namespace {

std::vector<std::string_view> Words(std::string_view line) {
  std::vector<std::string_view> words = Split(line, ' ');
  std::erase(words, std::string_view());
  return words;
}

Value DefaultFromText(std::string_view text) {
  if (text == "true") return Value(true);
  if (text == "false") return Value(false);
  if (text == "{}") return Value::EmptyObject();
  std::int64_t number = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc() && end == text.data() + text.size()) return Value(number);
  return Value(text);
}

std::vector<std::string> Keys(std::string_view text) {
  std::vector<std::string> keys;
  if (text.empty()) return keys;
  for (std::string_view key : Split(text, ',')) keys.emplace_back(key);
  return keys;
}

// Cuts the text up to the next mark from the front of `rest`.
std::string_view TakeUntilMark(std::string_view& rest) {
  const std::size_t end = std::min(rest.find_first_of("[{~^%+:>="), rest.size());
  std::string_view text = rest.substr(0, end);
  rest.remove_prefix(end);
  return text;
}

void ReadListMark(std::string_view inside, FieldInfo& field) {
  field.shape = Shape::kList;
  if (inside == "=") {
    field.list_type = ListType::kSet;
  } else if (!inside.empty() && inside != "!") {
    field.list_type = ListType::kMap;
    field.list_keys = Keys(inside);
  }
}

Scalar ScalarFromMark(char mark) {
  switch (mark) {
    case 'q':
      return Scalar::kQuantity;
    case 'i':
      return Scalar::kIntOrString;
    case 'b':
      return Scalar::kBytes;
    default:
      SWELL_CHECK(!"scalar mark of the schema table");
  }
}

}  // namespace

void Table::State::AddField(Type* type, std::string_view package, std::string_view spec) {
  std::string_view rest = spec;
  FieldInfo& field = type->MutableField(TakeUntilMark(rest));
  bool granular = false;
  while (!rest.empty()) {
    const char mark = rest.front();
    rest.remove_prefix(1);
    if (mark == '=') {
      field.default_value = DefaultFromText(rest);
      break;
    }
    if (mark == '[' || mark == '{') {
      const std::size_t end = rest.find(mark == '[' ? ']' : '}');
      SWELL_CHECK(end != rest.npos);
      if (mark == '[') {
        ReadListMark(rest.substr(0, end), field);
      } else {
        field.shape = Shape::kMap;
        field.atomic_map = rest.substr(0, end) == "!";
      }
      rest.remove_prefix(end + 1);
      continue;
    }
    const std::string_view text = TakeUntilMark(rest);
    switch (mark) {
      case '~':
        field.merge = true;
        field.merge_keys = Keys(text);
        break;
      case '^':
        field.retain_keys = true;
        break;
      case '%':
        field.replace = true;
        break;
      case '+':
        granular = true;
        break;
      case ':':
        SWELL_CHECK(text.size() == 1);
        field.scalar = ScalarFromMark(text[0]);
        break;
      default: {  // '>'
        std::string name(text);
        if (!name.contains('.')) name = std::string(package) + "." + name;
        field.type = TypeNamed(name);
        if (field.shape == Shape::kOther) field.shape = Shape::kObject;
      }
    }
  }
  if (granular) field.atomic_map = false;
  // A granular use of an atomic type says so with '+'; the rest is settled by the caller
  // once every type has been read.
  if (field.shape == Shape::kObject && !granular) field.atomic_map = true;
}

void Table::State::AddLine(std::string_view line) {
  const std::vector<std::string_view> words = Words(line);
  if (words.empty()) return;
  const std::string_view head = words[0];
  if (head.front() == '@' || head.front() == '&') {
    SWELL_CHECK(words.size() >= 3);
    for (std::size_t i = 2; i < words.size(); ++i) {
      const std::string kind(words[i]);
      std::string key = std::string(head.substr(1)) + " " + kind;
      if (head.front() == '@') {
        kinds[key] = std::string(words[1]) + "." + kind;
      } else {
        auto target = kinds.find(std::string(words[1]) + " " + kind);
        SWELL_CHECK(target != kinds.end());
        const std::string name = target->second;
        kinds[key] = name;
      }
    }
    return;
  }
  const bool atomic = head.ends_with('!');
  const std::string name(head.substr(0, head.size() - (atomic ? 1 : 0)));
  Type* type = TypeNamed(name);
  if (atomic) type->MutableSelf().atomic_map = true;
  const std::string_view package = std::string_view(name).substr(0, name.rfind('.'));
  for (std::size_t i = 1; i < words.size(); ++i) AddField(type, package, words[i]);
}

Table::Table(const std::vector<std::string_view>& texts) : state_(std::make_unique<State>()) {
  for (std::string_view text : texts) {
    std::string entry;
    for (std::string_view line : Split(text, '\n')) {
      if (!line.starts_with(' ')) {
        state_->AddLine(entry);
        entry.clear();
      }
      entry += line;
    }
    state_->AddLine(entry);
  }
  for (auto& [name, type] : state_->types) {
    for (auto& [key, field] : type->MutableFields()) {
      if (field.shape == Shape::kObject) {
        field.atomic_map = field.atomic_map && field.type->self().atomic_map;
      }
    }
  }
}

Table::~Table() = default;

const TypeSchema* Table::FindNamed(std::string_view type) const {
  auto it = state_->types.find(std::string(type));
  return it == state_->types.end() ? nullptr : it->second.get();
}

const TypeSchema* Table::Find(std::string_view api_version, std::string_view kind) const {
  std::string key(api_version);
  key += ' ';
  key += kind;
  auto it = state_->kinds.find(key);
  return it == state_->kinds.end() ? nullptr : state_->TypeNamed(it->second);
}

}  // namespace swell::schema
