#include "server/api/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>

#include "server/api/service.h"

namespace swell::api {
namespace {

class GrpcServer final : public Server {
 public:
  GrpcServer(const ServerOptions& options, control::Engine& engine)
      : executor_({.name = "api", .threads = options.threads}),
        service_(engine, executor_, options.max_streams) {}
  ~GrpcServer() override { Stop(); }

  Status Listen(const std::string& address) {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port_);
    // A taken port must be an error, not a second server on it.
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.SetMaxReceiveMessageSize(16 << 20);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    if (!server_ || port_ == 0) {
      return Fail(Unavailable("cannot listen on " + address + " for gRPC: is it taken?"));
    }
    return {};
  }

  int port() const override { return port_; }

  void Stop() override {
    if (!server_) return;
    service_.EndStreams();
    server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(2));
    server_->Wait();
    executor_.Stop();
    server_.reset();
  }

 private:
  Executor executor_;
  Service service_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                              control::Engine& engine) {
  auto server = std::make_unique<GrpcServer>(options, engine);
  TRY(server->Listen(options.address));
  return server;
}

}  // namespace swell::api
