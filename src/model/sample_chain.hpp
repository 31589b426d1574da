#pragma once

#include <vector>

#include "model/contracts/audit.hpp"
#include "model/contracts/identity.hpp"
#include "model/contracts/records.hpp"
#include "model/contracts/system.hpp"
#include "model/era.hpp"
#include "model/genesis.hpp"
#include "model/memory_log.hpp"
#include "model/memory_tree.hpp"

namespace salus {

inline crypto::SigningKey sample_key(std::uint8_t seed) {
    ByteArray<32> bytes{};
    bytes[0] = seed;
    return crypto::SigningKey::from_seed(crypto::Key256(bytes));
}

/// A member with one signing key, a sealing key and a TLS key.
inline GenesisMember sample_member(const std::string& name, const crypto::SigningKey& key, std::uint8_t seed,
                                   governance::OrganisationKind kind) {
    FoundingAccount account{AccountKind::kOrganisation, name, std::nullopt, {}};
    account.keys.push_back({KeyUse::kSign, 1, key.public_key().bytes});
    account.keys.push_back({KeyUse::kSeal, 1, Bytes(32, static_cast<std::uint8_t>(seed + 100))});
    account.keys.push_back({KeyUse::kTls, 1, Bytes(32, static_cast<std::uint8_t>(seed + 200))});
    return {account, {account.id(), kind, {"licence-" + name}, "XX"}};
}

/// For tests: a chain whose blocks say what a test wants, with a state that a test sets. Nothing is executed.
class SampleChain {
public:
    SampleChain() {
        genesis.name = "sample";
        genesis.time_ms = 1'767'225'600'000;
        genesis.mode = NetworkMode::kConsortium;
        genesis.members = {sample_member("Hospital A", key_a, 1, governance::OrganisationKind::kHospital),
                           sample_member("Hospital B", key_b, 2, governance::OrganisationKind::kHospital),
                           sample_member("Regulator", key_c, 3, governance::OrganisationKind::kRegulator)};
        a = genesis.members[0].admission.account;
        b = genesis.members[1].admission.account;
        c = genesis.members[2].admission.account;
        genesis.policies = {{"XX", 1, to_bytes("the policy")}};
        genesis.era.engine = EngineKind::kEmbedded;
        genesis.era.validators = {{Signer::of(operator_key.public_key()), 1, a}};
        network = genesis.network_id();
        tip_hash = network.bytes;
        era = genesis.era;
        tree.apply(genesis_state(genesis));
    }

    Transaction transaction(const crypto::SigningKey& key, const AccountId& sender, Contract contract, Bytes payload) {
        TransactionBody body;
        body.network_id = network;
        body.sender = {AccountKind::kOrganisation, sender};
        body.valid_until_ms = genesis.time_ms + 1000 * (blocks.size() + 1) + 60'000;
        body.nonce = big_endian(++nonce_);
        body.contract = contract;
        body.payload = std::move(payload);
        return sign(std::move(body), {&key});
    }
    Transaction filler() {
        return transaction(key_a, a, Contract::kAudit, codec::encode(audit::Payload{audit::FileRoot{nonce_ + 1, {}}}));
    }

    template <class Value>
    void set(Contract contract, ByteView key, const Value& value) {
        changes_[state_path(contract, key)] = codec::encode(value);
    }
    void remove(Contract contract, ByteView key) { changes_[state_path(contract, key)] = std::nullopt; }
    template <class Value>
    void decide(Contract contract, ByteView key, std::uint64_t n, const Value& value) {
        set(contract, key, DecisionHead{n});
        set(contract, decision_key(key, n), DecisionEntry{next_place(), codec::encode(value)});
    }
    Place next_place() const { return {blocks.size() + 1, 0}; }

    /// A block with these transactions and the changes that were set since the last one.
    const Block& add_block(const std::vector<Transaction>& transactions, std::vector<SystemTransaction> system = {},
                           std::uint32_t last_code = 0) {
        Block block;
        BlockHeader& header = block.header;
        header.network_id = network;
        header.era = era.era;
        header.height = blocks.size() + 1;
        header.time_ms = genesis.time_ms + 1000 * header.height + later_ms;
        header.parent_hash = tip_hash;
        header.history_root = history.frontier.root();
        header.proposer = validator_id(era.validators[0].key);
        block.system = std::move(system);
        for (std::size_t i = 0; i < block.system.size(); ++i)
            add_receipt(block, block.system[i].id(header.height, static_cast<std::uint32_t>(i)), Contract::kSystem);
        for (const Transaction& transaction : transactions) {
            block.transactions.push_back(transaction.bytes);
            add_receipt(block, transaction.id, transaction.body.contract);
        }
        block.receipts.back().code = last_code;
        header.tx_count = static_cast<std::uint32_t>(block.receipts.size());
        header.tx_root = transaction_root(block);
        header.receipt_root = receipt_root(block);
        std::vector<StateChange> batch;
        for (const auto& [path, value] : changes_) batch.push_back({path, value});
        changes_.clear();
        header.state_root = tree.apply(batch);
        return seal(std::move(block));
    }

    /// Appends a block as it is; its certificate follows.
    const Block& seal(Block block) {
        tip_hash = block.header.hash();
        history.append(history_leaf(tip_hash));
        certificates.push_back(certify(block.header, *era_key));
        blocks.push_back(std::move(block));
        return blocks.back();
    }

    const crypto::SigningKey operator_key = sample_key(9);
    const crypto::SigningKey key_a = sample_key(1);
    const crypto::SigningKey key_b = sample_key(2);
    const crypto::SigningKey key_c = sample_key(3);
    const crypto::SigningKey* era_key = &operator_key;
    AccountId a, b, c;
    TimeMs later_ms = 0;  ///< of the next blocks
    Genesis genesis;
    NetworkId network;
    EraRecord era;
    MemoryTree tree;
    MemoryLog history;
    Hash tip_hash{};
    std::vector<Block> blocks;
    std::vector<Certificate> certificates;

private:
    static void add_receipt(Block& block, const TxId& id, Contract contract) {
        Events events;
        if (block.events.size() % 2 == 0) events.events.push_back({1, to_bytes("object"), to_bytes("data")});
        block.receipts.push_back({id, contract, 0, events.digest()});
        block.events.push_back(std::move(events));
    }

    std::map<Hash, std::optional<Bytes>> changes_;
    std::uint64_t nonce_ = 0;
};

}  // namespace salus
