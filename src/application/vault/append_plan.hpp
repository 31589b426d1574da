#pragma once

#include <map>
#include <memory>
#include <vector>

#include "application/vault/anchor.hpp"
#include "application/vault/rows.hpp"
#include "model/contracts/records.hpp"

/// One append as it is put together: which leaves, at which places, and the rows that go with them.
namespace salus::application {

/// A version made ready by its caller's thread: sealed, numbered, not yet placed in any log or chain.
struct PreparedVersion {
    std::uint64_t number = 0;
    std::shared_ptr<const Kek> kek;
    rows::SealedBody sealed;
    Hash digest{};
};

/// A write that waits for its append.
struct WriteJob {
    Write write;
    std::vector<PreparedVersion> prepared;  ///< one a version
    std::optional<Result<Placed>> outcome;  ///< of the leader's work
    std::optional<Result<Placed>> result;   ///< the same, once its owner may read it

    [[nodiscard]] std::size_t updates() const;
};

/// Where a version came to stand in the plan.
struct PlannedLeaf {
    std::uint64_t index = 0;
    Hash leaf{};
    std::uint64_t seq = 0;
    Hash previous{};
};
struct PlannedPad {
    std::uint64_t index = 0;
    Salt salt{};
    ByteArray<32> noise{};
};

struct AppendPlan {
    std::uint64_t incarnation = 0;
    std::vector<std::vector<PlannedLeaf>> leaves;  ///< of job j, version v
    std::vector<PlannedPad> pads;
    records::Append append;
    LogFrontier log;  ///< after it
};

/// Whether an append with so many leaves and nullifiers is one transaction.
bool fits_append(std::size_t leaves, std::size_t nullifiers);
/// "a Bundle holds at most ...", the limit that `job` breaks; empty where it breaks none.
std::string broken_limit(const WriteJob& job);

/// Puts the leaves of `jobs` after what the vault has, in random order so that an append does not show which belong
/// together, and pads them. A nullifier that the chain has already (of a restored backup) is left out.
/// Errors: kNotFound (a subject nobody knows), kConflict (not the next version), kIo, kCorrupt
Result<AppendPlan> plan_append(const std::vector<WriteJob*>& jobs, const AccountId& organisation, Reading& reading,
                               KeyStore& keys, const StateReader& chain, Random& random);

/// Writes the plan's rows, all pending. `next_number`: all below are used.
Status store_pending(Writing& writing, const std::vector<WriteJob*>& jobs, const AppendPlan& plan,
                     std::uint64_t next_number);
/// The append that begins at `first_index` stands in the chain: its rows count from now on.
Status store_anchored(Writing& writing, std::uint64_t first_index, Height height, TimeMs time_ms);
/// It does not and never will: its rows go.
Status store_undone(Writing& writing, std::uint64_t first_index);

}  // namespace salus::application
