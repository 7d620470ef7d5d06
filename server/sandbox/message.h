#pragma once
// What a simulated API server receives and answers, whatever carries it. The transport turns
// HTTP into these; tests build them by hand.

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/core/clock.h"
#include "base/value/value.h"

namespace swell::sandbox {

using Fields = std::vector<std::pair<std::string, std::string>>;

// Header names are lower case; the path and the query are percent-decoded.
struct Request {
  std::string method = "GET";
  std::string path;
  Fields query;
  Fields headers;
  std::string body;

  // The first one of that name, or "".
  std::string_view Query(std::string_view name) const;
  bool HasQuery(std::string_view name) const;
  // "true", "1" and the empty text count as yes, as Go's query conversion has it.
  bool QueryFlag(std::string_view name) const;
  std::string_view Header(std::string_view name) const;
};

// A watch to open: the answer's body is a stream of events that Cluster::StartWatch feeds.
struct WatchTicket {
  std::uint64_t id = 0;
  std::optional<Duration> timeout;
};

// How an answer is delivered: injected faults spoil it on its way (faults.h).
enum class Delivery : std::uint8_t {
  kWhole,
  kHalf,   // half of the body, then the connection is cut
  kAbort,  // the connection is cut without an answer
  kHang,   // nothing ever comes
};

struct Response {
  int status = 200;
  Fields headers;
  std::string body;
  std::optional<WatchTicket> watch;  // set where the body is an event stream
  Duration delay{};                  // before anything is sent
  Delivery delivery = Delivery::kWhole;

  static Response Json(int status, const Value& body);
  static Response Text(int status, std::string body);
};

// An error as the API server words it: an HTTP code and a Status object.
struct Cause {
  std::string reason, message, field;
};

struct ApiError {
  int code = 500;
  std::string reason;  // "NotFound"; may be empty
  std::string message;
  std::string group, kind, name,
      uid;  // details; kind is the plural or the kind, as the server has it
  std::vector<Cause> causes;
  int retry_after_seconds = 0;

  // {"kind":"Status", ...}
  Value ToStatus() const;
  Response ToResponse() const;
};

template <class T>
using ApiResult = std::expected<T, ApiError>;

}  // namespace swell::sandbox

// The value of an ApiResult, or return its error from the enclosing function.
#define API_TRY(...)                                                                           \
  ({                                                                                           \
    auto swell_api_result = (__VA_ARGS__);                                                     \
    if (!swell_api_result) [[unlikely]]                                                        \
      return std::unexpected<::swell::sandbox::ApiError>(std::move(swell_api_result).error()); \
    std::move(swell_api_result).value();                                                       \
  })
