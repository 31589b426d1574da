#pragma once

#include <map>

#include "testing/platform.hpp"
#include "testkit/consortium.hpp"
#include "testkit/transactions.hpp"

namespace salus::testkit {

/// What the members and their enemies send: an endless mixture of transactions that are taken, that fail, that are
/// inadmissible, and of envelopes that are hostile. It holds every key there is, and uses it for whatever its holder
/// could sign: mostly what the state permits, else what is another's, long over, or never was.
///
/// The same for the same seed, times and states asked, whatever compiled it: no two draws stand where C++ leaves their
/// order open, among a function's arguments or the operands of an operator.
class Traffic {
public:
    /// Pre: `net` outlives it
    Traffic(const Consortium& net, std::uint64_t seed);

    /// Zero to three envelopes that an engine may order at that time. `state`: what stands, or stood a little before.
    std::vector<Bytes> envelopes(TimeMs now_ms, const StateReader& state);
    /// An envelope of one transaction, both well formed.
    Bytes lone(TimeMs now_ms, const StateReader& state);
    /// Signs for every active member.
    void sign_era(EraRecord& record, const StateReader& state);

private:
    using Keys = std::vector<const crypto::SigningKey*>;
    struct Grant {
        GrantId id;
        const crypto::SigningKey* wallet = nullptr;  ///< where one controls it
    };

    // traffic.cpp
    Bytes envelope();
    Bytes spoil(Bytes envelope);
    void spoil(Transaction& made);
    Transaction transaction();
    Transaction next();
    Transaction odd();
    TimeMs valid_until();
    Transaction by(const FoundingAccount& sender, Action action, Keys others = {});
    Transaction signed_by(const Sender& sender, Keys keys, Action action);

    // traffic_members.cpp
    Transaction governance();
    governance::Action decision();
    Transaction identity();
    Transaction found();
    Transaction rotate(const FoundingAccount& sender, const FoundingAccount& target);
    Transaction recover();
    const FoundingAccount& any_organisation();
    bool is(const FoundingAccount& organisation, governance::MemberStatus status) const;
    const FoundingAccount& voter(const ProposalId& proposal);
    const FoundingAccount& any_owned_by(const FoundingAccount& owner);

    // traffic_data.cpp
    Transaction records();
    Transaction consent();
    Transaction disclosure();
    Transaction audit();
    const Grant* grant_of(const AccountId& custodian);

    /// Of an organisation that is, or is to be, a member.
    const crypto::SigningKey& new_key();
    const crypto::SigningKey& key_of(const FoundingAccount& account);
    const FoundingAccount& adopt(const Party& party);
    template <class Value>
    std::optional<Value> value(Contract contract, const Bytes& key) const {
        return read_value<Value>(*state_, contract, key).value();
    }
    template <class Value>
    std::optional<Value> decided(Contract contract, const Bytes& key) const {
        auto found = read_decision<Value>(*state_, contract, key).value();
        if (!found) return std::nullopt;
        return std::move(found->value);
    }
    [[nodiscard]] bool chance(std::uint64_t percent) { return random_.below(100) < percent; }
    void flip(std::uint8_t& byte) { byte ^= static_cast<std::uint8_t>(1U << random_.below(8)); }
    template <class List>
    auto& any(List& list) {
        return list[random_.below(list.size())];
    }
    /// One of the last few.
    template <class List>
    auto& recent(List& list, std::size_t few) {
        return list[list.size() - 1 - random_.below(std::min(few, list.size()))];
    }

    const Consortium& net_;
    testing::SeededRandom random_;
    const StateReader* state_ = nullptr;  ///< while a call asks
    TimeMs now_ms_ = 0;
    std::uint64_t nonce_ = 0;
    std::map<Bytes, crypto::SigningKey> keys_;    ///< by public key
    std::vector<FoundingAccount> organisations_;  ///< the founders, and those who may join
    std::vector<FoundingAccount> owned_;          ///< nodes and devices, founded or not
    std::vector<Grant> grants_;
    std::vector<governance::Proposal> proposals_;
    std::vector<BreakGlassId> openings_;
    std::vector<Hash> tags_;
    std::vector<Transaction> sent_;  ///< some, to be sent again
};

}  // namespace salus::testkit
