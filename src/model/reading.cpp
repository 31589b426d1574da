#include "model/reading.hpp"

#include "crypto/hash.hpp"

namespace salus {
namespace {

template <class Message>
Bytes bytes_to_sign(std::string_view tag, Message message) {
    message.signature.clear();
    Bytes out = to_bytes(tag);
    append(out, codec::encode(message));
    return out;
}

constexpr std::string_view kAnswer = "answer";
constexpr std::string_view kReceipt = "receipt";
constexpr std::string_view kEvidence = "evidence";
constexpr std::string_view kPatient = "patient";

Bytes identity_info(const ReadRequest& request) {
    Bytes info = answer_info(request.context());
    append(info, request.requester);
    return info;
}

/// That the manifest lists what the answer holds, and that each resource is what its leaf says.
Status check_resources(const ReadAnswer& answer, const Manifest& manifest) {
    if (answer.resources.size() != manifest.leaves.size())
        return fail(ErrorCode::kProofInvalid, "the manifest lists another number of resources");
    for (std::size_t i = 0; i < answer.resources.size(); ++i) {
        const AnsweredResource& resource = answer.resources[i];
        const LeafContent& content = resource.opening.content;
        const std::string name = content.type + "/" + content.id;
        if (resource.opening.leaf() != manifest.leaves[i].leaf || resource.opening.index != manifest.leaves[i].index)
            return fail(ErrorCode::kProofInvalid, name + " is not the leaf that the manifest lists");
        if (content.custodian != manifest.custodian)
            return fail(ErrorCode::kProofInvalid, name + " is another custodian's");
        if (content.digest_suite != kDigestSha256 || crypto::sha256(resource.resource) != content.digest)
            return fail(ErrorCode::kProofInvalid, name + " does not have its leaf's digest");
        if (resource.chain && resource.chain->hash() != resource.opening.chain)
            return fail(ErrorCode::kProofInvalid, name + " does not stand where it says in the chain");
    }
    return {};
}

}  // namespace

Bytes ReadRequest::signed_bytes() const { return bytes_to_sign("salus.read.v1", *this); }
Bytes IntentReceipt::signed_bytes() const { return bytes_to_sign("salus.intent.v1", *this); }
Bytes DeliveryReceipt::signed_bytes() const { return bytes_to_sign("salus.delivery.v1", *this); }

void sign_read_request(ReadRequest& request, const crypto::SigningKey& key) {
    request.key = Signer::of(key.public_key());
    request.signature = key.sign(request.signed_bytes());
}

Status check_read_request(const ReadRequest& request, const NetworkId& network, const AccountId& custodian,
                          TimeMs now_ms) {
    if (request.version != 1) return fail(ErrorCode::kUsage, "the request's version is not known");
    if (request.network_id != network) return fail(ErrorCode::kUsage, "the request is of another network");
    if (request.custodian != custodian) return fail(ErrorCode::kUsage, "the request is for another custodian");
    if (request.asked_ms > now_ms + kReadRequestMs || request.asked_ms + kReadRequestMs <= now_ms)
        return fail(ErrorCode::kUsage, "the request is too old, or from the future: sign it anew");
    if (!crypto::verify(request.key.key(), request.signed_bytes(), request.signature))
        return fail(ErrorCode::kUnauthenticated, "the request's signature is not good");
    return {};
}

Bytes answer_info(const ReadContext& context) {
    Bytes info = to_bytes("salus.answer.v1");
    append(info, context.network_id);
    append(info, context.custodian);
    append(info, context.request_id);
    return info;
}

Result<Bytes> seal_answer(const ReadAnswer& answer, const NetworkId& network, const crypto::SealingPublicKey& reader,
                          Random& random) {
    return crypto::hpke_seal(reader, answer_info({network, answer.custodian, answer.request_id}), as_bytes(kAnswer),
                             codec::encode(answer), random);
}

Result<Bytes> seal_receipt(const ReadReceipt& receipt, const NetworkId& network, const crypto::SealingPublicKey& reader,
                           Random& random) {
    const Manifest& manifest = receipt.manifest;
    return crypto::hpke_seal(reader, answer_info({network, manifest.custodian, manifest.request_id}),
                             as_bytes(kReceipt), codec::encode(receipt), random);
}

Result<Bytes> seal_evidence(ByteView file, const ReadContext& context, const crypto::SealingPublicKey& reader,
                            Random& random) {
    return crypto::hpke_seal(reader, answer_info(context), as_bytes(kEvidence), file, random);
}

Result<Bytes> open_evidence(ByteView sealed, const ReadContext& context, const crypto::SealingKey& reader) {
    return crypto::hpke_open(reader, answer_info(context), as_bytes(kEvidence), sealed);
}

Result<IdentifiedPatient> identify_patient(std::string_view identifier, const ReadRequest& request,
                                           const crypto::SealingPublicKey& custodian_key, Random& random) {
    IdentifiedPatient out;
    SALUS_TRY(out.sealed, crypto::hpke_seal(custodian_key, identity_info(request), as_bytes(kPatient),
                                            as_bytes(identifier), random));
    return out;
}

Result<std::string> open_identity(const ReadRequest& request, const crypto::SealingKey& custodian_key) {
    SALUS_TRY(const Bytes opened, crypto::hpke_open(custodian_key, identity_info(request), as_bytes(kPatient),
                                                    std::get<IdentifiedPatient>(request.patient.who).sealed));
    return std::string(as_text(opened));
}

Result<OpenedReply> open_reply(const ReadReply& reply, const ReadContext& context, const crypto::SealingKey& reader) {
    const Bytes info = answer_info(context);
    SALUS_TRY(const Bytes answer_bytes, crypto::hpke_open(reader, info, as_bytes(kAnswer), reply.answer));
    SALUS_TRY(const Bytes receipt_bytes, crypto::hpke_open(reader, info, as_bytes(kReceipt), reply.receipt));
    OpenedReply opened;
    SALUS_TRY(opened.answer, codec::decode<ReadAnswer>(answer_bytes));
    SALUS_TRY(opened.receipt, codec::decode<ReadReceipt>(receipt_bytes));
    const Manifest& manifest = opened.receipt.manifest;
    if (opened.answer.request_id != context.request_id || manifest.request_id != context.request_id ||
        opened.answer.custodian != context.custodian || manifest.custodian != context.custodian)
        return fail(ErrorCode::kProofInvalid, "the answer is to another request");
    if (crypto::sha256(reply.answer) != manifest.answer)
        return fail(ErrorCode::kProofInvalid, "the manifest binds another answer");
    SALUS_TRY_STATUS(check_resources(opened.answer, manifest));
    return opened;
}

}  // namespace salus

namespace salus {
SALUS_DEFINE_CODEC(ReadRequest)
SALUS_DEFINE_CODEC(ReadAnswer)
SALUS_DEFINE_CODEC(ReadReceipt)
SALUS_DEFINE_CODEC(ReadReply)
SALUS_DEFINE_CODEC(IntentReceipt)
SALUS_DEFINE_CODEC(DeliveryReceipt)
}  // namespace salus
