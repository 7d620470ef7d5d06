#include "reconciler/charts/chart_source.h"

#include <map>
#include <mutex>
#include <utility>

#include "base/core/strings.h"
#include "reconciler/charts/archive.h"
#include "reconciler/charts/oci_name.h"

namespace swell::charts {
namespace {

bool IsArchiveId(std::string_view ref) {
  return ref.size() == 2 * Digest::kBytes &&
         ref.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

class ChartSource final : public Source {
 public:
  // `chart`: the chart's own name; `name`: with the repository, for messages.
  ChartSource(Fetcher& fetcher, SourceKey key, std::string chart, std::string name)
      : fetcher_(fetcher), key_(std::move(key)), chart_(std::move(chart)), name_(std::move(name)) {}

  std::vector<Result<Revision>> Resolve(const std::vector<std::string>& refs) override {
    const Deadline deadline = Deadline::After(fetcher_.limits().timeout);
    std::vector<Result<Revision>> out;
    for (const std::string& ref : refs) {
      auto chart = IsArchiveId(ref) ? fetcher_.FromCache(*Digest::Parse(ref), chart_)
                                    : fetcher_.Fetch({key_.repository, key_.chart, ref}, deadline);
      out.push_back(chart ? Describe(*chart) : Result<Revision>(Fail(std::move(chart.error()))));
    }
    return out;
  }

  Result<FileTreePtr> Tree(const std::string& commit) override {
    const Digest digest = TRY(Digest::Parse(commit));
    if (!fetcher_.cache().HasArchive(digest)) {
      return Fail(Unavailable("the archive " + digest.Short() + " of chart " + name_ +
                              " is not in the cache any more; it is fetched again at the next "
                              "poll"));
    }
    // Whoever holds the same tree shares what is unpacked, and renders once.
    const std::lock_guard lock(mutex_);
    std::erase_if(trees_, [](const auto& entry) { return entry.second.expired(); });
    if (auto held = trees_[digest].lock()) return held;
    FileTreePtr tree = ChartArchiveTree(
        digest, [&fetcher = fetcher_, digest] { return fetcher.cache().Archive(digest); },
        name_ + "@" + digest.Short());
    trees_[digest] = tree;
    return tree;
  }

 private:
  Result<Revision> Describe(const FetchedChart& chart) const {
    Revision out;
    out.repository = key_.repository;
    out.ref = chart.version;
    out.commit = chart.digest.Hex();
    out.message = "chart " + chart.name + " " + chart.version;
    out.time = chart.created;
    return out;
  }

  Fetcher& fetcher_;
  const SourceKey key_;
  const std::string chart_;
  const std::string name_;
  std::mutex mutex_;
  std::map<Digest, std::weak_ptr<const FileTree>> trees_;  // guarded by mutex_
};

}  // namespace

Result<std::unique_ptr<Source>> OpenChart(Fetcher& fetcher, const SourceKey& key) {
  std::string chart = key.chart, name = key.repository + "/" + key.chart;
  if (key.repository.starts_with("oci://")) {
    const OciName oci = TRY(OciName::Parse(key.repository, key.chart));
    chart = oci.chart();
    name = oci.ToString();
  } else if (key.chart.empty()) {
    return Fail(InvalidArgument(key.repository + ": which chart of the repository is meant?"));
  }
  return std::make_unique<ChartSource>(fetcher, key, std::move(chart), std::move(name));
}

}  // namespace swell::charts
