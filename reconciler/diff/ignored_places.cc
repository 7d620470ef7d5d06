#include "reconciler/diff/ignored_places.h"

#include <algorithm>

#include "base/value/pointer.h"
#include "reconciler/diff/places.h"

namespace swell::diff {
namespace {

constexpr std::size_t kMaxTokens = 128;

// The walk sees a Secret's stringData folded into data.
PointerTokens Folded(PointerTokens tokens, bool secret) {
  if (secret && !tokens.empty() && tokens.front() == "stringData") tokens.front() = "data";
  return tokens;
}

bool Matches(const PointerTokens& tokens, std::span<const PathStep> path) {
  return std::ranges::equal(tokens, path, [](const std::string& token, const PathStep& step) {
    return token == "*" || token == (step.item ? LiveToken(step) : std::string(step.name)) ||
           (step.item && (token == DesiredToken(step) || token == step.name));
  });
}

}  // namespace

std::string DesiredToken(const PathStep& step) {
  if (!step.item) return std::string(step.name);
  return step.desired == PathStep::kNowhere ? "-" : std::to_string(step.desired);
}

std::string LiveToken(const PathStep& step) {
  if (!step.item) return std::string(step.name);
  return step.live == PathStep::kNowhere ? "-" : std::to_string(step.live);
}

IgnoredPlaces::IgnoredPlaces(const IgnoreRules& rules, const Value& desired, const Value& live,
                             bool secret, std::vector<std::string>* problems) {
  for (const PointerTokens& pointer : rules.pointers) {
    AddPointer(Folded(pointer, secret), {.note = "ignore rule " + FormatPointer(pointer)});
  }
  for (const ToleratedPlace& place : rules.tolerated) {
    if (place.pointer.empty()) continue;  // of the whole: who asks for the comparison knows
    AddPointer(Folded(place.pointer, secret),
               {.cause = ChangeCause::kTolerated, .note = place.toleration.why});
  }
  for (const PathExpression& expression : rules.expressions) {
    const IgnoredBy rule{.note = "ignore rule " + expression.text()};
    for (auto [document, places] : {std::pair(&desired, &desired_), std::pair(&live, &live_)}) {
      auto found = expression.Find(*document);
      if (!found) {
        if (problems) problems->push_back(found.error().ToString());
        continue;
      }
      for (PointerTokens& tokens : *found) {
        if (tokens.empty() || tokens.size() > kMaxTokens) continue;
        places->emplace(FormatPointer(Folded(std::move(tokens), secret)), rule);
      }
    }
  }
}

void IgnoredPlaces::AddPointer(PointerTokens tokens, const IgnoredBy& rule) {
  if (IsPattern(tokens)) {
    patterns_.push_back({std::move(tokens), rule});
    return;
  }
  desired_.emplace(FormatPointer(tokens), rule);
  live_.emplace(FormatPointer(tokens), rule);
}

const IgnoredBy* IgnoredPlaces::Find(std::span<const PathStep> path) const {
  if (path.empty()) return nullptr;
  for (const Pattern& pattern : patterns_) {
    if (Matches(pattern.tokens, path)) return &pattern.rule;
  }
  if (desired_.empty() && live_.empty()) return nullptr;
  std::string in_desired, in_live;
  for (const PathStep& step : path) {
    in_desired += "/" + EscapePointerToken(DesiredToken(step));
    in_live += "/" + EscapePointerToken(LiveToken(step));
  }
  if (const auto found = live_.find(in_live); found != live_.end()) return &found->second;
  const auto found = desired_.find(in_desired);
  return found == desired_.end() ? nullptr : &found->second;
}

}  // namespace swell::diff
