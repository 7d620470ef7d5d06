#include "base/value/value.h"

#include <gtest/gtest.h>

#include <limits>
#include <map>

namespace swell {
namespace {

TEST(Value, ScalarsKeepTypeAndValue) {
  EXPECT_TRUE(Value().is_null());
  EXPECT_TRUE(Value(true).as_bool());
  EXPECT_EQ(Value(std::numeric_limits<std::int64_t>::min()).as_int(),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(Value(2.5).as_float(), 2.5);
  EXPECT_EQ(Value(2.0).as_int(7), 2);
  EXPECT_EQ(Value(2.5).as_int(7), 7);
  EXPECT_FALSE(Value(1) == Value(1.0));
}

TEST(Value, StringsShortAndLong) {
  for (const std::size_t n : {0u, 1u, 13u, 14u, 15u, 100u}) {
    const std::string text(n, 'x');
    const Value v(text);
    EXPECT_EQ(v.as_string(), text);
    EXPECT_EQ(v, Value(std::string_view(text)));
  }
}

TEST(Value, ObjectsSortAndTheLastDuplicateWins) {
  const Value v = Value::Object({{"b", Value(1)}, {"a", Value(2)}, {"b", Value(3)}});
  ASSERT_EQ(v.size(), 2u);
  EXPECT_EQ(v.members()[0].name(), "a");
  EXPECT_EQ(v["b"].as_int(), 3);
  EXPECT_TRUE(v["missing"]["deeper"].is_null());
}

TEST(Value, KeysSortBytewiseWhateverTheirLength) {
  std::map<std::string, int> expected;
  std::vector<Member> members;
  const std::string long_key(20, 'm');
  for (const std::string& start : {std::string(), std::string("app.kubernetes.io/"), long_key}) {
    for (const std::string end : {"", "b", "a", "\xc3\xa9", "ab", "a-", "longer than fourteen"}) {
      for (const std::string& middle : {std::string(), std::string(1, '\0'), std::string("z")}) {
        const int i = static_cast<int>(members.size());
        members.emplace_back(start + end + middle, Value(i));
        expected[start + end + middle] = i;
        // Few members and many are sorted in different ways.
        const Value v = Value::Object(members);
        ASSERT_EQ(v.size(), expected.size());
        auto next = expected.begin();
        for (const Member& m : v.members()) {
          EXPECT_EQ(m.name(), next->first);
          EXPECT_EQ(m.value.as_int(), (next++)->second);
        }
      }
    }
  }
}

TEST(Value, EditsCopyThePathAndShareTheRest) {
  const Value big = Value::Array({Value("some text that is long enough"), Value(2)});
  const Value v = Value::Object({{"keep", big}, {"x", Value::EmptyObject()}});
  const Value w = v.WithAt({"x", "y", "z"}, Value(1));
  EXPECT_TRUE(w["keep"].SharesWith(v["keep"]));
  EXPECT_EQ(w.At({"x", "y", "z"}).as_int(), 1);
  EXPECT_FALSE(v["x"].Has("y"));
  EXPECT_EQ(w.WithoutAt({"x", "y"}), v);
  EXPECT_EQ(v.Without("none"), v);
}

TEST(Value, MovedFromIsNull) {
  Value a("a string that does not fit inline");
  const Value b = std::move(a);
  EXPECT_TRUE(a.is_null());
  EXPECT_EQ(b.as_string(), "a string that does not fit inline");
}

TEST(Value, EmptyContainersAreNotNull) {
  EXPECT_TRUE(Value::EmptyArray().is_array());
  EXPECT_TRUE(Value::EmptyObject().is_object());
  EXPECT_FALSE(Value::EmptyArray() == Value::EmptyObject());
  EXPECT_EQ(Value::EmptyArray(), Value::Array({}));
}

}  // namespace
}  // namespace swell
