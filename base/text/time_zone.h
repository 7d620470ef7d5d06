#pragma once
// Time zones of the IANA database, as the system's package tzdata has it (docs/decisions/0013).

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "base/core/clock.h"
#include "base/core/result.h"

namespace swell {

// What a clock on the wall shows: without a zone it is no moment.
using LocalMinute = std::chrono::local_time<std::chrono::minutes>;

// Cheap to copy; may be used from any thread.
class TimeZone {
 public:
  // UTC.
  TimeZone();
  // "Europe/Berlin"; "" is UTC. kInvalidArgument for names that the database does not have, and
  // for what means something else on each server ("localtime").
  static Result<TimeZone> Load(std::string_view name);

  const std::string& name() const { return name_; }
  // What the wall shows at the moment; seconds are cut off.
  LocalMinute ToLocal(Timestamp at) const;

  // When the wall shows it. kSkipped: never, a jump leaves it out, and both are the moment of the
  // jump; kRepeated: twice, for a jump back.
  enum class Kind { kOnce, kSkipped, kRepeated };
  struct Moments {
    Kind kind = Kind::kOnce;
    Timestamp first;
    Timestamp last;
  };
  Moments FromLocal(LocalMinute local) const;

 private:
  struct Zone;
  TimeZone(std::string name, std::shared_ptr<const Zone> zone);

  std::string name_;
  std::shared_ptr<const Zone> zone_;
};

}  // namespace swell
