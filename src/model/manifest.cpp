#include "model/manifest.hpp"

#include <algorithm>
#include <array>

#include "crypto/hash.hpp"

namespace salus {
namespace {

constexpr auto kBasisNames =
    std::to_array<std::string_view>({"grant", "treatment", "operations", "law", "emergency", "patient"});

}  // namespace

std::string_view basis_name(Basis basis) noexcept {
    return is_known(basis) ? kBasisNames[static_cast<std::size_t>(basis) - 1] : std::string_view{};
}

std::optional<Basis> basis_from_name(std::string_view name) noexcept {
    const auto* found = std::ranges::find(kBasisNames, name);
    if (found == kBasisNames.end()) return std::nullopt;
    return static_cast<Basis>(found - kBasisNames.begin() + 1);
}

Bytes StaffCredential::signed_bytes(const NetworkId& network) const {
    StaffCredential unsigned_credential = *this;
    unsigned_credential.signature.clear();
    Bytes out = to_bytes("salus.staff.v1");
    append(out, network);
    append(out, codec::encode(unsigned_credential));
    return out;
}

Hash Manifest::commitment() const { return crypto::tagged_hash("salus.manifest.v1", {codec::encode(*this)}); }

Hash BreakGlassTerms::commitment() const { return crypto::tagged_hash("salus.breakglass.v1", {codec::encode(*this)}); }

}  // namespace salus

namespace salus {
SALUS_DEFINE_CODEC(Manifest)
SALUS_DEFINE_CODEC(StaffCredential)
SALUS_DEFINE_CODEC(BreakGlassTerms)
}  // namespace salus
