// What a commit costs. Each one ends in an fsync, which outweighs everything else on most disks:
// the rows of a commit are what these figures compare.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>

#include "server/store/store.h"

namespace swell::store {
namespace {

std::unique_ptr<Ledger> OpenIn(const std::filesystem::path& folder) {
  auto ledger = Open({.path = (folder / "swell.db").string(), .key_file = ""});
  if (!ledger) std::abort();
  return std::move(*ledger);
}

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "swell-bench-XXXXXX").string();
    if (!mkdtemp(pattern.data())) std::abort();
    path_ = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::vector<Mutation> Events(std::int64_t count) {
  std::vector<Mutation> out;
  for (std::int64_t i = 0; i < count; ++i) {
    out.push_back(AppendEvent{
        {.at = Timestamp{Duration{1'800'000'000'000 + i}},
         .application = "web",
         .rollout = "web-12",
         .cluster = "c" + std::to_string(i),
         .type = "ClusterHealthy",
         .message = "all 14 objects are healthy; evidence for plan 1a2b3c4d5e6f is recorded",
         .actor = "auto"}});
  }
  return out;
}

void BM_Commit(benchmark::State& state) {
  const Folder folder;
  auto ledger = OpenIn(folder.path());
  const auto events = Events(state.range(0));
  for (auto _ : state) {
    if (!ledger->Commit(events)) std::abort();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_Commit)->Arg(1)->Arg(10)->Arg(1000)->Unit(benchmark::kMicrosecond);

void BM_CommitManifests(benchmark::State& state) {
  const Folder folder;
  auto ledger = OpenIn(folder.path());
  std::string text;
  for (int i = 0; i < 600; ++i) text += Digest::Of(std::to_string(i)).Hex();
  std::int64_t n = 0;
  for (auto _ : state) {
    std::vector<Mutation> blobs;
    for (int i = 0; i < 100; ++i) {
      blobs.push_back(PutBlob{BlobKind::kManifest, Digest::Of(std::to_string(++n)), text, false});
    }
    if (!ledger->Commit(std::move(blobs))) std::abort();
  }
  state.SetItemsProcessed(state.iterations() * 100);
}
BENCHMARK(BM_CommitManifests)->Unit(benchmark::kMicrosecond);

void BM_Verify(benchmark::State& state) {
  const Folder folder;
  auto ledger = OpenIn(folder.path());
  for (int i = 0; i < 20; ++i) {
    if (!ledger->Commit(Events(1000))) std::abort();
  }
  for (auto _ : state) {
    const auto report = ledger->Verify({});
    if (!report || !report->ok()) std::abort();
  }
  state.SetItemsProcessed(state.iterations() * 20'000);
}
BENCHMARK(BM_Verify)->Unit(benchmark::kMillisecond);

// Before each write to a cluster.
void BM_CheckOwner(benchmark::State& state) {
  const Folder folder;
  auto ledger = OpenIn(folder.path());
  for (auto _ : state) {
    if (!ledger->CheckOwner()) std::abort();
  }
}
BENCHMARK(BM_CheckOwner)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace swell::store
