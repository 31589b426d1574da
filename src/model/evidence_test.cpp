#include "model/evidence.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "crypto/hash.hpp"
#include "model/sample_chain.hpp"

namespace salus {
namespace {

using ::testing::HasSubstr;

/// One hospital's record in two versions, a grant, a disclosure under it: the story that a patient takes to a stranger.
class EvidenceTest : public ::testing::Test {
protected:
    EvidenceTest() {
        grant_id.bytes[0] = 0x61;
        view_key = Bytes(32, 0x77);
        resource = to_bytes(R"({"resourceType":"Observation","id":"o1"})");
        make_records();
        make_grant();
        chain.add_block({chain.filler()});
        make_disclosure();
        chain.add_block({chain.filler(), chain.filler()});
        chain.add_block({chain.filler(), chain.filler(), chain.filler()}, {}, 6001);
    }

    LeafOpening make_opening(std::uint64_t version, std::uint64_t index) {
        LeafContent content;
        content.salt[0] = static_cast<std::uint8_t>(version);
        content.custodian = chain.a;
        content.type = "Observation";
        content.id = "o1";
        content.version = version;
        content.op = version == 1 ? RecordOp::kCreate : RecordOp::kUpdate;
        content.written_ms = chain.genesis.time_ms;
        content.digest = crypto::sha256(resource);
        leaf_chain.push_back({Salt{0x22}, index, index == 0 ? Hash{} : openings.front().leaf()});
        return {content, leaf_chain.back().hash(), index};
    }

    void make_records() {
        openings.push_back(make_opening(1, 0));
        openings.push_back(make_opening(2, 1));
        for (const auto& opening : openings) log.append(opening.leaf());
        for (std::uint8_t i = 2; i < 16; ++i) log.append(pad_leaf(Salt{i}, ByteArray<32>{}));
        chain.set(Contract::kRecords, records::log_key(chain.a), log.frontier);
        chain.set(Contract::kRecords, records::superseded_key(chain.a, superseded_nullifier(openings[0].content.salt)),
                  chain.next_place());
    }

    void make_grant() {
        terms.salt[0] = 5;
        terms.grant = grant_id;
        terms.custodian = chain.a;
        terms.subject.bytes[0] = 1;
        terms.decide = Decide::kPermit;
        terms.scope.organisations = {chain.b};
        terms.scope.purposes = {static_cast<std::uint64_t>(Purpose::kTreat)};
        terms.scope.types = {"Observation", "Condition"};
        terms.from_ms = chain.genesis.time_ms;
        terms.until_ms = chain.genesis.time_ms + kHourMs + 1;
        decide_grant(1, consent::GrantStatus::kActive);
    }
    void decide_grant(std::uint64_t n, consent::GrantStatus status) {
        chain.decide(Contract::kConsent, consent::grant_key(grant_id), n,
                     consent::GrantState{chain.a, Signer::of(chain.key_c.public_key()), terms.commitment(),
                                         terms.not_after_ms(), consent::AttestedBy::kWallet, status});
    }

    StaffCredential make_user() {
        StaffCredential user{chain.b,
                             "Dr B",
                             "physician",
                             "urn:staff|7",
                             chain.genesis.time_ms,
                             chain.genesis.time_ms + kHourMs,
                             Signer::of(chain.key_b.public_key()),
                             {}};
        user.signature = chain.key_b.sign(user.signed_bytes(chain.genesis.network_id()));
        return user;
    }

    void make_disclosure() {
        manifest.salt[0] = 6;
        manifest.custodian = chain.a;
        manifest.requester = chain.b;
        manifest.user = make_user();
        manifest.purpose = Purpose::kTreat;
        manifest.basis = Basis::kGrant;
        manifest.jurisdiction = "XX";
        manifest.policy_version = 1;
        manifest.grants = {grant_id};
        manifest.tag_index = 3;
        manifest.decided_ms = chain.genesis.time_ms + 1500;
        manifest.leaves = {{openings[1].leaf(), 1, 1, {"N"}}};
        file_row();
    }
    void file_row() {
        const auto first = manifest.grants.empty() ? std::optional<GrantId>{} : manifest.grants.front();
        chain.set(Contract::kDisclosure, row_key(),
                  disclosure::RowState{chain.a, first, manifest.policy_version, manifest.commitment(),
                                       manifest.intent_height, chain.next_place()});
    }
    Bytes row_key() const { return disclosure::row_key(chain.a, disclosure::disclosure_tag(view_key, 3)); }

    std::uint32_t add_state(Evidence& evidence, Contract contract, const Bytes& key) const {
        const Hash path = state_path(contract, key);
        const auto value = chain.tree.value(path);
        evidence.states.push_back(
            {contract, key, value.has_value(), value.value_or(Bytes{}), prove_state(chain.tree, path).value()});
        return static_cast<std::uint32_t>(evidence.states.size() - 1);
    }

    /// Everything at once, under the newest block.
    Evidence make_evidence() const {
        Evidence evidence;
        evidence.header = chain.blocks.back().header;
        evidence.certificate = chain.certificates.back();
        evidence.eras = {chain.genesis.era};
        evidence.genesis = codec::encode(chain.genesis);
        const auto log_state = add_state(evidence, Contract::kRecords, records::log_key(chain.a));
        for (const LeafOpening& opening : openings) {
            const auto nullifier = superseded_nullifier(opening.content.salt);
            evidence.leaves.push_back({log_state, opening.index, opening.leaf(),
                                       inclusion_path(log, opening.index, log.frontier.count).value()});
            evidence.records.push_back(
                {static_cast<std::uint32_t>(evidence.leaves.size() - 1), opening,
                 add_state(evidence, Contract::kRecords, records::superseded_key(chain.a, nullifier)), resource,
                 leaf_chain[opening.index]});
        }
        evidence.disclosures = {{add_state(evidence, Contract::kDisclosure, row_key()), manifest, view_key, 0}};
        const Bytes grant = consent::grant_key(grant_id);
        const auto head = codec::decode<DecisionHead>(*chain.tree.value(state_path(Contract::kConsent, grant)));
        evidence.grants = {{add_state(evidence, Contract::kConsent, grant),
                            add_state(evidence, Contract::kConsent, decision_key(grant, head->n)), terms}};
        if (manifest.user) add_state(evidence, Contract::kIdentity, identity::key_owner_key(manifest.user->key));
        for (Height height : {Height{2}, evidence.header.height}) add_block(evidence, height);
        add_transaction(evidence, 0, 1);
        add_transaction(evidence, 1, 2);
        const auto row =
            codec::decode<disclosure::RowState>(*chain.tree.value(state_path(Contract::kDisclosure, row_key())));
        for (Height height : {row->place.height, row->intent_height})
            if (height != 0 && height != 2 && height != evidence.header.height) add_block(evidence, height);
        return evidence;
    }

    void add_block(Evidence& evidence, Height height) const {
        const bool itself = height == evidence.header.height;
        evidence.blocks.push_back(
            {chain.blocks[height - 1].header,
             itself ? std::vector<Hash>{}
                    : inclusion_path(chain.history, height - 1, evidence.header.height - 1).value()});
    }
    void add_transaction(Evidence& evidence, std::uint32_t block_index, std::uint32_t index) const {
        const Block& block = chain.blocks[evidence.blocks[block_index].header.height - 1];
        MemoryLog transactions, receipts;
        for (std::size_t i = 0; i < block.transactions.size(); ++i) {
            const auto tx = parse_transaction(block.transactions[i], chain.network).value();
            transactions.append(crypto::merkle_leaf_hash(transaction_leaf(tx.id, tx.body.valid_until_ms, tx.bytes)));
            receipts.append(crypto::merkle_leaf_hash(codec::encode(block.receipts[i])));
        }
        const std::uint64_t count = block.header.tx_count;
        evidence.transactions.push_back({block_index, index, block.transactions[index], block.receipts[index],
                                         inclusion_path(transactions, index, count).value(),
                                         inclusion_path(receipts, index, count).value()});
    }

    static std::string text(const Verdict& verdict) {
        std::string all;
        for (const auto& statement : verdict.statements)
            all += (statement.holds ? "ok   " : "FAIL ") + statement.text + "\n";
        return all;
    }
    Verdict verify(const Evidence& evidence) const { return verify_evidence(evidence, chain.network, std::nullopt); }
    void expect_refused(const std::function<void(Evidence&)>& change, const char* why) const {
        Evidence evidence = make_evidence();
        change(evidence);
        const Verdict verdict = verify(evidence);
        EXPECT_FALSE(verdict.good) << why;
        EXPECT_THAT(text(verdict), HasSubstr(why));
    }
    /// The story again, with another manifest or other terms, properly committed.
    void expect_story_refused(const std::function<void()>& change, const char* why) {
        change();
        decide_grant(1, consent::GrantStatus::kActive);
        file_row();
        chain.add_block({chain.filler(), chain.filler(), chain.filler()});
        const Verdict verdict = verify(make_evidence());
        EXPECT_FALSE(verdict.good) << why;
        EXPECT_THAT(text(verdict), HasSubstr(why));
    }

    SampleChain chain;
    GrantId grant_id;
    Bytes view_key, resource;
    std::vector<LeafOpening> openings;
    std::vector<LeafChain> leaf_chain;
    MemoryLog log;
    GrantTerms terms;
    Manifest manifest;
};

TEST_F(EvidenceTest, TheWholeStoryHoldsAndSaysWhatItShows) {
    const Verdict verdict = verify(make_evidence());
    EXPECT_TRUE(verdict.good) << text(verdict);
    EXPECT_EQ(verdict.height, 3U);
    EXPECT_THAT(verdict.vouches, HasSubstr("one operator, ed25519"));
    const std::string all = text(verdict);
    EXPECT_THAT(all, HasSubstr("version 1 (create, 2026-01-01T00:00:00Z"));
    EXPECT_THAT(all, HasSubstr("declared replaced by its custodian in block 1"));
    EXPECT_THAT(all, HasSubstr("not declared replaced by its custodian as of block 3, 2026-01-01T00:00:03Z"));
    EXPECT_THAT(all, HasSubstr("row 3 of the patient's list"));
    EXPECT_THAT(all, HasSubstr("requester, user, purpose and time of the decision are within the terms"));
    EXPECT_THAT(all, HasSubstr("attested by the wallet; not revoked as of block 3"));
    EXPECT_THAT(all, HasSubstr("at index 1, good"));
    EXPECT_THAT(all, HasSubstr("at index 2, refused with code 6001"));
}

TEST_F(EvidenceTest, AFileKeepsItAndAnotherFileIsRefused) {
    const Evidence evidence = make_evidence();
    Bytes file = to_evidence_file(evidence);
    EXPECT_EQ(from_evidence_file(file).value(), evidence);
    EXPECT_FALSE(from_evidence_file(ByteView(file).first(file.size() - 1)));
    EXPECT_FALSE(from_evidence_file({}));
    file[7] = '2';
    EXPECT_FALSE(from_evidence_file(file));
}

TEST_F(EvidenceTest, AnyFlippedByteOfAFileIsRefused) {
    const Bytes file = to_evidence_file(make_evidence());
    std::size_t decoded = 0;
    for (std::size_t i = 0; i < file.size(); ++i) {
        Bytes bad = file;
        bad[i] = static_cast<std::uint8_t>(bad[i] ^ (1U << (i % 8)));
        const auto evidence = from_evidence_file(bad);
        if (!evidence) continue;
        ++decoded;
        EXPECT_FALSE(verify_evidence(*evidence, chain.network, std::nullopt).good) << "byte " << i;
    }
    EXPECT_GT(decoded, file.size() / 2) << "most changes are not seen by the decoder";
}

TEST_F(EvidenceTest, AnotherNetworkGenesisOrOperatorIsRefused) {
    expect_refused([](Evidence& e) { e.version = 2; }, "unknown version");
    expect_refused(
        [](Evidence& e) {
            auto genesis = parse_genesis(e.genesis).value();
            genesis.name = "other";
            e.genesis = codec::encode(genesis);
        },
        "another network");
    expect_refused([](Evidence& e) { e.eras.clear(); }, "the first era is not the genesis'");
    expect_refused([](Evidence& e) { e.eras[0].validators[0].power = 2; }, "the first era is not the genesis'");
    expect_refused([&](Evidence& e) { e.certificate = certify(e.header, chain.key_a); }, "another key");
    expect_refused([&](Evidence& e) { e.certificate = chain.certificates[0]; }, "does not verify");
    NetworkId other;
    EXPECT_FALSE(verify_evidence(make_evidence(), other, std::nullopt).good);
    EXPECT_TRUE(verify_evidence(make_evidence(), std::nullopt, std::nullopt).good);
}

TEST_F(EvidenceTest, ACheckpointMustBeTheBlockOrStandInTheHistoryShown) {
    const Evidence evidence = make_evidence();
    const auto checkpoint = [&](Height height) {
        const BlockHeader& header = chain.blocks[height - 1].header;
        return Checkpoint{chain.network, 1, height, header.hash(), chain.certificates[height - 1]};
    };
    EXPECT_TRUE(verify_evidence(evidence, chain.network, checkpoint(3)).good);
    EXPECT_TRUE(verify_evidence(evidence, chain.network, checkpoint(2)).good);
    EXPECT_FALSE(verify_evidence(evidence, chain.network, checkpoint(1)).good) << "nothing in the file shows block 1";
    auto later = checkpoint(3);
    later.height = 4;
    EXPECT_FALSE(verify_evidence(evidence, chain.network, later).good);
    auto beside = checkpoint(2);
    beside.block_hash[0] ^= 1;
    EXPECT_FALSE(verify_evidence(evidence, chain.network, beside).good);
    auto foreign = checkpoint(3);
    foreign.network_id.bytes[0] ^= 1;
    EXPECT_FALSE(verify_evidence(evidence, chain.network, foreign).good);
}

TEST_F(EvidenceTest, ARecordMustBeTheLeafTheBytesAndTheCustodianThatItSays) {
    expect_refused([](Evidence& e) { e.records[0].leaf = 1; }, "another leaf");
    expect_refused([](Evidence& e) { e.records[0].leaf = 9; }, "a leaf that is not proven");
    expect_refused([](Evidence& e) { e.records[0].opening.content.version = 7; }, "another leaf");
    expect_refused([](Evidence& e) { e.records[0].resource->push_back(' '); }, "not the one that the leaf stands for");
    expect_refused([](Evidence& e) { e.records[0].chain->seq = 5; }, "the chain is of another leaf");
    expect_refused([](Evidence& e) { std::swap(e.records[0].superseded, e.records[1].superseded); },
                   "does not tell whether this version was replaced");
    expect_refused([&](Evidence& e) { e.records[0].opening.content.custodian = chain.b; },
                   "of the custodian that it names");
    Evidence without = make_evidence();
    without.records[0].resource.reset();
    without.records[0].chain.reset();
    EXPECT_TRUE(verify(without).good);
    EXPECT_THAT(text(verify(without)), HasSubstr("the bytes are not in the file"));
}

TEST_F(EvidenceTest, AThingThatLeansOnAnUnprovenStateIsRefused) {
    expect_refused([](Evidence& e) { e.states[0].value.push_back(0); }, "leans on a log that is not proven");
    expect_refused([](Evidence& e) { e.states[2].present = true; }, "leans on a state value that is not proven");
    expect_refused([](Evidence& e) { e.leaves[0].log = 1; }, "not a log");
    expect_refused([](Evidence& e) { e.disclosures[0].row = 0; }, "not of disclosure");
    expect_refused([](Evidence& e) { e.grants[0].entry = e.grants[0].head; }, "not the grant's newest");
    expect_refused([](Evidence& e) { e.blocks[0].path.clear(); }, "leans on a block that is not proven");
    expect_refused([](Evidence& e) { e.blocks[0].header.version = 2; }, "a block of an unknown version");
}

TEST_F(EvidenceTest, ADisclosureMustBeTheRowAndItsIndexTheTags) {
    expect_refused([](Evidence& e) { e.disclosures[0].manifest.decided_ms += 1; }, "another manifest");
    expect_refused([](Evidence& e) { (*e.disclosures[0].view_key)[0] ^= 1; }, "not made by this view key");
    expect_refused([](Evidence& e) { e.disclosures[0].tag_index = 3; }, "given twice");
    Evidence without = make_evidence();
    without.disclosures[0].view_key.reset();
    EXPECT_TRUE(verify(without).good);
}

TEST_F(EvidenceTest, AnotherRequesterIsNotUnderTheGrant) {
    expect_story_refused([&] { manifest.requester = chain.c, manifest.user.reset(); }, "not one of the grantees");
}
TEST_F(EvidenceTest, AnotherPurposeIsNotUnderTheGrant) {
    expect_story_refused([&] { manifest.purpose = Purpose::kPayment; }, "do not allow the purpose");
}
TEST_F(EvidenceTest, ADecisionAtTheEndOfThePeriodIsNotUnderTheGrant) {
    manifest.decided_ms = terms.until_ms - 1;
    manifest.user.reset();
    chain.later_ms = kHourMs;
    file_row();
    chain.add_block({chain.filler(), chain.filler(), chain.filler()});
    EXPECT_TRUE(verify(make_evidence()).good) << text(verify(make_evidence()));
    expect_story_refused([&] { manifest.decided_ms = terms.until_ms; }, "outside the period");
}
TEST_F(EvidenceTest, AnUnnamedPractitionerIsNotUnderTheGrant) {
    expect_story_refused([&] { terms.scope.practitioners = {"urn:staff|8"}; }, "not one of the practitioners");
}
TEST_F(EvidenceTest, AResourceOutOfScopeIsNotUnderTheGrant) {
    expect_story_refused([&] { terms.scope.types = {"Condition"}; }, "outside the scope");
}
TEST_F(EvidenceTest, AResourceUnderAnExceptionIsNotUnderTheGrant) {
    expect_story_refused([&] { terms.exceptions.emplace_back().instances = {"Observation/o1"}; },
                         "falls under an exception");
}
TEST_F(EvidenceTest, AnExceptionThatTheFileCannotJudgeIsNotHeldAgainstIt) {
    terms.exceptions.emplace_back().codes = {"loinc|1"};
    decide_grant(1, consent::GrantStatus::kActive);
    chain.add_block({chain.filler(), chain.filler(), chain.filler()});
    EXPECT_TRUE(verify(make_evidence()).good);
}
TEST_F(EvidenceTest, WhatADenialCoversWasNotToBeDisclosed) {
    expect_story_refused([&] { terms.decide = Decide::kDeny; }, "what was disclosed is denied");
}
TEST_F(EvidenceTest, AnExceptionOfADenialLetsOutNothingButItsOwn) {
    expect_story_refused(
        [&] {
            terms.decide = Decide::kDeny;
            terms.exceptions.emplace_back().instances = {"Observation/another"};
        },
        "what was disclosed is denied");
}
TEST_F(EvidenceTest, WhatAnExceptionMayLetOutOfADenialIsNotHeldAgainstIt) {
    terms.decide = Decide::kDeny;
    terms.exceptions.emplace_back().codes = {"loinc|1"};
    decide_grant(1, consent::GrantStatus::kActive);
    chain.add_block({chain.filler(), chain.filler(), chain.filler()});
    EXPECT_TRUE(verify(make_evidence()).good) << text(verify(make_evidence()));
}
TEST_F(EvidenceTest, AUserWithoutACredentialInForceIsRefused) {
    expect_story_refused([&] { manifest.decided_ms = manifest.user->until_ms; }, "not in force");
    expect_story_refused([&] { manifest.decided_ms -= 2, manifest.user->name = "Dr C"; }, "signature is not good");
    expect_story_refused(
        [&] { manifest.user->signature = chain.key_b.sign(manifest.user->signed_bytes(NetworkId{{9}})); },
        "signature is not good");
    expect_story_refused(
        [&] {
            manifest.user->key = Signer::of(chain.key_a.public_key());
            manifest.user->signature = chain.key_a.sign(manifest.user->signed_bytes(chain.genesis.network_id()));
        },
        "a key of another account");
}
TEST_F(EvidenceTest, AUsersKeyMustBeShownToBeTheRequesters) {
    expect_refused([](Evidence& e) { e.states.pop_back(); }, "nothing shows whose key");
}
TEST_F(EvidenceTest, ADecisionFitsTheBlocksOfItsRow) {
    manifest.user.reset();
    chain.later_ms = kHourMs / 2;
    const TimeMs filed_ms = chain.genesis.time_ms + 1000 * (chain.blocks.size() + 1) + chain.later_ms;
    const auto decided = [&](TimeMs decided_ms) {
        manifest.decided_ms = decided_ms;
        file_row();
        chain.add_block({chain.filler(), chain.filler(), chain.filler()});
        chain.later_ms -= 1000;  // the next block is of the same time
        return verify(make_evidence()).good;
    };
    EXPECT_TRUE(decided(filed_ms));
    EXPECT_TRUE(decided(filed_ms + kWindowMs));
    EXPECT_FALSE(decided(filed_ms + kWindowMs + 1));
    EXPECT_TRUE(decided(filed_ms - kWindowMs));
    EXPECT_FALSE(decided(filed_ms - kWindowMs - 1));
    expect_refused([](Evidence& e) { e.blocks.resize(1), e.transactions.clear(); }, "nothing shows the time of block");
}
TEST_F(EvidenceTest, ARowWithoutTheGrantOfItsBasisIsRefused) {
    expect_story_refused([&] { manifest.grants.clear(); }, "the basis is a grant, and none is named");
}

TEST_F(EvidenceTest, ARevocationCountsFromItsBlock) {
    decide_grant(2, consent::GrantStatus::kRevoked);
    chain.add_block({chain.filler(), chain.filler(), chain.filler()});
    const Verdict after = verify(make_evidence());
    EXPECT_TRUE(after.good) << text(after);
    EXPECT_THAT(text(after), HasSubstr("revoked in block 4"));
    file_row();  // in block 5
    chain.add_block({chain.filler(), chain.filler(), chain.filler()});
    EXPECT_THAT(text(verify(make_evidence())), HasSubstr("revoked before the data left"));
}

TEST_F(EvidenceTest, ADenialCountsUntilItIsRevoked) {
    terms.decide = Decide::kDeny;
    decide_grant(1, consent::GrantStatus::kActive);
    file_row();
    chain.add_block({chain.filler(), chain.filler(), chain.filler()});
    decide_grant(2, consent::GrantStatus::kRevoked);
    chain.add_block({chain.filler(), chain.filler(), chain.filler()});
    EXPECT_THAT(text(verify(make_evidence())), HasSubstr("what was disclosed is denied")) << "revoked behind the row";
    file_row();
    chain.add_block({chain.filler(), chain.filler(), chain.filler()});
    const Verdict after = verify(make_evidence());
    EXPECT_TRUE(after.good) << text(after);
    EXPECT_THAT(text(after), HasSubstr("a denial that was revoked before the data left"));
}

TEST_F(EvidenceTest, ADenialCountsForALateRowByTheBlockOfItsIntent) {
    terms.decide = Decide::kDeny;
    decide_grant(1, consent::GrantStatus::kActive);
    chain.add_block({chain.filler(), chain.filler(), chain.filler()});
    decide_grant(2, consent::GrantStatus::kRevoked);
    chain.add_block({chain.filler(), chain.filler(), chain.filler()});
    manifest.user.reset();
    manifest.intent_id = ByteArray<16>{4};
    const auto judged = [&](Height intent) {
        manifest.intent_height = intent;
        manifest.decided_ms = chain.blocks[intent - 1].header.time_ms;
        file_row();
        chain.add_block({chain.filler(), chain.filler(), chain.filler()});
        return verify(make_evidence());
    };
    EXPECT_THAT(text(judged(4)), HasSubstr("what was disclosed is denied"));
    EXPECT_TRUE(judged(5).good) << "the block of the revocation";
}

TEST_F(EvidenceTest, ALateRowIsCheckedByTheIndexOfItsFiling) {
    manifest.basis = Basis::kEmergency;
    manifest.tag_index = 0;
    manifest.intent_id = ByteArray<16>{4};
    manifest.intent_height = 1;
    file_row();
    chain.add_block({chain.filler(), chain.filler(), chain.filler()});
    Evidence evidence = make_evidence();
    EXPECT_THAT(text(verify(evidence)), HasSubstr("the row has no index"));
    evidence.disclosures[0].tag_index = 3;
    EXPECT_TRUE(verify(evidence).good) << text(verify(evidence));
    EXPECT_THAT(text(verify(evidence)), HasSubstr("late: the data left at block 1"));
    Evidence blind = evidence;
    blind.blocks.pop_back();
    EXPECT_THAT(text(verify(blind)), HasSubstr("nothing shows the time of block 1"));
    evidence.disclosures[0].view_key.reset();
    EXPECT_FALSE(verify(evidence).good) << "an index that nothing binds";
}

TEST_F(EvidenceTest, TheFirstBlockStandsInTheHistoryOfTheSecond) {
    Evidence evidence;
    evidence.header = chain.blocks[1].header;
    evidence.certificate = chain.certificates[1];
    evidence.eras = {chain.genesis.era};
    evidence.genesis = codec::encode(chain.genesis);
    add_block(evidence, 1);
    EXPECT_TRUE(evidence.blocks[0].path.empty());
    EXPECT_TRUE(verify(evidence).good) << text(verify(evidence));
    evidence.blocks[0].header.time_ms += 1;
    EXPECT_FALSE(verify(evidence).good);
}

/// A second operator takes over behind block 3.
class EraTest : public EvidenceTest {
protected:
    EraTest() {
        next = chain.era;
        next.era = 2;
        next.first_height = 4;
        next.parent_hash = chain.tip_hash;
        next.validators = {{Signer::of(new_operator.public_key()), 1, chain.b}};
        next.reason = "the operator retired";
        sign_era(next, chain.a, chain.key_a);
        sign_era(next, chain.b, chain.key_b);
        sign_era(next, chain.c, chain.key_c);
        proof.parent = chain.blocks.back().header;
        proof.certificate = chain.certificates.back();
        add(Contract::kGovernance, governance::member_list_key());
        decision(Contract::kGovernance, governance::parameter_key(governance::Parameter::kThresholdPercent));
        for (const AccountId& member : {chain.a, chain.b, chain.c}) {
            decision(Contract::kGovernance, governance::member_key(member));
            decision(Contract::kIdentity, identity::account_key(member));
        }
    }
    void add(Contract contract, const Bytes& key) {
        Evidence scratch;
        add_state(scratch, contract, key);
        proof.states.push_back(scratch.states[0]);
    }
    void decision(Contract contract, const Bytes& key) {
        add(contract, key);
        add(contract, decision_key(key, 1));
    }
    /// Goes on under `next` and makes evidence under its second block.
    Evidence go_on() {
        chain.era = next;
        chain.era_key = &new_operator;
        chain.add_block({chain.filler(), chain.filler(), chain.filler()}, {{EraOpened{next.hash()}}});
        chain.add_block({chain.filler(), chain.filler(), chain.filler()});
        Evidence evidence = make_evidence();
        evidence.eras.push_back(next);
        proof.path = inclusion_path(chain.history, 2, 4).value();
        evidence.era_proofs = {proof};
        return evidence;
    }

    const crypto::SigningKey new_operator = sample_key(8);
    EraRecord next;
    ProvenEra proof;
};

TEST_F(EraTest, ALaterEraIsBelievedForItsMembersSignatures) {
    const Evidence evidence = go_on();
    EXPECT_TRUE(verify(evidence).good) << text(verify(evidence));
    const auto refused = [&](const std::function<void(Evidence&)>& change, const char* why) {
        Evidence bad = evidence;
        change(bad);
        EXPECT_FALSE(verify(bad).good);
        EXPECT_THAT(text(verify(bad)), HasSubstr(why));
    };
    refused([](Evidence& e) { e.era_proofs.clear(); }, "not one proof for each later era");
    refused([](Evidence& e) { e.era_proofs[0].states.pop_back(); }, "lacks a state value that decides");
    refused([](Evidence& e) { e.era_proofs[0].states[0].value[3] ^= 1; }, "leads to another root");
    refused([](Evidence& e) { e.era_proofs[0].path[0][0] ^= 1; }, "leads to another root");
    refused([](Evidence& e) { e.era_proofs[0].parent.version = 2; }, "its parent is of an unknown version");
    refused([](Evidence& e) { e.eras[1].signatures[1].signature[5] ^= 1; }, "does not verify");
    refused([](Evidence& e) { e.eras[1].signatures.pop_back(); }, "2 of 3 members signed");
    refused([](Evidence& e) { std::swap(e.eras[1].signatures[0], e.eras[1].signatures[1]); }, "ascend by member");
    refused([](Evidence& e) { e.eras[1].reason = "other"; }, "does not verify");
    refused([&](Evidence& e) { e.era_proofs[0].certificate = certify(e.era_proofs[0].parent, chain.key_a); },
            "another key");
}

TEST_F(EraTest, AMemberSignsWithItsOwnKey) {
    sign_era(next, chain.a, chain.key_b);
    EXPECT_THAT(text(verify(go_on())), HasSubstr("not its member's"));
}

TEST_F(EraTest, AStrangerIsNoMember) {
    AccountId stranger;
    stranger.bytes.fill(0xff);
    sign_era(next, stranger, chain.key_a);
    EXPECT_THAT(text(verify(go_on())), HasSubstr("no active member"));
}

TEST_F(EraTest, TheOldOperatorVouchesForNothingBehindItsEra) {
    chain.add_block({chain.filler(), chain.filler(), chain.filler()});
    Evidence evidence = make_evidence();
    EXPECT_TRUE(verify(evidence).good);
    evidence.eras.push_back(next);
    proof.path = inclusion_path(chain.history, 2, 3).value();
    evidence.era_proofs = {proof};
    EXPECT_FALSE(verify(evidence).good);
}

}  // namespace
}  // namespace salus
