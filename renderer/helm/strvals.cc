#include "renderer/helm/strvals.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include "base/core/strings.h"
#include "base/text/utf8.h"
#include "base/value/json.h"
#include "renderer/helm/go_types.h"

namespace swell::helm {
namespace {

bool EqualFold(std::string_view a, std::string_view b) { return ToLower(a) == b; }

Value TypedValue(const std::string& text) {
  if (EqualFold(text, "true")) return Value(true);
  if (EqualFold(text, "false")) return Value(false);
  if (EqualFold(text, "null")) return Value();
  if (text == "0") return Value(std::int64_t{0});
  if (!text.empty() && text[0] != '0') {
    const char* begin = text.data() + (text[0] == '+' ? 1 : 0);
    const char* end = text.data() + text.size();
    std::int64_t number = 0;
    auto [stop, error] = std::from_chars(begin, end, number);
    const bool double_sign = begin != text.data() && begin != end && *begin == '-';
    if (error == std::errc() && stop == end && !double_sign) return Value(number);
  }
  return Value(text);
}

Value NumbersAsFloat(const Value& value) {
  if (value.is_int()) return Value(static_cast<double>(value.as_int()));
  if (value.is_array()) {
    std::vector<Value> items;
    for (const Value& item : value.items()) items.push_back(NumbersAsFloat(item));
    return Value::Array(std::move(items));
  }
  if (value.is_object()) {
    std::vector<Member> members;
    for (const Member& m : value.members()) members.emplace_back(m.key, NumbersAsFloat(m.value));
    return Value::Object(std::move(members));
  }
  return value;
}

bool IsSpace(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

// The length of the first JSON value in `text`, as far as its outline goes.
std::size_t JsonExtent(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size() && IsSpace(text[i])) ++i;
  int depth = 0;
  bool in_string = false;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
        if (depth == 0) return i + 1;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (--depth <= 0) return i + 1;
    } else if (depth == 0) {
      std::size_t end = i;
      while (end < text.size() && text[end] != ',' && !IsSpace(text[end])) ++end;
      return end;
    }
  }
  return text.size();
}

// Where a step of the parser ended; errors travel as Result's.
enum class End { kMore, kInput };

class Parser {
 public:
  using Reader = std::function<Result<Value>(const std::string&)>;
  enum class Mode { kRead, kJson, kLiteral };

  Parser(std::string_view text, Mode mode, Reader reader, SetBudget* budget)
      : text_(text),
        mode_(mode),
        reader_(std::move(reader)),
        budget_(budget != nullptr ? *budget : own_budget_) {}

  Status Parse(Value& dest) {
    if (!dest.is_object()) dest = Value::EmptyObject();
    while (TRY(Key(dest, 0)) == End::kMore) {
    }
    return {};
  }

 private:
  struct Word {
    std::string text;
    char stop = 0;  // 0: the input ended
  };

  // Reads up to one of `stops` and past it. Outside literals '\' takes the next rune verbatim.
  Word Until(std::string_view stops) {
    Word word;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (stops.find(c) != std::string_view::npos) {
        ++at_;
        word.stop = c;
        return word;
      }
      if (c == '\\' && mode_ != Mode::kLiteral) {
        if (++at_ >= text_.size()) return word;
      }
      const int length = DecodeRune(text_.substr(at_)).length;
      word.text += text_.substr(at_, static_cast<std::size_t>(length));
      at_ += static_cast<std::size_t>(length);
    }
    return word;
  }

  Status Charge(std::size_t items) {
    if (items <= budget_.items) {
      budget_.items -= items;
      return {};
    }
    return Fail(ResourceExhausted(
        "at byte " + std::to_string(at_) +
        " of the text: setting values copies more items of tables and lists than the limit of " +
        std::to_string(SetBudget().items) + "; put the values into a file"));
  }

  Status Set(Value& data, const std::string& key, Value value) {
    if (key.empty()) return {};
    TRY(Charge(data.size() + 1));
    data = data.With(key, std::move(value));
    return {};
  }

  static Error WrongType(const Value& value, const char* wanted) {
    return InvalidArgument("unable to parse key: interface conversion: interface {} is " +
                           GoTypeName(value) + ", not " + wanted);
  }

  Result<End> Key(Value& data, int nesting) {
    Word key = Until(mode_ == Mode::kLiteral ? "=[." : "=[,.");
    switch (key.stop) {
      case 0:
        if (key.text.empty()) return End::kInput;
        return Fail(InvalidArgument("key " + Quote(key.text) + " has no value"));
      case ',':
        return Fail(
            InvalidArgument("key " + Quote(key.text) + " has no value (cannot end with ,)"));
      case '[':
        return KeyList(data, key.text, nesting);
      case '.':
        return KeyMap(data, key.text, nesting);
      default:
        return KeyValue(data, key.text);
    }
  }

  Result<End> KeyList(Value& data, const std::string& key, int nesting) {
    const int index = TRY_WRAP(KeyIndex(), "error parsing index");
    Value list = Value::EmptyArray();
    if (const Value* old = data.Find(key)) {
      if (!old->is_array()) return Fail(WrongType(*old, "[]interface {}"));
      list = *old;
    }
    const End end = TRY(ListItem(list, index, nesting));
    TRY(Set(data, key, std::move(list)));
    return end;
  }

  Result<End> KeyMap(Value& data, const std::string& key, int nesting) {
    if (nesting + 1 > kMaxSetNesting) {
      return Fail(InvalidArgument(
          "value name nested level is greater than maximum supported nested level of " +
          std::to_string(kMaxSetNesting)));
    }
    Value inner = Value::EmptyObject();
    if (const Value* old = data.Find(key)) {
      if (!old->is_object()) return Fail(WrongType(*old, "map[string]interface {}"));
      inner = *old;
    }
    const End end = TRY(Key(inner, nesting + 1));
    if (end == End::kMore && inner.empty()) {
      return Fail(InvalidArgument("key map " + Quote(key) + " has no value"));
    }
    if (!inner.empty()) TRY(Set(data, key, std::move(inner)));
    return end;
  }

  Result<End> KeyValue(Value& data, const std::string& key) {
    Value value;
    const End end = TRY(ReadValue(value));
    TRY(Set(data, key, std::move(value)));
    return end;
  }

  // What follows '='.
  Result<End> ReadValue(Value& value) {
    if (mode_ == Mode::kLiteral) {
      value = Value(text_.substr(at_));
      at_ = text_.size();
      return End::kMore;
    }
    if (mode_ == Mode::kJson) return ReadJson(value);
    if (at_ >= text_.size()) {
      value = Value("");
      return End::kInput;
    }
    if (text_[at_] == '{') {
      ++at_;
      return ReadList(value);
    }
    value = TRY(reader_(Until(",").text));
    return End::kMore;
  }

  Result<End> ReadJson(Value& value) {
    if (SkipToValue()) return End::kMore;  // empty: null
    const std::size_t length = JsonExtent(text_.substr(at_));
    value = TRY(ParseJsonAsGo(text_.substr(at_, length)));
    at_ += length;
    SkipToValue();
    return End::kMore;
  }

  // Passes blanks, and a comma after them. True where a comma or the end was met.
  bool SkipToValue() {
    while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
    if (at_ >= text_.size()) return true;
    if (text_[at_] != ',') return false;
    ++at_;
    return true;
  }

  Result<End> ReadList(Value& value) {
    std::vector<Value> items;
    for (;;) {
      Word item = Until(",}");
      if (item.stop == 0) return Fail(InvalidArgument("list must terminate with '}'"));
      items.push_back(TRY(reader_(item.text)));
      if (item.stop == '}') break;
    }
    if (at_ < text_.size() && text_[at_] == ',') ++at_;
    value = Value::Array(std::move(items));
    return End::kMore;
  }

  Result<int> KeyIndex() {
    Word index = Until("]");
    if (index.stop == 0) return Fail(InvalidArgument("EOF"));
    int number = 0;
    const char* begin = index.text.data();
    const char* end = begin + index.text.size();
    auto [stop, error] =
        std::from_chars(begin + (index.text.starts_with('+') ? 1 : 0), end, number);
    if (error == std::errc() && stop == end) return number;
    return Fail(InvalidArgument(
        "strconv.Atoi: parsing " + Quote(index.text) +
        (error == std::errc::result_out_of_range ? ": value out of range" : ": invalid syntax")));
  }

  Status SetIndex(Value& list, int index, Value value) {
    if (index > kMaxSetIndex) {
      return Fail(InvalidArgument("index of " + std::to_string(index) +
                                  " is greater than maximum supported index of " +
                                  std::to_string(kMaxSetIndex)));
    }
    const auto i = static_cast<std::size_t>(index);
    TRY(Charge(std::max(list.size(), i + 1)));
    if (i < list.size()) {
      list = list.WithItem(i, std::move(value));
      return {};
    }
    std::vector<Value> items(list.items().begin(), list.items().end());
    items.resize(i + 1);
    items[i] = std::move(value);
    list = Value::Array(std::move(items));
    return {};
  }

  // What follows ']'.
  Result<End> ListItem(Value& list, int index, int nesting) {
    if (indexes_ >= kMaxSetIndexes) {
      return Fail(ResourceExhausted("lists are nested deeper than " +
                                    std::to_string(kMaxSetIndexes) + " levels"));
    }
    ++indexes_;
    auto end = ListItemInside(list, index, nesting);
    --indexes_;
    return end;
  }

  Result<End> ListItemInside(Value& list, int index, int nesting) {
    if (index < 0) {
      return Fail(InvalidArgument("negative " + std::to_string(index) + " index not allowed"));
    }
    Word rest = Until("[.=");
    if (!rest.text.empty()) {
      return Fail(InvalidArgument("unexpected data at end of array index: " + Quote(rest.text)));
    }
    if (rest.stop == 0) return End::kInput;
    const Value& old = list[static_cast<std::size_t>(index)];
    Value value;
    End end = End::kMore;
    if (rest.stop == '=') {
      end = TRY(ReadValue(value));
      if (end == End::kInput) end = End::kMore;  // an empty value; the next key meets the end
    } else if (rest.stop == '[') {
      const int next = TRY_WRAP(KeyIndex(), "error parsing index");
      if (!old.is_null() && !old.is_array()) return Fail(WrongType(old, "[]interface {}"));
      value = old.is_array() ? old : Value::EmptyArray();
      end = TRY(ListItem(value, next, nesting));
    } else {
      value = old.is_object() ? old : Value::EmptyObject();
      end = TRY(Key(value, nesting));
      if (end == End::kInput) return end;
    }
    TRY(SetIndex(list, index, std::move(value)));
    return end;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int indexes_ = 0;  // lists that the key is inside of
  Mode mode_;
  Reader reader_;
  SetBudget own_budget_;
  SetBudget& budget_;
};

}  // namespace

Status SetTyped(std::string_view text, Value& dest, SetBudget* budget) {
  const auto typed = [](const std::string& word) -> Result<Value> { return TypedValue(word); };
  return Parser(text, Parser::Mode::kRead, typed, budget).Parse(dest);
}

Status SetString(std::string_view text, Value& dest, SetBudget* budget) {
  const auto verbatim = [](const std::string& word) -> Result<Value> { return Value(word); };
  return Parser(text, Parser::Mode::kRead, verbatim, budget).Parse(dest);
}

Status SetJson(std::string_view text, Value& dest, SetBudget* budget) {
  return Parser(text, Parser::Mode::kJson, nullptr, budget).Parse(dest);
}

Result<Value> ParseJsonAsGo(std::string_view text) {
  return NumbersAsFloat(TRY(json::Parse(text)));
}

Status SetFile(std::string_view text, const SetFileReader& read, Value& dest, SetBudget* budget) {
  const auto content = [&read](const std::string& path) -> Result<Value> {
    return Value(TRY(read(path)));
  };
  return Parser(text, Parser::Mode::kRead, content, budget).Parse(dest);
}

Status SetLiteral(std::string_view text, Value& dest, SetBudget* budget) {
  return Parser(text, Parser::Mode::kLiteral, nullptr, budget).Parse(dest);
}

}  // namespace swell::helm
