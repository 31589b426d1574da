#pragma once

#include <vector>

#include "base/mutex.hpp"
#include "base/strong_types.hpp"

namespace salus::execution {

/// Remembers transactions and envelopes whose signatures are good, so that each is verified once though it is met when
/// it is submitted, proposed and executed. Any thread. Bounded: a fixed table in which a new verdict replaces an old
/// one.
///
/// The key is Transaction::verdict_key or envelope_verdict_key, a hash of *all* bytes. By id, which names the body
/// alone, a proposer could send a known body under a garbage signature: nodes that remember it would take what others
/// refuse.
class VerdictCache {
public:
    /// Remembers some `capacity` verdicts, 32 bytes each.
    explicit VerdictCache(std::size_t capacity = 1 << 18);

    [[nodiscard]] bool good(const Hash& verdict_key) const;
    /// Pre: every signature below the key was verified, or made here
    void remember(const Hash& verdict_key);

private:
    static constexpr std::size_t kWays = 4;  ///< places that one key may take
    struct Set {
        std::array<Hash, kWays> keys{};  ///< zeros: free
        std::size_t oldest = 0;
    };
    static Set& set_of(std::vector<Set>& sets, const Hash& key);

    mutable Guarded<std::vector<Set>> sets_;
};

}  // namespace salus::execution
