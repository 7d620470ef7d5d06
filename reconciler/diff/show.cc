#include "reconciler/diff/show.h"

#include "base/core/secret.h"
#include "base/value/json.h"

namespace swell::diff {

std::string Show(const Value* value) {
  if (value == nullptr || value->is_null()) return "";
  std::string text = json::Write(*value);
  if (text.size() <= kMaxShown) return text;
  std::size_t cut = kMaxShown;
  // Not within a UTF-8 sequence.
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80) --cut;
  text.resize(cut);
  return text + "…";
}

Shown ShowRedacted(const Value* before, const Value* after) {
  const bool had = before != nullptr && !before->is_null();
  const bool has = after != nullptr && !after->is_null();
  if (had && has && *before != *after) {
    return {std::string(kRedacted) + " (before)", std::string(kRedacted) + " (after)"};
  }
  return {had ? kRedacted : "", has ? kRedacted : ""};
}

Digest DigestOfValues(const Value* before, const Value* after) {
  const auto text = [](const Value* value) { return value ? json::Write(*value) : std::string(); };
  return Hasher().Add(text(before)).Add(text(after)).Finish();
}

}  // namespace swell::diff
