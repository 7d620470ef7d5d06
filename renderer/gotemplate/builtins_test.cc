#include <gtest/gtest.h>

#include "renderer/gotemplate/testing.h"

namespace swell::gotemplate {
namespace {

using testing::Golden;

std::shared_ptr<const FunctionMap> Builtins() {
  auto functions = std::make_shared<FunctionMap>();
  RegisterBuiltins(*functions);
  return functions;
}

// Comparisons, and/or, index, print and the escaping functions.
// clang-format off: one case a line pair, as recorded.
const Golden kBuiltins[] = {
    {R"({{ print 1 2 "a" "b" 3 4.5 nil nil true }} {{ println "x" 1 nil }})",
     R"(1 2ab3 4.5 <nil> <nil> true x 1 <nil>
)"},
    {"{{ (index .Values.rows 0).v.w }}",
     R"(ERR template: f:1:37: executing "x" at <0>: can't evaluate field w in type interface {})"},
    {R"({{ index .Values.deep "a" "b" "c" }} {{ index .Values.deep "x" }})",
     "end <no value>"},
    {"{{ index .Values.count 1 }}",
     R"(ERR template: f:1:17: executing "x" at <index .Values.count 1>: error calling index: can't index item of type float64)"},
    {"{{ index .Values.tags nil }}",
     R"(ERR template: f:1:17: executing "x" at <index .Values.tags nil>: error calling index: cannot index slice/array with nil)"},
    {"{{ index .Values.labels nil }}",
     R"(ERR template: f:1:17: executing "x" at <index .Values.labels nil>: error calling index: value is nil; should be of type string)"},
    {R"({{ index "abc" 3 }})",
     R"(ERR template: f:1:17: executing "x" at <index "abc" 3>: error calling index: reflect: string index out of range)"},
    {"{{ and }}",
     R"(ERR template: f:1:17: executing "x" at <and>: wrong number of args for and: want at least 1 got 0)"},
    {R"({{ and 1 "" 2 }} {{ or 0 "" "x" 2 }} {{ not 0 }} {{ 5 | and 1 }} {{ 0 | or "" }})",
     " x true 5 0"},
    {"{{ true | and }}",
     "true"},
    {"{{ eq 1 }}",
     R"(ERR template: f:1:17: executing "x" at <eq 1>: error calling eq: missing argument for comparison)"},
    {"{{ 1 | eq }}",
     R"(ERR template: f:1:21: executing "x" at <eq>: error calling eq: missing argument for comparison)"},
    {R"({{ eq 1 2 1 }} {{ ne "a" "b" }} {{ lt 1 2 }} {{ le 2.5 2.5 }} {{ gt "b" "a" }} {{ ge 1 2 }})",
     "true true true true true false"},
    {"{{ eq .Values.count 3 }}",
     R"(ERR template: f:1:17: executing "x" at <eq .Values.count 3>: error calling eq: incompatible types for comparison: float64 and int)"},
    {"{{ eq .Values.none .Values.nope nil }}",
     "true"},
    {"{{ lt .Values.none 1 }}",
     R"(ERR template: f:1:17: executing "x" at <lt .Values.none 1>: error calling lt: invalid type for comparison)"},
    {"{{ eq 1i 1i }} {{ lt 1i 2i }}",
     R"(ERR template: f:1:32: executing "x" at <lt 1i 2i>: error calling lt: invalid type for comparison)"},
    {R"({{ eq (index "a" 0) 97 }} {{ lt (index "a" 0) 98 }} {{ lt -1 (index "a" 0) }} {{ gt (index "a" 0) -1 }})",
     "true true true true"},
    {R"({{ html "<a b='c'>" 1 nil }} {{ js "<'\"é\u2028=&\\>" }} {{ urlquery "a b/ü~" 1 }})",
     R"(&lt;a b=&#39;c&#39;&gt;1&lt;no value&gt; \u003C\'\"é\u2028\u003D\u0026\\\u003E a+b%2F%C3%BC~1)"},
    {"{{ call 1 2 }}",
     R"(ERR template: f:1:17: executing "x" at <call 1 2>: error calling call: non-function 1 of type int)"},
    {R"({{ "name" | call }})",
     R"(ERR template: f:1:26: executing "x" at <call>: error calling call: non-function name of type string)"},
    {"{{ .Values.tags.len }}",
     R"(ERR template: f:1:24: executing "x" at <.Values.tags.len>: can't evaluate field len in type interface {})"},
    {R"({{ print `a
b` }})",
     R"(a
b)"},
    {R"({{ print 0x10 0o17 0b11 017 1_0 'a' '\n' '\'' '\u00e9' 1e3 .5 5. 0x1p4 }})",
     "16 15 3 15 10 97 10 39 233 1000 0.5 5 16"},
};
// clang-format on

class BuiltinTest : public ::testing::TestWithParam<Golden> {};

TEST_P(BuiltinTest, MatchesHelm) {
  EXPECT_EQ(testing::Render(Builtins(), GetParam().text, testing::GoldenData()), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(Golden, BuiltinTest, ::testing::ValuesIn(kBuiltins));

}  // namespace
}  // namespace swell::gotemplate
