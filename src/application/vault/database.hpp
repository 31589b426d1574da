#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "application/vault/cell.hpp"
#include "base/platform/process.hpp"
#include "base/result.hpp"

/// SQL behind one small interface; SOCI, and that the engine is SQLite, stay in the .cpp. Statements are portable SQL
/// with named parameters (":id") that are bound in the order in which they stand; each name stands once.
namespace salus::application {

/// Runs statements inside one transaction. Valid only while the function runs that was given it.
class Reading {
public:
    virtual ~Reading() = default;

    /// All rows, as tuples of `Columns`. Errors: kUsage (a number of 2^63 or more), kIo, kCorrupt (a cell is not of its
    /// column's type)
    template <class... Columns, class... Params>
    Result<std::vector<std::tuple<Columns...>>> query(std::string_view sql, const Params&... params) {
        std::vector<std::tuple<Columns...>> rows;
        Status status;
        const std::array<CellView, sizeof...(Params)> cells{to_cell(params)...};
        constexpr std::array kKinds{cell_kind<Columns>()...};
        SALUS_TRY_STATUS(select(sql, cells, kKinds, [&](std::span<Cell> row) {
            if (status) status = append_row(rows, row, std::index_sequence_for<Columns...>{});
        }));
        if (!status) return tl::make_unexpected(std::move(status).error());
        return rows;
    }
    /// The first row, nothing where there is none.
    template <class... Columns, class... Params>
    Result<std::optional<std::tuple<Columns...>>> query_one(std::string_view sql, const Params&... params) {
        SALUS_TRY(auto rows, (query<Columns...>(sql, params...)));
        if (rows.empty()) return std::optional<std::tuple<Columns...>>{};
        return std::optional<std::tuple<Columns...>>(std::move(rows.front()));
    }
    /// One column of the first row.
    template <class Column, class... Params>
    Result<std::optional<Column>> query_value(std::string_view sql, const Params&... params) {
        SALUS_TRY(auto row, (query_one<Column>(sql, params...)));
        if (!row) return std::optional<Column>{};
        return std::optional<Column>(std::get<0>(*std::move(row)));
    }

    /// What the templates above stand on; also for statements composed at run time.
    virtual Status select(std::string_view sql, std::span<const CellView> params, std::span<const CellKind> columns,
                          const std::function<void(std::span<Cell>)>& each) = 0;

private:
    template <class... Columns, std::size_t... I>
    static Status append_row(std::vector<std::tuple<Columns...>>& rows, std::span<Cell> row,
                             std::index_sequence<I...>) {
        std::tuple<Columns...> out;
        bool good = true;
        ((good = good && from_cell(row[I], std::get<I>(out))), ...);
        if (!good) return fail(ErrorCode::kCorrupt, "a stored cell is not of its column's type or size");
        rows.push_back(std::move(out));
        return {};
    }
};

class Writing : public Reading {
public:
    /// Returns how many rows were changed. Errors: kConflict where a constraint forbids it, kUsage as above, kIo
    template <class... Params>
    Result<std::uint64_t> run(std::string_view sql, const Params&... params) {
        const std::array<CellView, sizeof...(Params)> cells{to_cell(params)...};
        return execute(sql, cells);
    }
    virtual Result<std::uint64_t> execute(std::string_view sql, std::span<const CellView> params) = 0;
};

/// One database file. Thread-safe: one writer, many readers, each reader on a snapshot of its own.
///
/// Writers that come while another commits are committed together, in one sync (group commit): each of their functions
/// runs inside a savepoint of its own, perhaps on another writer's thread.
class Database {
public:
    virtual ~Database() = default;

    /// Opens or makes `file` (0600, write-ahead log, full sync). Where it is in doubt what is on the disk, `process`
    /// dies before anybody is told; without one every later write is refused.
    /// Errors: kIo, kUnavailable (full), kNotFound and kCorrupt (also: less than was synced)
    static Result<std::unique_ptr<Database>> open(const std::filesystem::path& file, std::size_t readers = 4,
                                                  Process* process = nullptr);
    /// Opens `file` of a node that does not run, to look at it: nothing is made, migrated or written. Errors:
    /// kNotFound, kIo, kCorrupt
    static Result<std::unique_ptr<Database>> inspect(const std::filesystem::path& file);

    /// Brings the tables of `component` to the newest version: runs those of `steps` that it has not seen, each once,
    /// in one transaction. Steps are only ever added. Several statements of a step are separated by ';'. A file that
    /// has seen some, but fewer than `oldest`, holds what no step brings up to date. Errors: kSchema for such a one,
    /// and where the file has seen more steps than these (inspected: or fewer), kIo
    virtual Status migrate(std::string_view component, std::span<const std::string_view> steps,
                           std::uint64_t oldest = 0) = 0;

    /// Runs `body`; what it wrote is durable when this returns a value, and undone when it returns an error.
    /// Pre: `body` does not call this database. Errors: those of `body`, kIo, kUnavailable where the disk is full
    template <class Body>
    auto transaction(Body&& body) -> std::invoke_result_t<Body&, Writing&> {
        std::optional<std::invoke_result_t<Body&, Writing&>> result;
        SALUS_TRY_STATUS(commit([&](Writing& writing) -> Status {
            result.emplace(body(writing));
            if (!*result) return tl::make_unexpected(result->error());
            return {};
        }));
        return *std::move(result);
    }

    /// Runs `body` as a transaction and need not wait for it: `done` is called once, when what it wrote is durable, or
    /// undone. Either runs on the thread that commits then. Whose turn it is commits for all others that wait, and
    /// returns behind that. Pre: neither calls this database, and `done` returns quickly
    virtual void transaction_later(std::function<Status(Writing&)> body, std::function<void(const Status&)> done) = 0;

    /// Runs `body` on one snapshot of all that is committed. Pre: as above
    template <class Body>
    auto read(Body&& body) -> std::invoke_result_t<Body&, Reading&> {
        std::optional<std::invoke_result_t<Body&, Reading&>> result;
        SALUS_TRY_STATUS(snapshot([&](Reading& reading) -> Status {
            result.emplace(body(reading));
            return {};
        }));
        return *std::move(result);
    }

protected:
    virtual Status commit(const std::function<Status(Writing&)>& body) = 0;
    virtual Status snapshot(const std::function<Status(Reading&)>& body) = 0;
};

}  // namespace salus::application
