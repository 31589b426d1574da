#pragma once

#include <map>

#include "application/fhir/conditions.hpp"
#include "application/fhir/writes.hpp"

namespace salus::application {

/// Turns the entries of one Bundle into versions to be stored. One use; the caller holds the claims of what it judges.
class EntryPlanner {
public:
    EntryPlanner(const FhirParts& parts, const Caller& caller, const Bundle& bundle)
        : parts_(parts),
          caller_(caller),
          bundle_(bundle),
          now_ms_(parts.ledger.decision_time_ms()),
          stored_(bundle.entries.size()) {}

    /// Looks for what the If-None-Exist of `entries` name, and gives ids; a status for each of them.
    /// Errors: kFhirMultipleMatches, kFhirBundle (two entries would be created under one condition), kForbidden (what
    /// matches is hidden from the caller: neither found nor made a second time), those of the vault
    std::vector<Status> assign(std::span<const std::size_t> entries);
    /// Adds entry i to `write`, unless it stands already or changes nothing. Pre: was assigned; comes in storing_order
    /// Errors: kFhirOwner, kFhirReference, kFhirVersion, kNotFound, ...
    Status plan(std::size_t i, Write& write);
    /// Keys of the patients that the write registers, before the vault knows of them.
    Status register_subjects(const Write& write) const;

    /// What will be answered once the write stands.
    [[nodiscard]] const std::vector<Stored>& stored() const noexcept { return stored_; }

private:
    using Condition = std::pair<std::string, std::string>;  ///< type, query

    Result<Match> look_up(const std::string& type, const std::string& condition);
    Result<std::string> resolve(const Reference& reference);
    Result<SubjectId> owner(const BundleEntry& entry, const std::string& id, std::span<const Replacement> replacements,
                            Write& write);
    Result<SubjectId> subject_of(const Reference& reference, bool whatever);
    Status update(std::size_t i, SubjectId subject, std::span<const Replacement> replacements, Write& write);
    void add(std::size_t i, const SubjectId& subject, std::uint64_t version, std::span<const Replacement> replacements,
             Write& write);

    const FhirParts& parts_;
    const Caller& caller_;
    const Bundle& bundle_;
    const TimeMs now_ms_;
    Assignment assignment_;
    std::vector<std::optional<StoredVersion>> found_;  ///< by If-None-Exist
    std::map<Condition, Match> seen_;                  ///< a bundle names few practitioners, often
    std::map<std::string, SubjectId> owners_;          ///< "Type/id" of what this Bundle stores
    std::vector<Stored> stored_;
};

}  // namespace salus::application
