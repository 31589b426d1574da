#pragma once

#include <string>
#include <variant>
#include <vector>

#include "model/account.hpp"
#include "model/state.hpp"

/// Governance: who is a member, and what the members decide by vote. Source: docs/protocol.md, "Governance"
namespace salus::governance {

enum class OrganisationKind : std::uint32_t {
    kHospital = 1,
    kLaboratory = 2,
    kPharmacy = 3,
    kManufacturer = 4,
    kSponsor = 5,
    kPayer = 6,
    kRegulator = 7,
    kOther = 8
};
constexpr bool is_known(OrganisationKind kind) noexcept {
    return kind >= OrganisationKind::kHospital && kind <= OrganisationKind::kOther;
}

enum class MemberStatus : std::uint32_t { kActive = 1, kSuspended = 2 };
constexpr bool is_known(MemberStatus status) noexcept {
    return status == MemberStatus::kActive || status == MemberStatus::kSuspended;
}

/// Numbered parameters; each has a floor and a ceiling in code (parameter_info).
enum class Parameter : std::uint32_t {
    kThresholdPercent = 1,  ///< of the counted members, that must approve
    kProposalLifetimeMs = 2,
    kRecoveryWaitMs = 3,  ///< in which the old key may stop a recovery
    kRecoveryWaitBlocks = 4,
    kAuditIntervalMs = 5,
    kMemberBytesPerBlock = 6,  ///< of transactions, one member's envelopes
    kRegulatorConsent = 7,     ///< 1: what touches the regulator's rights needs a regulator's vote too
    kPowerLimit = 8,           ///< 1: no organisation is voted more than its share of the validators' power
    kEngineBlockBytes = 9,     ///< of a block of CometBFT, with all that it adds
};
constexpr bool is_known(Parameter parameter) noexcept {
    return parameter >= Parameter::kThresholdPercent && parameter <= Parameter::kEngineBlockBytes;
}

struct ParameterInfo {
    Parameter parameter;
    std::string_view name;
    std::uint64_t floor;
    std::uint64_t ceiling;
    std::uint64_t initial;
};
std::span<const ParameterInfo> parameter_table() noexcept;
const ParameterInfo& parameter_info(Parameter parameter) noexcept;

/// Whether the text has the form "DE" or "US-CA". Source: ISO 3166-1 and 3166-2
bool is_jurisdiction(std::string_view text) noexcept;

// --- proposals
// ---------------------------------------------------------------------------------------------------------

/// Makes `account` a member; it then founds its account in identity.
struct Admit {
    AccountId account;
    OrganisationKind kind{};
    std::vector<std::string> licences;
    std::string jurisdiction;  ///< ISO 3166-1 alpha-2, or with a subdivision (ISO 3166-2)

    static constexpr std::string_view kName = "Admit";
    static constexpr auto kFields =
        codec::table(codec::field<1>("account", &Admit::account), codec::field<2>("kind", &Admit::kind),
                     codec::field<3>("licences", &Admit::licences, 32, 100),
                     codec::field<4>("jurisdiction", &Admit::jurisdiction, 16));
    bool operator==(const Admit&) const = default;
};
struct Suspend {
    AccountId account;
    static constexpr std::string_view kName = "Suspend";
    static constexpr auto kFields = codec::table(codec::field<1>("account", &Suspend::account));
    bool operator==(const Suspend&) const = default;
};
struct Reinstate {
    AccountId account;
    static constexpr std::string_view kName = "Reinstate";
    static constexpr auto kFields = codec::table(codec::field<1>("account", &Reinstate::account));
    bool operator==(const Reinstate&) const = default;
};
struct SetParameter {
    Parameter parameter{};
    std::uint64_t value = 0;
    static constexpr std::string_view kName = "SetParameter";
    static constexpr auto kFields = codec::table(codec::field<1>("parameter", &SetParameter::parameter),
                                                 codec::field<2>("value", &SetParameter::value));
    bool operator==(const SetParameter&) const = default;
};
/// Gives an organisation that lost its keys a new signing key, after a waiting period (identity executes it).
struct RecoverOrganisation {
    AccountId account;
    Signer new_key;
    static constexpr std::string_view kName = "RecoverOrganisation";
    static constexpr auto kFields = codec::table(codec::field<1>("account", &RecoverOrganisation::account),
                                                 codec::field<2>("new_key", &RecoverOrganisation::new_key));
    bool operator==(const RecoverOrganisation&) const = default;
};
/// Puts a policy document in force from a height (disclosure publishes it).
struct AdoptPolicy {
    std::string jurisdiction;
    std::uint64_t version = 0;
    Hash document{};  ///< SHA-256 of its bytes
    Height in_force = 0;
    static constexpr std::string_view kName = "AdoptPolicy";
    static constexpr auto kFields = codec::table(codec::field<1>("jurisdiction", &AdoptPolicy::jurisdiction, 16),
                                                 codec::field<2>("version", &AdoptPolicy::version),
                                                 codec::field<3>("document", &AdoptPolicy::document),
                                                 codec::field<4>("in_force", &AdoptPolicy::in_force));
    bool operator==(const AdoptPolicy&) const = default;
};

/// Gives a node a vote in CometBFT. Who registered the node has shown that it holds the key.
struct AddValidator {
    Signer key;  ///< of a member's node
    std::uint64_t power = 0;
    static constexpr std::string_view kName = "AddValidator";
    static constexpr auto kFields =
        codec::table(codec::field<1>("key", &AddValidator::key), codec::field<2>("power", &AddValidator::power));
    bool operator==(const AddValidator&) const = default;
};
struct SetValidatorPower {
    ValidatorId validator;
    std::uint64_t power = 0;
    static constexpr std::string_view kName = "SetValidatorPower";
    static constexpr auto kFields = codec::table(codec::field<1>("validator", &SetValidatorPower::validator),
                                                 codec::field<2>("power", &SetValidatorPower::power));
    bool operator==(const SetValidatorPower&) const = default;
};
/// Its node may follow as before.
struct RemoveValidator {
    ValidatorId validator;
    static constexpr std::string_view kName = "RemoveValidator";
    static constexpr auto kFields = codec::table(codec::field<1>("validator", &RemoveValidator::validator));
    bool operator==(const RemoveValidator&) const = default;
};

using Action = std::variant<Admit, Suspend, Reinstate, SetParameter, RecoverOrganisation, AdoptPolicy, AddValidator,
                            SetValidatorPower, RemoveValidator>;

/// What is voted on. Its hash is its id, so that a vote binds every byte.
struct Proposal {
    Action action;  ///< fields 1..9
    TimeMs expires_ms = 0;
    ByteArray<8> salt{};
    static constexpr std::string_view kName = "Proposal";
    static constexpr auto kFields =
        codec::table(codec::field<1>("action", &Proposal::action),
                     codec::field<32>("expires_ms", &Proposal::expires_ms), codec::field<33>("salt", &Proposal::salt));
    bool operator==(const Proposal&) const = default;
    /// SHA-256("salus.proposal.v1" || encoding)
    [[nodiscard]] ProposalId id() const;
};

// --- payloads
// ----------------------------------------------------------------------------------------------------------

/// Proposes, and votes for it.
struct Propose {
    Proposal proposal;
    static constexpr std::string_view kName = "Propose";
    static constexpr auto kFields = codec::table(codec::field<1>("proposal", &Propose::proposal));
};
struct Vote {
    ProposalId proposal;
    bool approve = false;
    static constexpr std::string_view kName = "Vote";
    static constexpr auto kFields =
        codec::table(codec::field<1>("proposal", &Vote::proposal), codec::field<2>("approve", &Vote::approve));
};
struct Payload {
    std::variant<Propose, Vote> action;
    static constexpr std::string_view kName = "GovernancePayload";
    static constexpr auto kFields = codec::table(codec::field<1>("action", &Payload::action));
};

// --- state
// -------------------------------------------------------------------------------------------------------------

/// Table 1, decision values by account.
struct MemberState {
    OrganisationKind kind{};
    std::vector<std::string> licences;
    std::string jurisdiction;
    MemberStatus status{};
    TimeMs suspended_ms = 0;  ///< since when, where suspended

    static constexpr std::string_view kName = "MemberState";
    static constexpr auto kFields = codec::table(
        codec::field<1>("kind", &MemberState::kind), codec::field<2>("licences", &MemberState::licences, 32, 100),
        codec::field<3>("jurisdiction", &MemberState::jurisdiction, 16),
        codec::field<4>("status", &MemberState::status), codec::field<5>("suspended_ms", &MemberState::suspended_ms));
    bool operator==(const MemberState&) const = default;
};
/// Table 2, decision values by parameter number.
struct ParameterState {
    std::uint64_t value = 0;
    static constexpr std::string_view kName = "ParameterState";
    static constexpr auto kFields = codec::table(codec::field<1>("value", &ParameterState::value));
};
enum class ProposalStatus : std::uint32_t { kOpen = 1, kPassed = 2, kRejected = 3 };
constexpr bool is_known(ProposalStatus status) noexcept {
    return status >= ProposalStatus::kOpen && status <= ProposalStatus::kRejected;
}
/// Table 3, by proposal id. A proposal that is open past its expires_ms has expired.
struct ProposalState {
    Proposal proposal;
    ProposalStatus status{};
    std::vector<AccountId> approvals;   ///< ascending
    std::vector<AccountId> rejections;  ///< ascending
    Place decided;                      ///< where it passed or was rejected
    TimeMs decided_ms = 0;
    static constexpr std::string_view kName = "ProposalState";
    static constexpr auto kFields = codec::table(
        codec::field<1>("proposal", &ProposalState::proposal), codec::field<2>("status", &ProposalState::status),
        codec::field<3>("approvals", &ProposalState::approvals, kMembersMax),
        codec::field<4>("rejections", &ProposalState::rejections, kMembersMax),
        codec::field<5>("decided", &ProposalState::decided), codec::field<6>("decided_ms", &ProposalState::decided_ms));
};
/// Table 4, one value: all members, ascending.
struct MemberList {
    std::vector<AccountId> accounts;
    static constexpr std::string_view kName = "MemberList";
    static constexpr auto kFields = codec::table(codec::field<1>("accounts", &MemberList::accounts, kMembersMax));
};

/// Table 5, by account: the newest recovery of it that has passed. Each takes the place of the one before.
struct NewestRecovery {
    ProposalId proposal;
    static constexpr std::string_view kName = "NewestRecovery";
    static constexpr auto kFields = codec::table(codec::field<1>("proposal", &NewestRecovery::proposal));
};

/// Table 6, by organisation: what it has proposed and was still open when it last proposed.
struct OpenProposals {
    std::vector<ProposalId> proposals;  ///< in the order of their making
    static constexpr std::string_view kName = "OpenProposals";
    static constexpr auto kFields =
        codec::table(codec::field<1>("proposals", &OpenProposals::proposals, kOpenProposalsMax));
};

/// One that votes in CometBFT.
struct ActiveValidator {
    Signer key;
    std::uint64_t power = 0;
    AccountId organisation;
    Height since = 0;  ///< block that made it one; 0: the genesis
    TimeMs since_ms = 0;
    static constexpr std::string_view kName = "ActiveValidator";
    static constexpr auto kFields = codec::table(
        codec::field<1>("key", &ActiveValidator::key), codec::field<2>("power", &ActiveValidator::power),
        codec::field<3>("organisation", &ActiveValidator::organisation),
        codec::field<4>("since", &ActiveValidator::since), codec::field<5>("since_ms", &ActiveValidator::since_ms));
    bool operator==(const ActiveValidator&) const = default;
};
/// Table 7, decision values of one object: who votes in CometBFT. Nobody in an embedded era that follows one of it.
struct ValidatorSet {
    Era era = 0;
    std::vector<ActiveValidator> validators;  ///< ascending by key
    static constexpr std::string_view kName = "ValidatorSet";
    static constexpr auto kFields = codec::table(codec::field<1>("era", &ValidatorSet::era),
                                                 codec::field<2>("validators", &ValidatorSet::validators, kMembersMax));
    bool operator==(const ValidatorSet&) const = default;
};

Bytes member_key(const AccountId& account);
Bytes parameter_key(Parameter parameter);
Bytes proposal_key(const ProposalId& proposal);
Bytes member_list_key();
Bytes newest_recovery_key(const AccountId& account);
Bytes open_proposals_key(const AccountId& organisation);
Bytes validator_set_key();

enum class EventKind : std::uint32_t { kProposed = 1, kVoted = 2, kPassed = 3, kRejected = 4, kValidator = 5 };

}  // namespace salus::governance

namespace salus {
SALUS_DECLARE_CODEC(governance::Proposal)
SALUS_DECLARE_CODEC(governance::Payload)
SALUS_DECLARE_CODEC(governance::MemberState)
SALUS_DECLARE_CODEC(governance::ParameterState)
SALUS_DECLARE_CODEC(governance::ProposalState)
SALUS_DECLARE_CODEC(governance::MemberList)
SALUS_DECLARE_CODEC(governance::NewestRecovery)
SALUS_DECLARE_CODEC(governance::OpenProposals)
SALUS_DECLARE_CODEC(governance::ValidatorSet)
}  // namespace salus
