#include "application/audit/journal.hpp"

#include "base/encoding.hpp"
#include "model/contracts/audit.hpp"
#include "model/contracts/governance.hpp"

namespace salus::application {
namespace {

constexpr std::string_view kAuditTopic = "audit-root";

constexpr std::string_view kAuditSteps[] = {
    // root: the interval whose leaf covers the event, NULL until it is closed. settled: 0 on its way, 1 filed.
    "CREATE TABLE audit_events (number BIGINT PRIMARY KEY, time_ms BIGINT NOT NULL, action BIGINT NOT NULL, hash BLOB "
    "NOT NULL, root BIGINT, sealed BLOB NOT NULL);"
    "CREATE INDEX audit_events_root ON audit_events (root, number);"
    "CREATE TABLE audit_subjects (subject BLOB NOT NULL, number BIGINT NOT NULL, PRIMARY KEY (subject, number));"
    "CREATE TABLE audit_roots (interval_start BIGINT PRIMARY KEY, salt BLOB NOT NULL, events_root BLOB NOT NULL, "
    "first_event BIGINT NOT NULL,"
    " event_count BIGINT NOT NULL, leaf BLOB NOT NULL, log_index BIGINT)"};

Bytes event_associated(std::uint64_t number) {
    Bytes out = to_bytes("audit-event");
    append(out, big_endian(number));
    return out;
}

Result<std::vector<Hash>> hashes_of(Reading& reading, std::uint64_t first, std::uint64_t count) {
    SALUS_TRY(const auto rows,
              (reading.query<Hash>(
                  "SELECT hash FROM audit_events WHERE number >= :first AND number < :behind ORDER BY number", first,
                  first + count)));
    std::vector<Hash> out;
    for (const auto& row : rows) out.push_back(std::get<0>(row));
    if (out.size() != count) return fail(ErrorCode::kCorrupt, "events of an interval are missing");
    return out;
}

}  // namespace

Result<std::unique_ptr<Journal>> Journal::open(const Parts& parts) {
    SALUS_TRY_STATUS(parts.database.migrate("audit", kAuditSteps));
    std::unique_ptr<Journal> journal(new Journal(parts));
    SALUS_TRY_STATUS(journal->read_interval());
    parts.outbox.on_settled(std::string(kAuditTopic),
                            [it = journal.get()](Writing& writing, const Bytes& reference, const Settled& settled) {
                                return it->settle(writing, reference, settled);
                            });
    return journal;
}

Status Journal::read_interval() {
    SALUS_TRY(const auto parameter, read_decision<governance::ParameterState>(
                                        *parts_.ledger.view(), Contract::kGovernance,
                                        governance::parameter_key(governance::Parameter::kAuditIntervalMs)));
    interval_ms_ = parameter ? parameter->value.value
                             : governance::parameter_info(governance::Parameter::kAuditIntervalMs).initial;
    return {};
}

SearchToken Journal::subject_token(const SubjectId& subject) const {
    return parts_.vault.token("salus:audit", to_hex(subject));
}

Journal::Prepared Journal::prepare(AuditEntry entry) const {
    Prepared out{std::move(entry), parts_.random.bytes<16>(), {}};
    for (const SubjectId& subject : out.entry.subjects) out.subjects.push_back(subject_token(subject));
    // Who was not found stands in nobody's list, and leaves the same trace.
    if (out.subjects.empty()) out.subjects.push_back(parts_.random.bytes<16>());
    return out;
}

Status Journal::write(Writing& writing, std::span<const Prepared* const> entries) const {
    SALUS_TRY(const auto newest, (writing.query_one<std::uint64_t, TimeMs>(
                                     "SELECT number, time_ms FROM audit_events ORDER BY number DESC LIMIT 1")));
    std::uint64_t number = newest ? std::get<0>(*newest) : 0;
    // Times rise with the numbers, whatever the clock does: an interval's events are a run of numbers.
    const TimeMs time_ms = std::max(parts_.ledger.decision_time_ms(), newest ? std::get<1>(*newest) : 0);
    for (const Prepared* prepared : entries) {
        const AuditRecord record = make_record(prepared->entry, ++number, time_ms, prepared->salt);
        SALUS_TRY(const Bytes sealed,
                  parts_.vault.keys().seal(KekKind::kAccountability, parts_.vault.organisation().bytes,
                                           event_associated(number), codec::encode(record)));
        SALUS_TRY_STATUS(
            writing.run("INSERT INTO audit_events (number, time_ms, action, hash, sealed) VALUES (:number, :time, "
                        ":action, :hash, :sealed)",
                        number, time_ms, prepared->entry.action, record.hash(), sealed));
        for (const SearchToken& subject : prepared->subjects)
            SALUS_TRY_STATUS(writing.run("INSERT INTO audit_subjects (subject, number) VALUES (:subject, :number)",
                                         subject, number));
    }
    return {};
}

Status Journal::record(const AuditEntry& entry) {
    const Prepared prepared = prepare(entry);
    const std::array entries{&prepared};
    return parts_.database.transaction([&](Writing& writing) { return write(writing, entries); });
}

void Journal::record_then(std::vector<AuditEntry> entries, std::function<void(const Status&)> recorded) {
    Recording recording{{}, std::move(recorded)};
    for (AuditEntry& entry : entries) recording.entries.push_back(prepare(std::move(entry)));
    const auto taken = std::make_shared<std::vector<Recording>>();
    {
        const auto waiting = waiting_.lock();
        waiting->push_back(std::move(recording));
        if (waiting->size() > 1) return;  // the first has it written, with all that come until then
    }
    parts_.database.transaction_later([this, taken](Writing& writing) { return write_waiting(writing, *taken); },
                                      [this, taken](const Status& status) {
                                          // Where not even a transaction could begin, nobody else has taken them.
                                          if (taken->empty()) *taken = std::exchange(*waiting_.lock(), {});
                                          for (const Recording& one : *taken) one.recorded(status);
                                      });
}

Status Journal::write_waiting(Writing& writing, std::vector<Recording>& taken) {
    taken = std::exchange(*waiting_.lock(), {});
    std::vector<const Prepared*> entries;
    for (const Recording& recording : taken)
        for (const Prepared& entry : recording.entries) entries.push_back(&entry);
    return write(writing, entries);
}

Status Journal::tick() {
    SALUS_TRY_STATUS(read_interval());
    const TimeMs interval_ms = interval_ms_;
    const TimeMs now_ms = parts_.ledger.decision_time_ms();
    const std::uint64_t passed = now_ms / interval_ms * interval_ms - interval_ms;  // the newest that is over
    SALUS_TRY(const auto on_chain, read_value<audit::AuditState>(*parts_.ledger.view(), Contract::kAudit,
                                                                 audit::audit_key(parts_.vault.organisation())));
    SALUS_TRY(const auto newest, parts_.database.read([&](Reading& reading) {
        return reading.query_one<std::uint64_t, std::optional<std::uint64_t>>(
            "SELECT interval_start, log_index FROM audit_roots ORDER BY interval_start DESC LIMIT 1");
    }));
    if (newest && !std::get<1>(*newest)) return {};  // on its way
    if ((newest && passed <= std::get<0>(*newest)) || (on_chain && passed <= on_chain->interval)) return {};

    const ByteArray<16> salt = parts_.random.bytes<16>();
    const TimeMs end_ms = passed + interval_ms;
    return parts_.database.transaction([&](Writing& writing) -> Status {
        SALUS_TRY(const auto span,
                  (writing.query_one<std::optional<std::uint64_t>, std::uint64_t>(
                      "SELECT MIN(number), COUNT(*) FROM audit_events WHERE root IS NULL AND time_ms < :end", end_ms)));
        const std::uint64_t first = span && std::get<0>(*span) ? *std::get<0>(*span) : 0;
        const std::uint64_t count = span ? std::get<1>(*span) : 0;
        SALUS_TRY(const auto hashes, hashes_of(writing, first, count));
        const Hash root = log_root(hashes);
        const Hash leaf = audit::audit_leaf(salt, passed, root);
        SALUS_TRY_STATUS(writing.run("UPDATE audit_events SET root = :root WHERE number >= :first AND number < :behind",
                                     passed, first, first + count));
        SALUS_TRY_STATUS(
            writing.run("INSERT INTO audit_roots (interval_start, salt, events_root, first_event, event_count, leaf)"
                        " VALUES (:interval, :salt, :root, :first, :count, :leaf)",
                        passed, salt, root, first, count, leaf));
        Filing filing;
        filing.kind = FilingKind::kMustFile;
        filing.topic = kAuditTopic;
        filing.reference = to_bytes(ByteView(big_endian(passed)));
        filing.contract = Contract::kAudit;
        filing.payload = codec::encode(audit::Payload{audit::FileRoot{passed, leaf}});
        SALUS_TRY_STATUS(parts_.outbox.must_file(writing, std::move(filing)));
        return {};
    });
}

Result<std::uint64_t> Journal::find_in_log(const Hash& leaf) const {
    const AccountId& organisation = parts_.vault.organisation();
    const auto view = parts_.ledger.view();
    SALUS_TRY(const auto state, read_value<audit::AuditState>(*view, Contract::kAudit, audit::audit_key(organisation)));
    const auto log = view->log(Contract::kAudit, organisation);
    for (std::uint64_t i = state ? state->log.count : 0; i-- > 0;) {
        SALUS_TRY(const Hash there, log->node(0, i));
        if (there == leaf) return i;
    }
    return fail(ErrorCode::kNotFound, "the audit log on the chain has no such leaf");
}

Status Journal::settle(Writing& writing, const Bytes& reference, const Settled& settled) {
    const auto interval = from_big_endian<std::uint64_t>(reference);
    if (settled.how == Settled::How::kFiled) {
        SALUS_TRY(const auto leaf,
                  writing.query_value<Hash>("SELECT leaf FROM audit_roots WHERE interval_start = :interval", interval));
        if (!leaf) return fail(ErrorCode::kCorrupt, "an audit root that was filed is not in the journal");
        SALUS_TRY(const std::uint64_t index, find_in_log(*leaf));
        SALUS_TRY_STATUS(
            writing.run("UPDATE audit_roots SET log_index = :index WHERE interval_start = :interval", index, interval));
        return {};
    }
    // The chain is ahead of a restored journal: its events go under the next root.
    SALUS_TRY_STATUS(writing.run("UPDATE audit_events SET root = NULL WHERE root = :interval", interval));
    SALUS_TRY_STATUS(writing.run("DELETE FROM audit_roots WHERE interval_start = :interval", interval));
    return {};
}

Result<AuditRecord> Journal::open_record(std::uint64_t number, ByteView sealed) const {
    SALUS_TRY(const Bytes bytes, parts_.vault.keys().unseal(KekKind::kAccountability, parts_.vault.organisation().bytes,
                                                            event_associated(number), sealed));
    return codec::decode<AuditRecord>(bytes);
}

namespace {

/// What follows "FROM audit_events e". Refers to `query` and `token`.
struct EventFilter {
    std::string sql;
    std::vector<CellView> params;

    EventFilter(const AuditQuery& query, const SearchToken& token) {
        if (query.subject) {
            sql += " JOIN audit_subjects s ON s.number = e.number";
            add("s.subject = :subject", token);
        }
        if (query.from_ms != 0) add("e.time_ms >= :from", query.from_ms);
        if (query.until_ms != 0) add("e.time_ms < :until", query.until_ms);
        if (query.before != 0) add("e.number < :before", query.before);
        for (std::size_t i = 0; i < query.actions.size(); ++i)
            if (i == 0) {
                add("e.action IN (:action0", query.actions[0]);
            } else {
                sql += ", :action" + std::to_string(i);
                params.push_back(to_cell(query.actions[i]));
            }
        if (!query.actions.empty()) sql += ")";
    }

private:
    template <class Value>
    void add(std::string_view condition, const Value& value) {
        sql += params.empty() ? " WHERE " : " AND ";
        sql += condition;
        params.push_back(to_cell(value));
    }
};

}  // namespace

Result<JournalPage> Journal::page(AuditQuery query) const {
    JournalPage out;
    const std::size_t count = query.count++;
    SALUS_TRY(out.records, list(query));
    if (out.records.size() > count) {
        out.records.resize(count);
        out.next = out.records.back().number;
    }
    query.before = 0;
    const SearchToken token = query.subject ? subject_token(*query.subject) : SearchToken{};
    const EventFilter filter(query, token);
    const CellKind kinds[] = {CellKind::kInteger};
    SALUS_TRY_STATUS(parts_.database.read([&](Reading& reading) -> Status {
        return reading.select("SELECT COUNT(*) FROM audit_events e" + filter.sql, filter.params, kinds,
                              [&](std::span<Cell> row) { from_cell(row[0], out.total); });
    }));
    return out;
}

Result<std::vector<AuditRecord>> Journal::list(const AuditQuery& query) const {
    const SearchToken token = query.subject ? subject_token(*query.subject) : SearchToken{};
    EventFilter filter(query, token);
    const std::string sql =
        "SELECT e.number, e.sealed FROM audit_events e" + filter.sql + " ORDER BY e.number DESC LIMIT :count";
    filter.params.push_back(to_cell(query.count));

    std::vector<std::pair<std::uint64_t, Bytes>> rows;
    const CellKind kinds[] = {CellKind::kInteger, CellKind::kBytes};
    SALUS_TRY_STATUS(parts_.database.read([&](Reading& reading) -> Status {
        return reading.select(sql, filter.params, kinds, [&](std::span<Cell> row) {
            rows.emplace_back(static_cast<std::uint64_t>(std::get<std::int64_t>(row[0])),
                              std::get<Bytes>(std::move(row[1])));
        });
    }));
    std::vector<AuditRecord> out;
    for (const auto& [number, sealed] : rows) {
        SALUS_TRY(auto record, open_record(number, sealed));
        out.push_back(std::move(record));
    }
    return out;
}

Result<AuditProof> Journal::prove(std::uint64_t number) const {
    return parts_.database.read([&](Reading& reading) -> Result<AuditProof> {
        SALUS_TRY(const auto event, (reading.query_one<Bytes, std::optional<std::uint64_t>>(
                                        "SELECT sealed, root FROM audit_events WHERE number = :number", number)));
        if (!event) return fail(ErrorCode::kNotFound, "the audit has no event of that number");
        const auto pending = [] {
            return fail(ErrorCode::kUnavailable, "the event's interval is not on the chain yet");
        };
        if (!std::get<1>(*event)) return pending();
        AuditProof proof;
        proof.root.interval = *std::get<1>(*event);
        SALUS_TRY(
            auto root,
            (reading.query_one<ByteArray<16>, Hash, std::uint64_t, std::uint64_t, Hash, std::optional<std::uint64_t>>(
                "SELECT salt, events_root, first_event, event_count, leaf, log_index FROM audit_roots WHERE "
                "interval_start = :interval",
                proof.root.interval)));
        if (!root || !std::get<5>(*root)) return pending();
        std::tie(proof.root.salt, proof.root.events_root, proof.root.first, proof.root.count, proof.root.leaf,
                 proof.root.log_index) = *std::move(root);
        SALUS_TRY(proof.record, open_record(number, std::get<0>(*event)));
        SALUS_TRY(const auto hashes, hashes_of(reading, proof.root.first, proof.root.count));
        proof.path = inclusion_path(hashes, number - proof.root.first);
        return proof;
    });
}

}  // namespace salus::application
