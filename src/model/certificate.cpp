#include "model/certificate.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "crypto/hash.hpp"
#include "model/era_certificates.hpp"

namespace salus {

Hash EraRecord::hash() const {
    EraRecord unsigned_record = *this;
    unsigned_record.signatures.clear();
    return crypto::tagged_hash("salus.era.v1", {codec::encode(unsigned_record)});
}

Bytes era_signed_bytes(const Hash& record) {
    Bytes out = to_bytes("salus.erasig.v1");
    append(out, record);
    return out;
}

Bytes certificate_signed_bytes(const NetworkId& network, Era era, Height height, const Hash& block_hash) {
    Bytes out = to_bytes("salus.certificate.v1");
    append(out, network);
    append(out, big_endian(era));
    append(out, big_endian(height));
    append(out, block_hash);
    return out;
}

Certificate certify(const BlockHeader& header, const crypto::SigningKey& operator_key) {
    const Bytes message = certificate_signed_bytes(header.network_id, header.era, header.height, header.hash());
    return {OperatorCertificate{Signer::of(operator_key.public_key()), operator_key.sign(message)}};
}

std::string who_vouches(const Certificate& certificate) {
    const auto* by_operator = std::get_if<OperatorCertificate>(&certificate.by);
    if (by_operator == nullptr) return cometbft::who_voted(std::get<CometBftCertificate>(certificate.by));
    const auto& key = by_operator->operator_key;
    const auto* suite = crypto::suite_info(key.suite);
    return "one operator, " + std::string(suite == nullptr ? "unknown suite" : suite->name) + " " +
           to_hex(ByteView(key.public_key).first(std::min<std::size_t>(8, key.public_key.size()))) + "..";
}

Status check_certificate(const Certificate& certificate, const BlockHeader& header, const EraRecord& era) {
    return EraCertificates(era).check(certificate, header);
}

ValidatorId validator_id(const Signer& key) {
    const Hash hash = crypto::sha256(key.public_key);
    ValidatorId id;
    std::copy_n(hash.begin(), id.bytes.size(), id.bytes.begin());
    return id;
}

}  // namespace salus

namespace salus {
SALUS_DEFINE_CODEC(Certificate)
SALUS_DEFINE_CODEC(Checkpoint)
SALUS_DEFINE_CODEC(EraRecord)
}  // namespace salus
