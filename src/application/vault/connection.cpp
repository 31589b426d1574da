#include "application/vault/connection.hpp"

#include <fcntl.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <list>
#include <unordered_map>

#include "base/log.hpp"

namespace salus::application {
namespace {

/// A place that a statement is bound to for its whole life, as a parameter or a column.
struct Slot {
    CellKind kind = CellKind::kText;
    long long integer = 0;
    std::string text;
    std::unique_ptr<soci::blob> blob;
    soci::indicator indicator = soci::i_null;
};

/// SOCI binds by address: slots never move.
struct Prepared {
    explicit Prepared(soci::session& session) : statement(session) {}
    soci::statement statement;
    std::vector<std::unique_ptr<Slot>> params;
    std::vector<std::unique_ptr<Slot>> columns;
};

struct KeptStatement {
    std::unique_ptr<Prepared> prepared;
    std::list<std::string>::iterator use;
};

CellKind kind_of(const CellView& cell) {
    if (std::holds_alternative<std::int64_t>(cell)) return CellKind::kInteger;
    return std::holds_alternative<ByteView>(cell) ? CellKind::kBytes : CellKind::kText;
}

Status check_storable(std::span<const CellView> params) {
    if (std::ranges::none_of(params, [](const CellView& one) { return std::holds_alternative<Unstorable>(one); }))
        return {};
    return fail(ErrorCode::kUsage, "a number is larger than the database can hold");
}

/// Whether the values that come now fit the types the statement was prepared with; NULL fits any.
bool fits(const Prepared& prepared, std::span<const CellView> params, std::span<const CellKind> columns) {
    if (prepared.params.size() != params.size() || prepared.columns.size() != columns.size()) return false;
    for (std::size_t i = 0; i < params.size(); ++i)
        if (!std::holds_alternative<std::monostate>(params[i]) && prepared.params[i]->kind != kind_of(params[i]))
            return false;
    for (std::size_t i = 0; i < columns.size(); ++i)
        if (prepared.columns[i]->kind != columns[i]) return false;
    return true;
}

std::unique_ptr<Slot> make_slot(soci::session& session, CellKind kind) {
    auto slot = std::make_unique<Slot>();
    slot->kind = kind;
    if (kind == CellKind::kBytes) slot->blob = std::make_unique<soci::blob>(session);
    return slot;
}

std::unique_ptr<Prepared> prepare(soci::session& session, std::string_view sql, std::span<const CellView> params,
                                  std::span<const CellKind> columns) {
    auto prepared = std::make_unique<Prepared>(session);
    auto& statement = prepared->statement;
    for (const CellView& param : params) {
        Slot& slot = *prepared->params.emplace_back(make_slot(session, kind_of(param)));
        if (slot.kind == CellKind::kInteger) statement.exchange(soci::use(slot.integer, slot.indicator));
        if (slot.kind == CellKind::kText) statement.exchange(soci::use(slot.text, slot.indicator));
        if (slot.kind == CellKind::kBytes) statement.exchange(soci::use(*slot.blob, slot.indicator));
    }
    for (CellKind kind : columns) {
        Slot& slot = *prepared->columns.emplace_back(make_slot(session, kind));
        if (kind == CellKind::kInteger) statement.exchange(soci::into(slot.integer, slot.indicator));
        if (kind == CellKind::kText) statement.exchange(soci::into(slot.text, slot.indicator));
        if (kind == CellKind::kBytes) statement.exchange(soci::into(*slot.blob, slot.indicator));
    }
    statement.alloc();
    statement.prepare(std::string(sql));
    statement.define_and_bind();
    return prepared;
}

void bind(const CellView& cell, Slot& slot) {
    slot.indicator = soci::i_ok;
    if (const auto* integer = std::get_if<std::int64_t>(&cell)) {
        slot.integer = *integer;
    } else if (const auto* text = std::get_if<std::string_view>(&cell)) {
        slot.text.assign(*text);
    } else if (const auto* bytes = std::get_if<ByteView>(&cell)) {
        slot.blob->trim(0);
        slot.blob->append(as_text(*bytes).data(), bytes->size());
    } else {
        slot.indicator = soci::i_null;
    }
}

Cell fetch(Slot& slot) {
    if (slot.indicator == soci::i_null) return {};
    if (slot.kind == CellKind::kInteger) return std::int64_t{slot.integer};
    if (slot.kind == CellKind::kText) return slot.text;
    Bytes bytes(slot.blob->get_len());
    if (!bytes.empty()) slot.blob->read(0, reinterpret_cast<char*>(bytes.data()), bytes.size());
    return bytes;
}

/// SQLite's result code; SQLITE_OK where it is not SQLite's error.
int code_of(const std::exception& thrown) {
    const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&thrown);
    return sqlite != nullptr ? sqlite->result() : SQLITE_OK;
}

/// Of a full disk the log says where it is, and clients are told to come again: nothing is broken.
Error describe(const std::exception& thrown, const std::filesystem::path& file, std::string_view what,
               int system_error = 0) {
    // SOCI repeats the values of the parameters after the first line: they may be a patient's.
    std::string message = thrown.what();
    message.resize(std::min(message.find(" while "), std::min(message.find('\n'), message.size())));
    message = "the database could not " + std::string(what) + ": " + message;
    switch (code_of(thrown)) {
        case SQLITE_CONSTRAINT:
            return {ErrorCode::kConflict, message};
        case SQLITE_FULL:
            log_error("vault", file.string() + ": " + message);
            return {ErrorCode::kUnavailable, "the node's disk is full"};
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return {ErrorCode::kCorrupt, file.string() + ": " + message};
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:
            if (system_error != 0) message += std::string(": ") + std::strerror(system_error);
            [[fallthrough]];
        default:
            return {ErrorCode::kIo, file.string() + ": " + message};
    }
}

/// SQLite counts what it allocates, under one lock for all connections, which costs a fifth of a read. Nobody asks for
/// the figure. To be said before SQLite is first used; where it was used before, it goes on counting.
void count_no_memory() {
    static const int said = sqlite_api::sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    (void)said;
}

}  // namespace

struct Connection::State {
    explicit State(std::filesystem::path file_in) : file(std::move(file_in)) {}

    const std::filesystem::path file;
    soci::session session;
    std::unordered_map<std::string, KeptStatement> statements;  // never iterated
    std::list<std::string> uses;                                ///< texts of `statements`, the last used first
    std::vector<Cell> row;

    Prepared& prepared(std::string_view sql, std::span<const CellView> params, std::span<const CellKind> columns) {
        auto found = statements.find(std::string(sql));
        if (found == statements.end()) {
            if (statements.size() == kStatementsMax) forget(std::string(uses.back()));
            auto fresh = prepare(session, sql, params, columns);
            uses.emplace_front(sql);
            found = statements.emplace(uses.front(), KeptStatement{std::move(fresh), uses.begin()}).first;
        }
        KeptStatement& kept = found->second;
        uses.splice(uses.begin(), uses, kept.use);
        if (!fits(*kept.prepared, params, columns)) kept.prepared = prepare(session, sql, params, columns);
        for (std::size_t i = 0; i < params.size(); ++i) bind(params[i], *kept.prepared->params[i]);
        return *kept.prepared;
    }

    // SOCI does not export what a sanitizer would compare the object with.
    __attribute__((no_sanitize("vptr"))) sqlite_api::sqlite3* engine() {
        return static_cast<const soci::sqlite3_session_backend*>(session.get_backend())->conn_;
    }

    [[nodiscard]] Error failed(const std::exception& thrown, std::string_view what) {
        return describe(thrown, file, what, sqlite_api::sqlite3_system_errno(engine()));
    }

    void forget(const std::string& sql) {
        const auto found = statements.find(sql);
        if (found == statements.end()) return;
        uses.erase(found->second.use);
        statements.erase(found);
    }
};

Connection::Connection(std::unique_ptr<State> state) : state_(std::move(state)) {}
Connection::~Connection() = default;

std::size_t Connection::statements() const noexcept { return state_->statements.size(); }

Result<std::unique_ptr<Connection>> Connection::open(const std::filesystem::path& file, Mode mode) {
    if (mode == Mode::kWrite) {
        // SQLite gives its log and its shared memory the mode of the file.
        const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (descriptor < 0) return fail(ErrorCode::kIo, "cannot open " + file.string() + " for writing");
        ::close(descriptor);
    }
    std::error_code error;
    if (mode == Mode::kInspect && !std::filesystem::is_regular_file(file, error))
        return fail(ErrorCode::kNotFound, "there is no " + file.string());
    count_no_memory();
    auto state = std::make_unique<State>(file);
    try {
        state->session.open(soci::sqlite3,
                            "db=\"" + file.string() + "\" timeout=10" + (mode == Mode::kInspect ? " readonly=1" : ""));
    } catch (const std::exception& thrown) {
        return fail(describe(thrown, file, "open it"));
    }
    std::unique_ptr<Connection> connection(new Connection(std::move(state)));
    if (mode == Mode::kInspect) {
        SALUS_TRY_STATUS(connection->command("PRAGMA query_only=ON"));
        return connection;
    }
    for (std::string_view pragma : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA temp_store=MEMORY",
                                    "PRAGMA cache_size=-65536", "PRAGMA wal_autocheckpoint=4000"})
        SALUS_TRY_STATUS(connection->command(pragma));
    // A sync that failed may have left pages in the log that are in memory and will never be on the disk, with all that
    // is written behind them. What the log shows now is written again, into the database, and the log begins anew.
    if (mode == Mode::kWrite) SALUS_TRY_STATUS(connection->begin_log_anew(file));
    if (mode == Mode::kRead) SALUS_TRY_STATUS(connection->command("PRAGMA query_only=ON"));
    return connection;
}

Status Connection::select(std::string_view sql, std::span<const CellView> params, std::span<const CellKind> columns,
                          const std::function<void(std::span<Cell>)>& each) {
    SALUS_TRY_STATUS(check_storable(params));
    try {
        Prepared& prepared = state_->prepared(sql, params, columns);
        auto& row = state_->row;
        for (bool more = prepared.statement.execute(true); more; more = prepared.statement.fetch()) {
            row.clear();
            for (auto& slot : prepared.columns) row.push_back(fetch(*slot));
            each(row);
        }
        return {};
    } catch (const std::exception& thrown) {
        state_->forget(std::string(sql));
        return fail(state_->failed(thrown, "read"));
    }
}

Result<std::uint64_t> Connection::execute(std::string_view sql, std::span<const CellView> params) {
    SALUS_TRY_STATUS(check_storable(params));
    try {
        Prepared& prepared = state_->prepared(sql, params, {});
        prepared.statement.execute(true);
        return static_cast<std::uint64_t>(prepared.statement.get_affected_rows());
    } catch (const std::exception& thrown) {
        state_->forget(std::string(sql));
        return fail(state_->failed(thrown, "write"));
    }
}

Status Connection::command(std::string_view sql) {
    try {
        state_->session << std::string(sql);
        return {};
    } catch (const std::exception& thrown) {
        return fail(state_->failed(thrown, "run " + std::string(sql.substr(0, 40))));
    }
}

Status Connection::begin_log_anew(const std::filesystem::path& file) {
    static constexpr std::array kRow{CellKind::kInteger, CellKind::kInteger, CellKind::kInteger};  // busy, pages, moved
    std::int64_t busy = 0;
    SALUS_TRY_STATUS(select("PRAGMA wal_checkpoint(TRUNCATE)", {}, kRow,
                            [&](std::span<Cell> row) { busy = std::get<std::int64_t>(row[0]); }));
    if (busy == 0) return {};
    return fail(ErrorCode::kLocked, "another process reads " + file.string() + ": its log cannot begin anew");
}

Status Connection::control(std::string_view sql) {
    try {
        state_->prepared(sql, {}, {}).statement.execute(true);
        return {};
    } catch (const std::exception& thrown) {
        state_->forget(std::string(sql));
        return fail(state_->failed(thrown, "run " + std::string(sql)));
    }
}

bool Connection::in_transaction() const { return sqlite_api::sqlite3_get_autocommit(state_->engine()) == 0; }

Status Connection::commit(bool& in_doubt) {
    constexpr std::string_view kCommit = "COMMIT";
    if (!in_transaction())
        return fail(ErrorCode::kIo, state_->file.string() + ": the database gave the transaction up: its disk failed");
    try {
        state_->prepared(kCommit, {}, {}).statement.execute(true);
        return {};
    } catch (const std::exception& thrown) {
        const Error error = state_->failed(thrown, "commit");
        in_doubt = code_of(thrown) != SQLITE_FULL;
        state_->forget(std::string(kCommit));
        // SQLite has mostly rolled back by itself.
        if (in_transaction() && !control("ROLLBACK")) in_doubt = true;
        return fail(error);
    }
}

}  // namespace salus::application
