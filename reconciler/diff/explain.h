#pragma once
// Explain: every difference between what is desired and what is live, and why each is there.
// Pure; thread-safe.

#include <string>
#include <vector>

#include "base/value/value.h"
#include "reconciler/diff/diff.h"

namespace swell::diff {

struct Explanation {
  FieldChange change;
  // Of the field manager that wrote the live value last, from metadata.managedFields; "" where
  // nobody is on record (the value is gone, is a default, or the object shows no managers).
  std::string manager;
  std::string time;  // RFC 3339, as the API server wrote it
  std::string note;  // a remark for people; may be ""
};

// True of the causes for which an apply would change the object.
bool NeedsApply(ChangeCause cause);

// Every field that differs, in the order of its path. With a cause that needs an apply it is what
// Compare tells for the same arguments; the others need none:
//   kDefaulted  not stated, and the value is the API server's default, or no manager owns it;
//   kMutated    see below;
//   kOwned      not stated, and another manager set it;
//   kEqual      stated in another spelling;
//   kIgnored    an ignore rule names it;
//   kTolerated  it is left alone for a while.
// Fields that only the server writes (status, uid, resourceVersion, managedFields …) and the
// last-applied annotation are in no answer. Values of Secrets never are.
//
// kMutated takes the place of kDrifted where all of this holds: the value that is desired is the
// one that `last_applied` records, live has another, and `options.field_manager` alone owns the
// field, by Apply. A write by anybody else would have taken the field out of our set (structured
// merge, "Managers.Difference"); admission, which runs after the managers are settled, does not.
// So our own apply made it so, and a further one would again.
std::vector<Explanation> Explain(const Value& desired, const Value& live, const Value& last_applied,
                                 const Options& options = {});

}  // namespace swell::diff
