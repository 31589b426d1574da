#pragma once

#include "model/evidence.hpp"

/// The inside of verify_evidence: one check for each kind of thing that evidence holds. A check gives the text of what
/// is shown, or why it is not.
namespace salus::evidence {

using Shown = Result<std::string>;

/// An organisation as people read it: its address.
inline std::string organisation(const AccountId& id) { return to_address(AccountKind::kOrganisation, id); }

class Verifier {
public:
    explicit Verifier(const Evidence& evidence) : evidence_(evidence) {}

    Verdict run(const std::optional<NetworkId>& network, const std::optional<Checkpoint>& checkpoint);

private:
    // evidence.cpp: who vouches for the header, and for what history
    Shown check_network(const std::optional<NetworkId>& network);
    Shown check_eras();
    Shown check_header();
    Shown check_checkpoint(const Checkpoint& checkpoint) const;
    Status check_later_era(std::size_t i) const;

    // evidence_ledger.cpp: what stands under the header
    Shown check_state_value(const ProvenState& state) const;
    Shown check_leaf(const ProvenLeaf& leaf) const;
    Shown check_block(const ProvenBlock& block) const;
    Shown check_transaction(const ProvenTransaction& transaction) const;
    Result<LogFrontier> log_of(const ProvenState& state) const;

    // evidence_records.cpp: what it means, opened
    Shown check_record(const ProvenRecord& record) const;
    Shown check_audit_event(const ProvenAuditEvent& event) const;
    Shown check_disclosure(const ProvenDisclosure& disclosure) const;
    Shown check_grant(const ProvenGrant& grant) const;
    Shown check_under_grant(const ProvenDisclosure& disclosure, const ProvenGrant& grant) const;
    Status check_user(const Manifest& manifest) const;
    Status check_decided(const disclosure::RowState& row, TimeMs decided_ms) const;
    /// Of a block that this evidence proves.
    [[nodiscard]] Result<TimeMs> time_of(Height height) const;
    Status check_exceptions(const Manifest& manifest, const GrantTerms& terms) const;
    /// The opening of a disclosed leaf, nullptr where this evidence has none.
    const LeafContent* opened(const DisclosedLeaf& leaf) const;
    bool certainly_falls_under(const Criteria& criteria, const Manifest& manifest, const DisclosedLeaf& leaf) const;
    bool may_fall_under(const Criteria& criteria, const Manifest& manifest, const DisclosedLeaf& leaf) const;
    Result<bool> revoked_before(const ProvenDisclosure& disclosure, const ProvenGrant& grant) const;
    bool certainly_denied(const GrantTerms& terms, const Manifest& manifest, const DisclosedLeaf& leaf) const;

    /// Those that were found good; a thing that leans on another looks here first.
    Result<const ProvenState*> proven_state(std::uint32_t index, Contract contract) const;
    Result<const ProvenLeaf*> proven_leaf(std::uint32_t index) const;
    Result<const ProvenBlock*> proven_block(std::uint32_t index) const;
    template <class Value>
    Result<Value> decode_state(const ProvenState& state) const {
        if (!state.present) return fail(ErrorCode::kProofInvalid, "the state that it names is absent");
        return codec::decode<Value>(state.value);
    }

    /// Adds what `shown` says, after the name of the thing; gives whether it holds.
    bool state_result(const std::string& what, const Shown& shown);
    template <class Thing>
    std::vector<char> check_each(const char* what, const std::vector<Thing>& things,
                                 Shown (Verifier::*check)(const Thing&) const);

    /// " as of block 41, 2026-01-01T10:00:00Z"
    [[nodiscard]] std::string as_of() const;

    const Evidence& evidence_;
    Verdict verdict_;
    std::optional<Genesis> genesis_;
    std::vector<char> good_states_;
    std::vector<char> good_leaves_;
    std::vector<char> good_blocks_;
};

/// The organisation in the key of a table that is kept by organisation.
AccountId owner_in(ByteView key);

inline tl::unexpected<Error> unproven(std::string why) { return fail(ErrorCode::kProofInvalid, std::move(why)); }

/// One state value or absence under a root.
Status check_proven_state(const ProvenState& state, const Hash& state_root);

}  // namespace salus::evidence
