#pragma once

#include <memory>

#include "base/result.hpp"
#include "cli/torture/history.hpp"
#include "cli/torture/stand.hpp"
#include "model/contracts/consent.hpp"

namespace salus::cli::torture {

/// What a node that runs says of itself: all that the Judge knows.
class Witness {
public:
    virtual ~Witness() = default;

    /// A resource that a search by identifiers found.
    struct Match {
        std::string reference;
        std::string identifier;
        bool operator==(const Match&) const = default;
    };
    virtual Result<std::vector<Match>> search(std::string_view type, const std::vector<std::string>& identifiers) = 0;

    /// The newest version of a resource, and the number that its body says, a patient's own version.
    struct Version {
        std::uint64_t number = 0;
        std::uint64_t said = 0;
    };
    /// Nothing where there is no such resource.
    virtual Result<std::optional<Version>> read(const std::string& reference) = 0;
    /// The numbers of all its versions, newest first.
    virtual Result<std::vector<std::uint64_t>> history(const std::string& reference) = 0;
    /// Sends a posting once more, under the same request id. Returns the references that are answered.
    virtual Result<std::vector<std::string>> repeat(const Posting& posting) = 0;

    struct Consent {
        GrantId grant;
        bool active = false;  ///< as the house sees it
    };
    virtual Result<std::vector<Consent>> consents(const std::string& patient) = 0;
    /// As the chain has it.
    virtual Result<std::optional<consent::GrantStatus>> on_chain(const GrantId& grant) = 0;
    /// Whether the custodian's disclosure row of that tag stands on the chain.
    virtual Result<bool> row_stands(const Hash& tag) = 0;
    /// The audit events of a patient's record, the one of this question among them.
    virtual Result<std::uint64_t> events(const std::string& patient) = 0;
};

/// Over HTTP. Pre: `door` outlives it
Result<std::unique_ptr<Witness>> node_witness(const Door& door);

}  // namespace salus::cli::torture
