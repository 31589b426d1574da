#pragma once

#include <optional>
#include <span>

#include "model/cometbft/trust.hpp"

namespace salus {

/// Checks certificates of one era, each by what those before it made known: in an era of CometBFT each good one, and
/// each change of validators, says who may vouch for what follows.
class EraCertificates {
public:
    explicit EraCertificates(EraRecord era) : era_(std::move(era)) {}

    [[nodiscard]] const EraRecord& era() const noexcept { return era_; }

    /// A change of validators, whichever block it is of. Errors: kCertificateInvalid, naming why
    Status follow(const CometBftCertificate& change);
    /// The same, unchecked: what this node has found to follow before. Errors: kCertificateInvalid where it has not the
    /// form of one
    Status resume(const CometBftCertificate& change);
    /// Names who is trusted now, and who was announced: another after each change. Embedded: zeros. Errors: as follow
    Result<Hash> validators();
    /// Whether `certificate` vouches for this block. Pre: not below a block that was checked before
    /// Errors: kCertificateInvalid, naming why
    Status check(const Certificate& certificate, const BlockHeader& header);

private:
    Status check_operator(const OperatorCertificate& certificate, const BlockHeader& header) const;
    /// Errors: kCertificateInvalid where the record names validators that CometBFT does not take
    Result<cometbft::ValidatorTrust*> trust();

    EraRecord era_;
    std::optional<cometbft::ValidatorTrust> trust_;
};

/// Whether `certificate` vouches for this block under `era`, after `validator_changes`, which follow one from another.
/// Errors: kCertificateInvalid, naming why
Status check_certificate(const Certificate& certificate, const BlockHeader& header, const EraRecord& era,
                         std::span<const CometBftCertificate> validator_changes);

}  // namespace salus
