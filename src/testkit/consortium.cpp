#include "testkit/consortium.hpp"

#include "crypto/hash.hpp"

namespace salus::testkit {
namespace {

crypto::Key256 seed(std::string_view use, std::string_view name) {
    return crypto::Key256(crypto::tagged_hash("salus.testkit.v1", {as_bytes(use), as_bytes(name)}));
}

GenesisMember member(const Party& party, governance::OrganisationKind kind) {
    return {party.account, {party.id(), kind, {"licence of " + party.account.name}, std::string(kJurisdiction)}};
}

}  // namespace

crypto::SigningKey signing_key(std::string_view name) { return crypto::SigningKey::from_seed(seed("sign", name)); }

crypto::SealingKey sealing_key(std::string_view name) { return crypto::SealingKey::from_seed(seed("seal", name)); }

Hash hash_of(std::string_view name) { return crypto::sha256(as_bytes(name)); }

AccountKey account_key(const crypto::SigningKey& key) {
    return {KeyUse::kSign, static_cast<std::uint32_t>(key.public_key().suite), key.public_key().bytes};
}

Party organisation(std::string_view name) {
    auto key = signing_key(name);
    auto sealing = sealing_key(name);
    FoundingAccount account{AccountKind::kOrganisation,
                            std::string(name),
                            std::nullopt,
                            {account_key(key), {KeyUse::kSeal, 1, to_bytes(ByteView(sealing.public_key()))}}};
    return {std::move(key), std::move(sealing), std::move(account)};
}

Party owned(AccountKind kind, std::string_view name, const Party& owner) {
    Party party = organisation(name);
    party.account.kind = kind;
    party.account.owner = owner.id();
    return party;
}

Consortium make_consortium(const std::function<void(Genesis&)>& change) {
    using governance::OrganisationKind;
    Consortium net{organisation("Hospital A"),
                   organisation("Hospital B"),
                   organisation("Payer"),
                   organisation("Regulator"),
                   signing_key("operator"),
                   {},
                   {},
                   {}};
    Genesis& genesis = net.genesis;
    genesis.name = "test network";
    genesis.time_ms = 1'767'225'600'000;  // 2026-01-01T00:00:00Z
    genesis.mode = NetworkMode::kConsortium;
    genesis.era.engine = EngineKind::kEmbedded;
    genesis.era.validators = {{Signer::of(net.operator_key.public_key()), 1, net.hospital_a.id()}};
    genesis.era.reason = "genesis";
    genesis.members = {member(net.hospital_a, OrganisationKind::kHospital),
                       member(net.hospital_b, OrganisationKind::kHospital), member(net.payer, OrganisationKind::kPayer),
                       member(net.regulator, OrganisationKind::kRegulator)};
    genesis.policies = {{std::string(kJurisdiction), kPolicyVersion, to_bytes("the default policy")}};
    change(genesis);
    net.genesis_bytes = codec::encode(genesis);
    net.network = genesis.network_id();
    return net;
}

Consortium make_hasty_consortium() {
    using governance::Parameter;
    return make_consortium([](Genesis& genesis) {
        for (const Parameter wait : {Parameter::kRecoveryWaitMs, Parameter::kRecoveryWaitBlocks})
            genesis.parameters.push_back({wait, governance::parameter_info(wait).floor});
    });
}

}  // namespace salus::testkit
