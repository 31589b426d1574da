#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/strong_types.hpp"

/// What was done to a node between two kills, as its clients know it: what it acknowledged, and what is in doubt
/// because the answer never came.
namespace salus::cli::torture {

/// A patient with observations, sent as one transaction, or a patient alone, sent as a single create. All that is in it
/// follows from its name, which is also its request id: it can be sent again, byte for byte.
struct Posting {
    std::string name;
    std::size_t observations = 0;
    bool alone = false;

    [[nodiscard]] std::size_t resources() const noexcept { return 1 + observations; }
    /// The identifier of resource `i`; 0 is the patient.
    [[nodiscard]] std::string identifier(std::size_t i) const { return i == 0 ? name : name + "-" + std::to_string(i); }
};

/// A posting that was acknowledged.
struct Stored {
    Posting posting;
    std::vector<std::string> references;  ///< "Patient/ID", "Observation/ID", ...: in the order of its resources
    std::uint64_t version = 1;            ///< of the patient: the newest that was acknowledged
    bool update_in_doubt = false;         ///< one more was sent

    [[nodiscard]] const std::string& patient() const { return references.front(); }
};

/// The one consent of a patient.
struct Consented {
    std::string patient;           ///< "Patient/ID"
    std::optional<GrantId> grant;  ///< nothing: whether it was attested is in doubt
    bool revoked = false;
    bool revocation_in_doubt = false;
};

/// How many of each kind.
struct Tally {
    std::uint64_t bundles = 0;
    std::uint64_t creates = 0;
    std::uint64_t updates = 0;
    std::uint64_t grants = 0;
    std::uint64_t revocations = 0;
    std::uint64_t reads = 0;  ///< in the house
    std::uint64_t reads_across = 0;

    void add(const Tally& other) noexcept {
        bundles += other.bundles, creates += other.creates, updates += other.updates;
        grants += other.grants, revocations += other.revocations;
        reads += other.reads, reads_across += other.reads_across;
    }
    /// Those after which the node is killed.
    [[nodiscard]] std::uint64_t writes() const noexcept {
        return bundles + creates + updates + grants + revocations + reads_across;
    }
};

/// Of one cycle.
struct Run {
    Tally acknowledged;
    std::vector<Stored> stored;
    std::vector<Posting> in_doubt;
    std::vector<Consented> consents;
    std::vector<Hash> rows;                         ///< tags of the reads across that were acknowledged
    std::map<std::string, std::uint64_t> accesses;  ///< to a patient's record, acknowledged: each has its audit event
    std::vector<std::string> faults;                ///< what must not be answered, and was
};

}  // namespace salus::cli::torture
