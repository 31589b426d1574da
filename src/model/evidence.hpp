#pragma once

#include <string>
#include <vector>

#include "model/audit_record.hpp"
#include "model/certificate.hpp"
#include "model/contracts/audit.hpp"
#include "model/contracts/consent.hpp"
#include "model/contracts/disclosure.hpp"
#include "model/contracts/records.hpp"
#include "model/genesis.hpp"
#include "model/manifest.hpp"
#include "model/merkle_log.hpp"
#include "model/state_tree.hpp"

/// The one form in which proofs leave a node: everything in it stands under one certified block, and is checked with no
/// node at hand. Source: docs/protocol.md, "Evidence". A file of it begins with the eight bytes "SALUSEV1".
namespace salus {

inline constexpr std::size_t kValidatorChangesMax = 100'000;

/// A state value or its absence.
struct ProvenState {
    Contract contract{};
    Bytes key;
    bool present = false;
    Bytes value;
    StateProof proof;

    static constexpr std::string_view kName = "ProvenState";
    static constexpr auto kFields =
        codec::table(codec::field<1>("contract", &ProvenState::contract),
                     codec::field<2>("key", &ProvenState::key, 600), codec::field<3>("present", &ProvenState::present),
                     codec::field<4>("value", &ProvenState::value), codec::field<5>("proof", &ProvenState::proof));
    bool operator==(const ProvenState&) const = default;
};

/// A leaf in the log whose frontier is state value `log` of the same evidence.
struct ProvenLeaf {
    std::uint32_t log = 0;  ///< index into Evidence::states
    std::uint64_t index = 0;
    Hash leaf{};
    std::vector<Hash> path;

    static constexpr std::string_view kName = "ProvenLeaf";
    static constexpr auto kFields =
        codec::table(codec::field<1>("log", &ProvenLeaf::log), codec::field<2>("index", &ProvenLeaf::index),
                     codec::field<3>("leaf", &ProvenLeaf::leaf), codec::field<4>("path", &ProvenLeaf::path, 64));
    bool operator==(const ProvenLeaf&) const = default;
};

/// A resource version: its leaf opened, its bytes where they are handed along, and (state value) its nullifier's
/// absence.
struct ProvenRecord {
    std::uint32_t leaf = 0;  ///< index into Evidence::leaves
    LeafOpening opening;
    std::uint32_t superseded = 0;  ///< index into Evidence::states of the nullifier's absence or presence
    std::optional<Bytes> resource;
    std::optional<LeafChain> chain;  ///< for the patient and an auditor

    static constexpr std::string_view kName = "ProvenRecord";
    static constexpr auto kFields = codec::table(
        codec::field<1>("leaf", &ProvenRecord::leaf), codec::field<2>("opening", &ProvenRecord::opening),
        codec::field<3>("superseded", &ProvenRecord::superseded), codec::field<4>("resource", &ProvenRecord::resource),
        codec::field<5>("chain", &ProvenRecord::chain));
    bool operator==(const ProvenRecord&) const = default;
};

/// A disclosure row with what it commits to.
struct ProvenDisclosure {
    std::uint32_t row = 0;  ///< index into Evidence::states
    Manifest manifest;
    std::optional<Bytes> view_key;  ///< for the patient: shows that the tag is hers
    std::uint64_t tag_index = 0;    ///< of a late row, whose manifest names none; only with the view key

    static constexpr std::string_view kName = "ProvenDisclosure";
    static constexpr auto kFields = codec::table(codec::field<1>("row", &ProvenDisclosure::row),
                                                 codec::field<2>("manifest", &ProvenDisclosure::manifest),
                                                 codec::field<3>("view_key", &ProvenDisclosure::view_key, 32),
                                                 codec::field<4>("tag_index", &ProvenDisclosure::tag_index));
    bool operator==(const ProvenDisclosure&) const = default;
};

/// A grant with its terms. `head` and `entry` are its decision values.
struct ProvenGrant {
    std::uint32_t head = 0;
    std::uint32_t entry = 0;
    GrantTerms terms;

    static constexpr std::string_view kName = "ProvenGrant";
    static constexpr auto kFields =
        codec::table(codec::field<1>("head", &ProvenGrant::head), codec::field<2>("entry", &ProvenGrant::entry),
                     codec::field<3>("terms", &ProvenGrant::terms));
    bool operator==(const ProvenGrant&) const = default;
};

/// An earlier block, under the history_root of the certified one (or the certified one itself, with no path).
struct ProvenBlock {
    BlockHeader header;
    std::vector<Hash> path;

    static constexpr std::string_view kName = "ProvenBlock";
    static constexpr auto kFields =
        codec::table(codec::field<1>("header", &ProvenBlock::header), codec::field<2>("path", &ProvenBlock::path, 64));
    bool operator==(const ProvenBlock&) const = default;
};

/// A transaction with its receipt, in block `block` of the same evidence.
struct ProvenTransaction {
    std::uint32_t block = 0;  ///< index into Evidence::blocks
    std::uint32_t index = 0;
    Bytes transaction;
    Receipt receipt;
    std::vector<Hash> transaction_path;
    std::vector<Hash> receipt_path;

    static constexpr std::string_view kName = "ProvenTransaction";
    static constexpr auto kFields = codec::table(
        codec::field<1>("block", &ProvenTransaction::block), codec::field<2>("index", &ProvenTransaction::index),
        codec::field<3>("transaction", &ProvenTransaction::transaction, kTransactionBytesMax),
        codec::field<4>("receipt", &ProvenTransaction::receipt),
        codec::field<5>("transaction_path", &ProvenTransaction::transaction_path, 64),
        codec::field<6>("receipt_path", &ProvenTransaction::receipt_path, 64));
    bool operator==(const ProvenTransaction&) const = default;
};

/// Why an era after the first counts: the last block before it, certified under the era before, and what the state
/// after that block says of the members who signed the record.
struct ProvenEra {
    BlockHeader parent;
    Certificate certificate;
    std::vector<ProvenState> states;
    std::vector<Hash> path;  ///< of the parent's hash under the history_root of the certified block
    std::vector<CometBftCertificate> validator_changes;  ///< as Evidence's, of the era before

    static constexpr std::string_view kName = "ProvenEra";
    static constexpr auto kFields = codec::table(
        codec::field<1>("parent", &ProvenEra::parent), codec::field<2>("certificate", &ProvenEra::certificate),
        codec::field<3>("states", &ProvenEra::states, 10'000), codec::field<4>("path", &ProvenEra::path, 64),
        codec::field<5>("validator_changes", &ProvenEra::validator_changes, kValidatorChangesMax));
    bool operator==(const ProvenEra&) const = default;
};

/// An audit event, under the root of its interval, of which the leaf in the organisation's audit log was made.
struct ProvenAuditEvent {
    std::uint32_t leaf = 0;  ///< index into Evidence::leaves
    AuditRecord record;
    std::uint64_t index = 0;  ///< among the events of its interval
    std::uint64_t count = 0;  ///< of these
    std::vector<Hash> path;
    Hash events_root{};
    std::uint64_t interval = 0;
    Salt salt{};

    static constexpr std::string_view kName = "ProvenAuditEvent";
    static constexpr auto kFields = codec::table(
        codec::field<1>("leaf", &ProvenAuditEvent::leaf), codec::field<2>("record", &ProvenAuditEvent::record),
        codec::field<3>("index", &ProvenAuditEvent::index), codec::field<4>("count", &ProvenAuditEvent::count),
        codec::field<5>("path", &ProvenAuditEvent::path, 64),
        codec::field<6>("events_root", &ProvenAuditEvent::events_root),
        codec::field<7>("interval", &ProvenAuditEvent::interval), codec::field<8>("salt", &ProvenAuditEvent::salt));
    bool operator==(const ProvenAuditEvent&) const = default;
};

struct Evidence {
    std::uint32_t version = 1;
    BlockHeader header;  ///< the certified block
    Certificate certificate;
    std::vector<EraRecord>
        eras;  ///< from the genesis' to the header's; the verifier trusts the first by the network id it knows
    std::vector<ProvenState> states;
    std::vector<ProvenLeaf> leaves;
    std::vector<ProvenRecord> records;
    std::vector<ProvenDisclosure> disclosures;
    std::vector<ProvenGrant> grants;
    std::vector<ProvenBlock> blocks;
    std::vector<ProvenTransaction> transactions;
    Bytes genesis;                      ///< so that the file stands alone; its hash is the network id
    std::vector<ProvenEra> era_proofs;  ///< one for each of `eras` after the first
    std::vector<ProvenAuditEvent> audit_events;
    std::vector<CometBftCertificate> validator_changes;  ///< from the last era's record to whom `certificate` is by

    static constexpr std::string_view kName = "Evidence";
    static constexpr auto kFields = codec::table(
        codec::field<1>("version", &Evidence::version), codec::field<2>("header", &Evidence::header),
        codec::field<3>("certificate", &Evidence::certificate), codec::field<4>("eras", &Evidence::eras, 1000),
        codec::field<5>("states", &Evidence::states, 1'000'000),
        codec::field<6>("leaves", &Evidence::leaves, 1'000'000),
        codec::field<7>("records", &Evidence::records, 1'000'000),
        codec::field<8>("disclosures", &Evidence::disclosures, 1'000'000),
        codec::field<9>("grants", &Evidence::grants, 1'000'000),
        codec::field<10>("blocks", &Evidence::blocks, 1'000'000),
        codec::field<11>("transactions", &Evidence::transactions, 1'000'000),
        codec::field<12>("genesis", &Evidence::genesis), codec::field<13>("era_proofs", &Evidence::era_proofs, 1000),
        codec::field<14>("audit_events", &Evidence::audit_events, 1'000'000),
        codec::field<15>("validator_changes", &Evidence::validator_changes, kValidatorChangesMax));
    bool operator==(const Evidence&) const = default;
};

/// One thing that evidence shows, or fails to show.
struct Statement {
    bool holds = false;
    std::string text;  ///< "Observation/7f..: version 2, not declared replaced as of block 41, 2026-01-01T10:00:00Z"
};

struct Verdict {
    bool good = false;  ///< every statement holds
    std::vector<Statement> statements;
    std::string vouches;         ///< who stands behind the header
    bool by_validators = false;  ///< of CometBFT, who may have been replaced since
    Height height = 0;
    TimeMs time_ms = 0;
};

/// Checks everything in `evidence`. `network`, where given, must be the evidence's; `checkpoint`, where given, must be
/// the certified block or one that `blocks` proves.
Verdict verify_evidence(const Evidence& evidence, const std::optional<NetworkId>& network,
                        const std::optional<Checkpoint>& checkpoint);

Bytes to_evidence_file(const Evidence& evidence);
/// Errors: kMalformedEncoding
Result<Evidence> from_evidence_file(ByteView bytes);

}  // namespace salus

namespace salus {
SALUS_DECLARE_CODEC(Evidence)
}  // namespace salus
