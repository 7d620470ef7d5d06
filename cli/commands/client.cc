#include "cli/commands/client.h"

#include <grpcpp/grpcpp.h>

#include <type_traits>

#include "swell/v1/swell.grpc.pb.h"

namespace swell::cli {
namespace {

using namespace std::chrono_literals;

constexpr int kMaxMessageBytes = 256 << 20;  // a diff or a manifest of a large application

template <class Request>
constexpr Duration PatienceFor() {
  const bool plans =
      std::is_same_v<Request, v1::DiffRequest> || std::is_same_v<Request, v1::SyncRequest> ||
      std::is_same_v<Request, v1::MakePlanRequest> ||
      std::is_same_v<Request, v1::GetReportRequest> ||
      std::is_same_v<Request, v1::RollbackRequest> || std::is_same_v<Request, v1::UndeleteRequest>;
  const bool reads_everything = std::is_same_v<Request, v1::VerifyHistoryRequest>;
  return plans || reads_everything ? Duration(6min) : Duration(30s);
}

class GrpcClient final : public Client {
 public:
  explicit GrpcClient(const std::string& address) : address_(address) {
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
    // http_proxy is for the web: a server on loopback is not behind it.
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
    channel_ = grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
    stub_ = v1::Swell::NewStub(channel_);
  }

#define SWELL_DEFINE(Method, Request, Response)                                          \
  Result<v1::Response> Method(const v1::Request& request) override {                     \
    grpc::ClientContext context;                                                         \
    context.set_deadline(std::chrono::system_clock::now() + PatienceFor<v1::Request>()); \
    v1::Response response;                                                               \
    const grpc::Status status = stub_->Method(&context, request, &response);             \
    if (!status.ok()) return Fail(ToError(status, context, PatienceFor<v1::Request>())); \
    return response;                                                                     \
  }
  SWELL_CLIENT_METHODS(SWELL_DEFINE)
#undef SWELL_DEFINE

  Status Watch(const v1::WatchRequest& request, std::optional<Duration> timeout,
               const OnWatch& on_message) override {
    grpc::ClientContext context;
    if (timeout) context.set_deadline(std::chrono::system_clock::now() + *timeout);
    const auto reader = stub_->Watch(&context, request);
    return ReadAll<v1::WatchResponse>(context, *reader, timeout.value_or(Duration{}), on_message);
  }

  Status Logs(const v1::LogsRequest& request, const OnLogs& on_message) override {
    grpc::ClientContext context;
    const auto reader = stub_->Logs(&context, request);
    return ReadAll<v1::LogsResponse>(context, *reader, Duration{}, on_message);
  }

 private:
  template <class Message>
  Status ReadAll(grpc::ClientContext& context, grpc::ClientReader<Message>& reader,
                 Duration patience, const std::function<WatchStep(const Message&)>& on_message) {
    Message message;
    while (reader.Read(&message)) {
      if (on_message(message) == WatchStep::kGoOn) continue;
      context.TryCancel();
      while (reader.Read(&message)) {
      }
      reader.Finish();
      return {};
    }
    const grpc::Status status = reader.Finish();
    if (!status.ok()) return Fail(ToError(status, context, patience));
    return {};
  }

  Error ToError(const grpc::Status& status, const grpc::ClientContext& context, Duration patience) {
    const bool connected = channel_->GetState(false) == GRPC_CHANNEL_READY;
    if (status.error_code() == grpc::StatusCode::UNAVAILABLE && !connected) {
      return Unavailable("cannot reach swelld at " + address_ + ": " +
                         Reason(status.error_message()) +
                         ". Is it running? --server HOST:PORT or SWELL_SERVER names another one");
    }
    // Before that it is the server's own, which knows what took so long.
    const bool waited = std::chrono::system_clock::now() >= context.deadline();
    if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED && waited) {
      return {ErrorCode::kDeadlineExceeded,
              "no answer from swelld at " + address_ + " within " + FormatDuration(patience)};
    }
    if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED && status.error_message().empty()) {
      return Unimplemented("the server at " + address_ +
                           " does not know this call: is it swelld, and of this version?");
    }
    return {static_cast<ErrorCode>(status.error_code()), status.error_message()};
  }

  // gRPC's words start with its own view of the world; the system's come last.
  static std::string Reason(const std::string& message) {
    for (const char* mark : {"Failed to connect to remote host: ", "last error: "}) {
      const std::size_t at = message.rfind(mark);
      if (at != std::string::npos) return message.substr(at + std::string_view(mark).size());
    }
    return message.empty() ? "no connection" : message;
  }

  const std::string address_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::Swell::Stub> stub_;
};

}  // namespace

std::unique_ptr<Client> ConnectTo(const std::string& address) {
  return std::make_unique<GrpcClient>(address);
}

}  // namespace swell::cli
