#pragma once
// Reading a declared resource field by field, so that every complaint names the field's path
// and place. Internal to the domain.

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/core/clock.h"
#include "base/core/secret.h"
#include "base/value/config.h"
#include "reconciler/domain/application.h"

namespace swell {

// The first complaint about a document; later ones are dropped.
class Complaint {
 public:
  explicit Complaint(const config::Document& document) : document_(document) {}
  // `pointer` is the field's JSON pointer; it is shown as "spec.rollout.waves[1].percent".
  void Say(const std::string& pointer, const std::string& what);
  // That a field lacks. Told only where nothing else is wrong: an unknown field is more likely
  // its misspelt name.
  void SayMissing(const std::string& pointer, const std::string& what);
  const std::optional<Error>& error() const { return error_ ? error_ : missing_; }

 private:
  const config::Document& document_;
  Error Make(const std::string& pointer, const std::string& what) const;

  std::optional<Error> error_;
  std::optional<Error> missing_;
};

enum class Presence { kOptional, kRequired };

// One object of the document. Readers return the default where the field is absent or wrong;
// wrong ones complain. Requires Finish() at the end: it complains about unknown fields.
class Fields {
 public:
  Fields(Complaint& complaint, const Value& value, std::string pointer);

  std::string String(std::string_view key, Presence presence = Presence::kOptional);
  Secret SecretString(std::string_view key) { return Secret(String(key)); }
  bool Bool(std::string_view key, bool fallback = false);
  std::optional<int> Int(std::string_view key, int min, int max);
  Duration Time(std::string_view key, Duration fallback);
  Labels StringMap(std::string_view key);
  std::vector<std::string> StringList(std::string_view key);
  Value Object(std::string_view key);  // any object, kept as it is; null where absent
  // The object's fields; of {} where absent. Finish() is for the reader to call.
  Fields Nested(std::string_view key, Presence presence = Presence::kOptional);
  void ForEach(std::string_view key, const std::function<void(Fields&)>& read);
  // A list of texts and objects. `wrong` says what is wrong with a text, "" where nothing is.
  void ForEach(std::string_view key, const std::function<std::string(const std::string&)>& wrong,
               const std::function<void(Fields&)>& read);
  // Whether the field is there and a string: for fields of more than one type.
  bool HasText(std::string_view key) const;
  bool Has(std::string_view key) const { return value_.Has(key); }
  // Marks a field as known without reading it.
  void Ignore(std::string_view key) { known_.insert(std::string(key)); }
  void Complain(std::string_view key, const std::string& what);
  void Finish();

 private:
  const Value* Take(std::string_view key);
  std::string PointerTo(std::string_view key) const;

  Complaint& complaint_;
  Value value_;
  std::string pointer_;
  std::set<std::string, std::less<>> known_;
};

}  // namespace swell
