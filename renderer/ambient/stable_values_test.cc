#include "renderer/ambient/stable_values.h"

#include <gtest/gtest.h>

namespace swell {
namespace {

constexpr Timestamp kNow{std::chrono::hours(24 * 365)};

// A source whose every new result is another number.
class Source {
 public:
  explicit Source(std::shared_ptr<const StableValues> known, Timestamp now = kNow,
                  StableLimits limits = {})
      : source_(std::move(known), now, limits) {}
  std::int64_t Get(const CallSite& site, Timestamp renew_at = {}) {
    const auto got = source_.Get(site, [&]() -> Result<StableSource::Made> {
      return StableSource::Made{Value(++made_), renew_at};
    });
    return got ? got->as_int() : -1;
  }
  std::shared_ptr<const StableValues> used() const {
    return std::make_shared<const StableValues>(source_.used());
  }
  const StableSource& source() const { return source_; }

 private:
  StableSource source_;
  inline static std::int64_t made_ = 0;
};

const CallSite kSite{
    .file = "c/templates/a.yaml", .define = "c.password", .function = "randAlphaNum"};

TEST(StableSource, GivesAgainWhatWasGiven) {
  Source first(std::make_shared<StableValues>());
  const auto a = first.Get(kSite);
  const auto b = first.Get(kSite);  // equal in everything but its turn
  EXPECT_NE(a, b);
  EXPECT_TRUE(first.source().drawn());
  EXPECT_EQ(first.used()->size(), 2u);

  Source second(first.used());
  EXPECT_EQ(second.Get(kSite), a);
  EXPECT_EQ(second.Get(kSite), b);
  const auto c = second.Get(kSite);
  EXPECT_GT(c, b);
  EXPECT_EQ(second.used()->size(), 3u);
}

TEST(StableSource, EveryPartOfTheCallSiteCounts) {
  Source source(std::make_shared<StableValues>());
  source.Get(kSite);
  std::vector<CallSite> others(9, kSite);
  others[0].file = "c/templates/b.yaml";
  others[1].define = "c.other";
  others[2].name = "x";
  others[3].key = "x";
  others[4].object = "x";
  others[5].field = "x";
  others[6].function = "randAlpha";
  others[7].arguments = Digest::Of("17");
  others[8] = {.file = "c/templates/a.yamlc.password", .function = kSite.function};
  std::size_t known = 1;
  for (const CallSite& other : others) {
    source.Get(other);
    EXPECT_EQ(source.used()->size(), ++known);
  }
}

TEST(StableSource, KeepsNothingUnasked) {
  Source source(nullptr);
  EXPECT_NE(source.Get(kSite), source.Get(kSite));
  EXPECT_TRUE(source.used()->empty());
  EXPECT_TRUE(source.source().drawn());
}

TEST(StableSource, MakesAnewWhatIsDue) {
  const Timestamp due = kNow + std::chrono::hours(24);
  Source first(std::make_shared<StableValues>());
  const auto a = first.Get(kSite, due);
  EXPECT_EQ(Source(first.used(), due - Duration{1}).Get(kSite), a);
  Source later(first.used(), due);
  EXPECT_NE(later.Get(kSite, due + std::chrono::hours(24)), a);
  EXPECT_EQ(later.used()->begin()->second.renew_at, due + std::chrono::hours(24));
}

TEST(StableSource, IsBounded) {
  Source few(std::make_shared<StableValues>(), kNow, {.max_values = 2});
  EXPECT_GT(few.Get(kSite), 0);
  EXPECT_GT(few.Get(kSite), 0);
  EXPECT_EQ(few.Get(kSite), -1);
  StableSource small(std::make_shared<StableValues>(), kNow, {.max_bytes = 10});
  const auto got = small.Get(kSite, []() -> Result<StableSource::Made> {
    return StableSource::Made{Value("a-secret-of-more-than-ten-bytes"), {}};
  });
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().code(), ErrorCode::kResourceExhausted);
  EXPECT_NE(got.error().ToString().find("budget stable values"), std::string::npos);
  EXPECT_EQ(got.error().ToString().find("a-secret"), std::string::npos);
}

TEST(StableSource, AFailureIsNotKept) {
  StableSource source(std::make_shared<StableValues>(), kNow);
  const auto got = source.Get(
      kSite, []() -> Result<StableSource::Made> { return Fail(InvalidArgument("no such key")); });
  EXPECT_FALSE(got);
  EXPECT_TRUE(source.used().empty());
}

TEST(StableValues, AgreeWhereARenderWouldGiveTheSame) {
  const Digest a = Digest::Of("a"), b = Digest::Of("b");
  const Timestamp past = kNow - Duration{1}, future = kNow + Duration{1};
  const StableValue one{Secret("1"), {}}, two{Secret("2"), {}};
  const StableValue fresh{Secret("1"), future}, due{Secret("1"), past}, due_two{Secret("2"), past};
  const struct {
    const char* what;
    StableValues used, known;
    bool agree;
  } kCases[] = {
      {"nothing is used", {}, {{a, one}}, true},
      {"nothing is known yet", {{a, one}}, {}, true},
      {"the same is known", {{a, one}}, {{a, one}, {b, two}}, true},
      {"another is known", {{a, one}}, {{a, two}}, false},
      {"one of two differs", {{a, one}, {b, one}}, {{a, one}, {b, two}}, false},
      {"it was renewed, which is not recorded yet", {{a, fresh}}, {{a, due_two}}, true},
      {"it is due", {{a, due}}, {{a, due}}, false},
      {"it is due and not known", {{a, due}}, {}, false},
  };
  for (const auto& c : kCases) EXPECT_EQ(Agree(c.used, c.known, kNow), c.agree) << c.what;
}

}  // namespace
}  // namespace swell
