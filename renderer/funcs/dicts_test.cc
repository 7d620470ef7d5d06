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

// Functions on dictionaries.
// clang-format off: one case a line pair, as recorded.
const Golden kDictsCases[] = {
    {"{{ set (dict) 1 2 }}",
     R"(ERR template: f:1:28: executing "x" at <1>: expected string; found 1)"},
    {R"({{ hasKey .Values.tags "a" }})",
     R"(ERR template: f:1:31: executing "x" at <.Values.tags>: wrong type for value; expected map[string]interface {}; got []interface {})"},
    {R"({{ merge "a" }})",
     R"(ERR template: f:1:23: executing "x" at <"a">: can't handle "a" for arg of type map[string]interface {})"},
    {R"({{ dict "a" }} {{ dict 1 2 3 4 }} {{ dict nil nil }} {{ dict (list 1) "x" 1.0 "f" }} {{ dict "b" 1 "a" 2 "b" 3 }})",
     "map[a:] map[1:2 3:4] map[<nil>:<nil>] map[1:f [1]:x] map[a:2 b:3]"},
    {R"({{ $d := dict "x" 1 }}{{ set $d "y" (list 1) }} {{ unset $d "x" }} {{ unset $d "zz" }} {{ get $d "y" }} {{ get $d "q" | quote }} {{ hasKey $d "y" }})",
     R"(map[x:1 y:[1]] map[y:[1]] map[y:[1]] [1] "" true)"},
    {R"({{ set nil "a" 1 }})",
     R"(ERR template: f:1:17: executing "x" at <set nil "a" 1>: error calling set: assignment to entry in nil map)"},
    {R"({{ get nil "a" | quote }} {{ hasKey nil "x" }} {{ keys nil }} {{ values nil }} {{ pick nil "a" }} {{ omit nil "a" }} {{ unset nil "a" }} {{ pluck "a" nil (dict "a" 1) }})",
     R"("" false [] [] map[] map[] map[] [1])"},
    {R"({{ pick .Values.labels "app" "nope" "app" }} {{ omit .Values.labels "app" }} {{ pluck "id" (first .Values.rows) (dict) (last .Values.rows) }} {{ keys .Values.labels (dict "z" 1) | sortAlpha }} {{ values (dict "a" nil) }})",
     "map[app:web] map[tier:front] [1 2] [app tier z] [<nil>]"},
    {"{{ pick .Values.labels 1 }}",
     R"(ERR template: f:1:37: executing "x" at <1>: expected string; found 1)"},
    {"{{ pluck 1 (dict) }}",
     R"(ERR template: f:1:23: executing "x" at <1>: expected string; found 1)"},
    {"{{ keys .Values.tags }}",
     R"(ERR template: f:1:29: executing "x" at <.Values.tags>: wrong type for value; expected map[string]interface {}; got []interface {})"},
    {R"({{ merge (dict "a" 0 "b" "" "c" (dict) "d" (list)) (dict "a" 1 "b" "x" "c" (dict "k" 1) "d" (list 1)) }} {{ merge (dict "a" (dict "x" nil "y" 1)) (dict "a" (dict "x" 5 "y" 6 "z" nil)) }} {{ merge (dict) (dict "n" nil) }} {{ mergeOverwrite (dict "a" 1) (dict "n" nil "a" nil) }})",
     "map[a:1 b:x c:map[k:1] d:[1]] map[a:map[x:5 y:1]] map[] map[a:<nil> n:<nil>]"},
    {R"({{ mergeOverwrite (dict "a" (dict "b" (list 1 2)) "c" 1) (dict "a" (dict "b" (list 3)) "c" (dict)) }} {{ merge (dict "a" (list)) (dict "a" "s") }} {{ merge nil (dict "a" 1) }} {{ mergeOverwrite (dict "a" (dict)) (dict "a" (dict)) }} {{ merge (dict "a" 1) (dict "a" (list 1)) }} {{ mergeOverwrite (dict "a" (list 1)) (dict "a" "") }})",
     "map[a:map[b:[3]] c:map[]] map[a:s] map[a:1] map[a:map[]] map[a:1] map[a:]"},
    {R"({{ $a := dict "m" (dict) }}{{ $b := dict "m" (dict "k" 1) }}{{ $_ := merge $a $b }}{{ $_ := set $a.m "k" 2 }}{{ $b.m.k }})",
     "1"},
    {R"({{ $d := dict "a" (dict "b" 1) }}{{ $e := mergeOverwrite $d $d }}{{ $e }} {{ merge $d (dict "a" $d.a) }})",
     "map[a:map[b:1]] map[a:map[b:1]]"},
    {R"({{ merge (dict "s" (split "," "a")) (dict "s" (dict "_1" "b")) }} {{ mergeOverwrite (dict) .Values.deep nil }})",
     R"(ERR template: f:1:17: executing "x" at <merge (dict "s" (split "," "a")) (dict "s" (dict "_1" "b"))>: error calling merge: reflect.Value.SetMapIndex: value of type interface {} is not assignable to type string)"},
    {R"({{ dig "a" "b" "c" "none" .Values.deep }} {{ dig "a" "x" "none" .Values.deep }} {{ dig "q" nil .Values.deep }} {{ dig "a" "b" "" .Values.deep }})",
     "end none <no value> map[c:end]"},
    {R"({{ dig "a" "b" "c" "d" "none" .Values.deep }})",
     R"(ERR template: f:1:17: executing "x" at <dig "a" "b" "c" "d" "none" .Values.deep>: error calling dig: interface conversion: interface {} is string, not map[string]interface {})"},
    {R"({{ dig 1 "x" .Values.deep }})",
     R"(ERR template: f:1:17: executing "x" at <dig 1 "x" .Values.deep>: error calling dig: interface conversion: interface {} is int, not string)"},
    {R"({{ dig "a" "x" (list) }})",
     R"(ERR template: f:1:17: executing "x" at <dig "a" "x" (list)>: error calling dig: interface conversion: interface {} is []interface {}, not map[string]interface {})"},
    {R"({{ dig "a" }})",
     R"(ERR template: f:1:17: executing "x" at <dig "a">: error calling dig: dig needs at least three arguments)"},
    {"{{ dig }}",
     R"(ERR template: f:1:17: executing "x" at <dig>: error calling dig: dig needs at least three arguments)"},
    {R"({{ dig "none" "x" (dict "none" nil) }} {{ dig "none" "y" "x" (dict) }})",
     "<no value> x"},
    {R"({{ dig "none" "y" "x" (dict "none" nil) }})",
     R"(ERR template: f:1:17: executing "x" at <dig "none" "y" "x" (dict "none" nil)>: error calling dig: interface conversion: interface {} is nil, not map[string]interface {})"},
    {R"({{ $d := dict "k" 1 }}{{ $_ := set $d "l" (list $d) }}{{ len $d }})",
     "2"},
};
// clang-format on

class DictsTest : public ::testing::TestWithParam<Golden> {};

TEST_P(DictsTest, MatchesHelm) {
  EXPECT_EQ(
      gotemplate::testing::Render(Functions(), GetParam().text, gotemplate::testing::GoldenData()),
      GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(Golden, DictsTest, ::testing::ValuesIn(kDictsCases));

}  // namespace
}  // namespace swell::funcs
