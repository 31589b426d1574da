#include "model/account.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "crypto/address.hpp"
#include "crypto/hash.hpp"

namespace salus {
namespace {

constexpr std::uint32_t kSoleSuite = 1;  // X25519 for sealing, Ed25519 for TLS
constexpr std::size_t kSoleSuiteBytes = 32;

std::size_t key_bytes(const AccountKey& key) {
    if (key.use != KeyUse::kSign) return key.suite == kSoleSuite ? kSoleSuiteBytes : 0;
    const auto* info = crypto::suite_info(static_cast<crypto::SignatureSuite>(key.suite));
    return info == nullptr ? 0 : info->public_key_bytes;
}

}  // namespace

AccountId FoundingAccount::id() const {
    const Hash hash = crypto::tagged_hash("salus.account.v1", {codec::encode(*this)});
    AccountId id;
    std::copy_n(hash.begin(), id.bytes.size(), id.bytes.begin());
    return id;
}

Status check_key(const AccountKey& key) {
    const std::size_t size = key_bytes(key);
    if (size == 0) return fail(ErrorCode::kUnsupported, "a key of a suite that this version does not know");
    if (key.public_key.size() != size) return fail(ErrorCode::kMalformedEncoding, "a key of the wrong length");
    return {};
}

Status check_account(const FoundingAccount& account) {
    if (account.kind == AccountKind::kGrant) return fail(ErrorCode::kMalformedEncoding, "a grant is not founded");
    if (account.name.empty()) return fail(ErrorCode::kMalformedEncoding, "an account without a name");
    if ((account.kind == AccountKind::kOrganisation) == account.owner.has_value())
        return fail(ErrorCode::kMalformedEncoding, "nodes and devices have an owner, organisations have none");
    bool signs = false;
    for (std::size_t i = 0; i < account.keys.size(); ++i) {
        SALUS_TRY_STATUS(check_key(account.keys[i]));
        signs = signs || account.keys[i].use == KeyUse::kSign;
        for (std::size_t j = 0; j < i; ++j)
            if (account.keys[i].public_key == account.keys[j].public_key)
                return fail(ErrorCode::kMalformedEncoding, "a key stands twice: each has one use");
    }
    if (!signs) return fail(ErrorCode::kMalformedEncoding, "an account without a signing key");
    return {};
}

std::string_view address_prefix(AccountKind kind) noexcept {
    switch (kind) {
        case AccountKind::kOrganisation:
            return "salusorg";
        case AccountKind::kNode:
            return "salusnode";
        case AccountKind::kDevice:
            return "salusdev";
        case AccountKind::kGrant:
            return "salusgrant";
    }
    return {};
}

std::string to_address(AccountKind kind, const AccountId& id) { return crypto::to_bech32m(address_prefix(kind), id); }

Result<AccountId> account_from_address(AccountKind kind, std::string_view text) {
    SALUS_TRY(const Bytes data, crypto::from_bech32m(address_prefix(kind), text));
    AccountId id;
    if (data.size() != id.bytes.size()) return fail(ErrorCode::kUsage, "an address holds 16 bytes");
    std::copy(data.begin(), data.end(), id.bytes.begin());
    return id;
}

}  // namespace salus
