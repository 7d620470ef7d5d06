#include "server/store/verify.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

#include "base/core/strings.h"
#include "server/store/chain.h"

namespace swell::store {
namespace {

Digest DigestFrom(const std::string& bytes) {
  std::array<std::uint8_t, Digest::kBytes> out{};
  std::copy_n(bytes.begin(), std::min(bytes.size(), out.size()), out.begin());
  return Digest(out);
}

std::int64_t SequenceOf(const std::string& key) {
  std::int64_t out = 0;
  std::from_chars(key.data(), key.data() + key.size(), out);
  return out;
}

std::string LinkName(std::int64_t number) { return "link " + std::to_string(number); }

// The columns whose marks differ: "message", "type and message".
std::string Changed(const ChainedTable& table, const std::string& was, const std::string& is) {
  std::vector<std::string> names;
  constexpr std::size_t kMark = Fingerprint::kMarkBytes;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (was.size() != is.size() || was.substr(i * kMark, kMark) != is.substr(i * kMark, kMark)) {
      names.emplace_back(table.columns[i]);
    }
  }
  if (names.empty()) return "it was";
  const std::string last = names.back();
  names.pop_back();
  if (names.empty()) return "its " + last + (last.ends_with("s") ? " were" : " was");
  return "its " + Join(names, ", ") + " and " + last + " were";
}

// One pass over the links, with the events beside them: both ascend.
class Walk {
 public:
  Walk(Database& database, const VerifyRequest& request)
      : database_(database), request_(request), rows_(database) {}

  Result<VerifyReport> Run() {
    TRY(Begin());
    TRY(WalkLinks());
    if (report_.ok()) TRY(CheckEnd());
    if (report_.ok()) TRY(FindUnlinked());
    if (report_.ok() && request_.expect && !expected_seen_) {
      const std::string where =
          request_.from > 0 ? "from event " + std::to_string(request_.from) + " on, " : "";
      report_.damage = where + "the chain does not go through the head " + request_.expect->Hex() +
                       ": this is another ledger, or it was rewritten or cut off since that head "
                       "was noted";
    }
    return std::move(report_);
  }

 private:
  Status Begin();
  Status WalkLinks();
  Status CheckLink(const Link& link, const Digest& stored);
  Status CheckEvent(const Link& link);
  Status CheckRow(const Link& link);
  Status CheckEnd();
  Status FindUnlinked();
  Status NextEvent();
  void NameBreak(const Link& link, Digest stored);
  Result<std::optional<Link>> ReadLink(std::int64_t number, Digest& hash);
  // Where the row as it stands belongs, if it was written as another one.
  Result<std::string> ElsewhereAs(const Link& link, const std::string& whole);
  Result<std::string> Name(const Link& link);
  Status Differs(const Link& link, const ChainedTable& table, const Fingerprint& row);

  Database& database_;
  const VerifyRequest& request_;
  RowReader rows_;
  VerifyReport report_;
  Digest previous_;
  std::int64_t next_link_ = 1;
  bool expected_seen_ = false;
  std::optional<Statement> events_;
  std::optional<std::int64_t> event_;  // that the cursor stands on; none: past the last
};

Status Walk::Begin() {
  Statement genesis = TRY(database_.Prepare("SELECT key FROM chain WHERE link=1"));
  if (TRY(genesis.Step())) {
    report_.began_at = ParseTimestamp(genesis.Column(0)).value_or(Timestamp{});
  }
  events_.emplace(TRY(database_.Prepare(
      "SELECT at, application, rollout, cluster, type, message, actor, sequence FROM events WHERE "
      "sequence>=? ORDER BY sequence")));
  events_->Int(1, request_.from > 0 ? request_.from : std::numeric_limits<std::int64_t>::min());
  if (request_.from > 0) {
    Statement first = TRY(database_.Prepare(
        "SELECT link FROM chain WHERE kind='event' AND CAST(key AS INTEGER)>=?1 ORDER BY link "
        "LIMIT 1"));
    first.Int(1, request_.from);
    if (!TRY(first.Step())) {
      return Fail(NotFound("there is no event " + std::to_string(request_.from) + " or later"));
    }
    next_link_ = first.ColumnInt(0);
    Statement before = TRY(database_.Prepare("SELECT hash FROM chain WHERE link=?"));
    before.Int(1, next_link_ - 1);
    if (TRY(before.Step())) previous_ = DigestFrom(before.Column(0));
    expected_seen_ = request_.expect && *request_.expect == previous_;
  }
  return NextEvent();
}

Status Walk::NextEvent() {
  if (TRY(events_->Step())) {
    event_ = events_->ColumnInt(7);
  } else {
    event_.reset();
  }
  return {};
}

Status Walk::WalkLinks() {
  Statement links = TRY(database_.Prepare(
      "SELECT link, kind, key, digest, marks, hash FROM chain WHERE link>=? ORDER BY link"));
  links.Int(1, next_link_);
  while (report_.ok() && TRY(links.Step())) {
    const Link link{.number = links.ColumnInt(0),
                    .kind = links.Column(1),
                    .key = links.Column(2),
                    .digest = links.Column(3),
                    .marks = links.Column(4)};
    TRY(CheckLink(link, DigestFrom(links.Column(5))));
  }
  return {};
}

Status Walk::CheckLink(const Link& link, const Digest& stored) {
  if (link.number != next_link_) {
    const bool one = link.number == next_link_ + 1;
    const std::string gap =
        one ? LinkName(next_link_)
            : "links " + std::to_string(next_link_) + " to " + std::to_string(link.number - 1);
    report_.damage = gap + " of the chain, before " + TRY(Name(link)) + ", " +
                     (one ? "was" : "were") + " deleted";
    return {};
  }
  if (HashOf(previous_, link) != stored) {
    const std::string name = TRY(Name(link));
    NameBreak(link, stored);
    report_.damage = name + ": " + report_.damage;
    return {};
  }
  if (link.kind == kEventRow) {
    TRY(CheckEvent(link));
  } else if (link.kind != kGenesis) {
    TRY(CheckRow(link));
  }
  if (!report_.ok()) return {};
  previous_ = stored;
  expected_seen_ = expected_seen_ || (request_.expect && stored == *request_.expect);
  ++next_link_;
  ++report_.links;
  report_.events += link.kind == kEventRow ? 1 : 0;
  report_.last = link.number;
  report_.head = stored;
  return {};
}

Result<std::optional<Link>> Walk::ReadLink(std::int64_t number, Digest& hash) {
  Statement row =
      TRY(database_.Prepare("SELECT kind, key, digest, marks, hash FROM chain WHERE link=?"));
  row.Int(1, number);
  if (!TRY(row.Step())) return std::nullopt;
  hash = DigestFrom(row.Column(4));
  return Link{.number = number,
              .kind = row.Column(0),
              .key = row.Column(1),
              .digest = row.Column(2),
              .marks = row.Column(3)};
}

// The link does not follow from the one before it: what the neighbours tell of how that came.
void Walk::NameBreak(const Link& link, Digest stored) {
  report_.damage = LinkName(link.number) +
                   " of the chain was changed, or what stood before it "
                   "was deleted or inserted";
  Digest next_hash;
  const auto next = ReadLink(link.number + 1, next_hash);
  if (!next || !*next) return;
  Link moved = **next;
  moved.number = link.number;
  if (HashOf(previous_, moved) != next_hash) return;
  // The next one is what belongs here.
  Link here = link;
  here.number = link.number + 1;
  report_.damage = HashOf(next_hash, here) == stored
                       ? LinkName(link.number) + " of the chain and the one after it were exchanged"
                       : LinkName(link.number) + " of the chain was inserted";
}

Status Walk::CheckEvent(const Link& link) {
  const std::int64_t sequence = SequenceOf(link.key);
  if (event_ && *event_ < sequence) {
    report_.damage = TRY(Name({.number = 0,
                               .kind = std::string(kEventRow),
                               .key = std::to_string(*event_),
                               .digest = {},
                               .marks = {}})) +
                     ": it was inserted: the chain does not know it";
    return {};
  }
  if (event_ != sequence) {
    report_.damage = "event " + link.key + ": it was deleted after it was written";
    return {};
  }
  Fingerprint row;
  for (int i = 0; i < 7; ++i) row.Add(events_->Column(i));
  if (row.Whole() != link.digest) return Differs(link, *FindTable(kEventRow), row);
  return NextEvent();
}

Status Walk::CheckRow(const Link& link) {
  const ChainedTable* table = FindTable(link.kind);
  if (!table) {
    report_.damage =
        LinkName(link.number) + " of the chain is of kind " + Quote(link.kind) + ", which is none";
    return {};
  }
  Statement later = TRY(database_.Prepare(
      "SELECT 1 FROM chain WHERE kind<>'event' AND kind=?1 AND key=?2 AND link>?3 LIMIT 1"));
  later.Text(1, link.kind).Text(2, link.key).Int(3, link.number);
  if (TRY(later.Step())) return {};  // written again since
  const auto row = TRY(rows_.Read(*table, link.key));
  if (!row) {
    if (!link.digest.empty()) {
      report_.damage = TRY(Name(link)) + ": it was deleted after it was written";
    }
    return {};
  }
  if (link.digest.empty()) {
    report_.damage = TRY(Name(link)) + ": it was deleted, and was put back since";
    return {};
  }
  return row->Whole() == link.digest ? Status() : Differs(link, *table, *row);
}

Status Walk::Differs(const Link& link, const ChainedTable& table, const Fingerprint& row) {
  const std::string elsewhere = TRY(ElsewhereAs(link, row.Whole()));
  const std::string what = elsewhere.empty() ? Changed(table, link.marks, row.Marks()) +
                                                   " changed after it was "
                                                   "written"
                                             : "what stands there was written as " + elsewhere +
                                                   ": they were exchanged, or it was copied";
  report_.damage = TRY(Name(link)) + ": " + what;
  return {};
}

Result<std::string> Walk::ElsewhereAs(const Link& link, const std::string& whole) {
  Statement other = TRY(
      database_.Prepare("SELECT key FROM chain WHERE kind=?1 AND digest=?2 AND key<>?3 LIMIT 1"));
  other.Text(1, link.kind).Blob(2, whole).Text(3, link.key);
  if (!TRY(other.Step())) return std::string();
  return NameOfRow(link.kind, other.Column(0));
}

Result<std::string> Walk::Name(const Link& link) {
  const std::string name = NameOfRow(link.kind, link.key);
  if (link.kind != kEventRow) return name;
  Statement row =
      TRY(database_.Prepare("SELECT type, rollout, application, at FROM events WHERE sequence=?"));
  row.Text(1, link.key);
  if (!TRY(row.Step())) return name;
  const std::string about = row.Column(1).empty() ? row.Column(2) : row.Column(1);
  return name + " (" + row.Column(0) + (about.empty() ? "" : " " + about) + ", " + row.Column(3) +
         ")";
}

Status Walk::CheckEnd() {
  if (event_) {
    report_.damage = TRY(Name({.number = 0,
                               .kind = std::string(kEventRow),
                               .key = std::to_string(*event_),
                               .digest = {},
                               .marks = {}})) +
                     ": it was inserted: the chain does not know it";
    return {};
  }
  Statement last = TRY(database_.Prepare("SELECT seq FROM sqlite_sequence WHERE name='chain'"));
  const std::int64_t written = TRY(last.Step()) ? last.ColumnInt(0) : 0;
  if (written >= next_link_ || next_link_ == 1) {
    report_.damage = "the end of the chain was cut off: " + std::to_string(written) +
                     " links were written, and " + std::to_string(next_link_ - 1) + " are there";
  }
  return {};
}

// Rows that stand in the tables without a link.
Status Walk::FindUnlinked() {
  for (const ChainedTable& table : ChainedTables()) {
    if (table.kind == kEventRow) continue;
    Statement unlinked = TRY(database_.Prepare(
        "SELECT k FROM (" + std::string(table.keys) +
        ") WHERE NOT EXISTS (SELECT 1 FROM chain WHERE kind<>'event' AND kind=?1 AND key=k) LIMIT "
        "1"));
    unlinked.Text(1, table.kind);
    if (!TRY(unlinked.Step())) continue;
    report_.damage =
        NameOfRow(table.kind, unlinked.Column(0)) + ": it was inserted: the chain does not know it";
    return {};
  }
  return {};
}

}  // namespace

Result<VerifyReport> Verify(Database& database, const VerifyRequest& request) {
  TRY(database.Execute("BEGIN"));
  auto report = Walk(database, request).Run();
  (void)database.Execute("ROLLBACK");
  return report;
}

}  // namespace swell::store
