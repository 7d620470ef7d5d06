#include "base/net/url.h"

#include <gtest/gtest.h>

namespace swell::net {
namespace {

TEST(UrlTest, Parses) {
  struct Case {
    const char* text;
    const char* host;
    int port;
    int effective;
    const char* path;
    const char* query;
    const char* origin;
  };
  const Case cases[] = {
      {"https://a.example", "a.example", 0, 443, "", "", "https://a.example"},
      {"HTTP://A.Example:8080/x/y?z=1&q#frag", "a.example", 8080, 8080, "/x/y", "z=1&q",
       "http://a.example:8080"},
      {"https://[::1]:6443/", "::1", 6443, 6443, "/", "", "https://[::1]:6443"},
      {"https://h:443/", "h", 443, 443, "/", "", "https://h"},
      {"http://h?x", "h", 0, 80, "", "x", "http://h"},
      {"ssh://h:/p", "h", 0, 0, "/p", "", "ssh://h"},
  };
  for (const Case& c : cases) {
    const auto url = Url::Parse(c.text);
    ASSERT_TRUE(url) << c.text << ": " << url.error().ToString();
    EXPECT_EQ(url->host, c.host) << c.text;
    EXPECT_EQ(url->port, c.port) << c.text;
    EXPECT_EQ(url->EffectivePort(), c.effective) << c.text;
    EXPECT_EQ(url->path, c.path) << c.text;
    EXPECT_EQ(url->query, c.query) << c.text;
    EXPECT_EQ(url->Origin(), c.origin) << c.text;
  }
  EXPECT_EQ(Url::Parse("https://h:1/p?q#f")->ToString(), "https://h:1/p?q#f");
}

TEST(UrlTest, RefusesWhatIsNoUrl) {
  for (const char* text :
       {"", "h", "/path", "://h", "https://", "https:///p", "https://h:0", "https://h:65536",
        "https://h:x", "https://h h/", "https://h\n", "https://[::1", "https://[h]/",
        "https://[::1]x/", "https://a:b:c/", "ht tp://h", "https://h<>/"}) {
    const auto url = Url::Parse(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code(), ErrorCode::kInvalidArgument);
  }
}

TEST(UrlTest, CredentialsAreRefusedAndNotRepeated) {
  const auto url = Url::Parse("https://user:hunter2@h/");
  ASSERT_FALSE(url);
  EXPECT_EQ(url.error().ToString().find("hunter2"), std::string::npos);
}

// The examples of RFC 3986, section 5.4, as far as Parse takes what comes out.
TEST(UrlTest, ResolvesReferences) {
  const Url base = *Url::Parse("http://a/b/c/d?q");
  for (const auto& [reference, resolved] :
       std::vector<std::pair<std::string, std::string>>{{"g", "http://a/b/c/g"},
                                                        {"./g", "http://a/b/c/g"},
                                                        {"g/", "http://a/b/c/g/"},
                                                        {"/g", "http://a/g"},
                                                        {"//g", "http://g"},
                                                        {"?y", "http://a/b/c/d?y"},
                                                        {"g?y", "http://a/b/c/g?y"},
                                                        {"#s", "http://a/b/c/d?q#s"},
                                                        {"g#s", "http://a/b/c/g#s"},
                                                        {"", "http://a/b/c/d?q"},
                                                        {".", "http://a/b/c/"},
                                                        {"./", "http://a/b/c/"},
                                                        {"..", "http://a/b/"},
                                                        {"../g", "http://a/b/g"},
                                                        {"../..", "http://a/"},
                                                        {"../../g", "http://a/g"},
                                                        {"../../../g", "http://a/g"},
                                                        {"/./g", "http://a/g"},
                                                        {"/../g", "http://a/g"},
                                                        {"g.", "http://a/b/c/g."},
                                                        {"..g", "http://a/b/c/..g"},
                                                        {"./g/.", "http://a/b/c/g/"},
                                                        {"g/../h", "http://a/b/c/h"},
                                                        {"g?y/../x", "http://a/b/c/g?y/../x"},
                                                        {"https://h:8/x", "https://h:8/x"}}) {
    const auto url = base.Resolve(reference);
    ASSERT_TRUE(url) << reference << ": " << url.error().ToString();
    EXPECT_EQ(url->ToString(), resolved) << reference;
  }
  EXPECT_EQ(Url::Parse("http://a:8")->Resolve("g")->ToString(), "http://a:8/g");
  for (const char* bad : {"mailto:x", "http:g", "//user:pw@h/", "a b"}) {
    EXPECT_FALSE(base.Resolve(bad)) << bad;
  }
}

TEST(UrlTest, EscapesAndUnescapes) {
  EXPECT_EQ(EscapeComponent("a/b c+d~é"), "a%2Fb%20c%2Bd~%C3%A9");
  EXPECT_EQ(*Unescape("a%2Fb%20c+d"), "a/b c+d");
  EXPECT_EQ(*Unescape("a+b", EscapeKind::kQuery), "a b");
  for (const char* text : {"%", "%4", "%zz", "a%2"}) EXPECT_FALSE(Unescape(text)) << text;
}

TEST(UrlTest, Queries) {
  const Query query = {{"labelSelector", "a=b,c!=d"}, {"x", ""}};
  EXPECT_EQ(EncodeQuery(query), "labelSelector=a%3Db%2Cc%21%3Dd&x=");
  EXPECT_EQ(*ParseQuery(EncodeQuery(query)), query);
  const auto odd = ParseQuery("&&a&b=1=2&");
  ASSERT_TRUE(odd);
  EXPECT_EQ(*odd, (Query{{"a", ""}, {"b", "1=2"}}));
  EXPECT_EQ(QueryValue(*odd, "b"), "1=2");
  EXPECT_EQ(QueryValue(*odd, "none"), "");
  EXPECT_FALSE(ParseQuery("a=%q"));
}

}  // namespace
}  // namespace swell::net
