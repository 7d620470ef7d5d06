#include "renderer/gotemplate/budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "renderer/gotemplate/testing.h"

namespace swell::gotemplate {
namespace {

using ::testing::HasSubstr;

using Args = std::span<const Any>;

// include, tpl, set and dict as the engine's users define them.
std::shared_ptr<const FunctionMap> Functions() {
  auto functions = std::make_shared<FunctionMap>();
  RegisterBuiltins(*functions);
  functions->Add("include", {types::kString, types::kAny},
                 [](Context& context, Args args) -> Result<Any> {
                   return Any::String(TRY(context.ExecuteTemplate(args[0].as_string(), args[1])));
                 });
  functions->Add(
      "tpl", {types::kString, types::kAny}, [](Context& context, Args args) -> Result<Any> {
        return Any::String(TRY(context.ExecuteText("gotpl", args[0].as_string(), args[1])));
      });
  functions->Add("dict", {}, [](Context&, Args) -> Result<Any> { return Any::NewMap(); });
  functions->Add("set", {types::kAnyMap, types::kString, types::kAny},
                 [](Context& context, Args args) -> Result<Any> {
                   context.cycles().Note(args[0], args[2]);
                   args[0].as_map()->Set(args[1].as_string(), args[2]);
                   return args[0];
                 });
  functions->Add("wrap", {types::kAny},
                 [](Context&, Args args) -> Result<Any> { return Any::List({args[0]}); });
  return functions;
}

struct Case {
  const char* text;
  Limits limits;
  const char* budget;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.text; }

class BudgetTest : public ::testing::TestWithParam<Case> {};

TEST_P(BudgetTest, EndsWithAMessageThatNamesThePlaceAndTheBudget) {
  const SessionOptions options{.missing_key = MissingKey::kZero, .limits = GetParam().limits};
  const std::string got = testing::Render(Functions(), GetParam().text, {}, options);
  EXPECT_TRUE(got.starts_with("ERR template: ")) << got.substr(0, 300);
  EXPECT_THAT(got, HasSubstr("f"));
  EXPECT_THAT(got, HasSubstr(GetParam().budget));
}

INSTANTIATE_TEST_SUITE_P(
    Limits, BudgetTest,
    ::testing::Values(
        Case{"{{ range 9000000000000000000 }}{{ end }}", {.max_steps = 10'000}, "max_steps"},
        Case{"{{ range 1000 }}{{ range 1000 }}{{ end }}{{ end }}",
             {.max_steps = 500'000},
             "max_steps"},
        Case{"{{ range 100 }}0123456789{{ end }}", {.max_output_bytes = 500}, "max_output_bytes"},
        Case{"{{ $s := `0123456789abcdef` }}{{ range 60 }}{{ $s = print $s $s }}{{ end }}",
             {.max_value_bytes = 100'000},
             "max_value_bytes"},
        Case{"{{ range 1000 }}{{ $x := printf `%1000d` 1 }}{{ end }}",
             {.max_allocated_bytes = 100'000},
             "max_allocated_bytes"},
        Case{"{{ printf `%900000d%900000d` 1 2 }}",
             {.max_value_bytes = 1'000'000},
             "max_value_bytes"},
        Case{"{{ template `x` . }}", {.max_template_depth = 50}, "max_template_depth"},
        Case{"{{ include `x` . }}", {.max_template_depth = 50}, "max_template_depth"},
        Case{"{{ tpl `{{ include \"x\" . }}` . }}",
             {.max_template_depth = 50},
             "max_template_depth"},
        Case{"{{ $d := dict }}{{ $_ := set $d `self` $d }}{{ print $d }}", {}, "max_value_depth"},
        Case{"{{ $l := wrap 1 }}{{ range 5000 }}{{ $l = wrap $l }}{{ end }}{{ print $l }}",
             {},
             "max_value_depth"},
        Case{"{{ 1 }}{{ 2 }}{{ 3 }}{{ 4 }}", {.max_parse_nodes = 10}, "max_parse_nodes"},
        Case{"{{ $a := 1 }}{{ $b := 2 }}{{ $c := 3 }}",
             {.max_parse_variables = 3},
             "max_parse_variables"},
        Case{"{{ $s := printf `%100000d` 1 }}{{ range 1000 }}{{ $_ := len $s }}{{ end }}",
             {.max_steps = 100'000},
             "max_steps"},
        Case{"0123456789", {.max_parse_bytes = 20}, "max_parse_bytes"}));

std::string Repeated(std::string_view text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

TEST(Budget, BoundsTheNestingOfBlocksAndParentheses) {
  for (const std::string& text :
       {Repeated("{{ if 1 }}", 20'000), "{{ " + Repeated("(", 20'000),
        "{{ if 1 }}" + Repeated("{{ else if 1 }}", 20'000), Repeated("{{ block `b` . }}", 20'000),
        "{{ " + Repeated("print (", 20'000) + "1" + Repeated(")", 20'000) + " }}"}) {
    const std::string got = testing::Render(Functions(), text, {});
    EXPECT_THAT(got, HasSubstr("max_parse_depth")) << text.substr(0, 30);
  }
}

TEST(Budget, UnboundedRecursionStopsBeforeTheStackEnds) {
  const SessionOptions options{.limits = {.max_template_depth = 10'000'000}};
  for (const char* text : {"{{ template `x` . }}", "{{ include `x` . }}",
                           "{{ if 1 }}{{ with 1 }}{{ print (include `x` .) }}{{ end }}{{ end }}"}) {
    EXPECT_THAT(testing::Render(Functions(), text, {}, options),
                HasSubstr("more than the stack has room for"));
  }
}

TEST(Budget, ErrorsOfALongRecursionKeepTheirBeginningAndTheirEnd) {
  const std::string text = "{{ tpl (printf `{{ include \"x\" . }}%50000d` 1) . }}";
  const std::string got =
      testing::Render(Functions(), text, {}, {.limits = {.max_template_depth = 500}});
  EXPECT_LT(got.size(), 1'000'000u);
  EXPECT_TRUE(got.starts_with("ERR template: f:1:")) << got.substr(0, 100);
  EXPECT_THAT(got.substr(got.size() - 200), HasSubstr("max_template_depth"));
}

TEST(Budget, DeepListsAreDestroyedWithoutRecursion) {
  const std::string got = testing::Render(
      Functions(), "{{ $l := wrap 1 }}{{ range 300000 }}{{ $l = wrap $l }}{{ end }}done", {});
  EXPECT_EQ(got, "done");
}

TEST(Budget, AThousandNestedIncludesFit) {
  TemplateSet set(Functions());
  ASSERT_TRUE(
      set.Parse("f",
                "{{ define `down` }}{{ if len . }}{{ include `down` (slice . 1) }}{{ else }}"
                "bottom{{ end }}{{ end }}{{ include `down` . }}"));
  Session session;
  const auto out = set.Execute("f", Any::String(std::string(1000, 'x')), session);
  ASSERT_TRUE(out) << out.error().ToString().substr(0, 100) << "…"
                   << out.error().ToString().substr(out.error().ToString().size() - 300);
  EXPECT_EQ(*out, "bottom");
}

TEST(CycleGuard, EmptiesMapsThatHoldThemselves) {
  auto probe = std::make_shared<int>(0);
  struct Probe : Object {
    explicit Probe(std::shared_ptr<int> p) : held(std::move(p)) {}
    const Type* type() const override { return types::kAnyMap; }
    std::string PrintText() const override { return ""; }
    Value ToJson() const override { return {}; }
    std::shared_ptr<int> held;
  };
  {
    CycleGuard guard;
    const Any map = Any::NewMap();
    map.as_map()->Set("self", map);
    map.as_map()->Set("probe", Any::Of(new Probe(probe)));
    guard.Note(map, map);
    EXPECT_EQ(probe.use_count(), 2);
  }
  EXPECT_EQ(probe.use_count(), 1);
}

}  // namespace
}  // namespace swell::gotemplate
