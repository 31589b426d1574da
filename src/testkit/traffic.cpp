#include "testkit/traffic.hpp"

#include <algorithm>

#include "model/era.hpp"

namespace salus::testkit {

Traffic::Traffic(const Consortium& net, std::uint64_t seed) : net_(net), random_(seed) {
    for (const Party* party : net.members()) organisations_.push_back(adopt(*party));
    for (const char* name : {"Newcomer 1", "Newcomer 2"}) organisations_.push_back(adopt(organisation(name)));
    grants_.push_back({random_.id<GrantId>(), nullptr});
    openings_.push_back(random_.id<BreakGlassId>());
    tags_.push_back(random_.bytes<32>());
    proposals_.push_back({governance::Suspend{organisations_[0].id()}, 0, {}});
    owned_.push_back(adopt(owned(AccountKind::kNode, "first node", net.hospital_a)));
}

const FoundingAccount& Traffic::adopt(const Party& party) {
    keys_.emplace(party.key.public_key().bytes, crypto::SigningKey::from_seed(party.key.seed().clone()));
    return party.account;
}

const crypto::SigningKey& Traffic::new_key() {
    auto key = crypto::SigningKey::generate(random_);
    const Bytes name = key.public_key().bytes;
    return keys_.emplace(name, std::move(key)).first->second;
}

/// One that the state gives the account, sometimes the one that it was founded with.
const crypto::SigningKey& Traffic::key_of(const FoundingAccount& account) {
    std::vector<const crypto::SigningKey*> own;
    if (const auto state = decided<identity::AccountState>(Contract::kIdentity, identity::account_key(account.id())))
        for (const AccountKey& key : state->keys)
            if (key.use == KeyUse::kSign) own.push_back(&keys_.at(key.public_key));
    return own.empty() || chance(4) ? keys_.at(account.keys.front().public_key) : *any(own);
}

TimeMs Traffic::valid_until() {
    if (chance(3)) return now_ms_ - random_.below(5000);
    if (chance(3)) return now_ms_ + kWindowMs + 1 + random_.below(10'000);
    return now_ms_ + 1 + random_.below(chance(20) ? 5000 : kWindowMs);
}

Transaction Traffic::signed_by(const Sender& sender, Keys keys, Action action) {
    if (chance(2) && !action.payload.empty()) flip(any(action.payload));
    std::ranges::sort(keys);
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    return make_transaction(net_.network, sender, keys, action, valid_until(), ++nonce_);
}

Transaction Traffic::by(const FoundingAccount& sender, Action action, Keys others) {
    others.push_back(&key_of(sender));
    return signed_by({sender.kind, sender.id()}, std::move(others), std::move(action));
}

/// Inadmissible, or failed by the engine itself, or there already.
Transaction Traffic::odd() {
    const FoundingAccount& party = any_organisation();
    const salus::audit::Payload harmless{salus::audit::FileRoot{random_.below(1000), random_.bytes<32>()}};
    const Sender nobody{AccountKind::kOrganisation, random_.id<AccountId>()};
    const Sender grant{AccountKind::kGrant, AccountId{any(grants_).id.bytes}};
    switch (random_.below(8)) {
        case 0:
            return signed_by(nobody, {&new_key()}, harmless);
        case 1:
            return by(party, harmless, {&new_key()});
        case 2:
            return signed_by(grant, {&key_of(party)}, harmless);
        case 3:
            return by(any(owned_), harmless);
        case 4: {
            Bytes junk(random_.below(40));
            random_.fill(junk);
            return by(party, {static_cast<Contract>(1 + random_.below(6)), std::move(junk)});
        }
        default:
            return sent_.empty() ? by(party, harmless) : any(sent_);
    }
}

Transaction Traffic::transaction() {
    switch (random_.below(20)) {
        case 0:
        case 1:
        case 2:
        case 3:
        case 4:
        case 5:
            return governance();
        case 6:
        case 7:
        case 8:
        case 9:
            return identity();
        case 10:
        case 11:
        case 12:
            return consent();
        case 13:
        case 14:
        case 15:
            return disclosure();
        case 16:
            return audit();
        case 17:
            return odd();
        default:
            return records();
    }
}

/// Which may be sent again later.
Transaction Traffic::next() {
    Transaction made = transaction();
    if (sent_.size() < 50)
        sent_.push_back(made);
    else
        any(sent_) = made;
    return made;
}

/// Other bytes for the same intent, or no transaction at all.
void Traffic::spoil(Transaction& made) {
    if (chance(50)) {
        auto outer = codec::decode<SignedTransaction>(made.bytes).value();
        any(outer.signatures[0]) ^= 1;
        made.bytes = codec::encode(outer);
    } else {
        any(made.bytes) ^= 0x40;
    }
}

Bytes Traffic::spoil(Bytes envelope) {
    switch (random_.below(4)) {
        case 0:
            envelope.resize(random_.below(envelope.size() + 1));
            break;
        case 1:
            envelope.resize(random_.below(200));
            random_.fill(envelope);
            break;
        case 2:
            envelope.push_back(0);
            break;
        default:
            flip(any(envelope));
    }
    return envelope;
}

Bytes Traffic::envelope() {
    std::vector<Transaction> transactions;
    for (std::uint64_t i = random_.below(4) + 1; i-- > 0;) {
        transactions.push_back(next());
        if (chance(2)) spoil(transactions.back());
    }
    const auto& carrier = chance(5) ? new_key() : key_of(chance(10) ? any(owned_) : any_organisation());
    Bytes bytes = make_envelope(transactions, carrier, nonce_);
    return chance(8) ? spoil(std::move(bytes)) : bytes;
}

Bytes Traffic::lone(TimeMs now_ms, const StateReader& state) {
    now_ms_ = now_ms;
    state_ = &state;
    const Transaction made = next();
    const auto& carrier = key_of(any_organisation());
    return make_envelope({made}, carrier, nonce_);
}

std::vector<Bytes> Traffic::envelopes(TimeMs now_ms, const StateReader& state) {
    now_ms_ = now_ms;
    state_ = &state;
    std::vector<Bytes> made;
    for (std::uint64_t i = random_.below(4); i-- > 0;) made.push_back(envelope());
    return made;
}

void Traffic::sign_era(EraRecord& record, const StateReader& state) {
    state_ = &state;
    for (const FoundingAccount& organisation : organisations_) {
        const AccountId id = organisation.id();
        const auto member = decided<governance::MemberState>(Contract::kGovernance, governance::member_key(id));
        const auto account = decided<identity::AccountState>(Contract::kIdentity, identity::account_key(id));
        if (!account || !member || member->status != governance::MemberStatus::kActive) continue;
        salus::sign_era(record, id, keys_.at(account->key_for(KeyUse::kSign)->public_key));
    }
}

}  // namespace salus::testkit
