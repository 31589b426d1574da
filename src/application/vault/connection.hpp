#pragma once

#include <filesystem>
#include <memory>

#include "application/vault/database.hpp"

namespace salus::application {

/// One SQLite connection with its prepared statements, of which it keeps kStatementsMax. For one thread at a time.
class Connection final : public Writing {
public:
    /// kInspect: of a file that nobody else has open; it is neither made nor changed.
    enum class Mode { kWrite, kRead, kInspect };
    /// Errors: kIo, kCorrupt, kNotFound (kInspect)
    static Result<std::unique_ptr<Connection>> open(const std::filesystem::path& file, Mode mode);
    ~Connection() override;

    Status select(std::string_view sql, std::span<const CellView> params, std::span<const CellKind> columns,
                  const std::function<void(std::span<Cell>)>& each) override;
    Result<std::uint64_t> execute(std::string_view sql, std::span<const CellView> params) override;

    /// Searches put statements together from as many alternatives as a client names: only the last ones used are kept.
    static constexpr std::size_t kStatementsMax = 200;
    [[nodiscard]] std::size_t statements() const noexcept;

    /// A statement that is run once in the connection's life (PRAGMA).
    Status command(std::string_view sql);
    /// Writes what its log shows into `file`, which it has open, synced, and empties the log. Errors: kLocked where
    /// another process reads there, kIo
    Status begin_log_anew(const std::filesystem::path& file);
    /// One that begins, ends or marks a transaction: it is kept, as it comes with every one.
    Status control(std::string_view sql);
    /// False also where SQLite has rolled back by itself, as it does after some failures of the disk.
    [[nodiscard]] bool in_transaction() const;
    /// As `control` for COMMIT. Where it fails the transaction is undone; `in_doubt` is set unless that is certain, as
    /// it is of a full disk.
    Status commit(bool& in_doubt);

private:
    struct State;
    explicit Connection(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace salus::application
