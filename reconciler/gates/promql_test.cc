#include "reconciler/gates/promql.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/core/strings.h"

namespace swell::gates {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// "~" stands for the matcher, so that the cases can be read; not in =~ and !~.
std::string Expand(std::string_view text) {
  const std::string matcher = "cluster=~\"c1|c2\"";
  std::string out = ReplaceAll(text, "~", matcher);
  for (const std::string sign : {"=", "!"}) out = ReplaceAll(out, sign + matcher, sign + "~");
  return out;
}

std::string Restrict(std::string_view query) {
  const auto out = RestrictQuery(query, "cluster", {"c1", "c2"});
  return out ? *out : "error: " + out.error().ToString();
}

struct Case {
  const char* query;
  const char* restricted;
};

// Prometheus 2.42 takes all of them for what stands beside them (its /api/v1/format_query); the
// first ones are prom-label-proxy's own (injectproxy/enforce_test.go).
constexpr Case kSelectors[] = {
    {R"q(round(metric1{label="baz"},3))q", R"q(round(metric1{label="baz",~},3))q"},
    {R"q(sum by (pod) (metric1{label="baz"}))q", R"q(sum by (pod) (metric1{label="baz",~}))q"},
    {R"q(metric1{} + sum by (pod)(metric2{label="baz"}))q",
     R"q(metric1{~} + sum by (pod)(metric2{label="baz",~}))q"},
    {R"q(metric1{} + on(pod,namespace) sum by (pod) (metric2{label="baz"}))q",
     R"q(metric1{~} + on(pod,namespace) sum by (pod) (metric2{label="baz",~}))q"},
    // Names alone, and with range, offset and time.
    {"up", "up{~}"},
    {"job:up:sum", "job:up:sum{~}"},
    {":up", ":up{~}"},
    {"rate(up[5m])", "rate(up{~}[5m])"},
    {"rate(up[1h30m] offset 1d)", "rate(up{~}[1h30m] offset 1d)"},
    {"up offset -5m", "up{~} offset -5m"},
    {"up @ 1609746000.5", "up{~} @ 1609746000.5"},
    {"up @ end() offset 5m", "up{~} @ end() offset 5m"},
    {"rate(up[5m] @ start())", "rate(up{~}[5m] @ start())"},
    {"max_over_time(rate(up[5m])[1h:1m])", "max_over_time(rate(up{~}[5m])[1h:1m])"},
    {"max_over_time(up[1h:])", "max_over_time(up{~}[1h:])"},
    // Braces.
    {R"q({job="x"})q", R"q({job="x",~})q"},
    {R"q({job="x",})q", R"q({job="x",~})q"},
    {R"q({__name__=~"job:.*"})q", R"q({__name__=~"job:.*",~})q"},
    {R"q(up{a!="b",c=~"d|e",f!~"g"})q", R"q(up{a!="b",c=~"d|e",f!~"g",~})q"},
    {R"q(up { a = "}" , b = '{"' })q", R"q(up { a = "}" , b = '{"' ,~})q"},
    {"up{a=`\\`,b=\"\\\"}\"}", "up{a=`\\`,b=\"\\\"}\",~}"},
    // The same label: both hold.
    {R"q(up{cluster="c1"})q", R"q(up{cluster="c1",~})q"},
    // Operators and what follows them.
    {"-up", "-up{~}"},
    {"a/b", "a{~}/b{~}"},
    {"a == bool b", "a{~} == bool b{~}"},
    {"a > bool on(x) b", "a{~} > bool on(x) b{~}"},
    {"a * on(x,y) group_left(z) b", "a{~} * on(x,y) group_left(z) b{~}"},
    {"a * on(x) group_left b", "a{~} * on(x) group_left b{~}"},
    {"a * ignoring(x) group_right(y,) (b)", "a{~} * ignoring(x) group_right(y,) (b{~})"},
    {"a and b or c unless d", "a{~} and b{~} or c{~} unless d{~}"},
    {"a AND ON(x) b", "a{~} AND ON(x) b{~}"},
    {"a atan2 b", "a{~} atan2 b{~}"},
    {"a^b^2", "a{~}^b{~}^2"},
    {"1 - a % 0x1F + 1e-3 + .5 + 1e3", "1 - a{~} % 0x1F + 1e-3 + .5 + 1e3"},
    {"a + Inf + nan", "a{~} + Inf + nan"},
    // Aggregations and functions.
    {"sum(a)", "sum(a{~})"},
    {"SUM BY (x) (a)", "SUM BY (x) (a{~})"},
    {"sum(a) by (x)", "sum(a{~}) by (x)"},
    {"sum without(x,by) (a)", "sum without(x,by) (a{~})"},
    {"sum by () (a)", "sum by () (a{~})"},
    {"topk(3, a)", "topk(3, a{~})"},
    {R"q(count_values("v", a))q", R"q(count_values("v", a{~}))q"},
    {"quantile by (le) (0.9, a)", "quantile by (le) (0.9, a{~})"},
    {"histogram_quantile(0.99, sum by (le) (rate(h_bucket[5m])))",
     "histogram_quantile(0.99, sum by (le) (rate(h_bucket{~}[5m])))"},
    {R"q(label_replace(up{a="b"}, "x", "$1", "y", "(.*)"))q",
     R"q(label_replace(up{a="b",~}, "x", "$1", "y", "(.*)"))q"},
    {"time() - max(a)", "time() - max(a{~})"},
    {"(a) / scalar(sum(b))", "(a{~}) / scalar(sum(b{~}))"},
    {"vector(1) or a", "vector(1) or a{~}"},
    // Keywords that are names here.
    {"sum", "sum{~}"},
    {R"q(count{a="b"} / offset)q", R"q(count{a="b",~} / offset{~})q"},
    {"offset offset 5m", "offset{~} offset 5m"},
    {"by + without", "by{~} + without{~}"},
    {"or or or", "or{~} or or{~}"},
    {"start + end", "start{~} + end{~}"},
    {R"q(up{by="a",on="b",sum="c"})q", R"q(up{by="a",on="b",sum="c",~})q"},
    {"sum by (offset, bool, on) (a)", "sum by (offset, bool, on) (a{~})"},
    // Comments and white space stay.
    {"a # } \"\n+ b", "a{~} # } \"\n+ b{~}"},
    {"up{ # a \"quote\n job=\"x\" # last\n}", "up{ # a \"quote\n job=\"x\" # last\n,~}"},
    {"\t sum\n(\r\n a )", "\t sum\n(\r\n a{~} )"},
};

// What Prometheus 3 has, by its lexer and grammar.
constexpr Case kLater[] = {
    {R"q({"my.metric"})q", R"q({"my.metric",~})q"},
    {R"q({"my.metric","a.b"="c"})q", R"q({"my.metric","a.b"="c",~})q"},
    {R"q(sum by ("a.b") (a))q", R"q(sum by ("a.b") (a{~}))q"},
    {"rate(a[5m+step()])", "rate(a{~}[5m+step()])"},
    {"rate(a[max_of(5m,step()*2)])", "rate(a{~}[max_of(5m,step()*2)])"},
    {"a offset (5m*2)", "a{~} offset (5m*2)"},
    {"a offset -step()", "a{~} offset -step()"},
    {"rate(a[5m] smoothed)", "rate(a{~}[5m] smoothed)"},
    {"increase(a[5m] anchored)", "increase(a{~}[5m] anchored)"},
    {"a + on(x) fill(0) b", "a{~} + on(x) fill(0) b{~}"},
    {"a + fill_left(-1) fill_right(Inf) b", "a{~} + fill_left(-1) fill_right(Inf) b{~}"},
    {"fill + fill", "fill{~} + fill{~}"},
    {"a </ b", "a{~} </ b{~}"},
};

TEST(RestrictQuery, EverySelectorGetsTheMatcher) {
  for (const Case& c : kSelectors) EXPECT_EQ(Restrict(c.query), Expand(c.restricted)) << c.query;
  for (const Case& c : kLater) EXPECT_EQ(Restrict(c.query), Expand(c.restricted)) << c.query;
}

TEST(RestrictQuery, AgainItOnlyGrows) {
  for (const Case& c : kSelectors) {
    const std::string once = Restrict(c.query);
    const std::string twice = Restrict(once);
    EXPECT_THAT(twice, ::testing::Not(StartsWith("error"))) << c.query;
    EXPECT_EQ(ReplaceAll(twice, Expand("~,~"), Expand("~")), once) << c.query;
  }
}

TEST(RestrictQuery, RefusesByPlace) {
  constexpr Case kCases[] = {
      {"", "query:1:1: the query ends where an expression is expected"},
      {"a +", "query:1:4: the query ends where an expression is expected"},
      {"sum(a", "query:1:4: the parenthesis that begins here does not end"},
      {"a)", R"q(query:1:2: ")" where an operator is expected)q"},
      {"a b", R"q(query:1:3: "b" where an operator is expected)q"},
      {"a{b=\"c\"", R"q(query:1:8: the query ends where "," is expected)q"},
      {"a{b}", R"q(query:1:4: "}" where =, !=, =~ or !~ is expected)q"},
      {"a{b=c}", R"q(query:1:5: "c" where a string is expected)q"},
      {"a{b==\"c\"}", R"q(query:1:4: "==" where =, !=, =~ or !~ is expected)q"},
      {"a{,}", R"q(query:1:3: "," where a label is expected)q"},
      {"a{{b=\"c\"}}", R"q(query:1:3: "{" where a label is expected)q"},
      {"a{b:c=\"d\"}", R"q(query:1:4: ":" where =, !=, =~ or !~ is expected)q"},
      {"a\n  + \"b", "query:2:5: the string that begins here does not end"},
      {"a{b=\"\n\"}", "query:1:5: the string that begins here does not end"},
      {"a ? b", R"q(query:1:3: there is no "?" in PromQL)q"},
      {"a + \xc3\xa4", "query:1:5: there is no \"\xc3\xa4\" in PromQL"},
      {"rate(a[])", R"q(query:1:8: "]" where a duration is expected)q"},
      {"rate(a[b])", R"q(query:1:8: "b" where a duration is expected)q"},
      {"rate(a[5m)", R"q(query:1:10: ")" where a duration is expected)q"},
      {"a offset b", R"q(query:1:10: "b" where a duration is expected)q"},
      {"a @ b", R"q(query:1:5: "b" where a time is expected)q"},
      {"a + on b", R"q(query:1:8: "b" where "(" is expected)q"},
      {"a + on(x y) b", R"q(query:1:10: "y" where "," is expected)q"},
      {"on", R"q(query:1:1: "on" where an expression is expected)q"},
      {"a by (x)", R"q(query:1:3: "by" where an operator is expected)q"},
      {"and(a)", R"q(query:1:1: "and" where a function is expected)q"},
      {"f(a,)", R"q(query:1:5: ")" where an expression is expected)q"},
      {"(a, b)", R"q(query:1:3: "," where an operator is expected)q"},
      {"()", R"q(query:1:2: ")" where an expression is expected)q"},
      {"inf{a=\"b\"}", R"q(query:1:4: "{" where an operator is expected)q"},
      {"{{ .application }}", R"q(query:1:4: there is no "." in PromQL)q"},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(Restrict(c.query), std::string("error: ") + c.restricted) << c.query;
  }
}

TEST(RestrictQuery, RefusesWhatItCannotRestrict) {
  EXPECT_THAT(Restrict("vector(1)"), HasSubstr("no selector that clusterLabel \"cluster\""));
  for (const char* label : {"", "1a", "a-b", "a\"", "a.b"}) {
    EXPECT_EQ(RestrictQuery("up", label, {"c1"}).error().code(), ErrorCode::kInvalidArgument);
  }
}

TEST(RestrictQuery, NamesAreNoPatterns) {
  EXPECT_EQ(*RestrictQuery("up", "k", {"c1"}), R"q(up{k="c1"})q");
  EXPECT_EQ(*RestrictQuery("up", "k", {"a.b\"\\"}), R"q(up{k="a.b\"\\"})q");
  EXPECT_EQ(*RestrictQuery("up", "k", {"a.b", "c|d+\"", "us-east-1"}),
            R"q(up{k=~"a\\.b|c\\|d\\+\"|us-east-1"})q");
}

}  // namespace
}  // namespace swell::gates
