#include "server/sandbox/allocate.h"

#include <cstdio>

namespace swell::sandbox {
namespace {

constexpr std::uint32_t kNodePorts = 2768;  // 30000 to 32767

Value One(const char* key, Value value) { return Value::Object({{key, std::move(value)}}); }

// The first status of a kind, as a create answers it.
Value FirstStatus(const Resource& resource) {
  if (resource.kind == "Namespace") return One("phase", Value("Active"));
  if (resource.kind == "Pod" || resource.kind == "PersistentVolumeClaim") {
    return One("phase", Value("Pending"));
  }
  if (resource.kind == "Service" || resource.kind == "Ingress") {
    return One("loadBalancer", Value::EmptyObject());
  }
  return Value::EmptyObject();
}

Value FillJob(const Value& job) {
  const Value& metadata = job["metadata"];
  Value filled = job;
  if (!job["spec"].Has("selector")) {
    filled = filled.WithAt({"spec", "selector", "matchLabels"},
                           One("batch.kubernetes.io/controller-uid", metadata["uid"]));
  }
  for (const char* prefix : {"", "batch.kubernetes.io/"}) {
    const std::string base(prefix);
    filled = filled.WithAt({"spec", "template", "metadata", "labels", base + "controller-uid"},
                           metadata["uid"]);
    filled = filled.WithAt({"spec", "template", "metadata", "labels", base + "job-name"},
                           metadata["name"]);
  }
  return filled;
}

}  // namespace

std::string Allocator::Uid() {
  const std::uint64_t a = random_();
  const std::uint64_t b = random_();
  char text[37];
  std::snprintf(text, sizeof text, "%08x-%04x-4%03x-%04x-%012llx", static_cast<unsigned>(a >> 32),
                static_cast<unsigned>(a >> 16 & 0xffff), static_cast<unsigned>(a & 0xfff),
                static_cast<unsigned>(0x8000 | (b >> 48 & 0x3fff)),
                static_cast<unsigned long long>(b & 0xffffffffffffULL));
  return text;
}

std::string Allocator::Suffix() {
  static constexpr char kLetters[] = "bcdfghjklmnpqrstvwxz2456789";
  std::string text;
  for (int i = 0; i < 5; ++i) text += kLetters[random_() % (sizeof kLetters - 1)];
  return text;
}

std::string Allocator::ClusterAddress() {
  const std::uint32_t n = next_service_++;
  return "10.96." + std::to_string(n >> 8 & 0xff) + "." + std::to_string(n & 0xff);
}

std::string Allocator::PodAddress() {
  const std::uint32_t n = next_pod_++;
  return "10.244." + std::to_string(n >> 8 & 0xff) + "." + std::to_string(n & 0xff);
}

// 203.0.113.0/24 is set aside for documentation: it never is anybody's real address.
std::string Allocator::PublicAddress() {
  return "203.0.113." + std::to_string(next_public_++ % 254 + 1);
}

Value Allocator::FillService(const Value& service, const Value* old) {
  Value spec = service["spec"];
  const std::string_view type = spec["type"].as_string();
  if (type == "ExternalName") return service;
  static const Value none;
  const Value& before = old == nullptr ? none : (*old)["spec"];
  if (spec["clusterIP"].as_string().empty()) {
    const std::string_view known = before["clusterIP"].as_string();
    spec = spec.With("clusterIP", Value(known.empty() ? ClusterAddress() : std::string(known)));
  }
  if (!spec.Has("clusterIPs")) {
    spec = spec.With("clusterIPs", Value::Array({spec["clusterIP"]}));
  }
  if (!spec.Has("ipFamilies")) spec = spec.With("ipFamilies", Value::Array({Value("IPv4")}));
  if (!spec.Has("ipFamilyPolicy")) spec = spec.With("ipFamilyPolicy", Value("SingleStack"));
  if (type == "NodePort" || type == "LoadBalancer") {
    if (!spec.Has("externalTrafficPolicy")) {
      spec = spec.With("externalTrafficPolicy", Value("Cluster"));
    }
    if (type == "LoadBalancer" && !spec.Has("allocateLoadBalancerNodePorts")) {
      spec = spec.With("allocateLoadBalancerNodePorts", Value(true));
    }
    Value ports = spec["ports"];
    for (std::size_t i = 0; i < ports.size(); ++i) {
      if (ports[i].Has("nodePort")) continue;
      Value port = before["ports"][i]["nodePort"];
      if (port.is_null()) {
        port = Value(static_cast<int>(30000 + next_node_port_++ * 7 % kNodePorts));
      }
      ports = ports.WithItem(i, ports[i].With("nodePort", std::move(port)));
    }
    spec = spec.With("ports", std::move(ports));
  }
  return service.With("spec", std::move(spec));
}

Value Allocator::Fill(const Resource& resource, const Value& object, const Value* old) {
  Value filled = object;
  if (resource.custom) return filled;
  if (resource.group.empty() && resource.kind == "Service") filled = FillService(filled, old);
  if (old == nullptr && resource.has_status) filled = filled.With("status", FirstStatus(resource));
  if (old != nullptr) return filled;
  if (resource.group.empty() && resource.kind == "Namespace") {
    filled = filled.WithAt({"spec", "finalizers"}, Value::Array({Value("kubernetes")}));
  }
  if (resource.kind == "Job") filled = FillJob(filled);
  if (resource.kind == "PersistentVolumeClaim" && !filled["spec"].Has("storageClassName")) {
    filled = filled.WithAt({"spec", "storageClassName"}, Value("standard"));
  }
  return filled;
}

}  // namespace swell::sandbox
