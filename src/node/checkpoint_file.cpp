#include "node/checkpoint_file.hpp"

#include "application/vault/checkpoint.hpp"
#include "base/file.hpp"

namespace salus::node {

Result<CheckpointFile> CheckpointFile::open(std::filesystem::path path, const network::LedgerView& chain) {
    CheckpointFile file;
    file.path_ = std::move(path);
    if (file.path_.empty()) return file;
    const auto bytes = read_file(file.path_, 4 << 20);
    if (!bytes && bytes.error().code == ErrorCode::kNotFound) return file;
    if (!bytes) return tl::make_unexpected(bytes.error());
    auto filed = codec::decode<Checkpoint>(*bytes);
    if (!filed) return fail(ErrorCode::kCorrupt, file.path_.string() + " is no checkpoint", filed.error());
    if (const Status held = application::continues(*filed, chain.header(), *chain.history()); !held)
        return fail(held.error().code, file.path_.string() + ": " + held.error().message);
    file.filed_ = *std::move(filed);
    return file;
}

Status CheckpointFile::keep(const std::optional<Checkpoint>& seen) {
    if (path_.empty() || !seen) return {};
    if (filed_ && std::pair(filed_->era, filed_->height) >= std::pair(seen->era, seen->height)) return {};
    SALUS_TRY_STATUS(write_file(path_, codec::encode(*seen)));
    filed_ = seen;
    return {};
}

}  // namespace salus::node
