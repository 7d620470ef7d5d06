#include "base/fetch/curl.h"

#include <algorithm>
#include <chrono>

#include "base/core/strings.h"
#include "base/core/version.h"
#include "base/fetch/curl_library.h"

namespace swell::fetch {
namespace {

constexpr std::size_t kMaxIdle = 8;
constexpr std::size_t kMaxHeaderBytes = 64u << 10;

// What the callbacks fill.
struct Incoming {
  HttpResponse response;
  std::uint64_t max_bytes = 0;
  std::size_t header_bytes = 0;
  bool too_large = false;
  std::string refused;  // the address that nothing was sent to
};

std::size_t OnBody(char* data, std::size_t, std::size_t size, void* to) {
  Incoming& in = *static_cast<Incoming*>(to);
  if (size > in.max_bytes - in.response.body.size()) {
    in.too_large = true;
    return 0;  // ends the transfer
  }
  in.response.body.append(data, size);
  return size;
}

std::size_t OnHeader(char* data, std::size_t, std::size_t size, void* to) {
  Incoming& in = *static_cast<Incoming*>(to);
  in.header_bytes += size;
  if (in.header_bytes > kMaxHeaderBytes) return 0;
  const std::string_view line(data, size);
  if (line.starts_with("HTTP/")) {
    in.response.headers = {};  // of an interim response before
    return size;
  }
  const std::size_t colon = line.find(':');
  if (colon != std::string_view::npos) {
    in.response.headers.Add(ToLower(line.substr(0, colon)),
                            std::string(Trim(line.substr(colon + 1))));
  }
  return size;
}

// Called about once a second, and more often while bytes come.
int OnProgress(void* stopped, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<std::atomic<bool>*>(stopped)->load() ? 1 : 0;
}

// Connected; nothing of the request is sent yet.
int OnConnected(void* to, char* address, char*, int, int) {
  if (!IsLinkLocal(address)) return CURL_PREREQFUNC_OK;
  static_cast<Incoming*>(to)->refused = address;
  return CURL_PREREQFUNC_ABORT;
}

// The request's headers; libcurl wants them until the exchange is over.
class HeaderList {
 public:
  HeaderList(const CurlLibrary& library, const HttpRequest& request) : library_(library) {
    for (const net::Header& header : request.headers) Add(header.name + ": " + header.value);
    if (!request.authorization.empty()) {
      Add("Authorization: " + request.authorization.Reveal());
    }
  }
  ~HeaderList() { library_.slist_free_all(list_); }
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;

  curl_slist* get() const { return list_; }

 private:
  void Add(const std::string& line) { list_ = library_.slist_append(list_, line.c_str()); }

  const CurlLibrary& library_;
  curl_slist* list_ = nullptr;
};

struct Times {
  Duration connect;
  Duration whole;
};

void Configure(const CurlLibrary& library, CURL* curl, const HttpRequest& request, Times times) {
  const auto set = [&](CURLoption option, auto value) { library.easy_setopt(curl, option, value); };
  set(CURLOPT_URL, request.url.c_str());
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_FOLLOWLOCATION, 0L);
  if (request.method == "POST") {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(CURLOPT_POSTFIELDS, request.body.c_str());
  }
  set(CURLOPT_NOSIGNAL, 1L);  // other threads have signals of their own
  set(CURLOPT_USERAGENT, (std::string("swell/") + kVersion).c_str());
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  if (!request.ca_file.empty()) {
    set(CURLOPT_CAINFO, request.ca_file.c_str());
    set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));  // else the system's trust is added
  }
  if (request.encoding == Encoding::kGzip) set(CURLOPT_ACCEPT_ENCODING, "gzip");
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(times.connect.count()));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(times.whole.count()));
  // Refuses at once what the server itself says is larger; what it does not say OnBody counts.
  set(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request.max_bytes));
}

void Connect(const CurlLibrary& library, CURL* curl, Incoming& in, std::atomic<bool>& stopped) {
  const auto set = [&](CURLoption option, auto value) { library.easy_setopt(curl, option, value); };
  set(CURLOPT_WRITEFUNCTION, &OnBody);
  set(CURLOPT_WRITEDATA, &in);
  set(CURLOPT_HEADERFUNCTION, &OnHeader);
  set(CURLOPT_HEADERDATA, &in);
  set(CURLOPT_NOPROGRESS, 0L);
  set(CURLOPT_XFERINFOFUNCTION, &OnProgress);
  set(CURLOPT_XFERINFODATA, &stopped);
}

Error Failure(CURLcode code, const std::string& why, const HttpRequest& request,
              const Incoming& in) {
  if (!in.refused.empty()) {
    return Error(ErrorCode::kPermissionDenied,
                 "its address " + in.refused + " is link-local, where requests are not sent to");
  }
  if (in.too_large || code == CURLE_FILESIZE_EXCEEDED) {
    return ResourceExhausted("the answer has more than " + std::to_string(request.max_bytes) +
                             " bytes (budget " + request.budget + ")");
  }
  switch (code) {
    case CURLE_ABORTED_BY_CALLBACK:
      return Unavailable("the server is going down");
    case CURLE_OPERATION_TIMEDOUT:
      return Error(ErrorCode::kDeadlineExceeded, "it took too long: " + why);
    case CURLE_PEER_FAILED_VERIFICATION:
      return Error(ErrorCode::kPermissionDenied, "the server's certificate is not trusted: " + why +
                                                     "; set caFile of " + request.owner);
    case CURLE_SSL_CONNECT_ERROR:
      return Unavailable("no TLS connection: " + why +
                         "; what has no TLS must be declared so (plainHTTP of a Repository, or an "
                         "http:// URL)");
    case CURLE_SSL_CACERT_BADFILE:
      return FailedPrecondition("cannot use caFile " + request.ca_file + ": " + why);
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return InvalidArgument(why);
    default:
      return Unavailable(why);
  }
}

}  // namespace

bool IsLinkLocal(std::string_view address) {
  const std::string text = ToLower(address);
  if (text.starts_with("169.254.") || text.starts_with("::ffff:169.254.")) return true;
  // fe80::/10: fe80 to febf
  return text.starts_with("fe") && text.size() > 4 && text[3] != ':' && text[4] == ':' &&
         std::string_view("89ab").find(text[2]) != std::string_view::npos;
}

CurlPool::~CurlPool() {
  if (idle_.empty()) return;
  const auto library = LoadCurl();
  for (void* handle : idle_) (*library)->easy_cleanup(handle);
}

void* CurlPool::Take(const CurlLibrary& library) {
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      void* handle = idle_.back();
      idle_.pop_back();
      return handle;
    }
  }
  return library.easy_init();
}

void CurlPool::PutBack(const CurlLibrary& library, void* handle) {
  library.easy_reset(handle);  // forgets the request, keeps the connections
  {
    const std::lock_guard lock(mutex_);
    if (idle_.size() < kMaxIdle) {
      idle_.push_back(handle);
      return;
    }
  }
  library.easy_cleanup(handle);
}

Result<HttpResponse> CurlPool::Exchange(const HttpRequest& request, Deadline deadline) {
  using std::chrono_literals::operator""h;
  const CurlLibrary& library = *TRY(LoadCurl());
  const Duration left = std::min<Duration>(deadline.Remaining(), 24h);
  if (left <= Duration::zero()) {
    return Fail(Error(ErrorCode::kDeadlineExceeded, "it took too long"));
  }
  CURL* curl = Take(library);
  if (!curl) return Fail(ResourceExhausted("no memory for a connection"));
  Incoming in;
  in.max_bytes = request.max_bytes;
  const HeaderList headers(library, request);
  char detail[CURL_ERROR_SIZE] = "";
  Configure(library, curl, request, {connect_timeout_, left});
  Connect(library, curl, in, stopped_);
  if (link_local_ == LinkLocal::kRefused) {
    library.easy_setopt(curl, CURLOPT_PREREQFUNCTION, &OnConnected);
    library.easy_setopt(curl, CURLOPT_PREREQDATA, &in);
  }
  library.easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  library.easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
  const CURLcode code = library.easy_perform(curl);
  long status = 0;
  library.easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  PutBack(library, curl);
  if (code != CURLE_OK) {
    const std::string why = *detail != '\0' ? detail : library.easy_strerror(code);
    return Fail(Failure(code, why, request, in));
  }
  in.response.status = static_cast<int>(status);
  return std::move(in.response);
}

}  // namespace swell::fetch
