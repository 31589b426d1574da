#include "application/vault/checkpoint.hpp"

#include "application/vault/rows.hpp"

namespace salus::application {
namespace {

constexpr std::string_view kCheckpointName = "checkpoint";  // in vault_meta

}  // namespace

Result<std::optional<Checkpoint>> kept_checkpoint(Reading& reading) {
    SALUS_TRY(const auto bytes, rows::meta(reading, kCheckpointName));
    if (!bytes) return std::optional<Checkpoint>{};
    auto kept = codec::decode<Checkpoint>(*bytes);
    if (!kept) return fail(ErrorCode::kCorrupt, "the vault's checkpoint does not decode", kept.error());
    return std::optional(*std::move(kept));
}

Status keep_checkpoint(Writing& writing, const Checkpoint& seen) {
    SALUS_TRY(const auto kept, kept_checkpoint(writing));
    if (kept && std::pair(kept->era, kept->height) >= std::pair(seen.era, seen.height)) return {};
    return rows::set_meta(writing, kCheckpointName, codec::encode(seen));
}

Status continues(const Checkpoint& kept, const BlockHeader& tip, const LogReader& history) {
    const std::string seen = "block " + std::to_string(kept.height) + " of era " + std::to_string(kept.era) +
                             ", which this vault has seen certified";
    if (kept.network_id != tip.network_id)
        return fail(ErrorCode::kRolledBack, "the vault belongs to another network than the chain");
    if (std::pair(tip.era, tip.height) < std::pair(kept.era, kept.height))
        return fail(ErrorCode::kRolledBack, "the chain ends at block " + std::to_string(tip.height) + " of era " +
                                                std::to_string(tip.era) + ", below " + seen +
                                                ": the chain was rolled back");
    if (tip.height >= kept.height) {
        SALUS_TRY(const Hash leaf, history.node(0, kept.height - 1));
        if (leaf == history_leaf(kept.block_hash)) return {};
    }
    return fail(ErrorCode::kRolledBack, "the chain does not contain " + seen + ": its history was replaced");
}

}  // namespace salus::application
