#include "model/era_certificates.hpp"

namespace salus {
namespace {

Status not_vouched(std::string why) { return fail(ErrorCode::kCertificateInvalid, std::move(why)); }

}  // namespace

Result<cometbft::ValidatorTrust*> EraCertificates::trust() {
    if (!trust_) {
        SALUS_TRY(trust_, cometbft::ValidatorTrust::in(era_));
    }
    return &*trust_;
}

Status EraCertificates::follow(const CometBftCertificate& change) {
    if (era_.engine != EngineKind::kCometBft) return not_vouched("validators change in an era of CometBFT only");
    SALUS_TRY(auto* trusted, trust());
    if (const auto status = trusted->follow(change); !status)
        return not_vouched("a change of validators: " + status.error().message);
    return {};
}

Status EraCertificates::resume(const CometBftCertificate& change) {
    SALUS_TRY(auto* trusted, trust());
    return trusted->resume(change);
}

Result<Hash> EraCertificates::validators() {
    if (era_.engine == EngineKind::kEmbedded) return Hash{};
    SALUS_TRY(const auto* trusted, trust());
    return trusted->validators();
}

Status EraCertificates::check(const Certificate& certificate, const BlockHeader& header) {
    if (header.era != era_.era)
        return not_vouched("block " + std::to_string(header.height) + " is of era " + std::to_string(header.era) +
                           ", not of era " + std::to_string(era_.era));
    if (header.height < era_.first_height) return not_vouched("the block lies before its era");
    const auto* by_operator = std::get_if<OperatorCertificate>(&certificate.by);
    if ((by_operator != nullptr) != (era_.engine == EngineKind::kEmbedded))
        return not_vouched("the certificate is of another engine than the era");
    if (by_operator != nullptr) return check_operator(*by_operator, header);
    SALUS_TRY(auto* trusted, trust());
    const auto status = trusted->follow(std::get<CometBftCertificate>(certificate.by), header.hash());
    if (!status)
        return not_vouched("the certificate of block " + std::to_string(header.height) + ": " + status.error().message);
    return {};
}

Status EraCertificates::check_operator(const OperatorCertificate& certificate, const BlockHeader& header) const {
    if (era_.validators.size() != 1 || era_.validators.front().key != certificate.operator_key)
        return not_vouched("the certificate is by another key than the era's operator");
    const Bytes message = certificate_signed_bytes(header.network_id, header.era, header.height, header.hash());
    if (!crypto::verify(certificate.operator_key.key(), message, certificate.signature))
        return not_vouched("the operator's signature under block " + std::to_string(header.height) +
                           " does not verify");
    return {};
}

Status check_certificate(const Certificate& certificate, const BlockHeader& header, const EraRecord& era,
                         std::span<const CometBftCertificate> validator_changes) {
    EraCertificates certificates(era);
    for (const CometBftCertificate& change : validator_changes) SALUS_TRY_STATUS(certificates.follow(change));
    return certificates.check(certificate, header);
}

}  // namespace salus
