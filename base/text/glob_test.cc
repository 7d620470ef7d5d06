#include "base/text/glob.h"

#include <gtest/gtest.h>

namespace swell {
namespace {

// The table of Go's path.Match documentation and behaviour.
TEST(PathMatch, AsGo) {
  const struct {
    const char *pattern, *name;
    bool matches;
  } kCases[] = {
      {"abc", "abc", true},
      {"*", "abc", true},
      {"*c", "abc", true},
      {"a*", "a", true},
      {"a*", "ab/c", false},
      {"a*/b", "abc/b", true},
      {"a*/b", "a/c/b", false},
      {"a*b*c*d*e*/f", "axbxcxdxe/f", true},
      {"a*b?c*x", "abxbbxdbxebxczzx", true},
      {"a*b?c*x", "abxbbxdbxebxczzy", false},
      {"ab[c]", "abc", true},
      {"ab[b-d]", "abc", true},
      {"ab[e-g]", "abc", false},
      {"ab[^c]", "abc", false},
      {"ab[^e-g]", "abc", true},
      {"a\\*b", "a*b", true},
      {"a\\*b", "ab", false},
      {"a?b", "a☺b", true},
      {"a[^a]b", "a☺b", true},
      {"a???b", "a☺b", false},
      {"[a-ζ]*", "α", true},
      {"*[a-ζ]", "A", false},
      {"a?b", "a/b", false},
      {"a*b", "a/b", false},
      {"[\\]a]", "]", true},
      {"[\\-]", "-", true},
      {"[x\\-]", "x", true},
      {"", "", true},
      {"", "a", false},
      {"**", "a/b", false},
  };
  for (const auto& c : kCases) {
    const auto result = PathMatch(c.pattern, c.name);
    ASSERT_TRUE(result) << c.pattern;
    EXPECT_EQ(*result, c.matches) << c.pattern << " " << c.name;
  }
  for (const char* bad : {"[]a]", "[-]", "[x-]", "[-x]", "[", "[^", "[^bc", "a[", "a\\", "[\\"}) {
    EXPECT_FALSE(PathMatch(bad, "a")) << bad;
  }
}

TEST(GlobMatch, StarsAcrossFoldersAndBraces) {
  const struct {
    const char *pattern, *path;
    bool matches;
  } kCases[] = {
      {"**", "a/b/c", true},
      {"**/*.yaml", "a.yaml", true},
      {"**/*.yaml", "a/b/c.yaml", true},
      {"apps/**/x", "apps/x", true},
      {"apps/**/x", "apps/a/b/x", true},
      {"apps/**/x", "apps/a/xx", false},
      {"a/**", "a", true},
      {"a/**", "a/b/c", true},
      {"a/**", "ab/c", false},
      {"*.yaml", "a/b.yaml", false},
      {"{base,prod}/*.yaml", "prod/a.yaml", true},
      {"{base,prod}/*", "dev/a", false},
      {"a{,b{c,d}}", "a", true},
      {"a{,b{c,d}}", "abd", true},
      {"a**b", "axxb", true},
      {"**/a/**/b/**", "x/a/y/b", true},
  };
  for (const auto& c : kCases) {
    const auto result = GlobMatch(c.pattern, c.path);
    ASSERT_TRUE(result) << c.pattern;
    EXPECT_EQ(*result, c.matches) << c.pattern << " " << c.path;
  }
  std::string many;
  for (int i = 0; i < 20; ++i) many += "{a,b}";
  for (const std::string& bad : {std::string("{a"), std::string("a}"), std::string("[/x"), many}) {
    EXPECT_FALSE(GlobMatch(bad, "x")) << bad;
  }
}

TEST(GlobMatch, ManyStarsStayFast) {
  std::string pattern, path;
  for (int i = 0; i < 200; ++i) {
    pattern += "**/*a*b*/";
    path += "aaaaaaaaaaaaaaaaaaaaaaaaaaaa/";
  }
  EXPECT_FALSE(GlobMatch(pattern + "x", path + "y").value());
}

}  // namespace
}  // namespace swell
