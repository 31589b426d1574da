#pragma once

#include <string>
#include <variant>
#include <vector>

#include "model/block.hpp"

namespace salus {

enum class EngineKind : std::uint32_t { kEmbedded = 1, kCometBft = 2 };
constexpr bool is_known(EngineKind kind) noexcept {
    return kind == EngineKind::kEmbedded || kind == EngineKind::kCometBft;
}

/// One operator vouches: its signature over "salus.certificate.v1" || network_id || u64 era || u64 height || block
/// hash.
struct OperatorCertificate {
    Signer operator_key;
    Bytes signature;

    static constexpr std::string_view kName = "OperatorCertificate";
    static constexpr auto kFields =
        codec::table(codec::field<1>("operator_key", &OperatorCertificate::operator_key),
                     codec::field<2>("signature", &OperatorCertificate::signature, kSignatureBytesMax));
    bool operator==(const OperatorCertificate&) const = default;
};

/// More than two thirds of a validator set vouch. The three are CometBFT's own encodings (docs/protocol.md,
/// "Certificate").
struct CometBftCertificate {
    Bytes header;
    Bytes commit;
    Bytes validators;

    static constexpr std::string_view kName = "CometBftCertificate";
    static constexpr auto kFields =
        codec::table(codec::field<1>("header", &CometBftCertificate::header, 64 * 1024),
                     codec::field<2>("commit", &CometBftCertificate::commit, 1024 * 1024),
                     codec::field<3>("validators", &CometBftCertificate::validators, 1024 * 1024));
    bool operator==(const CometBftCertificate&) const = default;
};

/// Who vouches for a block. Never hashed, never compared between nodes; arrives after the block.
struct Certificate {
    std::variant<OperatorCertificate, CometBftCertificate> by;

    static constexpr std::string_view kName = "Certificate";
    static constexpr auto kFields = codec::table(codec::field<1>("by", &Certificate::by));
    bool operator==(const Certificate&) const = default;
};

/// The highest block that somebody has seen, with who vouched for it.
struct Checkpoint {
    NetworkId network_id;
    Era era = 0;
    Height height = 0;
    Hash block_hash{};
    Certificate certificate;

    static constexpr std::string_view kName = "Checkpoint";
    static constexpr auto kFields = codec::table(
        codec::field<1>("network_id", &Checkpoint::network_id), codec::field<2>("era", &Checkpoint::era),
        codec::field<3>("height", &Checkpoint::height), codec::field<4>("block_hash", &Checkpoint::block_hash),
        codec::field<5>("certificate", &Checkpoint::certificate));
    bool operator==(const Checkpoint&) const = default;
};

/// A member's signature under an era record: over "salus.erasig.v1" || SHA-256 of the record without its signatures.
struct MemberSignature {
    AccountId member;
    Signer key;
    Bytes signature;

    static constexpr std::string_view kName = "MemberSignature";
    static constexpr auto kFields =
        codec::table(codec::field<1>("member", &MemberSignature::member), codec::field<2>("key", &MemberSignature::key),
                     codec::field<3>("signature", &MemberSignature::signature, kSignatureBytesMax));
    bool operator==(const MemberSignature&) const = default;
};

struct Validator {
    Signer key;
    std::uint64_t power = 0;
    AccountId organisation;

    static constexpr std::string_view kName = "Validator";
    static constexpr auto kFields =
        codec::table(codec::field<1>("key", &Validator::key), codec::field<2>("power", &Validator::power),
                     codec::field<3>("organisation", &Validator::organisation));
    bool operator==(const Validator&) const = default;
};

/// Under which engine, and whose certificates, a stretch of the one history was made. The first stands in the genesis.
struct EraRecord {
    Era era = 1;
    Height first_height = 1;
    Hash parent_hash{};  ///< of the first era: 32 zeros, as the network id is not known yet
    EngineKind engine{};
    std::string chain_id;               ///< CometBFT's; empty embedded
    std::vector<Validator> validators;  ///< embedded: the operator alone
    std::string reason;
    std::vector<MemberSignature> signatures;

    static constexpr std::string_view kName = "EraRecord";
    static constexpr auto kFields = codec::table(
        codec::field<1>("era", &EraRecord::era), codec::field<2>("first_height", &EraRecord::first_height),
        codec::field<3>("parent_hash", &EraRecord::parent_hash), codec::field<4>("engine", &EraRecord::engine),
        codec::field<5>("chain_id", &EraRecord::chain_id, 50),
        codec::field<6>("validators", &EraRecord::validators, kMembersMax),
        codec::field<7>("reason", &EraRecord::reason, 1000),
        codec::field<8>("signatures", &EraRecord::signatures, kMembersMax));
    bool operator==(const EraRecord&) const = default;
    /// SHA-256("salus.era.v1" || encoding without signatures)
    [[nodiscard]] Hash hash() const;
};

/// What members sign: "salus.erasig.v1" || the record's hash.
Bytes era_signed_bytes(const Hash& record);
Bytes certificate_signed_bytes(const NetworkId& network, Era era, Height height, const Hash& block_hash);
Certificate certify(const BlockHeader& header, const crypto::SigningKey& operator_key);

/// Who vouched, in words for people: "one operator, ed25519 1f2e..".
std::string who_vouches(const Certificate& certificate);

/// Whether `certificate` vouches for this block under `era`.
/// Errors: kCertificateInvalid, naming why
Status check_certificate(const Certificate& certificate, const BlockHeader& header, const EraRecord& era);

/// First 20 bytes of SHA-256(public key).
ValidatorId validator_id(const Signer& key);

}  // namespace salus

namespace salus {
SALUS_DECLARE_CODEC(Certificate)
SALUS_DECLARE_CODEC(Checkpoint)
SALUS_DECLARE_CODEC(EraRecord)
}  // namespace salus
