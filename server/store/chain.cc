#include "server/store/chain.h"

#include <algorithm>

namespace swell::store {
namespace {

std::string_view Bytes(const Digest& d) {
  return {reinterpret_cast<const char*>(d.bytes().data()), Digest::kBytes};
}

}  // namespace

Digest HashOf(const Digest& previous, const Link& link) {
  return Hasher()
      .Add(previous)
      .Add(link.number)
      .Add(link.kind)
      .Add(link.key)
      .Add(link.digest)
      .Add(link.marks)
      .Finish();
}

Status Chain::ReadHead() {
  Statement last =
      TRY(database_.Prepare("SELECT link, hash FROM chain ORDER BY link DESC LIMIT 1"));
  if (!TRY(last.Step())) {
    return Fail(Error(ErrorCode::kDataLoss, "the ledger's hash chain is empty: it was deleted"));
  }
  const std::string hash = last.Column(1);
  std::array<std::uint8_t, Digest::kBytes> bytes{};
  std::copy_n(hash.begin(), std::min(hash.size(), bytes.size()), bytes.begin());
  head_ = {.number = last.ColumnInt(0), .hash = Digest(bytes)};
  return {};
}

Status Chain::Append(Link link) {
  if (!insert_) {
    insert_.emplace(TRY(database_.Prepare(
        "INSERT INTO chain(link,kind,key,digest,marks,hash) VALUES(?,?,?,?,?,?)")));
  }
  link.number = head_.number + 1;
  const Digest hash = HashOf(head_.hash, link);
  TRY(insert_->Int(1, link.number)
          .Text(2, link.kind)
          .Text(3, link.key)
          .Blob(4, link.digest)
          .Blob(5, link.marks)
          .Blob(6, Bytes(hash))
          .Run());
  head_ = {.number = link.number, .hash = hash};
  return {};
}

Status Chain::Append(std::string_view kind, std::string_view key, const Fingerprint& row) {
  if (head_.number == 0) TRY(ReadHead());
  return Append({.kind = std::string(kind),
                 .key = std::string(key),
                 .digest = row.Whole(),
                 .marks = row.Marks()});
}

Status Chain::Append(std::string_view kind, std::string_view key) {
  if (const auto row = TRY(rows_.Read(*FindTable(kind), key))) return Append(kind, key, *row);
  if (head_.number == 0) TRY(ReadHead());
  return Append({.kind = std::string(kind), .key = std::string(key), .digest = {}, .marks = {}});
}

Status Chain::Begin(Timestamp now) {
  TRY(Append(
      {.kind = std::string(kGenesis), .key = FormatTimestamp(now), .digest = {}, .marks = {}}));
  for (const ChainedTable& table : ChainedTables()) {
    Statement keys = TRY(database_.Prepare(table.keys));
    while (TRY(keys.Step())) TRY(Append(table.kind, keys.Column(0)));
  }
  return {};
}

}  // namespace swell::store
