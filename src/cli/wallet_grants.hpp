#pragma once

#include <functional>
#include <vector>

#include "cli/session.hpp"
#include "model/state.hpp"

/// A wallet's grants, found again. The words alone are not enough to revoke: which of the wallet's control keys stands
/// behind a grant is on the chain, and the grant's terms are with its custodian. Source: docs/protocol.md, "Wallet"
namespace salus::cli {

/// So many control keys behind the last that is found are tried.
inline constexpr std::uint32_t kControlKeyGap = 64;

/// Puts those of `listed` that `here` lacks into it, each with the index of its control key, and `next_control` behind
/// the highest. Returns the grants that no key of this wallet controls: those of a wallet before it. What the
/// custodian attested on paper is passed over.
/// `chain`: proven; the custodian's word is not taken. `control_key`: the wallet's i-th at this custodian.
/// Errors: kProofInvalid, nothing being changed, where the chain does not commit the custodian to these terms; those of
/// `chain`
Result<std::vector<GrantId>> find_grants(WalletCustodian& here, const std::vector<GrantTerms>& listed,
                                         const StateReader& chain,
                                         const std::function<Signer(std::uint32_t)>& control_key);

/// The index of a control key that the chain has not seen. A wallet that was made again, or that has a twin elsewhere,
/// does not know which are taken: then it learns its grants as below. Pre: the session is logged in.
/// Errors: kConsentKeyUsed; those of fetch_grants
Result<std::uint32_t> free_control_key(WalletSession& session, Environment& environment);

/// Asks the custodian for the grants of the wallet's owner, does that, and saves the wallet where it has learnt
/// something. Pre: the session is logged in. Errors: as above; those of Api::call
Result<std::vector<GrantId>> fetch_grants(WalletSession& session, Environment& environment);

}  // namespace salus::cli
