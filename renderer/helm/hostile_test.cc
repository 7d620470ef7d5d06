// Templates that loop, recurse or blow text up: each ends with the budget's error, which names the
// template, the line, the budget and how to raise it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "renderer/helm/helm.h"
#include "renderer/source/trees.h"

namespace swell::helm {
namespace {

using ::testing::HasSubstr;

std::string Repeated(std::string_view text, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += text;
  return out;
}

// Less than the defaults, so that what uses a budget up does so in a moment, under sanitizers too.
Limits TestLimits() {
  Limits limits;
  limits.templates.max_steps = 300'000;
  limits.templates.max_output_bytes = 4u << 20;
  limits.templates.max_value_bytes = 4u << 20;
  limits.templates.max_allocated_bytes = 32u << 20;
  limits.schema.max_steps = 100'000;
  limits.max_chart_bytes = 1u << 20;
  return limits;
}

Result<Output> RenderTemplate(const std::string& text, const std::string& values = "",
                              const Limits& limits = TestLimits()) {
  return Render(MakeMemoryTree({{"Chart.yaml", "apiVersion: v2\nname: c\nversion: 1.0.0\n"},
                                {"values.yaml", values},
                                {"templates/a.yaml", text}}),
                "", {}, {.limits = limits});
}

struct Hostile {
  const char* name;
  std::string text;  // of templates/a.yaml
  const char* budget;
  std::string values = "";
};

void PrintTo(const Hostile& hostile, std::ostream* out) { *out << hostile.name; }

class HostileTemplate : public ::testing::TestWithParam<Hostile> {};

TEST_P(HostileTemplate, EndsWithItsBudget) {
  const Hostile& hostile = GetParam();
  const auto out = RenderTemplate(hostile.text, hostile.values);
  ASSERT_FALSE(out) << "it rendered";
  const std::string message = out.error().ToString();
  EXPECT_EQ(out.error().code(), ErrorCode::kResourceExhausted) << message.substr(0, 600);
  EXPECT_THAT(message.substr(0, 100), HasSubstr("c/templates/a.yaml:1")) << hostile.name;
  EXPECT_THAT(message, HasSubstr(hostile.budget)) << message.substr(0, 600);
  EXPECT_LT(message.size(), 4'000u);
}

constexpr const char* kSteps = "300000 steps (budget max_steps)";
constexpr const char* kValue = "(budget max_value_bytes)";
constexpr const char* kMade = "(budget max_allocated_bytes)";
constexpr const char* kMegabyte = "{{ $s := repeat 1000000 `x` }}";
constexpr const char* kDoubling = "{{ $l := list 1 }}{{ range 30 }}{{ $l = list $l $l }}{{ end }}";
constexpr const char* kCycle = "{{ $d := dict }}{{ $_ := set $d `d` $d }}";

INSTANTIATE_TEST_SUITE_P(
    Loops, HostileTemplate,
    ::testing::Values(
        Hostile{"until", "{{ until 1000000000 }}", kSteps},
        Hostile{"untilStep", "{{ untilStep 0 2000000000 1 }}", kSteps},
        Hostile{"seq", "{{ seq 1 2000000000 }}", kSteps},
        Hostile{"range of an integer", "{{ range 9000000000000000000 }}{{ end }}", kSteps},
        Hostile{"range in range", "{{ range 5000 }}{{ range 5000 }}{{ end }}{{ end }}", kSteps},
        Hostile{"a growing list",
                "{{ $l := list }}{{ range 1000000 }}{{ $l = append $l 1 }}{{ end }}", kSteps},
        Hostile{"a growing dict",
                "{{ $d := dict }}{{ range 10000000 }}{{ $_ := set $d (toString .) 1 }}{{ end }}",
                kSteps},
        Hostile{"a long text again and again",
                std::string(kMegabyte) + "{{ range 10000000 }}{{ $_ := upper $s }}{{ end }}",
                kSteps},
        Hostile{"the same tpl text again and again",
                "{{ $s := repeat 100000 `x` | printf `{{/* %s */}}` }}"
                "{{ range 10000000 }}{{ tpl $s . }}{{ end }}",
                kSteps},
        Hostile{"uniq", "{{ uniq (until 20000) }}", kSteps},
        Hostile{"random text", "{{ randAlphaNum 1000000000 }}", kValue},
        Hostile{"keys", "{{ range 10 }}{{ genPrivateKey `rsa` }}{{ end }}", kSteps},
        Hostile{"certificates", "{{ range 10 }}{{ $_ := genCA `a` 1 }}{{ end }}", kSteps},
        Hostile{"bcrypt", "{{ range 10 }}{{ bcrypt `a` }}{{ end }}", kSteps},
        Hostile{"derivePassword",
                "{{ range 10 }}{{ derivePassword 1 `long` `a` `b` `c` }}{{ end }}", kSteps},
        Hostile{"shuffle", std::string(kMegabyte) + "{{ shuffle $s }}", kSteps},
        Hostile{
            "decimals",
            "{{ $l := list }}{{ range 2000 }}{{ $l = append $l 1.5 }}{{ end }}"
            "{{ range 1000 }}{{ mulf 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5 "
            "1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5 1.5 }}{{ end }}",
            kSteps},
        Hostile{
            "a glob of alternatives",
            "{{ range 10000 }}{{ $_ := $.Files.Glob `" + Repeated("{a,b}", 12) + "` }}{{ end }}",
            kSteps}));

INSTANTIATE_TEST_SUITE_P(
    Recursion, HostileTemplate,
    ::testing::Values(Hostile{"template calls itself",
                              "{{ define `x` }}{{ template `x` . }}{{ end }}"
                              "{{ template `x` . }}",
                              "(budget max_template_depth)"},
                      Hostile{"tpl calls itself", "{{ tpl .Values.t . }}",
                              "(budget max_template_depth)", "t: '{{ tpl .Values.t . }}'"},
                      Hostile{"a long tpl calls itself", "{{ tpl .Values.t . }}", "max",
                              "t: '{{ tpl .Values.t . }}" + std::string(100'000, 'x') + "'"},
                      Hostile{"include and tpl call each other",
                              "{{ define `x` }}{{ tpl .Values.t . }}{{ end }}{{ include `x` . }}",
                              "(budget max_", "t: '{{ if true }}{{ template `x` . }}{{ end }}'"}));

INSTANTIATE_TEST_SUITE_P(
    Sizes, HostileTemplate,
    ::testing::Values(
        Hostile{"repeat", "{{ repeat 1000000000 `abc` }}", kValue},
        Hostile{"repeat of repeat", std::string(kMegabyte) + "{{ repeat 1000000 $s }}", kValue},
        Hostile{"repeat overflows", std::string(kMegabyte) + "{{ repeat 9223372036854775807 $s }}",
                kValue},
        Hostile{"indent", "{{ indent 1000000000 `abc` }}", kValue},
        Hostile{"nindent", "{{ nindent 9223372036854775807 `a\\nb` }}", kValue},
        Hostile{"printf width",
                "{{ printf `%1000000d%1000000d%1000000d%1000000d%1000000d` 1 2 3 4 "
                "5 }}",
                kValue},
        Hostile{"replace", std::string(kMegabyte) + "{{ replace `x` $s $s }}", kValue},
        Hostile{"replace of nothing", std::string(kMegabyte) + "{{ replace `` $s $s }}", kValue},
        Hostile{"regexReplaceAll", std::string(kMegabyte) + "{{ regexReplaceAll `` $s $s }}",
                kValue},
        Hostile{
            "regexReplaceAll with groups",
            std::string(kMegabyte) + "{{ regexReplaceAll `(x)` $s `$1$1$1$1$1$1$1$1$1$1$1$1$1` }}",
            "(budget max_"},
        Hostile{"regexReplaceAll of all by itself",
                std::string(kMegabyte) + "{{ regexReplaceAll `(?s).*` $s (repeat 250000 `${0}`) }}",
                kValue},
        Hostile{"regexReplaceAllLiteral",
                std::string(kMegabyte) + "{{ regexReplaceAllLiteral `x` $s $s }}", kValue},
        Hostile{"join", "{{ $s := repeat 100000 `x` }}{{ $l := until 1000 }}{{ join $s $l }}",
                kValue},
        Hostile{"wrapWith", "{{ wrapWith 1 (repeat 10000 `x`) (repeat 10000 `y `) }}", kValue},
        Hostile{"doubling text",
                "{{ $s := `0123456789abcdef` }}{{ range 60 }}{{ $s = print $s $s }}{{ end }}",
                kValue},
        Hostile{"output", "{{ range 100000 }}" + Repeated("0123456789", 10) + "{{ end }}",
                "4194304 bytes (budget max_output_bytes)"},
        Hostile{"toYaml of a doubling list", std::string(kDoubling) + "{{ toYaml $l }}",
                "(budget max_"},
        Hostile{"toJson of a doubling list", std::string(kDoubling) + "{{ toJson $l }}",
                "(budget max_"},
        Hostile{"toToml of a doubling list", std::string(kDoubling) + "{{ toToml (dict `a` $l) }}",
                "(budget max_"},
        Hostile{"print of a doubling list", std::string(kDoubling) + "{{ print $l }}",
                "(budget max_"},
        Hostile{"deepCopy of a doubling list", std::string(kDoubling) + "{{ deepCopy $l }}",
                "(budget max_"},
        Hostile{"deepEqual of doubling lists",
                std::string(kDoubling) + "{{ $a := $l }}" + kDoubling + "{{ deepEqual $a $l }}",
                kSteps},
        Hostile{"toYaml of one text many times",
                std::string(kMegabyte) + "{{ toYaml (list $s $s $s $s $s $s $s $s) }}", kValue},
        Hostile{"many texts kept",
                "{{ $d := dict }}{{ range 100 }}{{ $_ := set $d (toString .) (repeat 1000000 `x`) "
                "}}{{ end }}",
                kMade},
        Hostile{"fromYaml kept",
                "{{ $s := repeat 20000 `[],` | printf `[%s]` }}{{ $d := dict }}"
                "{{ range 1000 }}{{ $_ := set $d (toString .) (fromYamlArray $s) }}{{ end }}",
                "(budget max_"}));

INSTANTIATE_TEST_SUITE_P(
    Cycles, HostileTemplate,
    ::testing::Values(
        Hostile{"toYaml", std::string(kCycle) + "{{ toYaml $d }}", "(budget max_value_depth)"},
        Hostile{"toYamlPretty", std::string(kCycle) + "{{ toYamlPretty $d }}",
                "(budget max_value_depth)"},
        Hostile{"toJson", std::string(kCycle) + "{{ toJson $d }}", "(budget max_value_depth)"},
        Hostile{"toToml", std::string(kCycle) + "{{ toToml $d }}", "(budget max_value_depth)"},
        Hostile{"print", std::string(kCycle) + "{{ print $d }}", "(budget max_value_depth)"},
        Hostile{"quote", std::string(kCycle) + "{{ quote $d }}", "(budget max_value_depth)"},
        Hostile{"an action", std::string(kCycle) + "{{ $d }}", "(budget max_value_depth)"},
        Hostile{"deepCopy", std::string(kCycle) + "{{ deepCopy $d }}", "(budget max_value_depth)"},
        Hostile{
            "deepEqual",
            std::string(kCycle) + "{{ $e := dict }}{{ $_ := set $e `d` $e }}{{ deepEqual $d $e }}",
            "(budget max_value_depth)"},
        Hostile{"merge",
                std::string(kCycle) + "{{ $e := dict }}{{ $_ := set $e `d` $e }}{{ merge $d $e }}",
                "(budget max_value_depth)"},
        Hostile{"mergeOverwrite",
                std::string(kCycle) +
                    "{{ $e := dict }}{{ $_ := set $e `d` $e }}{{ mergeOverwrite $d $e }}",
                "(budget max_value_depth)"}));

INSTANTIATE_TEST_SUITE_P(
    Parsers, HostileTemplate,
    ::testing::Values(
        Hostile{"nested blocks", Repeated("{{ if 1 }}", 20'000), "(budget max_parse_depth)"},
        Hostile{"nested parentheses", "{{ " + Repeated("(", 20'000), "(budget max_parse_depth)"},
        Hostile{"variables", Repeated("{{ $a := 1 }}", 3'000), "(budget max_parse_variables)"},
        Hostile{"a regular expression of many states",
                "{{ range 100000 }}{{ $_ := regexMatch (printf `" + Repeated("(a?b?){300}", 20) +
                    "%d` .) `aaaa` }}{{ end }}",
                kSteps},
        Hostile{"a search that reads to the end each time",
                "{{ $s := repeat 100000 `a` }}{{ range 100000 }}"
                "{{ $_ := regexFindAll `(a.*z)|a` $s -1 }}{{ end }}",
                "(budget max_"},
        Hostile{"deep YAML", "{{ fromYaml (repeat 100000 `[`) }}", "(budget max_depth)"},
        Hostile{"deep JSON", "{{ fromJson (repeat 100000 `[`) }}", "(budget max_depth)"},
        Hostile{"deep TOML keys",
                "{{ fromToml (printf `%s = 1` (repeat 100000 `a.` | trimSuffix "
                "`.`)) }}",
                "nested deeper than"},
        Hostile{"deep TOML lists", "{{ fromToml (printf `a = %s` (repeat 100000 `[`)) }}",
                "nested deeper than"},
        Hostile{"aliases of aliases",
                "{{ fromYaml `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
                "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
                "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n"
                "g: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f,*f]\nh: [*g,*g,*g,*g,*g,*g,*g,*g,*g,*g]` }}",
                "(budget max_"}));

TEST(Hostile, TheDefaultsEndWhatIsBeyondAllMeasureAtOnce) {
  for (const char* text :
       {"{{ until 1000000000 }}", "{{ repeat 1000000000 `x` }}", "{{ indent 1000000000 `x` }}",
        "{{ randAlphaNum 1000000000 }}", "{{ seq 1 1 1000000000 }}"}) {
    const auto out = RenderTemplate(text, "", Limits());
    ASSERT_FALSE(out) << text;
    EXPECT_EQ(out.error().code(), ErrorCode::kResourceExhausted) << text;
  }
}

TEST(Hostile, MessagesTellHowToRaiseTheBudget) {
  const auto steps = RenderTemplate("\n\n{{ range 1000000 }}{{ end }}");
  ASSERT_FALSE(steps);
  EXPECT_EQ(steps.error().ToString(),
            "c/templates/a.yaml:3:9\n  executing \"c/templates/a.yaml\" at <1000000>:\n    the "
            "rendering takes more than 300000 steps (budget max_steps); does a loop or recursion "
            "not end? If the chart is right, raise it with --render-max-steps");
  EXPECT_THAT(RenderTemplate("{{ repeat 10000000 `x` }}").error().ToString(),
              HasSubstr("raise it with --render-max-memory"));
  EXPECT_THAT(RenderTemplate("{{ range 90000 }}" + Repeated("0123456789", 10) + "{{ end }}")
                  .error()
                  .ToString(),
              HasSubstr("raise it with --render-max-output"));
}

TEST(Hostile, FlagsSetTheBudgets) {
  Limits limits;
  EXPECT_TRUE(SetLimit(limits, kMaxStepsFlag, "1000"));
  EXPECT_TRUE(SetLimit(limits, kMaxOutputFlag, "1Mi"));
  EXPECT_TRUE(SetLimit(limits, kMaxMemoryFlag, "2Gi"));
  EXPECT_TRUE(SetLimit(limits, kMaxChartFlag, "70000"));
  EXPECT_EQ(limits.templates.max_steps, 1'000u);
  EXPECT_EQ(limits.schema.max_steps, 1'000u);
  EXPECT_EQ(limits.templates.max_output_bytes, 1u << 20);
  EXPECT_EQ(limits.templates.max_allocated_bytes, 2ull << 30);
  EXPECT_EQ(limits.templates.max_value_bytes, 128u << 20);
  EXPECT_EQ(limits.max_chart_bytes, 70'000u);
  for (const auto& [flag, text] : {std::pair{kMaxStepsFlag, "0"}, std::pair{kMaxStepsFlag, "1Ki"},
                                   std::pair{kMaxOutputFlag, "1"}, std::pair{kMaxChartFlag, "x"}}) {
    const Status set = SetLimit(limits, flag, text);
    ASSERT_FALSE(set) << flag << " " << text;
    EXPECT_EQ(set.error().code(), ErrorCode::kInvalidArgument);
    EXPECT_THAT(set.error().ToString(), HasSubstr(std::string(flag)));
  }
}

TEST(Hostile, ARaisedBudgetIsUsed) {
  Limits limits = TestLimits();
  limits.SetSteps(5'000'000);
  EXPECT_TRUE(RenderTemplate("{{ range 1000000 }}{{ end }}", "", limits));
  limits.SetMemoryBytes(256u << 20);
  EXPECT_TRUE(RenderTemplate("{{ $_ := repeat 10000000 `x` }}", "", limits));
}

TEST(Hostile, IncludeEndsWithHelmsOwnLimit) {
  const auto out =
      RenderTemplate("{{ define `x` }}{{ include `x` . }}{{ end }}{{ include `x` . }}");
  ASSERT_FALSE(out);
  EXPECT_THAT(out.error().ToString(),
              HasSubstr("rendering template has a nested reference name: x: unable to execute"));
  EXPECT_THAT(out.error().ToString().substr(0, 40), HasSubstr("c/templates/a.yaml:1"));
}

TEST(Hostile, NothingOfTheMachineIsTold) {
  ::setenv("SWELL_HOSTILE_TEST", "secret-of-the-machine", 1);
  for (const char* text :
       {"{{ env `SWELL_HOSTILE_TEST` }}", "{{ expandenv `$SWELL_HOSTILE_TEST` }}"}) {
    const auto out = RenderTemplate(text);
    ASSERT_FALSE(out) << text;
    EXPECT_THAT(out.error().ToString(), HasSubstr("not defined"));
    EXPECT_EQ(out.error().ToString().find("secret-of-the-machine"), std::string::npos);
  }
  const auto host = RenderTemplate("a: {{ getHostByName `localhost` | quote }}");
  ASSERT_TRUE(host);
  EXPECT_EQ(TemplateStream(*host), "---\n# Source: c/templates/a.yaml\na: \"\"\n");
}

TEST(Hostile, PatternsOfPathologicalFameTakeLinearTime) {
  const auto out = RenderTemplate(
      "a: {{ regexMatch `^(a+)+$` (repeat 50000 `a` | printf `%s!`) }}\n"
      "b: {{ regexMatch `(a|aa)+$` (repeat 50000 `a` | printf `%s!`) }}\n"
      "c: {{ regexMatch `(.*)(.*)(.*)(.*)(.*)[^x]$` (repeat 20000 `x`) }}\n");
  ASSERT_TRUE(out) << out.error().ToString();
  EXPECT_EQ(out->documents[0].text, "a: false\nb: false\nc: false");
}

}  // namespace
}  // namespace swell::helm
