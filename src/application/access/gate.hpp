#pragma once

#include <set>
#include <string>
#include <utility>

#include "application/access/bindings.hpp"
#include "base/mutex.hpp"

namespace salus::application {

inline constexpr TimeMs kChallengeMs = 60'000;
inline constexpr TimeMs kTokenMs = 5 * 60'000;
/// How often at most failed logins are an event of the audit.
inline constexpr TimeMs kFailedLoginsMs = 60'000;
/// Challenges of one minute that may be answered.
inline constexpr std::size_t kAnsweredMax = 1U << 18U;

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

    /// Counts for one answer, good or not, for a minute. Nothing is kept for it.
    Bytes challenge();

    /// A token. Every login is an event of the audit. Those that fail name nobody, since nobody is known: one event
    /// says how many they were in a minute, so that a stranger cannot fill the log.
    /// Errors: kUnauthenticated, the same for every cause; kBusy
    Result<std::string> login(const LoginAnswer& answer);

    /// Records the failed logins that were only counted, once their minute is over. Call it each second or so.
    Status tick();

    /// Who calls. Errors: kUnauthenticated, the same for every cause
    Result<Caller> check(std::string_view token) const;

private:
    [[nodiscard]] bool is_fresh(ByteView challenge) const;
    Result<Caller> identify(const LoginAnswer& answer) const;
    /// Errors: kUnauthenticated where it was used before; kBusy
    Status use_up(ByteView challenge);
    Status note_failure();

    const House& house_;
    const Bindings& bindings_;
    crypto::Key256 challenge_key_;
    crypto::Key256 token_key_;
    Guarded<std::set<std::pair<TimeMs, Bytes>>> used_;  ///< challenges that were answered, by their end
    struct Failures {
        std::uint64_t count = 0;  ///< not recorded yet
        TimeMs next_ms = 0;       ///< when they may be
    };
    Guarded<Failures> failures_;
};

/// Whether staff in this role, or the organisation's own machine, calls. Errors: kForbidden, naming the role
Status require_role(const Caller& caller, std::string_view role);
/// Errors: kForbidden
Status require_staff(const Caller& caller);
Result<SubjectId> require_wallet(const Caller& caller);

}  // namespace salus::application
