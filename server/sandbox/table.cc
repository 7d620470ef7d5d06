// The columns of `kubectl get`, as the server's printers define them.

#include <string>
#include <vector>

#include "base/core/strings.h"
#include "base/value/json.h"
#include "base/value/pointer.h"
#include "server/sandbox/encode.h"

namespace swell::sandbox {
namespace {

using Cells = std::vector<Value>;

// "3d4h", "5m10s", "42s": apimachinery's HumanDuration.
std::string Age(const Value& object, Timestamp now) {
  const auto created = ParseTimestamp(object.At({"metadata", "creationTimestamp"}).as_string());
  if (!created) return "<unknown>";
  const std::int64_t s = std::max<std::int64_t>(
      0, std::chrono::duration_cast<std::chrono::seconds>(now - *created).count());
  const auto text = [](std::int64_t n, const char* unit) { return std::to_string(n) + unit; };
  const auto pair = [&](std::int64_t a, const char* u, std::int64_t b, const char* v) {
    return b == 0 ? text(a, u) : text(a, u) + text(b, v);
  };
  if (s < 120) return text(s, "s");
  if (s < 600) return pair(s / 60, "m", s % 60, "s");
  if (s < 3 * 3600) return text(s / 60, "m");
  if (s < 8 * 3600) return pair(s / 3600, "h", s / 60 % 60, "m");
  if (s < 48 * 3600) return text(s / 3600, "h");
  if (s < 8 * 86400) return pair(s / 86400, "d", s / 3600 % 24, "h");
  return text(s / 86400, "d");
}

std::string Ratio(const Value& part, const Value& whole) {
  return std::to_string(part.as_int()) + "/" + std::to_string(whole.as_int());
}

std::string Or(std::string_view text, std::string_view fallback) {
  return std::string(text.empty() ? fallback : text);
}

std::string Ports(const Value& ports) {
  std::vector<std::string> texts;
  for (const Value& port : ports.items()) {
    std::string text = std::to_string(port["port"].as_int());
    if (port.Has("nodePort")) text += ":" + std::to_string(port["nodePort"].as_int());
    texts.push_back(text + "/" + Or(port["protocol"].as_string(), "TCP"));
  }
  return texts.empty() ? "<none>" : Join(texts, ",");
}

std::string Addresses(const Value& object) {
  std::vector<std::string> texts;
  for (const Value& ingress : object.At({"status", "loadBalancer", "ingress"}).items()) {
    texts.push_back(Or(ingress["ip"].as_string(), ingress["hostname"].as_string()));
  }
  return Join(texts, ",");
}

std::string PodStatus(const Value& pod) {
  if (pod["metadata"].Has("deletionTimestamp")) return "Terminating";
  for (const Value& container : pod.At({"status", "containerStatuses"}).items()) {
    const std::string_view waiting = container.At({"state", "waiting", "reason"}).as_string();
    if (!waiting.empty()) return std::string(waiting);
    const std::string_view ended = container.At({"state", "terminated", "reason"}).as_string();
    if (!ended.empty()) return std::string(ended);
  }
  return Or(pod["status"]["phase"].as_string(), "Unknown");
}

std::int64_t Restarts(const Value& pod) {
  std::int64_t count = 0;
  for (const Value& container : pod.At({"status", "containerStatuses"}).items()) {
    count += container["restartCount"].as_int();
  }
  return count;
}

std::string PodReady(const Value& pod) {
  std::int64_t ready = 0;
  for (const Value& container : pod.At({"status", "containerStatuses"}).items()) {
    if (container["ready"].as_bool()) ++ready;
  }
  return std::to_string(ready) + "/" + std::to_string(pod.At({"spec", "containers"}).size());
}

std::string JobStatus(const Value& job) {
  for (const Value& condition : job.At({"status", "conditions"}).items()) {
    if (condition["status"].as_string() != "True") continue;
    const std::string_view type = condition["type"].as_string();
    if (type == "Complete" || type == "Failed" || type == "Suspended") return std::string(type);
  }
  return "Running";
}

struct Printer {
  const char* kind;
  std::vector<const char*> columns;  // between Name and Age
  Cells (*cells)(const Value& object);
};

const std::vector<Printer>& Printers() {
  static const std::vector<Printer> printers = {
      {"Pod",
       {"Ready", "Status", "Restarts"},
       [](const Value& o) {
         return Cells{Value(PodReady(o)), Value(PodStatus(o)), Value(std::to_string(Restarts(o)))};
       }},
      {"Deployment",
       {"Ready", "Up-to-date", "Available"},
       [](const Value& o) {
         const Value& s = o["status"];
         return Cells{Value(Ratio(s["readyReplicas"], o["spec"]["replicas"])),
                      Value(s["updatedReplicas"].as_int()), Value(s["availableReplicas"].as_int())};
       }},
      {"ReplicaSet",
       {"Desired", "Current", "Ready"},
       [](const Value& o) {
         return Cells{Value(o["spec"]["replicas"].as_int()),
                      Value(o["status"]["replicas"].as_int()),
                      Value(o["status"]["readyReplicas"].as_int())};
       }},
      {"StatefulSet",
       {"Ready"},
       [](const Value& o) {
         return Cells{Value(Ratio(o["status"]["readyReplicas"], o["spec"]["replicas"]))};
       }},
      {"DaemonSet",
       {"Desired", "Current", "Ready", "Up-to-date", "Available"},
       [](const Value& o) {
         const Value& s = o["status"];
         return Cells{Value(s["desiredNumberScheduled"].as_int()),
                      Value(s["currentNumberScheduled"].as_int()), Value(s["numberReady"].as_int()),
                      Value(s["updatedNumberScheduled"].as_int()),
                      Value(s["numberAvailable"].as_int())};
       }},
      {"Job",
       {"Status", "Completions"},
       [](const Value& o) {
         return Cells{Value(JobStatus(o)),
                      Value(Ratio(o["status"]["succeeded"], o["spec"]["completions"]))};
       }},
      {"CronJob",
       {"Schedule", "Suspend", "Active"},
       [](const Value& o) {
         return Cells{o["spec"]["schedule"],
                      Value(o["spec"]["suspend"].as_bool() ? "True" : "False"),
                      Value(static_cast<std::int64_t>(o["status"]["active"].size()))};
       }},
      {"Service",
       {"Type", "Cluster-IP", "External-IP", "Port(s)"},
       [](const Value& o) {
         const bool balanced = o["spec"]["type"].as_string() == "LoadBalancer";
         return Cells{o["spec"]["type"], Value(Or(o["spec"]["clusterIP"].as_string(), "<none>")),
                      Value(Or(Addresses(o), balanced ? "<pending>" : "<none>")),
                      Value(Ports(o["spec"]["ports"]))};
       }},
      {"Ingress",
       {"Class", "Hosts", "Address"},
       [](const Value& o) {
         std::vector<std::string> hosts;
         for (const Value& rule : o["spec"]["rules"].items()) {
           hosts.push_back(Or(rule["host"].as_string(), "*"));
         }
         return Cells{Value(Or(o["spec"]["ingressClassName"].as_string(), "<none>")),
                      Value(hosts.empty() ? "*" : Join(hosts, ",")), Value(Addresses(o))};
       }},
      {"Namespace", {"Status"}, [](const Value& o) { return Cells{o["status"]["phase"]}; }},
      {"ConfigMap",
       {"Data"},
       [](const Value& o) {
         return Cells{Value(static_cast<std::int64_t>(o["data"].size() + o["binaryData"].size()))};
       }},
      {"Secret",
       {"Type", "Data"},
       [](const Value& o) {
         return Cells{o["type"], Value(static_cast<std::int64_t>(o["data"].size()))};
       }},
      {"PersistentVolumeClaim",
       {"Status", "Volume", "Capacity", "StorageClass"},
       [](const Value& o) {
         return Cells{o["status"]["phase"], Value(o["spec"]["volumeName"].as_string()),
                      Value(o.At({"status", "capacity", "storage"}).as_string()),
                      Value(o["spec"]["storageClassName"].as_string())};
       }},
      {"HorizontalPodAutoscaler",
       {"Reference", "MinPods", "MaxPods", "Replicas"},
       [](const Value& o) {
         const Value& target = o["spec"]["scaleTargetRef"];
         return Cells{Value(target["kind"].str() + "/" + target["name"].str()),
                      o["spec"]["minReplicas"], o["spec"]["maxReplicas"],
                      Value(o["status"]["currentReplicas"].as_int())};
       }},
      {"Node",
       {"Status", "Version"},
       [](const Value& o) {
         return Cells{Value("Ready"), o.At({"status", "nodeInfo", "kubeletVersion"})};
       }},
      {"Event",
       {"Type", "Reason", "Message"},
       [](const Value& o) { return Cells{o["type"], o["reason"], o["message"]}; }},
  };
  return printers;
}

const Printer* FindPrinter(const Resource& resource) {
  if (resource.custom) return nullptr;
  for (const Printer& printer : Printers()) {
    if (resource.kind == printer.kind) return &printer;
  }
  return nullptr;
}

Value Column(std::string_view name, std::string_view type, std::string_view format,
             std::string_view description) {
  return Value::Object({{"name", Value(name)},
                        {"type", Value(type)},
                        {"format", Value(format)},
                        {"description", Value(description)},
                        {"priority", Value(0)}});
}

// A custom column's cell: only plain paths (".spec.a.b") are followed.
Value CustomCell(const Value& column, const Value& object, Timestamp now) {
  const std::string_view path = column["jsonPath"].as_string();
  const Value* at = &object;
  for (std::string_view key : Split(path, '.')) {
    if (!key.empty()) at = &(*at)[key];
  }
  if (column["type"].as_string() == "date" && at->is_string()) {
    return Value(
        Age(Value::Object({{"metadata", Value::Object({{"creationTimestamp", *at}})}}), now));
  }
  if (at->is_object() || at->is_array()) return Value(json::Write(*at));
  return *at;
}

}  // namespace

Value TableColumns(const Resource& resource) {
  Cells columns{Column("Name", "string", "name", "Name of the object")};
  if (resource.columns.size() > 0) {
    for (const Value& column : resource.columns.items()) {
      columns.push_back(Column(column["name"].as_string(),
                               column["type"].as_string() == "integer" ? "integer" : "string", "",
                               column["description"].as_string()));
    }
    return Value::Array(std::move(columns));
  }
  if (const Printer* printer = FindPrinter(resource)) {
    for (const char* name : printer->columns) columns.push_back(Column(name, "string", "", name));
  }
  columns.push_back(Column("Age", "string", "", "Time since the object was created"));
  return Value::Array(std::move(columns));
}

Value TableCells(const Resource& resource, const Value& object, Timestamp now) {
  Cells cells{object["metadata"]["name"]};
  if (resource.columns.size() > 0) {
    for (const Value& column : resource.columns.items()) {
      cells.push_back(CustomCell(column, object, now));
    }
    return Value::Array(std::move(cells));
  }
  if (const Printer* printer = FindPrinter(resource)) {
    for (Value& cell : printer->cells(object)) cells.push_back(std::move(cell));
  }
  cells.emplace_back(Age(object, now));
  return Value::Array(std::move(cells));
}

}  // namespace swell::sandbox
