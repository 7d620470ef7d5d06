// A list in pages.

#include <mutex>

#include "reconciler/kube/client_impl.h"

namespace swell::kube {
namespace {

// Times that an expired continue token starts the list over.
constexpr int kMaxRestarts = 3;

struct ListCall final : Call::State, std::enable_shared_from_this<ListCall> {
  ListCall(std::shared_ptr<Client::Impl> c, const ResourceRef& r, ListOptions o,
           Callback<ListResult> d)
      : client(std::move(c)), ref(r), options(std::move(o)), done(std::move(d)) {}

  void Cancel() override {
    std::lock_guard lock(mutex);
    cancelled = true;
    page.Cancel();
  }

  void NextPage() {
    Request request;
    request.path = ref.Path();
    request.sensitive = ref.IsSecret();
    request.timeout = options.timeout;
    if (options.form == ObjectForm::kMetadata) {
      request.accept =
          "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
    }
    auto& query = request.query;
    // Pages and the watch cache do not go together.
    const bool paged = options.page_size > 0 && options.resource_version.empty();
    if (paged) query.emplace_back("limit", std::to_string(options.page_size));
    if (!token.empty()) query.emplace_back("continue", token);
    if (!options.resource_version.empty()) {
      query.emplace_back("resourceVersion", options.resource_version);
    }
    if (!options.label_selector.empty()) {
      query.emplace_back("labelSelector", options.label_selector);
    }
    if (!options.field_selector.empty()) {
      query.emplace_back("fieldSelector", options.field_selector);
    }
    std::lock_guard lock(mutex);
    if (cancelled) {
      client->Deliver(
          [self = shared_from_this()] { self->End(std::unexpected(CancelledError())); });
      return;
    }
    page = client->Do(std::move(request), [self = shared_from_this()](ApiResult<Response> r) {
      self->OnPage(std::move(r));
    });
  }

  void OnPage(ApiResult<Response> page_result) {
    if (!page_result) {
      ApiError error = std::move(page_result.error());
      if (error.code() == ErrorCode::kOutOfRange && !token.empty() && ++restarts <= kMaxRestarts) {
        token.clear();
        result = {};
        bytes = 0;
        return NextPage();
      }
      return End(std::unexpected(std::move(error)));
    }
    const Value& list = page_result->body;
    const std::string_view kind = list["kind"].as_string();
    if (!list.is_object() || !kind.ends_with("List")) {
      return End(
          ApiFail(Error(ErrorCode::kDataLoss, "cluster " + client->options.cluster + ": GET " +
                                                  ref.Path() + ": the answer is no list")));
    }
    bytes += page_result->bytes;
    const Value item_kind(kind.substr(0, kind.size() - 4));
    for (const Value& item : list["items"].items()) {
      // Typed lists leave these two out of their items.
      Value object = item.Has("kind") ? item : item.With("kind", item_kind);
      if (!object.Has("apiVersion")) object = object.With("apiVersion", list["apiVersion"]);
      result.items.push_back(std::move(object));
    }
    if (result.items.size() > options.max_items) {
      return TooMuch(std::to_string(options.max_items) + " objects (max_items)");
    }
    if (bytes > options.max_bytes) {
      return TooMuch(std::to_string(options.max_bytes) + " bytes (max_bytes)");
    }
    result.resource_version = list["metadata"]["resourceVersion"].str();
    std::string next = list["metadata"]["continue"].str();
    if (next.empty()) return End(std::move(result));
    if (next == token) {
      return End(ApiFail(Error(ErrorCode::kDataLoss, "cluster " + client->options.cluster +
                                                         ": GET " + ref.Path() +
                                                         ": the continue token repeats itself")));
    }
    token = std::move(next);
    NextPage();
  }

  void TooMuch(const std::string& what) {
    End(ApiFail(ResourceExhausted("cluster " + client->options.cluster + ": list of " +
                                  ref.ToString() + ": more than " + what)));
  }

  void End(ApiResult<ListResult> with) { std::exchange(done, nullptr)(std::move(with)); }

  const std::shared_ptr<Client::Impl> client;
  const ResourceRef ref;
  const ListOptions options;
  Callback<ListResult> done;
  ListResult result;
  std::string token;
  std::size_t bytes = 0;
  int restarts = 0;
  std::mutex mutex;
  bool cancelled = false;  // guarded by mutex
  Call page;               // guarded by mutex
};

}  // namespace

Call StartList(const std::shared_ptr<Client::Impl>& client, const ResourceRef& ref,
               ListOptions options, Callback<ListResult> done) {
  auto list = std::make_shared<ListCall>(client, ref, std::move(options), std::move(done));
  list->NextPage();
  return Call(list);
}

}  // namespace swell::kube
