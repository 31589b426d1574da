#include "cli/wallet_grants.hpp"

#include <algorithm>
#include <map>

#include "cli/answers.hpp"
#include "model/contracts/consent.hpp"
#include "model/evidence.hpp"
#include "model/wallet_keys.hpp"

namespace salus::cli {
namespace {

/// The state of the chain, each value or absence proven under a certified block of `network` that is not below
/// `checkpoint`: for whoever does not take the node's word.
class ProvenChainState final : public StateReader {
public:
    /// Pre: `api` outlives it
    ProvenChainState(Api& api, const NetworkId& network, std::optional<Checkpoint> checkpoint)
        : api_(api), network_(network), checkpoint_(std::move(checkpoint)) {}
    /// Errors: kProofInvalid; those of Api::call
    Result<std::optional<Bytes>> get(Contract contract, ByteView key) const override;

private:
    Api& api_;
    NetworkId network_;
    std::optional<Checkpoint> checkpoint_;
};

Result<std::optional<Bytes>> ProvenChainState::get(Contract contract, ByteView key) const {
    SALUS_TRY(const auto response,
              api_.call("GET", "/v1/proofs/state/" + std::string(contract_name(contract)) + "/" + to_hex(key)));
    SALUS_TRY(Evidence evidence, from_evidence_file(response.body));
    const BlockHeader& header = evidence.header;
    const bool newer =
        !checkpoint_ || std::pair(header.era, header.height) >= std::pair(checkpoint_->era, checkpoint_->height);
    const bool asked = evidence.states.size() == 1 && evidence.states.front().contract == contract &&
                       std::ranges::equal(evidence.states.front().key, key);
    if (!newer || !asked || !verify_evidence(evidence, network_, std::nullopt).good)
        return fail(ErrorCode::kProofInvalid, "the node does not prove what it says of the chain's state");
    ProvenState& proven = evidence.states.front();
    return proven.present ? std::optional(std::move(proven.value)) : std::optional<Bytes>{};
}

using Sought = std::map<Signer, const GrantTerms*>;

bool knows(const WalletCustodian& here, const GrantId& grant) {
    return std::ranges::any_of(here.grants, [&](const WalletGrant& one) { return one.terms.grant == grant; });
}

/// The control keys of what is listed, as the chain has them.
Result<Sought> control_keys(const WalletCustodian& here, const std::vector<GrantTerms>& listed,
                            const StateReader& chain) {
    Sought sought;
    for (const GrantTerms& terms : listed) {
        if (knows(here, terms.grant)) continue;
        SALUS_TRY(const auto stored,
                  read_decision<consent::GrantState>(chain, Contract::kConsent, consent::grant_key(terms.grant)));
        const auto invalid = [&](const std::string& why) {
            return fail(ErrorCode::kProofInvalid, "the custodian lists grant " + to_hex(terms.grant) + why);
        };
        if (!stored) return invalid(", which does not stand on the chain");
        const consent::GrantState& state = stored->value;
        if (state.custodian != here.account || state.terms != terms.commitment())
            return invalid(" with other terms than the chain commits it to");
        if (!state.control_key) continue;
        if (!sought.emplace(*state.control_key, &terms).second) return invalid(" under the key of another");
    }
    return sought;
}

}  // namespace

Result<std::vector<GrantId>> find_grants(WalletCustodian& here, const std::vector<GrantTerms>& listed,
                                         const StateReader& chain,
                                         const std::function<Signer(std::uint32_t)>& control_key) {
    SALUS_TRY(Sought sought, control_keys(here, listed, chain));
    std::uint64_t end = std::uint64_t{here.next_control} + kControlKeyGap;
    for (std::uint32_t i = 0; i < end && !sought.empty(); ++i) {
        const auto found = sought.find(control_key(i));
        if (found == sought.end()) continue;
        here.grants.push_back({*found->second, i});
        here.next_control = std::max(here.next_control, i + 1);
        end = std::max<std::uint64_t>(end, std::uint64_t{i} + 1 + kControlKeyGap);
        sought.erase(found);
    }
    std::vector<GrantId> others;
    for (const auto& [key, terms] : sought) others.push_back(terms->grant);
    return others;
}

namespace {

ProvenChainState proven_chain(WalletSession& session) {
    const Checkpoint* seen = session.wallet.checkpoint_of(session.network);
    return {session.api, session.network, seen != nullptr ? std::optional(*seen) : std::nullopt};
}

Signer control_signer(const WalletSession& session, std::uint32_t index) {
    return Signer::of(wallet_control_key(session.entropy(), session.network, session.custodian, index).public_key());
}

}  // namespace

Result<std::uint32_t> free_control_key(WalletSession& session, Environment& environment) {
    const ProvenChainState chain = proven_chain(session);
    const auto is_free = [&](std::uint32_t index) -> Result<bool> {
        const Bytes key = consent::control_key_key(control_signer(session, index));
        SALUS_TRY(const auto taken, read_value<consent::ControlKeyState>(chain, Contract::kConsent, key));
        return !taken;
    };
    SALUS_TRY(const bool first, is_free(session.here().next_control));
    if (first) return session.here().next_control;
    SALUS_TRY_STATUS(fetch_grants(session, environment));
    const std::uint32_t next = session.here().next_control;
    for (std::uint32_t index = next; index - next < kControlKeyGap; ++index) {
        SALUS_TRY(const bool free, is_free(index));
        if (free) return index;
    }
    return fail(ErrorCode::kConsentKeyUsed,
                "the chain knows " + std::to_string(kControlKeyGap) +
                    " more of this wallet's control keys than its custodian lists grants: ask the custodian for all");
}

Result<std::vector<GrantId>> fetch_grants(WalletSession& session, Environment& environment) {
    SALUS_TRY(const boost::json::value answer, session.api.get(session.at("/patient/grants")));
    std::vector<GrantTerms> listed;
    for (const boost::json::value& one : list_of(answer, "grants")) {
        SALUS_TRY(const Bytes bytes, bytes_of(one, "terms"));
        SALUS_TRY(listed.emplace_back(), codec::decode<GrantTerms>(bytes));
    }
    WalletCustodian& here = session.here();
    const std::size_t before = here.grants.size();
    SALUS_TRY(auto others, find_grants(here, listed, proven_chain(session),
                                       [&](std::uint32_t index) { return control_signer(session, index); }));
    if (here.grants.size() != before) SALUS_TRY_STATUS(session.save(environment));
    return others;
}

}  // namespace salus::cli
