#include "base/net/response_writer.h"

#include <algorithm>

#include "base/core/strings.h"
#include "base/net/loop_impl.h"

namespace swell::net {

class WriterImpl final : public ResponseWriter {
 public:
  WriterImpl(Loop& loop, std::shared_ptr<ResponseSink> sink, ResponseStatePtr state,
             std::size_t max_pending_bytes)
      : loop_(loop.impl().shared_from_this()),
        sink_(std::move(sink)),
        state_(std::move(state)),
        max_pending_bytes_(max_pending_bytes) {}

  ~WriterImpl() override {
    switch (Exchange(Phase::kDone)) {
      case Phase::kNone:
        OnLoop([](ResponseSink& sink) {
          sink.SendAll(500, {{"content-type", "text/plain; charset=utf-8"}},
                       "the request was not answered\n");
        });
        break;
      case Phase::kBegun:
        OnLoop([](ResponseSink& sink) { sink.Abort(); });
        break;
      case Phase::kDone:
        break;
    }
  }

  void Respond(int status, Headers headers, std::string body) override {
    if (!Advance(Phase::kNone, Phase::kDone)) return;
    OnLoop(
        [status, headers = std::move(headers), body = std::move(body)](ResponseSink& sink) mutable {
          sink.SendAll(status, std::move(headers), std::move(body));
        });
  }

  void Begin(int status, Headers headers) override {
    if (!Advance(Phase::kNone, Phase::kBegun)) return;
    OnLoop([status, headers = std::move(headers)](ResponseSink& sink) mutable {
      sink.SendHead(status, std::move(headers));
    });
  }

  bool Write(std::string chunk) override {
    if (state_->closed() || !Advance(Phase::kBegun, Phase::kBegun)) return false;
    if (chunk.empty()) return true;
    const std::size_t size = chunk.size();
    if (state_->posted_bytes.fetch_add(size) + size > max_pending_bytes_) {
      Abort();
      return false;
    }
    OnLoop([size, state = state_, chunk = std::move(chunk)](ResponseSink& sink) mutable {
      state->posted_bytes -= size;
      if (!state->closed() && !sink.SendChunk(std::move(chunk))) state->MarkClosed();
    });
    return !state_->closed();
  }

  void End() override {
    if (!Advance(Phase::kBegun, Phase::kDone)) return;
    OnLoop([](ResponseSink& sink) { sink.SendEnd(); });
  }

  void Abort() override {
    if (Exchange(Phase::kDone) == Phase::kDone) return;
    state_->closed_ = true;
    OnLoop([state = state_](ResponseSink& sink) {
      sink.Abort();
      state->MarkClosed();
    });
  }

  bool IsClosed() const override { return state_->closed(); }

  void OnClose(std::move_only_function<void()> fn) override {
    {
      std::lock_guard lock(state_->mutex_);
      if (state_->phase_ == Phase::kDone) return;
      if (!state_->closed_) {
        state_->on_close_ = std::move(fn);
        return;
      }
    }
    loop_->Post(fn);
  }

 private:
  using Phase = ResponseState::Phase;

  Phase Exchange(Phase to) {
    std::move_only_function<void()> dropped;  // destroyed outside of the lock
    std::lock_guard lock(state_->mutex_);
    if (to == Phase::kDone) dropped = std::exchange(state_->on_close_, nullptr);
    return std::exchange(state_->phase_, to);
  }

  bool Advance(Phase from, Phase to) {
    std::move_only_function<void()> dropped;
    std::lock_guard lock(state_->mutex_);
    if (state_->phase_ != from) return false;
    if (to == Phase::kDone) dropped = std::exchange(state_->on_close_, nullptr);
    state_->phase_ = to;
    return true;
  }

  // In place where that keeps the order of the calls.
  template <class Fn>
  void OnLoop(Fn fn) {
    if (loop_->InThread() && state_->posted_calls == 0) {
      if (auto sink = sink_.lock()) fn(*sink);
      return;
    }
    ++state_->posted_calls;
    Loop::Function later = [weak = sink_, state = state_, fn = std::move(fn)]() mutable {
      --state->posted_calls;
      if (auto sink = weak.lock()) fn(*sink);
    };
    loop_->Post(later);
  }

  // Writers are held by whoever answers, perhaps longer than the loop lives.
  const std::shared_ptr<Loop::Impl> loop_;
  std::weak_ptr<ResponseSink> sink_;
  ResponseStatePtr state_;
  const std::size_t max_pending_bytes_;
};

void ResponseState::MarkClosed() {
  std::move_only_function<void()> fn;
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
    fn = std::exchange(on_close_, nullptr);
  }
  if (fn) fn();
}

ResponseWriterPtr MakeWriter(Loop& loop, std::shared_ptr<ResponseSink> sink, ResponseStatePtr state,
                             std::size_t max_pending_bytes) {
  return std::make_shared<WriterImpl>(loop, std::move(sink), std::move(state), max_pending_bytes);
}

Headers CleanHeaders(const Headers& headers) {
  static constexpr std::string_view kOurs[] = {"connection", "content-length",
                                               "keep-alive", "transfer-encoding",
                                               "upgrade",    "proxy-connection"};
  Headers out;
  for (const Header& field : headers) {
    std::string name = ToLower(field.name);
    const auto is_token = [](char c) {
      return c > 0x20 && c < 0x7f && !std::string_view("\"(),/:;<=>?@[\\]{}").contains(c);
    };
    if (name.empty() || !std::ranges::all_of(name, is_token)) continue;
    if (std::ranges::find(kOurs, name) != std::end(kOurs)) continue;
    std::string value(Trim(field.value));
    std::ranges::replace_if(
        value,
        [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; },
        ' ');
    out.Add(std::move(name), std::move(value));
  }
  return out;
}

}  // namespace swell::net
