#include "testkit/world.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace salus::testkit {

World::World(Consortium net_in) : net(std::move(net_in)), now_ms(net.genesis.time_ms + 1000) {
    const auto founding = genesis_state(net.genesis);
    const auto tree = update_tree(state_, founding);
    SALUS_CHECK(tree.has_value());
    state_.apply(founding, *tree);
    header_.network_id = net.network;
    header_.time_ms = net.genesis.time_ms;
    header_.state_root = tree->root;
    hash_ = net.network.bytes;
}

Transaction World::transaction(const Sender& sender, const std::vector<const crypto::SigningKey*>& keys,
                               const Action& action) {
    return make_transaction(net.network, sender, keys, action, now_ms + lifetime_ms, ++nonce_);
}

Transaction World::by(const Party& sender, const Action& action, const std::vector<const crypto::SigningKey*>& others) {
    std::vector<const crypto::SigningKey*> keys = others;
    keys.push_back(&sender.key);
    return transaction(sender.sender(), keys, action);
}

Bytes World::envelope(const std::vector<Transaction>& transactions, const crypto::SigningKey& member) const {
    return make_envelope(transactions, member, blocks_.size());
}

execution::BlockResult World::execute(const execution::BlockInput& input) {
    auto result = execution::execute(parent(), input, verdicts, *executor);
    SALUS_CHECK(result.has_value());
    return *std::move(result);
}

execution::BlockResult World::execute(const std::vector<Bytes>& envelopes) {
    execution::BlockInput input;
    input.time_ms = now_ms;
    input.proposer = validator_id(Signer::of(net.operator_key.public_key()));
    input.envelopes.assign(envelopes.begin(), envelopes.end());
    return execute(input);
}

void World::commit(const execution::BlockResult& result) {
    now_ms += 1000;
    if (!result.block) return;
    state_.apply(result.changes, result.tree);
    header_ = result.block->header;
    hash_ = result.hash;
    history_ = result.history;
    replay_ = result.replay;
    blocks_.push_back(*result.block);
}

execution::BlockResult World::run(const std::vector<Transaction>& transactions) {
    auto result = execute(std::vector<Bytes>{envelope(transactions, net.hospital_a.key)});
    commit(result);
    return result;
}

ErrorCode World::send(const Transaction& transaction) { return code_of(run({transaction}), transaction.id); }

ErrorCode World::send_all(const std::vector<Transaction>& transactions) {
    for (const Transaction& transaction : transactions)
        if (const ErrorCode code = send(transaction); code != ErrorCode::kOk) return code;
    return ErrorCode::kOk;
}

void World::pass_blocks(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
        SALUS_CHECK(send(by(net.hospital_a, audit::Payload{audit::FileRoot{++interval_, hash_of("interval")}})) ==
                    ErrorCode::kOk);
}

execution::Parent World::parent() const {
    return {header_, hash_, net.network, header_.era, history_, &state_, &state_, &replay_};
}

ErrorCode code_of(const execution::BlockResult& result, const TxId& id) {
    if (result.block) {
        const auto receipt = std::ranges::find(result.block->receipts, id, &Receipt::id);
        if (receipt != result.block->receipts.end()) return error_code(receipt->code).value_or(ErrorCode::kOk);
    }
    const auto left_out = std::ranges::find(result.inadmissible, id, &execution::Inadmissible::id);
    return left_out == result.inadmissible.end() ? ErrorCode::kMalformedEncoding : left_out->code;
}

}  // namespace salus::testkit
