#include <gtest/gtest.h>

#include "renderer/funcs/data_families.h"
#include "renderer/gotemplate/testing.h"

namespace swell::funcs {
namespace {

using gotemplate::testing::Golden;

std::shared_ptr<const gotemplate::FunctionMap> Functions() {
  auto functions = std::make_shared<gotemplate::FunctionMap>();
  RegisterBuiltins(*functions);
  RegisterStrings(*functions);
  RegisterStringCases(*functions);
  RegisterStringLists(*functions);
  RegisterRandom(*functions);
  RegisterLists(*functions);
  RegisterDicts(*functions);
  RegisterMerge(*functions);
  RegisterDefaults(*functions);
  RegisterMath(*functions);
  RegisterReflection(*functions);
  return functions;
}

// Choosing, reflection, and how arguments are checked.
// clang-format off: one case a line pair, as recorded.
const Golden kDataCases[] = {
    {R"({{ ternary 1 2 "x" }})",
     R"(ERR template: f:1:29: executing "x" at <"x">: expected bool; found "x")"},
    {R"({{ default 1 nil }} {{ default 1 "" }} {{ default 1 2 3 }} {{ default nil nil }} {{ default 1 .Values.none }} {{ "" | default "x" }} {{ empty (dict "a" nil) }} {{ empty -1 }} {{ coalesce 0 "" (list) "z" }} {{ all "" }} {{ any }} {{ any nil 1 }} {{ ternary nil 1 true }})",
     "1 1 2 <no value> 1 x false false z false false true <no value>"},
    {R"({{ typeOf nil }} {{ kindOf nil }} {{ typeIs "int" 1 }} {{ typeIsLike "*int" 1 }} {{ typeIsLike "int" 1 }} {{ kindIs "slice" .Values.tags }} {{ kindIs "invalid" nil }} {{ deepEqual 1 1 }} {{ deepEqual (list 1) (until 1) }} {{ deepEqual (list) (rest (list)) }} {{ deepEqual nil (list) }} {{ deepEqual (dict "a" (list 1)) (dict "a" (list 1)) }})",
     "<nil> invalid true false true true true true false false false true"},
    {R"({{ printf "%v %d %s" (list 1 nil "a" 2.5 true) (list 1 2) (list "a" "b") }})",
     "[1 <nil> a 2.5 true] [1 2] [a b]"},
    {R"({{ printf "%#v %#v %#v" (list 1 nil "a") (dict "a" nil "b" (list)) (splitList "," "a,b") }})",
     R"([]interface {}{1, interface {}(nil), "a"} map[string]interface {}{"a":interface {}(nil), "b":[]interface {}{}} []string{"a", "b"})"},
    {R"({{ printf "%T %T %T %T" (list 1) (dict) (until 2) (split "," "a") }})",
     "[]interface {} map[string]interface {} []int map[string]string"},
    {R"({{ printf "%v %.2v" (1i) 2.5 }} {{ printf "%d" nil }} {{ printf "%v" nil }} {{ printf "%+v %+q" "é" "é" }} {{ printf "%s %v" (list nil) (dict "a" nil) }})",
     R"((0+1i) 2.5 %!d(<nil>) <nil> é "\u00e9" [<nil>] map[a:<nil>])"},
    {R"({{ printf "%s|%d" .Values.labels .Values.ports }} {{ printf "%q" .Values.tags }} {{ printf "%x" (list "a" "bc") }} {{ printf "%w" 1 }} {{ printf "%p" 1 }})",
     R"(map[app:web tier:front]|[%!d(float64=80) %!d(float64=443)] ["red" "green"] [61 6263] %!w(int=1) %!p(int=1))"},
    {R"({{ len .Values.labels }} {{ len "héé" }} {{ len (until 4) }})",
     "2 5 4"},
    {"{{ range list nil }}{{ .x }}{{ end }}",
     R"(ERR template: f:1:37: executing "x" at <.x>: nil pointer evaluating interface {}.x)"},
    {"{{ eq (dict) (list) }}",
     R"(ERR template: f:1:17: executing "x" at <eq (dict) (list)>: error calling eq: non-comparable types map[]: map[string]interface {}, []interface {}: [])"},
    {"{{ . | kindOf }} {{ $ | kindOf }}",
     "map map"},
    {"{{ randBytes -1 }}",
     R"(ERR template: f:1:17: executing "x" at <randBytes -1>: error calling randBytes: runtime error: makeslice: len out of range)"},
};
// clang-format on

class DataTest : public ::testing::TestWithParam<Golden> {};

TEST_P(DataTest, MatchesHelm) {
  EXPECT_EQ(
      gotemplate::testing::Render(Functions(), GetParam().text, gotemplate::testing::GoldenData()),
      GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(Golden, DataTest, ::testing::ValuesIn(kDataCases));

}  // namespace
}  // namespace swell::funcs
