#pragma once
// Rules of custom kinds whose controllers do not follow kstatus. A table in text:
//
//   GROUP/KIND…           begins a block; "*.suffix" and "*" are wildcards. The first block
//                         that fits an object judges it, exact ones before wildcards.
//     nolag               status.observedGeneration tells nothing of this kind
//     STATUS if TERM [and TERM]…    the first rule whose terms all hold decides
//     STATUS              always
//     use NAME            the rules of a template
//   template NAME         begins a template
//
// A TERM:
//   @Type[=Status[/Reason|…]]  a condition; globs with "*" in each; !@…: there is none such
//     ;field=value|…  ;field!=value  and its fields are such ("" where absent)
//     ;current  ;stale               and its observedGeneration is the object's, or is not
//   path=value|…  path!=value  a scalar below the object's root, as text; globs
//   path  !path                is there and not empty, or is not
//   a<b  a>b  a==b             numbers: paths, @Type.field or literals; an absent one is 0.
//                              +path is the sum of what it reaches, #path how many that are,
//                              #path.@Type how many of the lists have such a condition
//   a<>b                       texts that are both there and differ, pair by pair
// In a path "*" is every member or item, -1 the last item, "\." a dot within a name; as a value
// "N/N" is "3/3" and the like; "….@Type=…" looks into a list of conditions that is not status.conditions.
// No rule holds: kstatus' generic rules decide.

#include <optional>

#include "base/value/value.h"
#include "reconciler/domain/health.h"

namespace swell::health {

// What the table says of the object; nothing where it has no rule for it. Thread-safe; the
// first call parses the table.
struct CustomVerdict {
  std::optional<Health> health;
  bool known = false;   // the kind has a block
  bool no_lag = false;  // leave generations out of it
};
CustomVerdict AssessCustom(const Value& object);

}  // namespace swell::health
