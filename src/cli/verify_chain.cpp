#include "cli/verify_chain.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "cli/progress.hpp"
#include "execution/replay.hpp"
#include "model/export.hpp"
#include "node/platform.hpp"

namespace salus::cli {
namespace {

constexpr std::string_view kMagic = "SALUSEX1";

class MemorySource final : public ByteSource {
public:
    explicit MemorySource(ByteView bytes) : left_(bytes) {}
    Result<std::size_t> read(std::span<std::uint8_t> out) override {
        const std::size_t count = std::min(out.size(), left_.size());
        std::copy_n(left_.begin(), count, out.begin());
        left_ = left_.subspan(count);
        return count;
    }

private:
    ByteView left_;
};

/// What the walk along the chain has seen.
struct Walk {
    Height height = 0;
    std::size_t transactions = 0;
    std::size_t refused = 0;  ///< in a block with an error code
    bool met_checkpoint = false;
    std::optional<Certificate> certificate;
    std::vector<EraRecord> eras;  ///< those after the first
    TimeMs time_ms = 0;
};

Status walk_along(ExportReader& reader, const std::optional<Checkpoint>& checkpoint, Progress& progress, Walk& walk,
                  ChainHistory* history) {
    if (history != nullptr) history->network = reader.network_id();
    const auto seen = [&](const ExportedBlock& next) -> Status {
        walk.height = next.block.header.height;
        if (history != nullptr) history->blocks.push_back(next.hash);
        walk.time_ms = next.block.header.time_ms;
        walk.transactions += next.block.transactions.size();
        walk.refused += static_cast<std::size_t>(
            std::ranges::count_if(next.block.receipts, [](const Receipt& receipt) { return receipt.code != 0; }));
        if (next.certificate) walk.certificate = next.certificate;
        if (next.opens_era) walk.eras.push_back(*next.opens_era);
        if (checkpoint && checkpoint->height == walk.height) {
            if (checkpoint->block_hash != next.hash)
                return fail(ErrorCode::kRolledBack,
                            "block " + std::to_string(walk.height) + " is another one than the checkpoint's");
            walk.met_checkpoint = true;
        }
        progress.advance(1);
        return {};
    };
    if (auto replayed = execution::replay_export(reader, seen); !replayed) return fail(std::move(replayed).error());
    return {};
}

/// Who took over, and on whose word.
std::string era_text(const EraRecord& era) {
    std::vector<std::string> validators;
    for (const Validator& validator : era.validators)
        validators.push_back(to_address(AccountKind::kOrganisation, validator.organisation));
    return fmt::format("era {} from block {} on: {} at {}, signed by {} members", era.era, era.first_height,
                       era.engine == EngineKind::kEmbedded ? "one operator" : "validators", fmt::join(validators, ", "),
                       era.signatures.size());
}

void state_findings(const ExportReader& reader, const Walk& walk, const std::optional<NetworkId>& network,
                    const std::optional<Checkpoint>& checkpoint, Verdict& verdict) {
    auto& out = verdict.statements;
    out.push_back({true, fmt::format("{} blocks from the genesis on, each linked to the one below and to all history",
                                     walk.height)});
    out.push_back({true, fmt::format("{} transactions, every signature good, {} of them refused by a contract",
                                     walk.transactions, walk.refused)});
    out.push_back({true, "executed again from the genesis: receipts and state are the same to the byte"});
    for (const EraRecord& era : walk.eras) out.push_back({true, era_text(era)});
    const bool certified = reader.certified() == walk.height;
    out.push_back({certified, certified ? "the newest block is certified"
                                        : fmt::format("blocks {} to {} have no certificate", reader.certified() + 1,
                                                      walk.height)});
    if (network) out.push_back({*network == reader.network_id(), "network " + to_hex(reader.network_id().bytes)});
    if (checkpoint)
        out.push_back({walk.met_checkpoint,
                       walk.met_checkpoint
                           ? fmt::format("contains the checkpoint, block {}", checkpoint->height)
                           : fmt::format("ends at block {}, below the checkpoint at {}: rolled back, or older",
                                         walk.height, checkpoint->height)});
    verdict.good = std::ranges::all_of(out, &Statement::holds);
}

}  // namespace

bool is_exported_chain(ByteView bytes) noexcept { return as_text(bytes).starts_with(kMagic); }

Verdict verify_chain(ByteView bytes, const std::optional<NetworkId>& network,
                     const std::optional<Checkpoint>& checkpoint, Environment& environment, ChainHistory* history) {
    Verdict verdict;
    MemorySource source(bytes);
    node::ThreadPool pool(node::cores());
    Progress progress(environment, "verifying blocks");
    Walk walk;
    Status status;
    auto reader = ExportReader::open(source, pool);
    if (reader)
        status = walk_along(**reader, checkpoint, progress, walk, history);
    else
        status = tl::make_unexpected(reader.error());
    verdict.height = walk.height;
    verdict.time_ms = walk.time_ms;
    if (!status) {
        verdict.statements.push_back(
            {false, fmt::format("after block {}: {}", walk.height, status.error().to_string())});
        return verdict;
    }
    if (walk.certificate) {
        verdict.vouches = who_vouches(*walk.certificate);
        verdict.by_validators = std::holds_alternative<CometBftCertificate>(walk.certificate->by);
    }
    state_findings(**reader, walk, network, checkpoint, verdict);
    return verdict;
}

std::optional<Height> first_difference(const ChainHistory& one, const ChainHistory& other) {
    const auto [here, there] = std::ranges::mismatch(one.blocks, other.blocks);
    if (here == one.blocks.end() || there == other.blocks.end()) return std::nullopt;
    return static_cast<Height>(here - one.blocks.begin()) + 1;
}

}  // namespace salus::cli
