#pragma once

#include "base/platform/executor.hpp"
#include "base/platform/random.hpp"
#include "cli/bench/network.hpp"
#include "model/transaction.hpp"

namespace salus::cli::bench {

/// Transactions of one custodian, signed and in the order in which they have to be sent.
struct Array {
    Bytes body;  ///< of the request: a length and as many bytes for each
    std::size_t transactions = 0;
    std::size_t leaves = 0;  ///< that they append
};

/// A custodian that signs: of twenty transactions fourteen append 16 leaves, three attest a grant, and three disclose
/// under the newest of them.
class Author {
public:
    /// Pre: all outlive it
    Author(const NetworkId& network, const node::OrganisationKeys& keys, Random& random)
        : network_(&network), keys_(&keys), random_(&random) {}

    Array next_array(std::size_t transactions, TimeMs now_ms);
    /// One append that also marks `nullifiers` versions as superseded: as many new keys in the state.
    Array filling_array(std::size_t transactions, std::size_t nullifiers, TimeMs now_ms);
    /// Goes on after `array`, the last that was committed: what was signed behind it was never sent.
    void committed(const Array& array) { committed_leaves_ += array.leaves; }
    void rewind() { leaves_ = committed_leaves_, turn_ = 0; }

    /// A share of what it signed, for measuring verification.
    [[nodiscard]] const std::vector<Transaction>& samples() const noexcept { return samples_; }

private:
    Transaction next(TimeMs now_ms);
    Transaction append(std::size_t nullifiers, TimeMs now_ms);
    template <class Payload>
    Transaction sign_one(Contract contract, const Payload& payload, TimeMs now_ms);
    void add(Array& array, Transaction transaction);

    const NetworkId* network_;
    const node::OrganisationKeys* keys_;
    Random* random_;
    std::uint64_t leaves_ = 0;
    std::uint64_t committed_leaves_ = 0;
    unsigned turn_ = 0;
    GrantId grant_;
    std::vector<Transaction> samples_;
};

/// One for each member of the network, which outlives them.
std::vector<Author> authors_of(const BenchNetwork& network, Random& random);

/// Lets each author sign `arrays` arrays, on all threads: element i is author i's.
std::vector<std::vector<Array>> sign_arrays(Executor& executor, std::vector<Author>& authors, std::size_t arrays,
                                            std::size_t transactions, TimeMs now_ms);

}  // namespace salus::cli::bench
