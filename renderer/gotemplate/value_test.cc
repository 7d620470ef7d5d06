#include "renderer/gotemplate/value.h"

#include <gtest/gtest.h>

#include "base/value/json.h"
#include "renderer/gotemplate/budget.h"

namespace swell::gotemplate {
namespace {

TEST(Any, StringsShortAndLong) {
  for (const std::size_t size : {0u, 1u, 14u, 15u, 1000u}) {
    const std::string text(size, 'x');
    const Any a = Any::String(text);
    const Any copy = a;
    EXPECT_EQ(copy.as_string(), text);
    EXPECT_EQ(Any::String(std::string(text)).str(), text);
  }
  EXPECT_EQ(Any::Int(5).as_string(), "");
}

TEST(Any, KnowsItsGoType) {
  EXPECT_EQ(Any().type_name(), "<nil>");
  EXPECT_EQ(Any().kind_name(), "invalid");
  EXPECT_EQ(Any::Int(1).type_name(), "int");
  EXPECT_EQ(Any::Int64(1).type_name(), "int64");
  EXPECT_EQ(Any::Float(1).type_name(), "float64");
  EXPECT_EQ(Any::NewMap(types::kValues).type_name(), "common.Values");
  EXPECT_EQ(Any::NewMap(types::kValues).kind_name(), "map");
  EXPECT_EQ(Any::List({}).type_name(), "[]interface {}");
}

TEST(Map, IsSharedAndSorted) {
  const Any a = Any::NewMap();
  const Any b = a;
  for (const char* key : {"b", "a", "c", "B", "a"}) b.as_map()->Set(key, Any::String(key));
  std::string keys;
  for (const Map::Entry& entry : a.as_map()->entries()) keys += entry.name();
  EXPECT_EQ(keys, "Babc");
  EXPECT_TRUE(a.SameAs(b));
  EXPECT_TRUE(a.as_map()->Erase("a"));
  EXPECT_FALSE(b.as_map()->Erase("a"));
  EXPECT_EQ(a.as_map()->Find("a"), nullptr);
}

TEST(Map, ASnapshotKeepsWhatWasThere) {
  const Any map = Any::NewMap();
  map.as_map()->Set("a", Any::Int(1));
  const auto snapshot = map.as_map()->Snapshot();
  map.as_map()->Set("a", Any::Int(2));
  map.as_map()->Erase("a");
  ASSERT_EQ(snapshot->size(), 1u);
  EXPECT_EQ(snapshot->front().value.as_int(), 1);
}

TEST(Map, SettingAKeyTakenFromTheOldValueIsSafe) {
  const Any map = Any::NewMap();
  map.as_map()->Set("k", Any::String(std::string(100, 'k')));
  map.as_map()->Set("k", Any::String(map.as_map()->Find("k")->as_string()));
  EXPECT_EQ(map.as_map()->Find("k")->as_string(), std::string(100, 'k'));
}

TEST(FromValue, NumbersBecomeFloatsOrKeepTheirKind) {
  const Value value = *json::Parse(R"({"i": 1, "f": 1.5, "l": [null, true, "s"]})");
  const Any floats = FromValue(value);
  EXPECT_EQ(floats.as_map()->Find("i")->type_name(), "float64");
  const Any kept = FromValue(value, Numbers::kKeep);
  EXPECT_EQ(kept.as_map()->Find("i")->type_name(), "int64");
  Budget budget((Limits()));
  EXPECT_EQ(*ToValue(kept, budget), value);
}

TEST(ToValue, NilListsBytesAndCycles) {
  Budget budget((Limits()));
  EXPECT_TRUE(ToValue(Any::NilList(), budget)->is_null());
  EXPECT_TRUE(ToValue(Any::List({}), budget)->is_array());
  EXPECT_EQ(ToValue(Any::Bytes("hi"), budget)->as_string(), "aGk=");
  CycleGuard guard;
  const Any map = Any::NewMap();
  map.as_map()->Set("self", map);
  guard.Note(map, map);
  const auto value = ToValue(map, budget);
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code(), ErrorCode::kResourceExhausted);
}

TEST(ToValue, CountsATextAsOftenAsItIsHeld) {
  Budget budget({.max_value_bytes = 1'000'000});
  const Any text = Any::String(std::string(1'000, 'x'));
  EXPECT_TRUE(ToValue(Any::List(std::vector<Any>(900, text)), budget));
  const auto value = ToValue(Any::List(std::vector<Any>(1'100, text)), budget);
  ASSERT_FALSE(value);
  EXPECT_EQ(value.error().code(), ErrorCode::kResourceExhausted);
  EXPECT_NE(value.error().message().find("max_value_bytes"), std::string::npos);
}

TEST(FromValue, IsChargedForWhatItMakes) {
  const Value list = Value::Array(std::vector<Value>(1'000, Value("a text that is not inline")));
  Budget budget({.max_value_bytes = 20'000});
  const auto any = FromValue(list, budget);
  ASSERT_FALSE(any);
  EXPECT_EQ(any.error().code(), ErrorCode::kResourceExhausted);
}

TEST(Truth, IsGos) {
  for (const Any& no : {Any(), Any::Bool(false), Any::Int(0), Any::Float(-0.0), Any::String(""),
                        Any::List({}), Any::NewMap(), Any::NilList()}) {
    EXPECT_FALSE(Truth(no)) << no.type_name();
  }
  for (const Any& yes : {Any::Bool(true), Any::Int64(-1), Any::Float(0.1), Any::String("false"),
                         Any::List({Any()}), Any::Uint8(1)}) {
    EXPECT_TRUE(Truth(yes)) << yes.type_name();
  }
}

// Keys that are equal in their first eight bytes, shorter than that, or hold zeros.
TEST(MapFind, TellsKeysApartThatBeginAlike) {
  const std::vector<std::string> keys = {"",
                                         "a",
                                         std::string("a\0", 2),
                                         std::string("a\0b", 3),
                                         "ab",
                                         "container",
                                         "containerPort",
                                         "containerPorts",
                                         "containers",
                                         "containt",
                                         "imagePullSecretsOfTheRegistry",
                                         "imagePullSecretsOfTheRepository",
                                         "\xc3\xa9",
                                         "\xff"};
  const Any any = Any::NewMap();
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
    any.as_map()->Set(*key, Any::String(*key + "!"));
  }
  ASSERT_EQ(any.as_map()->size(), keys.size());
  for (const std::string& key : keys) {
    const Any* found = any.as_map()->Find(key);
    ASSERT_NE(found, nullptr) << key;
    EXPECT_EQ(found->as_string(), key + "!");
    EXPECT_EQ(any.as_map()->Find(key + "x"), nullptr) << key;
    EXPECT_EQ(any.as_map()->Find(key + std::string(1, '\0') + "x"), nullptr) << key;
  }
}

}  // namespace
}  // namespace swell::gotemplate
