#include "testkit/traffic.hpp"

#include "crypto/hash.hpp"

namespace salus::testkit {
namespace {

template <class IdType>
IdType numbered(std::string_view what, std::uint64_t n) {
    return id_of<IdType>(std::string(what) + std::to_string(n));
}

Bytes policy(std::uint64_t version) { return to_bytes("policy " + std::to_string(version)); }

/// Each grant has a wallet's key of its own.
crypto::SigningKey wallet_of(const GrantId& grant) { return signing_key("wallet of " + std::string(as_text(grant))); }

}  // namespace

Traffic::Traffic(const Consortium& net, std::uint64_t seed)
    : net_(net),
      random_(seed),
      stranger_(organisation("Stranger")),
      wallet_(signing_key("wallet")),
      rescue_(signing_key("rescue")) {}

const Party& Traffic::any_member() { return *net_.members()[random_.below(4)]; }

/// One that was made, or the next.
GrantId Traffic::any_grant() { return numbered<GrantId>("grant", random_.below(grants_ + 1)); }

Transaction Traffic::by(const Party& party, const Action& action, Keys others) {
    others.push_back(&party.key);
    return make_transaction(net_.network, party.sender(), others, action, now_ms_ + 1 + random_.below(kWindowMs),
                            ++nonce_);
}

Action Traffic::records(const Party& party) {
    records::Append append;
    std::uint64_t& count = leaves_[party.id()];
    append.first_index = count + (chance(20) ? 16 : 0);
    append.leaves.resize(32 * 16 * (1 + random_.below(2)));
    random_.fill(append.leaves);
    if (chance(50)) salus::append(append.superseded, hash_of(std::to_string(random_.below(1000))));
    if (append.first_index == count) count += append.leaves.size() / 32;
    return salus::records::Payload{append};
}

Transaction Traffic::consent(const Party& party) {
    using namespace salus::consent;
    if (chance(40)) {
        const GrantId grant = any_grant();
        const Payload revoke{Revoke{grant}};
        if (chance(50)) return by(party, revoke);
        const auto key = wallet_of(grant);
        return make_transaction(net_.network, {AccountKind::kGrant, AccountId{grant.bytes}}, {&key}, revoke,
                                now_ms_ + 1000, ++nonce_);
    }
    const bool with_wallet = chance(50);
    const GrantId grant = numbered<GrantId>("grant", grants_);
    const auto key = wallet_of(chance(95) ? grant : any_grant());
    const Create create{grant, with_wallet ? std::optional(Signer::of(key.public_key())) : std::nullopt,
                        random_.bytes<32>(), (now_ms_ / kHourMs + random_.below(3)) * kHourMs};
    if (create.not_after_ms > now_ms_) ++grants_;
    return by(party, Payload{create}, with_wallet ? Keys{&key} : Keys{});
}

Action Traffic::disclosure(const Party& party) {
    using namespace salus::disclosure;
    switch (random_.below(5)) {
        case 4: {
            if (!adoption_) break;
            policy_version_ = newest_policy_;
            return Payload{PublishPolicy{*adoption_, policy(newest_policy_)}};
        }
        case 0:
            return Payload{BreakGlass{numbered<BreakGlassId>("opening", openings_++), random_.bytes<32>(), now_ms_,
                                      now_ms_ - random_.below(kBreakGlassMs + 10)}};
        case 1:
            return Payload{
                Review{numbered<BreakGlassId>("opening", random_.below(openings_ + 1)), random_.bytes<32>()}};
        default:
            break;
    }
    File file{hash_of(party.account.name + std::to_string(random_.below(10'000))), std::nullopt,
              chance(60) ? policy_version_ : 1 + random_.below(policy_version_ + 1), random_.bytes<32>(),
              chance(10) ? random_.below(9) : 0};
    if (chance(40)) file.grant = any_grant();
    return Payload{file};
}

Action Traffic::audit(const Party& party) {
    std::uint64_t& interval = intervals_[party.id()];
    if (chance(85)) interval += 1 + random_.below(3);
    return salus::audit::Payload{salus::audit::FileRoot{interval, random_.bytes<32>()}};
}

Action Traffic::governance() {
    using namespace salus::governance;
    if (proposal_ && chance(75)) return Payload{Vote{*proposal_, chance(80)}};
    const Party& target = chance(50) ? net_.payer : net_.hospital_b;
    Proposal proposal{{}, now_ms_ + kHourMs, random_.bytes<8>()};
    switch (random_.below(6)) {
        case 0:
            proposal.action = Suspend{target.id()};
            break;
        case 4:
            proposal.action = RecoverOrganisation{target.id(), Signer::of(rescue_.public_key())};
            recovery_ = proposal.id();
            break;
        case 5:
            proposal.action = AdoptPolicy{std::string(kJurisdiction), ++newest_policy_,
                                          crypto::sha256(policy(newest_policy_)), random_.below(50)};
            adoption_ = proposal.id();
            break;
        case 1:
            proposal.action = SetParameter{Parameter::kThresholdPercent, 51 + random_.below(20)};
            break;
        case 2:
            proposal.action = Admit{random_.id<AccountId>(), OrganisationKind::kOther, {}, "DE"};
            break;
        default:
            proposal.action = Reinstate{target.id()};
    }
    proposal_ = proposal.id();
    return Payload{Propose{proposal}};
}

Transaction Traffic::identity(const Party& party) {
    using namespace salus::identity;
    const auto node = [&](std::uint64_t n) {
        return owned(AccountKind::kNode, "node " + std::to_string(n), net_.hospital_a);
    };
    if (recovery_ && chance(15))
        return by(chance(50) ? net_.payer : net_.hospital_b, Payload{StopRecovery{*recovery_}});
    if (recovery_ && chance(15)) return by(party, Payload{Recover{*recovery_}}, {&rescue_});
    if (chance(20)) {
        // Beside the key that signs what follows: it stays.
        const auto key = [](std::uint64_t n) { return signing_key("extra " + std::to_string(n)); };
        const auto added = key(keys_);
        RotateKeys rotate{party.id(), {account_key(added)}, {}};
        if (chance(60) && keys_ > 0) rotate.retire = {account_key(key(random_.below(keys_)))};
        ++keys_;
        return by(party, Payload{rotate}, {&added});
    }
    if (chance(30)) {
        const Party made = node(nodes_++);
        return by(net_.hospital_a, Payload{Found{made.account}}, {&made.key});
    }
    const Party some = node(random_.below(nodes_ + 1));
    if (chance(20)) return by(some, audit(some));
    return by(party, Payload{SetStatus{some.id(), chance(50) ? AccountStatus::kSuspended : AccountStatus::kActive}});
}

/// Inadmissible, or failed by the engine itself.
Transaction Traffic::odd(const Party& party) {
    switch (random_.below(5)) {
        case 0:
            return by(stranger_, audit(party));
        case 1:
            return by(party, audit(party), {&wallet_});
        case 2:
            return make_transaction(net_.network, party.sender(), {&party.key}, audit(party), now_ms_, ++nonce_);
        case 3: {
            Bytes junk(random_.below(40));
            random_.fill(junk);
            return by(party, {static_cast<Contract>(1 + random_.below(6)), std::move(junk)});
        }
        default:
            return sent_.empty() ? by(party, audit(party)) : sent_[random_.below(sent_.size())];
    }
}

Transaction Traffic::transaction() {
    const Party& party = any_member();
    switch (random_.below(8)) {
        case 0:
            return by(party, governance());
        case 1:
            return identity(party);
        case 2:
            return consent(party);
        case 3:
            return by(party, disclosure(party));
        case 4:
            return by(party, audit(party));
        case 5:
            return odd(party);
        default:
            return by(party, records(party));
    }
}

Bytes Traffic::spoil(Bytes envelope) {
    switch (random_.below(4)) {
        case 0:
            envelope.resize(random_.below(envelope.size() + 1));
            break;
        case 1:
            random_.fill(envelope);
            break;
        case 2:
            envelope.push_back(0);
            break;
        default:
            envelope[random_.below(envelope.size())] ^= static_cast<std::uint8_t>(1U << random_.below(8));
    }
    return envelope;
}

Bytes Traffic::envelope() {
    std::vector<Transaction> transactions;
    for (std::uint64_t i = random_.below(4) + 1; i-- > 0;) {
        transactions.push_back(transaction());
        if (sent_.size() < 50)
            sent_.push_back(transactions.back());
        else
            sent_[random_.below(50)] = transactions.back();
    }
    Bytes bytes = make_envelope(transactions, chance(5) ? stranger_.key : any_member().key, nonce_);
    return chance(10) ? spoil(std::move(bytes)) : bytes;
}

std::vector<Bytes> Traffic::envelopes(TimeMs now_ms) {
    now_ms_ = now_ms;
    std::vector<Bytes> made;
    for (std::uint64_t i = random_.below(4) + 1; i-- > 0;) made.push_back(envelope());
    return made;
}

}  // namespace salus::testkit
