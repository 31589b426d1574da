#include "execution/engine.hpp"

#include "execution/block_builder.hpp"

namespace salus::execution {
namespace {

Status add_system(BlockBuilder& builder, const BlockInput& input) {
    if (input.opens_era) SALUS_TRY_STATUS(builder.open_era());
    std::size_t taken = 0;
    for (const Fault& fault : input.faults) {
        if (taken == kFaultsMax) break;
        SALUS_TRY(const bool added, builder.add_fault(fault));
        if (added) ++taken;
    }
    return {};
}

/// False where the envelope is refused.
Result<bool> add_envelope(BlockBuilder& builder, Result<OpenedEnvelope>& envelope,
                          std::vector<Inadmissible>& left_out) {
    if (!envelope) return false;
    SALUS_TRY(const auto carrier, builder.carrier(envelope->member));
    if (!carrier) return false;
    for (Transaction& transaction : envelope->transactions) {
        const TxId id = transaction.id;
        SALUS_TRY(const ErrorCode code, builder.add(std::move(transaction), carrier));
        if (code != ErrorCode::kOk) left_out.push_back({id, code});
    }
    return true;
}

}  // namespace

Result<BlockResult> execute(const Parent& parent, const BlockInput& input, VerdictCache& verdicts, Executor& executor) {
    auto envelopes = open_envelopes(input.envelopes, {parent.network_id, verdicts, executor});
    SALUS_TRY(auto builder, BlockBuilder::begin(parent, input.time_ms, input.opens_era));
    SALUS_TRY_STATUS(add_system(builder, input));
    std::vector<std::uint32_t> codes;
    std::vector<Inadmissible> left_out;
    for (auto& envelope : envelopes) {
        SALUS_TRY(const bool taken, add_envelope(builder, envelope, left_out));
        codes.push_back(taken ? 0 : 1);
    }
    SALUS_TRY(auto result, builder.finish(input.proposer));
    result.codes = std::move(codes);
    result.inadmissible = std::move(left_out);
    return result;
}

}  // namespace salus::execution
