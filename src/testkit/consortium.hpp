#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "crypto/hpke.hpp"
#include "crypto/signature.hpp"
#include "model/genesis.hpp"

/// For the tests of modules above execution: a network, its transactions, and a world that executes them.
namespace salus::testkit {

/// A key that anyone can make again from its name. FOR TESTS ONLY.
crypto::SigningKey signing_key(std::string_view name);
crypto::SealingKey sealing_key(std::string_view name);
/// The first bytes of SHA-256(name): an id, hash or nonce that differs from others by its name.
Hash hash_of(std::string_view name);
template <class IdType>
IdType id_of(std::string_view name) {
    const Hash hash = hash_of(name);
    IdType id;
    std::copy_n(hash.begin(), IdType::kSize, id.bytes.begin());
    return id;
}

/// An account with its secret keys: signing_key(name), sealing_key(name).
struct Party {
    crypto::SigningKey key;
    crypto::SealingKey sealing;
    FoundingAccount account;
    [[nodiscard]] AccountId id() const { return account.id(); }
    [[nodiscard]] Sender sender() const { return {account.kind, account.id()}; }
};
Party organisation(std::string_view name);
Party owned(AccountKind kind, std::string_view name, const Party& owner);
AccountKey account_key(const crypto::SigningKey& key);

/// Two hospitals, a payer and a regulator, all in "DE" with one policy in force from the start, on one embedded
/// operator, who is of hospital A but has a key of its own.
struct Consortium {
    Party hospital_a;
    Party hospital_b;
    Party payer;
    Party regulator;
    crypto::SigningKey operator_key;
    Genesis genesis;
    Bytes genesis_bytes;
    NetworkId network;

    [[nodiscard]] std::vector<const Party*> members() const { return {&hospital_a, &hospital_b, &payer, &regulator}; }
};
inline constexpr std::string_view kJurisdiction = "DE";
inline constexpr std::uint64_t kPolicyVersion = 1;

/// `change` may alter the genesis before it is named.
Consortium make_consortium(const std::function<void(Genesis&)>& change = [](Genesis&) {});
/// One in which a recovery need not wait for long.
Consortium make_hasty_consortium();

}  // namespace salus::testkit
