#pragma once
// Budgets of one chart's rendering. What goes over one is kResourceExhausted; the message names
// the template and line (or the file), the budget with its size, and the flag that raises it.
// There is no budget of time: the same input must give the same result on every machine.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/core/result.h"
#include "renderer/gotemplate/budget.h"
#include "renderer/jsonschema/schema.h"

namespace swell::helm {

struct Limits {
  gotemplate::Limits templates;  // steps, output, memory
  jsonschema::Limits schema;     // of one values.schema.json
  // Of the chart with its subcharts, unpacked; each alias counts, and so does what the anchors
  // of values files stand for.
  std::size_t max_chart_bytes = 100u << 20;
  std::size_t max_chart_files = 20'000;  // files and folders, subcharts' archives included
  std::size_t max_charts = 2'000;        // the chart and its subcharts, each alias counted

  // The four that have flags (--render-max-…). Memory is what functions may make in all; one
  // value may take a sixteenth of it (64 MiB at least).
  void SetSteps(std::uint64_t steps);
  void SetOutputBytes(std::uint64_t bytes);
  void SetMemoryBytes(std::uint64_t bytes);
};

// helm's own, of one file.
inline constexpr std::size_t kMaxChartFileBytes = 5u << 20;

// The flags as the command line and the server have them.
inline constexpr std::string_view kMaxStepsFlag = "--render-max-steps";
inline constexpr std::string_view kMaxOutputFlag = "--render-max-output";
inline constexpr std::string_view kMaxMemoryFlag = "--render-max-memory";
inline constexpr std::string_view kMaxChartFlag = "--render-max-chart";

// Sets the one that `flag` names, from a number of steps or a size ("256Mi"). kInvalidArgument for
// a text that is neither; kNotFound where the flag is none of the four.
Status SetLimit(Limits& limits, std::string_view flag, std::string_view text);

// Adds to an error of a budget that has a flag how to raise it.
Error WithAdvice(Error error);

}  // namespace swell::helm
