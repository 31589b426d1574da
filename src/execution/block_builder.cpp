#include "execution/block_builder.hpp"

#include "crypto/hash.hpp"
#include "execution/contracts.hpp"
#include "execution/contracts/governance/validators.hpp"
#include "model/contracts/system.hpp"
#include "model/era.hpp"

namespace salus::execution {

BlockBuilder::BlockBuilder(const Parent& parent, TimeMs time_ms, std::optional<EraRecord> opens_era, Shares shares)
    : parent_(parent),
      opens_era_(std::move(opens_era)),
      shares_(std::move(shares)),
      state_(std::make_unique<BlockState>(*parent.state)),
      accounts_(std::make_unique<Accounts>(*state_)) {
    block_.header.network_id = parent.network_id;
    block_.header.era = opens_era_ ? opens_era_->era : parent.era;
    block_.header.height = parent.header.height + 1;
    block_.header.time_ms = std::max(parent.header.time_ms, time_ms);
    block_.header.parent_hash = parent.hash;
    block_.header.history_root = parent.history.root();
}

Result<BlockBuilder> BlockBuilder::begin(const Parent& parent, TimeMs time_ms,
                                         const std::optional<EraRecord>& opens_era) {
    SALUS_TRY(auto shares, Shares::of(*parent.state));
    return BlockBuilder(parent, time_ms, opens_era, std::move(shares));
}

void BlockBuilder::record(const TxId& id, Contract contract, ErrorCode code, Events events) {
    block_.receipts.push_back({id, contract, static_cast<std::uint32_t>(code), events.digest()});
    block_.events.push_back(std::move(events));
}

/// What a system transaction does to governance's state, in its place.
Call BlockBuilder::governance_call() const {
    return {Contract::kGovernance, block_.header.time_ms, {block_.header.height, count()}, {}, {}, 0};
}

Result<bool> BlockBuilder::add_system(SystemTransaction transaction, Bytes key, const Bytes& value, Event event,
                                      const std::function<Status(Context&)>& effect) {
    SALUS_TRY(const auto known, state_->get(Contract::kSystem, key));
    if (known) return false;
    Context context(*state_, governance_call());
    SALUS_TRY_STATUS(effect(context));
    Writes writes = context.take_writes();
    writes.emplace(StateKey{Contract::kSystem, std::move(key)}, value);
    state_->apply(std::move(writes));
    Events events = context.take_events();
    events.events.insert(events.events.begin(), std::move(event));
    const TxId id = transaction.id(block_.header.height, count());
    leaves_.push_back(crypto::merkle_leaf_hash(transaction_leaf(id, 0, codec::encode(transaction))));
    block_.system.push_back(std::move(transaction));
    record(id, Contract::kSystem, ErrorCode::kOk, std::move(events));
    return true;
}

Result<bool> BlockBuilder::open_era() {
    const EraOpened opened{opens_era_->hash()};
    return add_system(
        {opened}, system_state::era_key(block_.header.era), codec::encode(opened),
        {static_cast<std::uint32_t>(system_state::EventKind::kEraOpened), to_bytes(ByteView(opened.record)), {}},
        [this](Context& context) {
            return begin_validators(context,
                                    validator_set_of(*opens_era_, block_.header.height, block_.header.time_ms));
        });
}

Result<bool> BlockBuilder::add_fault(const Fault& fault) {
    return add_system(
        {fault}, system_state::fault_key(fault), codec::encode(fault),
        {static_cast<std::uint32_t>(system_state::EventKind::kFault), to_bytes(ByteView(fault.validator)), {}},
        [&fault](Context& context) -> Status {
            SALUS_TRY_STATUS(remove_faulty(context, fault.validator));
            return {};
        });
}

Result<ErrorCode> BlockBuilder::add(Transaction&& transaction, const std::optional<AccountId>& carrier) {
    SALUS_TRY(const auto admission, judge(transaction, block_.header.time_ms, *parent_.replay, *accounts_));
    if (admission.code != ErrorCode::kOk) return admission.code;
    if (taken_ids_.contains(transaction.id)) return ErrorCode::kInadmissibleReplay;
    const auto& organisation = admission.standing.organisation;
    if (carrier && !shares_.take(Share{organisation.value_or(*carrier), !organisation}, transaction.bytes.size()))
        return ErrorCode::kInadmissibleQuota;

    SALUS_TRY_STATUS(execute(transaction, admission.standing));
    taken_.push_back({transaction.id, transaction.body.valid_until_ms});
    taken_ids_.insert(transaction.id);
    leaves_.push_back(
        crypto::merkle_leaf_hash(transaction_leaf(transaction.id, transaction.body.valid_until_ms, transaction.bytes)));
    block_.transactions.push_back(std::move(transaction.bytes));
    return ErrorCode::kOk;
}

/// A failed transaction leaves its receipt and nothing else.
Status BlockBuilder::execute(const Transaction& transaction, const Standing& standing) {
    const TransactionBody& body = transaction.body;
    Context context(*state_, {body.contract,
                              block_.header.time_ms,
                              {block_.header.height, count()},
                              body.sender,
                              body.signers,
                              standing.own_signers});
    Status status = contract_code(body.contract)(context, body.payload);
    if (status && !context.all_signers_expected())
        status = fail(refusal(body.contract, Refusal::kSigner), "a signer that the contract did not expect");
    if (!status) {
        if (!is_refusal(status.error().code)) return status;
        record(transaction.id, body.contract, status.error().code, {});
        return {};
    }
    state_->apply(context.take_writes());
    if (body.contract == Contract::kGovernance || body.contract == Contract::kIdentity) accounts_->forget();
    for (LogAppend& append : context.take_logs()) logs_.push_back(std::move(append));
    record(transaction.id, body.contract, ErrorCode::kOk, context.take_events());
    return {};
}

/// What the block changes of the engine itself. An era of CometBFT begins with the limits of its program.
Status BlockBuilder::tell_engine(BlockResult& result) const {
    Context context(*state_, governance_call());
    SALUS_TRY(result.validators, validator_updates(context));
    SALUS_TRY(const auto bytes, context.read_decision<governance::ParameterState>(
                                    governance::parameter_key(governance::Parameter::kEngineBlockBytes)));
    const bool first = opens_era_ || block_.header.height == 1;
    if (bytes && (first || bytes->place.height == block_.header.height)) result.engine_block_bytes = bytes->value.value;
    return {};
}

Result<BlockResult> BlockBuilder::finish(const ValidatorId& proposer) {
    BlockResult result;
    result.history = parent_.history;
    result.replay = *parent_.replay;
    if (count() == 0) {
        result.hash = parent_.hash;
        result.tree.root = parent_.header.state_root;
        return result;
    }
    SALUS_TRY_STATUS(tell_engine(result));
    result.changes = state_->take_changes();
    SALUS_TRY(result.tree, update_tree(*parent_.tree, result.changes));
    BlockHeader& header = block_.header;
    header.tx_root = log_root(leaves_);
    header.receipt_root = receipt_root(block_);
    header.state_root = result.tree.root;
    header.tx_count = count();
    header.proposer = proposer;
    result.hash = header.hash();
    result.history.append(history_leaf(result.hash));
    result.replay.expire(header.time_ms);
    result.replay.insert(taken_);
    result.logs = std::move(logs_);
    result.block = std::move(block_);
    return result;
}

}  // namespace salus::execution
