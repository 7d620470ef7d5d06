// The program's options and files, and the clusters behind real ports.

#include "server/sandbox/fleet.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/value/json.h"
#include "base/value/yaml.h"

namespace swell::sandbox {
namespace {

TEST(Options, AreReadInBothForms) {
  const auto options = ParseOptions({"--clusters", "12", "--ring=canary=1,early=3,rest=8",
                                     "--step-delay", "50ms", "--kube-version", "v1.33.1"});
  ASSERT_TRUE(options) << options.error().ToString();
  EXPECT_EQ(options->clusters, 12);
  EXPECT_EQ(options->rings.size(), 3u);
  EXPECT_EQ(options->step_delay, Duration(50));
  EXPECT_EQ(options->kubernetes_version, "v1.33.1");
}

TEST(Options, BadOnesAreNamed) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"--clusters", "none"}, "--clusters"},
      {{"--clusters", "0"}, "--clusters"},
      {{"--clusters"}, "needs a value"},
      {{"--colour", "red"}, "unknown option"},
      {{"extra"}, "unexpected argument"},
      {{"--ring", "canary"}, "NAME=NUMBER"},
      {{"--step-delay", "10"}, "--step-delay"},
      {{"--base-port", "65530", "--clusters", "20"}, "too few ports"},
  };
  for (const auto& [arguments, words] : cases) {
    const auto options = ParseOptions(arguments);
    ASSERT_FALSE(options) << arguments.front();
    EXPECT_NE(options.error().ToString().find(words), std::string::npos)
        << options.error().ToString();
  }
}

TEST(Places, FollowTheRings) {
  FleetOptions options;
  options.clusters = 12;
  options.rings = {{"canary", 1}, {"early", 3}, {"rest", 0}};
  const auto places = PlaceClusters(options);
  ASSERT_TRUE(places);
  ASSERT_EQ(places->size(), 12u);
  EXPECT_EQ(places->front().name, "c01");
  EXPECT_EQ(places->front().ring, "canary");
  EXPECT_EQ((*places)[3].ring, "early");
  EXPECT_EQ(places->back().ring, "rest");
  options.rings = {{"canary", 13}};
  EXPECT_FALSE(PlaceClusters(options));
}

// One request over a plain socket; the whole answer.
std::string Ask(const std::string& url, const std::string& path, const std::string& method = "GET",
                const std::string& body = "") {
  const int port = std::atoi(url.substr(url.rfind(':') + 1).c_str());
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval limit{5, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  std::string answer;
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) {
    const std::string request =
        method + " " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close" +
        "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
        "\r\n\r\n" + body;
    if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) > 0) {
      char buffer[4096];
      for (ssize_t n; (n = recv(fd, buffer, sizeof buffer, 0)) > 0;) {
        answer.append(buffer, static_cast<std::size_t>(n));
      }
    }
  }
  close(fd);
  return answer;
}

class FleetTest : public ::testing::Test {
 protected:
  FleetTest() {
    options.clusters = 3;
    options.step_delay = Duration(20);
    folder =
        std::filesystem::temp_directory_path() / ("swell-sandbox-test-" + std::to_string(getpid()));
    options.kubeconfig_out = folder.string();
  }
  ~FleetTest() override { std::filesystem::remove_all(folder); }
  std::string File(const char* name) const {
    std::ifstream file(folder / name);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  FleetOptions options;
  std::filesystem::path folder;
};

TEST_F(FleetTest, ServesEveryClusterAndWritesItsFiles) {
  auto fleet = Fleet::Start(options);
  ASSERT_TRUE(fleet) << fleet.error().ToString();
  for (const ClusterPlace& place : (*fleet)->places()) {
    const std::string answer = Ask(place.url, "/version");
    EXPECT_NE(answer.find("200 OK"), std::string::npos) << answer;
    EXPECT_NE(answer.find("v1.36.0+swell-sandbox"), std::string::npos);
  }
  const auto config = yaml::Parse(File("kubeconfig"));
  ASSERT_TRUE(config);
  EXPECT_EQ((*config)["contexts"].size(), 3u);
  EXPECT_EQ((*config)["clusters"][1]["cluster"]["server"].str(), (*fleet)->places()[1].url);
  const auto resources = yaml::ParseAll(File("clusters.yaml"));
  ASSERT_TRUE(resources);
  ASSERT_EQ(resources->size(), 3u);
  const Value& first = resources->front().value;
  EXPECT_EQ(first["apiVersion"].as_string(), "swell/v1alpha1");
  EXPECT_EQ(first["metadata"]["labels"]["ring"].as_string(), "canary");
  EXPECT_EQ(first.At({"spec", "kubeconfig", "context"}).as_string(), "c01");
  EXPECT_EQ(first.At({"spec", "kubeconfig", "path"}).as_string(), (folder / "kubeconfig").string());
}

TEST_F(FleetTest, WatchesStreamAndEnd) {
  auto fleet = Fleet::Start(options);
  ASSERT_TRUE(fleet);
  const std::string answer =
      Ask((*fleet)->places()[0].url, "/api/v1/namespaces?watch=true&timeoutSeconds=1");
  EXPECT_NE(answer.find("\"ADDED\""), std::string::npos) << answer;
  EXPECT_NE(answer.find("kube-system"), std::string::npos);
}

TEST_F(FleetTest, FaultsSpoilTheWire) {
  auto fleet = Fleet::Start(options);
  ASSERT_TRUE(fleet);
  const std::string url = (*fleet)->places()[0].url;
  Ask(url, "/sandbox/faults", "POST", R"({"match":{"path":"namespaces"},"body":"half","times":1})");
  const std::string whole = Ask(url, "/api/v1/nodes");
  EXPECT_NE(whole.find("NodeList"), std::string::npos);
  const std::string half = Ask(url, "/api/v1/namespaces");
  EXPECT_EQ(half.find("\r\n0\r\n\r\n"), std::string::npos) << half;  // never ended
  Ask(url, "/sandbox/faults", "POST", R"({"down":true})");
  EXPECT_EQ(Ask(url, "/api/v1/namespaces"), "");
  EXPECT_NE(Ask(url, "/sandbox/faults", "DELETE").find("200 OK"), std::string::npos);
  EXPECT_NE(Ask(url, "/api/v1/namespaces").find("NamespaceList"), std::string::npos);
}

TEST_F(FleetTest, ATakenPortIsAnError) {
  auto fleet = Fleet::Start(options);
  ASSERT_TRUE(fleet);
  const std::string& url = (*fleet)->places()[0].url;
  FleetOptions second;
  second.clusters = 1;
  second.base_port = std::atoi(url.substr(url.rfind(':') + 1).c_str());
  const auto refused = Fleet::Start(second);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().ToString().find("cluster c01"), std::string::npos);
}

}  // namespace
}  // namespace swell::sandbox
