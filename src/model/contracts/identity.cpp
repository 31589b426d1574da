#include "model/contracts/identity.hpp"

#include <algorithm>

namespace salus::identity {

bool AccountState::has_signing_key(const Signer& key) const {
    return std::ranges::any_of(keys, [&](const AccountKey& own) {
        return own.use == KeyUse::kSign && own.suite == static_cast<std::uint32_t>(key.suite) &&
               own.public_key == key.public_key;
    });
}

const AccountKey* AccountState::key_for(KeyUse use) const {
    const auto found = std::ranges::find(keys, use, &AccountKey::use);
    return found == keys.end() ? nullptr : &*found;
}

}  // namespace salus::identity

namespace salus {
SALUS_DEFINE_CODEC(identity::Payload)
SALUS_DEFINE_CODEC(identity::AccountState)
SALUS_DEFINE_CODEC(identity::KeyOwner)
SALUS_DEFINE_CODEC(identity::RecoveryState)
SALUS_DEFINE_CODEC(identity::NodeKey)
}  // namespace salus
