#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "testkit/world.hpp"

namespace salus::testkit {

/// A second opinion on the contracts: from docs/protocol.md, "Invariants", sharing their formats and none of their
/// code. Told of each block, it judges from the state before it whether the transaction in it was allowed, works out
/// all that it may change, and holds the change of the state to that, value by value.
class Invariants {
public:
    /// Of a world that has made no block yet.
    explicit Invariants(const World& world);

    /// Of blocks of at most one transaction, each, in order.
    void check(const execution::BlockResult& result);
    /// What did not hold, in order.
    [[nodiscard]] const std::vector<std::string>& violations() const { return violations_; }

private:
    /// Who has which say: all that governance decides.
    struct Power {
        std::map<AccountId, governance::MemberState> members;
        std::map<governance::Parameter, std::uint64_t> parameters;
        bool operator==(const Power&) const = default;
    };

    void expect(bool holds, const std::string& otherwise);
    void check_sender();
    void judge(const governance::Propose& propose);
    void judge(const governance::Vote& vote);
    void judge(const identity::Found& found);
    void judge(const identity::RotateKeys& rotate);
    void judge(const identity::SetStatus& set);
    void judge(const identity::Recover& recover);
    void judge(const identity::StopRecovery& stop);
    void judge(const records::Append& append);
    void judge(const consent::Create& create);
    void judge(const consent::Revoke& revoke);
    void judge(const disclosure::File& file);
    void judge(const disclosure::BreakGlass& glass);
    void judge(const disclosure::Review& review);
    void judge(const disclosure::PublishPolicy& publish);
    void judge(const audit::FileRoot& root);
    template <class Payload>
    void judge_payload();

    void count(governance::ProposalState state);
    void execute(const governance::ProposalState& state);
    [[nodiscard]] bool passes(const governance::ProposalState& state) const;
    [[nodiscard]] bool fails(const governance::ProposalState& state) const;
    [[nodiscard]] bool counted(const governance::MemberState& member) const;
    [[nodiscard]] std::uint64_t voices(const std::vector<AccountId>& voters) const;
    governance::RecoverOrganisation open_recovery(const ProposalId& proposal, governance::ProposalState& resolution);
    void claim(const AccountKey& key, const AccountId& account, AccountKind kind);
    void expect_signed(const Signer& key);
    void expect_power();

    template <class Value>
    std::optional<Value> value(Contract contract, const Bytes& key) const {
        return read_value<Value>(state_, contract, key).value();
    }
    template <class Value>
    std::optional<Decision<Value>> decision(Contract contract, const Bytes& key) const {
        return read_decision<Value>(state_, contract, key).value();
    }
    /// The newest value that stood behind block `height`.
    template <class Value>
    std::optional<Decision<Value>> decision_behind(Contract contract, const Bytes& key, Height height) const {
        auto found = decision<Value>(contract, key);
        while (found && found->place.height > height) {
            if (found->n == 1) return std::nullopt;
            found = read_decision_at<Value>(state_, contract, key, found->n - 1).value();
        }
        return found;
    }
    template <class Value>
    void put(Contract contract, const Bytes& key, const Value& value) {
        changes_[state_path(contract, key)] = codec::encode(value);
    }
    template <class Value>
    void decide(Contract contract, const Bytes& key, const Value& value) {
        const auto head = this->value<DecisionHead>(contract, key);
        const std::uint64_t n = head ? head->n + 1 : 1;
        put(contract, decision_key(key, n), DecisionEntry{place_, codec::encode(value)});
        put(contract, key, DecisionHead{n});
    }

    execution::MemoryState state_;  ///< before the block
    Power power_;
    std::map<AccountId, std::vector<Hash>> records_;
    std::map<AccountId, std::vector<Hash>> audits_;
    std::map<Signer, std::string> keys_;  ///< whose, or which grant's
    std::set<TxId> ids_;
    Hash state_root_{};
    std::vector<std::string> violations_;

    // Of the block that is judged.
    TransactionBody body_;
    AccountId sender_;
    TimeMs now_ms_ = 0;
    Place place_;
    std::map<Hash, Bytes> changes_;  ///< what it may do to the state, and must
};

}  // namespace salus::testkit
