#pragma once

#include <string>
#include <variant>
#include <vector>

#include "crypto/hpke.hpp"
#include "model/manifest.hpp"

/// What organisations say to one another when one reads at another. Source: docs/protocol.md, "Reading across
/// organisations"
namespace salus {

/// A handle that the patient's wallet or the custodian's desk made for this one referral.
struct ReferredPatient {
    ByteArray<16> handle{};
    static constexpr std::string_view kName = "ReferredPatient";
    static constexpr auto kFields = codec::table(codec::field<1>("handle", &ReferredPatient::handle));
    bool operator==(const ReferredPatient&) const = default;
};
/// An identifier ("system|value"), sealed to the custodian for one request of one requester. A certain match only.
struct IdentifiedPatient {
    Bytes sealed;
    static constexpr std::string_view kName = "IdentifiedPatient";
    static constexpr auto kFields = codec::table(codec::field<1>("sealed", &IdentifiedPatient::sealed, 4096));
    bool operator==(const IdentifiedPatient&) const = default;
};
struct AskedFor {
    std::variant<ReferredPatient, IdentifiedPatient> who;
    static constexpr std::string_view kName = "AskedFor";
    static constexpr auto kFields = codec::table(codec::field<1>("who", &AskedFor::who));
    bool operator==(const AskedFor&) const = default;
};

/// What sealing binds to: one request, at one custodian of one network.
struct ReadContext {
    NetworkId network_id;
    AccountId custodian;
    ByteArray<16> request_id{};
};

/// Sent by the asking organisation to the one custodian that a referral names.
struct ReadRequest {
    std::uint32_t version = 1;
    NetworkId network_id;
    ByteArray<16> request_id{};
    AccountId requester;
    AccountId custodian;
    std::optional<StaffCredential> user;
    Purpose purpose{};
    Basis basis{};
    std::string law;  ///< code, where the basis is law
    AskedFor patient;
    std::optional<GrantId> grant;        ///< of the referral
    std::vector<std::string> types;      ///< resource types; empty: all
    std::vector<std::string> instances;  ///< "Type/id"; empty: all
    TimeMs since_ms = 0;                 ///< written at or after; 0: all
    std::string reason;                  ///< why the glass is broken
    TimeMs open_ms = 0;                  ///< for how long it is to stay open; 0: as long as may be
    TimeMs asked_ms = 0;
    Signer key;
    Bytes signature;  ///< over "salus.read.v1" || encoding without signature

    static constexpr std::string_view kName = "ReadRequest";
    static constexpr auto kFields = codec::table(
        codec::field<1>("version", &ReadRequest::version), codec::field<2>("network_id", &ReadRequest::network_id),
        codec::field<3>("request_id", &ReadRequest::request_id), codec::field<4>("requester", &ReadRequest::requester),
        codec::field<5>("custodian", &ReadRequest::custodian), codec::field<6>("user", &ReadRequest::user),
        codec::field<7>("purpose", &ReadRequest::purpose), codec::field<8>("basis", &ReadRequest::basis),
        codec::field<9>("law", &ReadRequest::law, 100), codec::field<10>("patient", &ReadRequest::patient),
        codec::field<11>("grant", &ReadRequest::grant), codec::field<12>("types", &ReadRequest::types, 200, 64),
        codec::field<13>("instances", &ReadRequest::instances, 1000, 130),
        codec::field<14>("since_ms", &ReadRequest::since_ms), codec::field<15>("reason", &ReadRequest::reason, 2000),
        codec::field<16>("open_ms", &ReadRequest::open_ms), codec::field<17>("asked_ms", &ReadRequest::asked_ms),
        codec::field<18>("key", &ReadRequest::key),
        codec::field<19>("signature", &ReadRequest::signature, kSignatureBytesMax));
    bool operator==(const ReadRequest&) const = default;
    [[nodiscard]] ReadContext context() const { return {network_id, custodian, request_id}; }
    [[nodiscard]] Bytes signed_bytes() const;
};
/// A request counts for so long after it was asked, and for so long before, as clocks differ.
inline constexpr TimeMs kReadRequestMs = 120'000;

void sign_read_request(ReadRequest& request, const crypto::SigningKey& key);
/// What needs no state: version, network, custodian, age, signature. Errors: kUsage, kUnauthenticated
Status check_read_request(const ReadRequest& request, const NetworkId& network, const AccountId& custodian,
                          TimeMs now_ms);

/// A resource version as it is handed over.
struct AnsweredResource {
    LeafOpening opening;
    Bytes resource;
    std::vector<std::string> labels;
    std::optional<LeafChain> chain;  ///< for the patient only

    static constexpr std::string_view kName = "AnsweredResource";
    static constexpr auto kFields = codec::table(codec::field<1>("opening", &AnsweredResource::opening),
                                                 codec::field<2>("resource", &AnsweredResource::resource),
                                                 codec::field<3>("labels", &AnsweredResource::labels, 32, 64),
                                                 codec::field<4>("chain", &AnsweredResource::chain));
    bool operator==(const AnsweredResource&) const = default;
};

inline constexpr std::size_t kAnswerBytesMax = 24 * 1024 * 1024;

/// What is sealed to the reader: HPKE under answer_info, associated "answer".
struct ReadAnswer {
    std::uint32_t version = 1;
    ByteArray<16> request_id{};
    AccountId custodian;
    std::vector<AnsweredResource> resources;
    std::vector<std::string> obligations;  ///< duties that travel with the data

    static constexpr std::string_view kName = "ReadAnswer";
    static constexpr auto kFields = codec::table(codec::field<1>("version", &ReadAnswer::version),
                                                 codec::field<2>("request_id", &ReadAnswer::request_id),
                                                 codec::field<3>("custodian", &ReadAnswer::custodian),
                                                 codec::field<4>("resources", &ReadAnswer::resources, 100'000),
                                                 codec::field<5>("obligations", &ReadAnswer::obligations, 100, 300));
    bool operator==(const ReadAnswer&) const = default;
};

/// The custodian's word, given with an answer that left before its row: past `deadline_ms` without that row it
/// convicts.
struct IntentReceipt {
    NetworkId network_id;
    AccountId custodian;
    ByteArray<16> intent_id{};
    Hash manifest{};  ///< commitment of the manifest whose row is to follow
    Height height = 0;
    std::uint64_t policy_version = 0;
    TimeMs time_ms = 0;
    TimeMs deadline_ms = 0;
    Signer key;
    Bytes signature;  ///< over "salus.intent.v1" || encoding without signature

    static constexpr std::string_view kName = "IntentReceipt";
    static constexpr auto kFields = codec::table(
        codec::field<1>("network_id", &IntentReceipt::network_id),
        codec::field<2>("custodian", &IntentReceipt::custodian),
        codec::field<3>("intent_id", &IntentReceipt::intent_id), codec::field<4>("manifest", &IntentReceipt::manifest),
        codec::field<5>("height", &IntentReceipt::height),
        codec::field<6>("policy_version", &IntentReceipt::policy_version),
        codec::field<7>("time_ms", &IntentReceipt::time_ms),
        codec::field<8>("deadline_ms", &IntentReceipt::deadline_ms), codec::field<9>("key", &IntentReceipt::key),
        codec::field<10>("signature", &IntentReceipt::signature, kSignatureBytesMax));
    bool operator==(const IntentReceipt&) const = default;
    [[nodiscard]] Bytes signed_bytes() const;
};

/// What shows that the answer stands on the chain; sealed like the answer, associated "receipt". The manifest binds the
/// sealed answer and so cannot stand inside it.
struct ReadReceipt {
    Manifest manifest;
    std::optional<Hash> tag;              ///< of the row; nothing where it is still to be filed
    std::optional<IntentReceipt> intent;  ///< then

    static constexpr std::string_view kName = "ReadReceipt";
    static constexpr auto kFields =
        codec::table(codec::field<1>("manifest", &ReadReceipt::manifest), codec::field<2>("tag", &ReadReceipt::tag),
                     codec::field<3>("intent", &ReadReceipt::intent));
    bool operator==(const ReadReceipt&) const = default;
};

/// The body of a reading's answer. The same request id gets the same bytes.
struct ReadReply {
    Bytes answer;   ///< sealed ReadAnswer
    Bytes receipt;  ///< sealed ReadReceipt
    static constexpr std::string_view kName = "ReadReply";
    static constexpr auto kFields =
        codec::table(codec::field<1>("answer", &ReadReply::answer), codec::field<2>("receipt", &ReadReply::receipt));
    bool operator==(const ReadReply&) const = default;
};

/// The reader's word that it has the answer.
struct DeliveryReceipt {
    NetworkId network_id;
    ByteArray<16> request_id{};
    AccountId custodian;
    AccountId recipient;
    Hash answer{};  ///< SHA-256 of the sealed answer
    Signer key;
    Bytes signature;  ///< over "salus.delivery.v1" || encoding without signature

    static constexpr std::string_view kName = "DeliveryReceipt";
    static constexpr auto kFields =
        codec::table(codec::field<1>("network_id", &DeliveryReceipt::network_id),
                     codec::field<2>("request_id", &DeliveryReceipt::request_id),
                     codec::field<3>("custodian", &DeliveryReceipt::custodian),
                     codec::field<4>("recipient", &DeliveryReceipt::recipient),
                     codec::field<5>("answer", &DeliveryReceipt::answer), codec::field<6>("key", &DeliveryReceipt::key),
                     codec::field<7>("signature", &DeliveryReceipt::signature, kSignatureBytesMax));
    bool operator==(const DeliveryReceipt&) const = default;
    [[nodiscard]] Bytes signed_bytes() const;
};

/// HPKE info of what belongs to a request: "salus.answer.v1" || network id || custodian || request id.
Bytes answer_info(const ReadContext& context);

/// Seals both parts. Errors: kUsage for a bad sealing key
Result<Bytes> seal_answer(const ReadAnswer& answer, const NetworkId& network, const crypto::SealingPublicKey& reader,
                          Random& random);
Result<Bytes> seal_receipt(const ReadReceipt& receipt, const NetworkId& network, const crypto::SealingPublicKey& reader,
                           Random& random);

/// The proofs for a patient's own download (an evidence file without the resources), sealed likewise, associated
/// "evidence".
Result<Bytes> seal_evidence(ByteView file, const ReadContext& context, const crypto::SealingPublicKey& reader,
                            Random& random);
/// Errors: kCorrupt
Result<Bytes> open_evidence(ByteView sealed, const ReadContext& context, const crypto::SealingKey& reader);
/// An identifier of the patient ("system|value"), sealed to the custodian, associated "patient". Its info ends with the
/// requester: another member that got hold of it cannot ask about a patient whom it cannot name.
/// Pre: the request's network, id, requester and custodian are filled
Result<IdentifiedPatient> identify_patient(std::string_view identifier, const ReadRequest& request,
                                           const crypto::SealingPublicKey& custodian_key, Random& random);
/// Pre: the request names an IdentifiedPatient. Errors: kCorrupt
Result<std::string> open_identity(const ReadRequest& request, const crypto::SealingKey& custodian_key);

struct OpenedReply {
    ReadAnswer answer;
    ReadReceipt receipt;
};
/// Opens a reply and checks all that needs no chain: both parts are of this request and custodian, the manifest binds
/// the sealed answer and lists just its resources, each resource has its leaf's digest. Errors: kCorrupt,
/// kMalformedEncoding, kProofInvalid naming the resource
Result<OpenedReply> open_reply(const ReadReply& reply, const ReadContext& context, const crypto::SealingKey& reader);

}  // namespace salus

namespace salus {
SALUS_DECLARE_CODEC(ReadRequest)
SALUS_DECLARE_CODEC(ReadAnswer)
SALUS_DECLARE_CODEC(ReadReceipt)
SALUS_DECLARE_CODEC(ReadReply)
SALUS_DECLARE_CODEC(IntentReceipt)
SALUS_DECLARE_CODEC(DeliveryReceipt)
}  // namespace salus
