#pragma once

#include <map>

#include "model/certificate.hpp"
#include "model/cometbft/messages.hpp"

/// Which validators may vouch in an era of CometBFT. Source: docs/protocol.md, "Certificate"
namespace salus::cometbft {

/// CometBFT's own bound of a set's power: int64's maximum divided by 8.
inline constexpr std::uint64_t kTotalPowerMax = (std::uint64_t{1} << 60) - 1;

/// The set that was trusted last, followed from the one that the era's record names, by the rules of CometBFT's light
/// client, but for its trusting period: a file may be of any age.
class ValidatorTrust {
public:
    /// Errors: kCertificateInvalid for a set that CometBFT does not take
    static Result<ValidatorTrust> in(const EraRecord& era);

    /// Whether more than two thirds of its own set vouch for the certificate's header, and the trusted set leads to
    /// that: by its word (NextValidatorsHash) to the next height, to a later one by more than one third of its power.
    /// From then on that set is trusted. Errors: kCertificateInvalid, naming why; then nothing has changed
    Status follow(const CometBftCertificate& certificate);
    /// The same, and whether the header carries `app_hash`: the application's state is what is vouched for.
    Status follow(const CometBftCertificate& certificate, const Hash& app_hash);
    /// Trusts the certificate's set unchecked: this node has followed it before. Errors: kCertificateInvalid
    Status resume(const CometBftCertificate& certificate);

    /// SHA-256 of the trusted set's hash and of the announced one.
    [[nodiscard]] Hash validators() const;

private:
    using Powers = std::map<ByteArray<32>, std::uint64_t>;

    Status accept(const CometBftCertificate& certificate, const Hash* app_hash);
    void adopt(const Header& header, const ValidatorSet& set, Powers powers);

    std::string chain_id_;
    std::uint64_t height_ = 0;  ///< CometBFT's; the record counts as below the first
    Powers powers_;
    Hash validators_hash_{};
    std::uint64_t total_power_ = 0;
    Bytes next_validators_hash_;
};

/// The certificate of these, as Salus carries it: a vote whose signature is not good by our strict rule is absent, as
/// CometBFT takes some that we do not, and what means nothing here is left out.
CometBftCertificate make_certificate(const Header& header, Commit commit, ValidatorSet validators);

/// In words for people: "3 of 4 validators with 30 of the power of 40: 1f2e3d4c.., ..".
/// Pre: the certificate was found good
std::string who_voted(const CometBftCertificate& certificate);

}  // namespace salus::cometbft
