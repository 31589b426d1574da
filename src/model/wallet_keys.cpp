#include "model/wallet_keys.hpp"

#include "crypto/kdf.hpp"

namespace salus {
namespace {

crypto::Key256 derive(const crypto::Key256& entropy, std::string_view what, const NetworkId& network,
                      const AccountId& custodian, ByteView more = {}) {
    Bytes info = to_bytes(what);
    append(info, network);
    append(info, custodian);
    append(info, more);
    return crypto::hkdf_key(entropy.expose(), {}, info);
}

}  // namespace

crypto::SigningKey wallet_login_key(const crypto::Key256& entropy, const NetworkId& network,
                                    const AccountId& custodian) {
    return crypto::SigningKey::from_seed(derive(entropy, "salus.wallet.login.v1", network, custodian));
}

crypto::SigningKey wallet_control_key(const crypto::Key256& entropy, const NetworkId& network,
                                      const AccountId& custodian, std::uint32_t i) {
    return crypto::SigningKey::from_seed(derive(entropy, "salus.wallet.grant.v1", network, custodian, big_endian(i)));
}

crypto::SealingKey wallet_sealing_key(const crypto::Key256& entropy, const NetworkId& network,
                                      const AccountId& custodian) {
    return crypto::SealingKey::from_seed(derive(entropy, "salus.wallet.seal.v1", network, custodian));
}

}  // namespace salus
