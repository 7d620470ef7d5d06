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

// Functions on lists.
// clang-format off: one case a line pair, as recorded.
const Golden kListsCases[] = {
    {"{{ slice .Values.tags 2 1 }}",
     R"(ERR template: f:1:17: executing "x" at <slice .Values.tags 2 1>: error calling slice: reflect.Value.Slice: slice index out of bounds)"},
    {R"({{ first (list 1) }} {{ first (list nil) }} {{ last (until 3) }} {{ rest (until 3) }} {{ initial (splitList "," "a,b,c") }} {{ typeOf (rest (until 3)) }} {{ typeOf (reverse (until 3)) }} {{ typeOf (slice (until 3) 1) }} {{ kindOf (rest list) }} {{ typeOf (compact .Values.tags) }})",
     "1 <no value> 2 [1 2] [a b] []interface {} []interface {} []int slice []interface {}"},
    {"{{ first nil }}",
     R"(ERR template: f:1:17: executing "x" at <first nil>: error calling first: runtime error: invalid memory address or nil pointer dereference)"},
    {R"({{ last "x" }})",
     R"(ERR template: f:1:17: executing "x" at <last "x">: error calling last: Cannot find last on type string)"},
    {"{{ rest 5 }}",
     R"(ERR template: f:1:17: executing "x" at <rest 5>: error calling rest: Cannot find rest on type int)"},
    {"{{ initial (dict) }}",
     R"(ERR template: f:1:17: executing "x" at <initial (dict)>: error calling initial: Cannot find initial on type map)"},
    {R"({{ prepend "x" 1 }})",
     R"(ERR template: f:1:17: executing "x" at <prepend "x" 1>: error calling prepend: Cannot prepend on type string)"},
    {R"({{ compact "x" }})",
     R"(ERR template: f:1:17: executing "x" at <compact "x">: error calling compact: Cannot compact on type string)"},
    {"{{ uniq 5 }}",
     R"(ERR template: f:1:17: executing "x" at <uniq 5>: error calling uniq: Cannot find uniq on type int)"},
    {R"({{ without "x" 1 }})",
     R"(ERR template: f:1:17: executing "x" at <without "x" 1>: error calling without: Cannot find without on type string)"},
    {"{{ has 1 5 }}",
     R"(ERR template: f:1:17: executing "x" at <has 1 5>: error calling has: Cannot find has on type int)"},
    {R"({{ chunk 2 "x" }})",
     R"(ERR template: f:1:17: executing "x" at <chunk 2 "x">: error calling chunk: Cannot chunk type string)"},
    {"{{ chunk 0 (list 1) }}",
     R"(ERR template: f:1:17: executing "x" at <chunk 0 (list 1)>: error calling chunk: runtime error: makeslice: len out of range)"},
    {"{{ chunk 2 (list) }} {{ chunk 2 (until 5) }} {{ chunk 10 (list 1 2) }} {{ typeOf (chunk 1 (list 1)) }} {{ len (chunk 3 (until 10)) }}",
     "[] [[0 1] [2 3] [4]] [[1 2]] [][]interface {} 4"},
    {R"({{ slice (list 1 2 3) 1 }} {{ slice (list 1 2 3) "1" 2.9 }} {{ slice (until 4) 0 2 }} {{ kindOf (slice (list) 0) }})",
     "[2 3] [2] [0 1] invalid"},
    {"{{ slice (list 1 2) -1 }}",
     R"(ERR template: f:1:17: executing "x" at <slice (list 1 2) -1>: error calling slice: reflect.Value.Slice: slice index out of bounds)"},
    {"{{ slice (list 1 2) 2 1 }}",
     R"(ERR template: f:1:17: executing "x" at <slice (list 1 2) 2 1>: error calling slice: reflect.Value.Slice: slice index out of bounds)"},
    {"{{ slice nil }}",
     R"(ERR template: f:1:17: executing "x" at <slice nil>: error calling slice: runtime error: invalid memory address or nil pointer dereference)"},
    {R"({{ slice "x" 1 }})",
     R"(ERR template: f:1:17: executing "x" at <slice "x" 1>: error calling slice: list should be type of slice or array but string)"},
    {"{{ concat (list 1) nil }}",
     R"(ERR template: f:1:17: executing "x" at <concat (list 1) nil>: error calling concat: runtime error: invalid memory address or nil pointer dereference)"},
    {R"({{ concat (until 2) (list "a") (splitList "," "b,c") }} {{ concat | kindOf }} {{ typeOf (concat (until 1)) }})",
     "[0 1 a b c] slice []interface {}"},
    {R"({{ uniq (list 1 1.0 "1" 1 nil nil (list 1) (list 1) (dict "a" 1) (dict "a" 1)) }} {{ without (list 1 2 "a" nil) 1 nil }} {{ has nil (list 1 nil) }} {{ has (dict) (list (dict)) }} {{ compact (list 0 1 "" "a" nil (list) (dict) false) }})",
     "[1 1 1 <nil> [1] map[a:1]] [2 a] true true [1 a]"},
    {R"({{ append (until 2) "x" }} {{ prepend .Values.tags nil }} {{ append .Values.tags .Values.ports }} {{ typeOf (append (until 2) 1) }})",
     "[0 1 x] [<nil> red green] [red green [80 443]] []interface {}"},
    {R"({{ $l := list (dict "a" 1) }}{{ $c := deepCopy $l }}{{ $_ := set (first $c) "a" 2 }}{{ $l }}{{ $c }} {{ deepCopy 5 }} {{ deepCopy "x" }} {{ mustDeepCopy (dict "a" nil) }} {{ typeOf (deepCopy (until 2)) }})",
     "[map[a:1]][map[a:2]] 5 x map[a:<nil>] []int"},
};
// clang-format on

class ListsTest : public ::testing::TestWithParam<Golden> {};

TEST_P(ListsTest, MatchesHelm) {
  EXPECT_EQ(
      gotemplate::testing::Render(Functions(), GetParam().text, gotemplate::testing::GoldenData()),
      GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(Golden, ListsTest, ::testing::ValuesIn(kListsCases));

}  // namespace
}  // namespace swell::funcs
