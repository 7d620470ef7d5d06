#include "cli/commands/client.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "swell/v1/swell.grpc.pb.h"

namespace swell::cli {
namespace {

// Answers every sync with one status.
class Server : public v1::Swell::Service {
 public:
  explicit Server(grpc::Status answer) : answer_(std::move(answer)) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }
  ~Server() override { server_->Shutdown(); }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  grpc::Status Sync(grpc::ServerContext*, const v1::SyncRequest*, v1::StartedRollout*) override {
    return answer_;
  }

 private:
  const grpc::Status answer_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

TEST(ClientTest, AServersDeadlineIsToldInItsWords) {
  const Server server({grpc::StatusCode::DEADLINE_EXCEEDED, "no plan within 5m"});
  const auto answer = ConnectTo(server.address())->Sync({});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(answer.error().message(), "no plan within 5m");
}

TEST(ClientTest, AServerThatIsNotThereIsNamed) {
  std::string address;
  {
    const Server gone({grpc::StatusCode::OK, ""});
    address = gone.address();
  }
  const auto answer = ConnectTo(address)->Sync({});
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code(), ErrorCode::kUnavailable);
  EXPECT_NE(answer.error().message().find("cannot reach swelld at " + address), std::string::npos)
      << answer.error().message();
}

}  // namespace
}  // namespace swell::cli
