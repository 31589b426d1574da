#pragma once

#include "consensus/testing/simulated_engine.hpp"
#include "testkit/world.hpp"

/// For tests: what honest, hasty and hostile members send. FOR TESTS ONLY.
namespace salus::node {

/// Makes transactions and envelopes of every kind: good ones, ones that a contract refuses, ones that are too late, too
/// early, sent twice or by strangers, and bytes that nobody should send.
class RandomContent {
public:
    explicit RandomContent(std::uint64_t seed) : random_(seed) {}

    testkit::World world;  ///< its state stays that of the genesis: only keys, nonces and time are used

    /// A proposal of up to three envelopes; time goes on, stands still, or is said to go back.
    consensus::SimulatedEngine::Ordered proposal() {
        if (random_.below(3) > 0) world.now_ms += random_.below(4000);
        consensus::SimulatedEngine::Ordered ordered;
        ordered.time_ms = random_.below(20) == 0 ? world.now_ms - random_.below(100'000) : world.now_ms;
        ordered.proposer = validator_id(Signer::of(world.net.operator_key.public_key()));
        for (std::uint64_t i = random_.below(4); i > 0; --i) ordered.envelopes.push_back(envelope());
        if (random_.below(30) == 0)
            ordered.faults.push_back({ordered.proposer, 1, random_.below(5), random_.below(3), 1 + random_.below(2)});
        return ordered;
    }

    Bytes envelope() {
        std::vector<Transaction> transactions;
        for (std::uint64_t i = 1 + random_.below(4); i > 0; --i) transactions.push_back(transaction());
        Bytes bytes = world.envelope(transactions, random_.below(25) == 0 ? stranger_.key : party().key);
        switch (random_.below(20)) {
            case 0:
                bytes.at(random_.below(bytes.size())) ^= static_cast<std::uint8_t>(1U << random_.below(8));
                break;
            case 1:
                bytes.resize(random_.below(bytes.size()));
                break;
            case 2:
                bytes.push_back(0);
                break;
            case 3:
                bytes = Bytes(random_.below(200), static_cast<std::uint8_t>(random_.next()));
                break;
            default:
                break;
        }
        return bytes;
    }

    Transaction transaction() {
        if (!sent_.empty() && random_.below(12) == 0) return sent_.at(random_.below(sent_.size()));
        world.lifetime_ms = lifetime();
        const testkit::Party& sender = random_.below(30) == 0 ? stranger_ : party();
        Transaction made = random_.below(10) == 0 ? create(sender) : world.by(sender, action(sender));
        if (random_.below(30) == 0) spoil(made);
        sent_.push_back(made);
        if (sent_.size() > 50) sent_.erase(sent_.begin());
        return made;
    }

private:
    TimeMs lifetime() {
        switch (random_.below(12)) {
            case 0:
                return 0;
            case 1:
                return kWindowMs + 1 + random_.below(10'000);
            case 2:
                return random_.below(5000);
            default:
                return 1 + random_.below(kWindowMs);
        }
    }
    const testkit::Party& party() { return *world.net.members().at(random_.below(4)); }
    Hash hash() { return random_.bytes<32>(); }

    testkit::Action action(const testkit::Party& sender) {
        switch (random_.below(6)) {
            case 0:
                return {static_cast<Contract>(random_.below(8)), Bytes(random_.below(40), 0x0A)};
            case 1: {
                // The index is right for the first, and then as long as every append before was taken.
                std::uint64_t& next = next_leaf_[sender.id()];
                records::Append append{next, {}, {}};
                for (std::uint64_t i = 16 * (1 + random_.below(3)); i > 0; --i, ++next)
                    salus::append(append.leaves, hash());
                for (std::uint64_t i = random_.below(3); i > 0; --i) salus::append(append.superseded, hash());
                if (random_.below(6) == 0) next = 16 * random_.below(4);
                return records::Payload{append};
            }
            case 2:
                return governance::Payload{
                    governance::Propose{{governance::Suspend{party().id()}, world.now_ms + kHourMs, {}}}};
            case 3:
                return consent::Payload{
                    consent::Revoke{grants_.empty() ? GrantId{} : grants_.at(random_.below(grants_.size()))}};
            default:
                return audit::Payload{audit::FileRoot{random_.below(4) == 0 ? 1 : ++interval_, hash()}};
        }
    }
    /// Under a fresh control key, or one that has a grant already.
    Transaction create(const testkit::Party& sender) {
        if (random_.below(20) > 0) wallet_ = testkit::signing_key("wallet " + std::to_string(grants_.size()));
        grants_.push_back(random_.id<GrantId>());
        const consent::Payload what{consent::Create{grants_.back(), Signer::of(wallet_.public_key()), hash(),
                                                    (world.now_ms / kHourMs + 2) * kHourMs}};
        return world.by(sender, what, {&wallet_});
    }
    /// Other bytes for the same intent, or no transaction at all.
    void spoil(Transaction& made) {
        if (random_.below(2) == 0) {
            auto outer = codec::decode<SignedTransaction>(made.bytes).value();
            outer.signatures[0][random_.below(64)] ^= 1;
            made.bytes = codec::encode(outer);
        } else {
            made.bytes.at(random_.below(made.bytes.size())) ^= 0x40;
        }
    }

    testing::SeededRandom random_;
    testkit::Party stranger_ = testkit::organisation("Stranger");
    crypto::SigningKey wallet_ = testkit::signing_key("wallet");
    std::vector<Transaction> sent_;
    std::vector<GrantId> grants_;
    std::map<AccountId, std::uint64_t> next_leaf_;
    std::uint64_t interval_ = 1;
};

}  // namespace salus::node
