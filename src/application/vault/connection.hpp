#pragma once

#include <filesystem>
#include <memory>

#include "application/vault/database.hpp"

namespace salus::application {

/// One SQLite connection with its prepared statements. For one thread at a time.
class Connection final : public Writing {
public:
    enum class Mode { kWrite, kRead };
    /// Errors: kIo, kCorrupt
    static Result<std::unique_ptr<Connection>> open(const std::filesystem::path& file, Mode mode);
    ~Connection() override;

    Status select(std::string_view sql, std::span<const CellView> params, std::span<const CellKind> columns,
                  const std::function<void(std::span<Cell>)>& each) override;
    Result<std::uint64_t> execute(std::string_view sql, std::span<const CellView> params) override;

    /// A statement without parameters that is not worth keeping (BEGIN, PRAGMA, CREATE TABLE).
    Status command(std::string_view sql);
    /// As `command` for COMMIT; `full` says that it failed because the disk is full and nothing is in doubt.
    Status commit(bool& full);

private:
    struct State;
    explicit Connection(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace salus::application
