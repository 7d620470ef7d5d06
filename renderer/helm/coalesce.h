#pragma once
// Values of a chart and its subcharts put together (helm's pkg/chart/common/util/coalesce.go):
// the user's over the parent's over the chart's own, nulls removing keys, globals handed down.

#include <string>
#include <vector>

#include "base/core/result.h"
#include "renderer/helm/chart.h"
#include "renderer/helm/table.h"

namespace swell::helm {

enum class Nulls {
  kRemove,  // CoalesceValues: a null removes the default it overrides
  kKeep,    // MergeValues
};

// The values `chart` is rendered with, its subcharts' under their names. `user` is not changed.
// Errors: a subchart's key that is no table.
Result<TablePtr> CoalesceValues(const Chart& chart, const Value& user, Nulls nulls,
                                std::vector<std::string>* warnings);

// Fills `dst` with what `src` has more (dst wins), recursively. Changes both.
void MergeTables(Table& dst, Table& src, Nulls nulls, std::vector<std::string>* warnings);

// The table at a dotted path ("a.b"), or nullptr.
TablePtr FindTable(const TablePtr& root, std::string_view path);
// The value at a dotted path where it is there and no table, or nullptr.
const Node* FindLeaf(const TablePtr& root, std::string_view path);

}  // namespace swell::helm
