#pragma once

#include "base/strong_types.hpp"
#include "crypto/hpke.hpp"
#include "crypto/signature.hpp"

/// The keys of a wallet, all from its 32 bytes of entropy (the 24 words) by HKDF-SHA256 under an `info` of its own: no
/// key is used at two custodians, or on two networks. Source: docs/protocol.md, "Wallet"
namespace salus {

/// Logs in at `custodian`. info = "salus.wallet.login.v1" || network id || custodian
crypto::SigningKey wallet_login_key(const crypto::Key256& entropy, const NetworkId& network,
                                    const AccountId& custodian);
/// Controls grant `i` at `custodian`, from 0. info = "salus.wallet.grant.v1" || network id || custodian || u32 i
crypto::SigningKey wallet_control_key(const crypto::Key256& entropy, const NetworkId& network,
                                      const AccountId& custodian, std::uint32_t i);
/// To it `custodian` seals. info = "salus.wallet.seal.v1" || network id || custodian
crypto::SealingKey wallet_sealing_key(const crypto::Key256& entropy, const NetworkId& network,
                                      const AccountId& custodian);

}  // namespace salus
