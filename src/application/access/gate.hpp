#pragma once

#include <map>
#include <string>

#include "application/access/bindings.hpp"
#include "base/mutex.hpp"

namespace salus::application {

inline constexpr TimeMs kChallengeMs = 60'000;
inline constexpr TimeMs kTokenMs = 5 * 60'000;

/// Signs a challenge in answer: an organisation's machine or a wallet by its key, staff by the machine with their
/// credential.
struct LoginAnswer {
    Caller::Kind kind = Caller::Kind::kMachine;
    Bytes challenge;
    Signer key;
    Bytes signature;  ///< over login_signed_bytes
    std::optional<StaffCredential> staff;
    Purpose purpose = Purpose::kTreat;
};

/// The door of one organisation's base. A token is sealed under a key that only this process knows: it tells nothing,
/// lasts five minutes and is nothing at another's base. Thread-safe.
class Gate {
public:
    Gate(const House& house, const Bindings& bindings);

    /// Counts once, for a minute. Nothing is kept for it.
    Bytes challenge();

    /// A token. Every login that answers a challenge of ours is audited.
    /// Errors: kUnauthenticated, the same for every cause
    Result<std::string> login(const LoginAnswer& answer);

    /// Who calls. Errors: kUnauthenticated, the same for every cause
    Result<Caller> check(std::string_view token) const;

private:
    [[nodiscard]] bool is_fresh(ByteView challenge) const;
    Result<Caller> identify(const LoginAnswer& answer) const;
    /// False where it was used before.
    bool use_up(ByteView challenge);

    const House& house_;
    const Bindings& bindings_;
    crypto::Key256 challenge_key_;
    crypto::Key256 token_key_;
    Guarded<std::map<Bytes, TimeMs>> used_;  ///< challenges that were answered, until they end
};

/// Whether staff in this role, or the organisation's own machine, calls. Errors: kForbidden, naming the role
Status require_role(const Caller& caller, std::string_view role);
/// Errors: kForbidden
Status require_staff(const Caller& caller);
Result<SubjectId> require_wallet(const Caller& caller);

}  // namespace salus::application
