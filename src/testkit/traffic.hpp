#pragma once

#include <map>

#include "testing/platform.hpp"
#include "testkit/consortium.hpp"
#include "testkit/transactions.hpp"

namespace salus::testkit {

/// What the members and their enemies send: an endless mixture of transactions that are taken, that fail, that are
/// inadmissible, and of envelopes that are hostile. The same for the same seed and the same times asked. It guesses
/// what was taken, and so is right often enough for all contracts' state to grow.
class Traffic {
public:
    /// Pre: `net` outlives it
    Traffic(const Consortium& net, std::uint64_t seed);

    /// One to four envelopes that an engine may order at that time.
    std::vector<Bytes> envelopes(TimeMs now_ms);

private:
    using Keys = std::vector<const crypto::SigningKey*>;
    Bytes envelope();
    Bytes spoil(Bytes envelope);
    Transaction transaction();
    Transaction by(const Party& party, const Action& action, Keys others = {});
    Transaction odd(const Party& party);
    Action records(const Party& party);
    Transaction consent(const Party& party);
    Action disclosure(const Party& party);
    Action audit(const Party& party);
    Action governance();
    Transaction identity(const Party& party);

    const Party& any_member();
    GrantId any_grant();
    [[nodiscard]] bool chance(std::uint64_t percent) { return random_.below(100) < percent; }

    const Consortium& net_;
    testing::SeededRandom random_;
    const Party stranger_;
    const crypto::SigningKey wallet_;
    const crypto::SigningKey rescue_;
    TimeMs now_ms_ = 0;
    std::uint64_t nonce_ = 0;
    std::map<AccountId, std::uint64_t> leaves_;     ///< of each member's log
    std::map<AccountId, std::uint64_t> intervals_;  ///< newest of each member
    std::uint64_t grants_ = 0;
    std::uint64_t openings_ = 0;
    std::uint64_t nodes_ = 0;
    std::uint64_t keys_ = 0;
    std::uint64_t newest_policy_ = kPolicyVersion;   ///< that was proposed
    std::uint64_t policy_version_ = kPolicyVersion;  ///< the newest that was sent to be published
    std::optional<ProposalId> proposal_;
    std::optional<ProposalId> recovery_;
    std::optional<ProposalId> adoption_;
    std::vector<Transaction> sent_;  ///< some, to be sent again
};

}  // namespace salus::testkit
