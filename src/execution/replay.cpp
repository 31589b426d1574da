#include "execution/replay.hpp"

#include "execution/block_builder.hpp"
#include "execution/contract.hpp"
#include "model/era.hpp"

namespace salus::execution {
namespace {

Status differs(Height height, const std::string& what) {
    return fail(ErrorCode::kProofInvalid, "block " + std::to_string(height) + ": " + what);
}

std::string nth(const char* what, std::size_t i) { return std::string(what) + " " + std::to_string(i); }

template <class List>
Status compare_lists(Height height, const char* what, const List& stored, const List& made) {
    if (stored.size() != made.size())
        return differs(height, std::to_string(stored.size()) + " " + what + "s stand there, execution gives " +
                                   std::to_string(made.size()));
    for (std::size_t i = 0; i < made.size(); ++i)
        if (!(stored[i] == made[i])) return differs(height, nth(what, i) + " is not what execution gives");
    return {};
}

/// Each field of the header by its name in the format.
Status compare_headers(const BlockHeader& stored, const BlockHeader& made) {
    Status status;
    codec::each_field(BlockHeader::kFields, [&](const auto& field) {
        if (!(stored.*(field.member) == made.*(field.member)))
            status = differs(made.height, "header." + std::string(field.name) + " is not what execution gives");
        return status.has_value();
    });
    return status;
}

Status add_system(BlockBuilder& builder, const Block& block, const std::optional<EraRecord>& opens_era) {
    for (std::size_t i = 0; i < block.system.size(); ++i) {
        const auto* opened = std::get_if<EraOpened>(&block.system[i].what);
        if (opened != nullptr && (!opens_era || opens_era->hash() != opened->record))
            return differs(block.header.height, "it opens another era than the record that goes with it");
        SALUS_TRY(const bool added,
                  opened != nullptr ? builder.open_era() : builder.add_fault(std::get<Fault>(block.system[i].what)));
        if (!added) return differs(block.header.height, nth("system transaction", i) + " changes nothing");
    }
    return {};
}

Status add_signed(BlockBuilder& builder, const Block& block, std::vector<Transaction> transactions) {
    for (std::size_t i = 0; i < transactions.size(); ++i) {
        SALUS_TRY(const ErrorCode code, builder.add(std::move(transactions[i]), std::nullopt));
        if (code != ErrorCode::kOk)
            return differs(block.header.height, nth("transaction", block.system.size() + i) +
                                                    " has no place there: " + std::string(error_info(code).name));
    }
    return {};
}

}  // namespace

Result<ChainReplay> ChainReplay::from_genesis(ByteView bytes) {
    SALUS_TRY(const Genesis genesis, parse_genesis(bytes));
    ChainReplay replay;
    replay.network_id_ = genesis.network_id();
    const auto founding = genesis_state(genesis);
    SALUS_TRY(const auto tree, update_tree(replay.state_, founding));
    replay.state_.apply(founding, tree);
    replay.header_.network_id = replay.network_id_;
    replay.header_.time_ms = genesis.time_ms;
    replay.header_.state_root = tree.root;
    replay.hash_ = replay.network_id_.bytes;
    return replay;
}

Result<BlockResult> ChainReplay::execute_again(const Block& block, std::vector<Transaction> transactions,
                                               const std::optional<EraRecord>& record) const {
    const Parent parent{header_, hash_, network_id_, header_.era, history_, &state_, &state_, &replay_};
    const bool opens = !block.system.empty() && std::holds_alternative<EraOpened>(block.system.front().what);
    const std::optional<EraRecord> opens_era = opens ? record : std::nullopt;
    SALUS_TRY(auto builder, BlockBuilder::begin(parent, block.header.time_ms, opens_era));
    SALUS_TRY_STATUS(add_system(builder, block, opens_era));
    SALUS_TRY_STATUS(add_signed(builder, block, std::move(transactions)));
    return builder.finish(block.header.proposer);
}

Status ChainReplay::apply(const Block& block, Executor& executor, const std::optional<EraRecord>& opens_era) {
    VerdictCache verdicts(1);  // a chain holds each transaction once: there is nothing to remember
    const std::vector<ByteView> bytes(block.transactions.begin(), block.transactions.end());
    auto opened = open_transactions(bytes, {network_id_, verdicts, executor});
    std::vector<Transaction> transactions;
    for (std::size_t i = 0; i < opened.size(); ++i) {
        if (!opened[i])
            return differs(header_.height + 1,
                           nth("transaction", block.system.size() + i) + " is malformed: " + opened[i].error().message);
        transactions.push_back(*std::move(opened[i]));
    }
    return apply(block, std::move(transactions), opens_era);
}

Status ChainReplay::apply(const Block& block, std::vector<Transaction> transactions,
                          const std::optional<EraRecord>& opens_era) {
    const Height height = header_.height + 1;
    if (block.header.height != height)
        return differs(height, "in its place stands block " + std::to_string(block.header.height));
    for (std::size_t i = 0; i < transactions.size(); ++i)
        if (!is_executed(transactions[i].body.contract))
            return differs(height, nth("transaction", block.system.size() + i) +
                                       " is malformed: version 1 has no contract " +
                                       std::string(contract_name(transactions[i].body.contract)));
    SALUS_TRY(auto made, execute_again(block, std::move(transactions), opens_era));
    if (!made.block) return differs(height, "it holds no transaction");
    SALUS_TRY_STATUS(compare_lists(height, "receipt", block.receipts, made.block->receipts));
    SALUS_TRY_STATUS(compare_lists(height, "event list", block.events, made.block->events));
    SALUS_TRY_STATUS(compare_headers(block.header, made.block->header));

    state_.apply(made.changes, made.tree);
    header_ = made.block->header;
    hash_ = made.hash;
    history_ = std::move(made.history);
    replay_ = std::move(made.replay);
    return {};
}

Result<ChainReplay> replay_export(ExportReader& reader, const std::function<Status(const ExportedBlock&)>& seen) {
    SALUS_TRY(auto replay, ChainReplay::from_genesis(reader.genesis_bytes()));
    EraRecord era = reader.genesis().era;
    while (true) {
        SALUS_TRY(auto next, reader.next());
        if (!next) return replay;
        if (next->opens_era) {
            SALUS_TRY_STATUS(check_era(*next->opens_era, era, replay.header(), replay.state()));
            era = *next->opens_era;
        }
        SALUS_TRY_STATUS(replay.apply(next->block, std::move(next->transactions), next->opens_era));
        SALUS_TRY_STATUS(seen(*next));
    }
}

}  // namespace salus::execution
