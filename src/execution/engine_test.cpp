#include "execution/engine.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "model/contracts/system.hpp"
#include "testkit/world.hpp"

namespace salus::execution {
namespace {

using testkit::account_key;
using testkit::hash_of;
using testkit::id_of;
using testkit::Party;
using testkit::World;

testkit::Action file_root(std::uint64_t interval) { return audit::Payload{audit::FileRoot{interval, hash_of("root")}}; }

/// Suspends by the votes of three.
void suspend_member(World& world, const Party& party) {
    const governance::Proposal proposal{governance::Suspend{party.id()}, world.now_ms + kHourMs, {}};
    ASSERT_EQ(world.send(world.by(world.net.hospital_a, governance::Payload{governance::Propose{proposal}})),
              ErrorCode::kOk);
    for (const Party* voter : {&world.net.regulator, &world.net.payer})
        ASSERT_EQ(world.send(world.by(*voter, governance::Payload{governance::Vote{proposal.id(), true}})),
                  ErrorCode::kOk);
}

/// Threads that live for one call.
class ManyThreads final : public Executor {
public:
    explicit ManyThreads(std::size_t count) : count_(count) {}
    void post(std::function<void()> job) override { job(); }
    void parallel_for(std::size_t count, const std::function<void(std::size_t)>& body) override {
        std::atomic<std::size_t> next{0};
        std::vector<std::thread> threads;
        for (std::size_t t = 0; t < count_; ++t)
            threads.emplace_back([&] {
                for (std::size_t i = next++; i < count; i = next++) body(i);
            });
        for (auto& thread : threads) thread.join();
    }
    [[nodiscard]] std::size_t threads() const override { return count_; }

private:
    std::size_t count_;
};

TEST(Engine, MakesABlockWhoseContentIsWhatItsHeaderSays) {
    World world;
    const auto tx = world.by(world.net.hospital_a, file_root(1));
    const auto result = world.run({tx});
    ASSERT_TRUE(result.block.has_value());
    const BlockHeader& header = result.block->header;
    EXPECT_EQ(header.height, 1U);
    EXPECT_EQ(header.parent_hash, world.net.network.bytes);
    EXPECT_EQ(header.history_root, log_root({}));
    EXPECT_EQ(header.state_root, result.tree.root);
    EXPECT_EQ(header.hash(), result.hash);
    EXPECT_EQ(header.proposer, validator_id(Signer::of(world.net.operator_key.public_key())));
    EXPECT_TRUE(check_content(*result.block).has_value());
    EXPECT_EQ(result.codes, std::vector<std::uint32_t>{0});
    ASSERT_EQ(result.logs.size(), 1U);
    EXPECT_EQ(result.logs[0].leaves, std::vector<Hash>{hash_of("root")});
}

TEST(Engine, ChainsBlocksByParentAndHistory) {
    World world;
    const auto first = world.run({world.by(world.net.hospital_a, file_root(1))});
    const auto second = world.run({world.by(world.net.hospital_a, file_root(2))});
    EXPECT_EQ(second.block->header.parent_hash, first.hash);
    EXPECT_EQ(second.block->header.history_root, log_root(std::vector<Hash>{history_leaf(first.hash)}));
    EXPECT_EQ(second.history.count, 2U);
}

TEST(Engine, MakesNoBlockWhenNoTransactionRemains) {
    World world;
    world.run({world.by(world.net.hospital_a, file_root(1))});
    const auto before = world.header();
    const auto nothing = world.execute(std::vector<Bytes>{});
    EXPECT_FALSE(nothing.block.has_value());
    EXPECT_EQ(nothing.hash, before.hash());
    EXPECT_EQ(nothing.tree.root, before.state_root);
    EXPECT_TRUE(nothing.changes.empty());
    EXPECT_EQ(nothing.history.count, 1U);

    const auto stranger = testkit::organisation("Stranger");
    const auto left_out = world.run({world.by(stranger, file_root(1))});
    EXPECT_FALSE(left_out.block.has_value());
    EXPECT_EQ(left_out.codes, std::vector<std::uint32_t>{0});
}

TEST(Engine, BlockTimeNeverGoesBack) {
    World world;
    world.run({world.by(world.net.hospital_a, file_root(1))});
    const TimeMs tip = world.header().time_ms;
    const auto tx = world.by(world.net.hospital_a, file_root(2));
    world.now_ms = tip - 5000;
    EXPECT_EQ(world.run({tx}).block->header.time_ms, tip);
}

TEST(Engine, FailedTransactionHasAReceiptAndChangesNoState) {
    World world;
    ASSERT_EQ(world.send(world.by(world.net.hospital_a, file_root(5))), ErrorCode::kOk);
    const Hash root = world.header().state_root;
    const auto failed = world.by(world.net.hospital_a, file_root(5));
    const auto result = world.run({failed});
    EXPECT_EQ(testkit::code_of(result, failed.id), ErrorCode::kAuditInterval);
    EXPECT_EQ(result.block->header.state_root, root);
    EXPECT_TRUE(result.changes.empty());
    EXPECT_TRUE(result.logs.empty());
    EXPECT_TRUE(result.block->events[0].events.empty());
    EXPECT_EQ(result.block->receipts[0].events, Hash{});
}

TEST(Engine, PayloadThatDoesNotDecodeFailsWithTheContractsCode) {
    World world;
    for (std::uint32_t number = 1; number <= 6; ++number) {
        const auto contract = static_cast<Contract>(number);
        EXPECT_EQ(world.send(world.by(world.net.hospital_a, {contract, to_bytes("junk")})),
                  error_code(1000 * number + 1).value());
    }
}

TEST(Engine, WindowIsOpenBelowAndClosedAbove) {
    World world;
    world.lifetime_ms = 0;
    EXPECT_EQ(world.send(world.by(world.net.hospital_a, file_root(1))), ErrorCode::kInadmissibleExpired);
    world.lifetime_ms = 1;
    EXPECT_EQ(world.send(world.by(world.net.hospital_a, file_root(1))), ErrorCode::kOk);
    world.lifetime_ms = kWindowMs;
    EXPECT_EQ(world.send(world.by(world.net.hospital_a, file_root(2))), ErrorCode::kOk);
    world.lifetime_ms = kWindowMs + 1;
    EXPECT_EQ(world.send(world.by(world.net.hospital_a, file_root(3))), ErrorCode::kInadmissibleFuture);
}

TEST(Engine, TakesAnIdOnce) {
    World world;
    const auto tx = world.by(world.net.hospital_a, file_root(1));
    const auto result = world.run({tx, tx});
    EXPECT_EQ(result.block->header.tx_count, 1U);
    ASSERT_EQ(result.inadmissible.size(), 1U);
    EXPECT_EQ(result.inadmissible[0].code, ErrorCode::kInadmissibleReplay);
    EXPECT_EQ(world.send(tx), ErrorCode::kInadmissibleReplay);
    world.now_ms = tx.body.valid_until_ms;
    EXPECT_EQ(world.send(tx), ErrorCode::kInadmissibleExpired);
}

TEST(Engine, InadmissibleTransactionDoesNotBurnItsId) {
    World world;
    world.lifetime_ms = kWindowMs + 5000;
    const auto tx = world.by(world.net.hospital_a, file_root(1));
    EXPECT_EQ(world.send(tx), ErrorCode::kInadmissibleFuture);
    world.now_ms += 10'000;
    EXPECT_EQ(world.send(tx), ErrorCode::kOk);
}

TEST(Engine, SameBodyUnderAnotherSignatureIsOneIntent) {
    World world;
    auto tx = world.by(world.net.hospital_a, file_root(1));
    ASSERT_EQ(world.send(tx), ErrorCode::kOk);  // its verdict is remembered now
    auto outer = codec::decode<SignedTransaction>(tx.bytes).value();
    outer.signatures[0][3] ^= 1;
    tx.bytes = codec::encode(outer);
    EXPECT_EQ(world.send(tx), ErrorCode::kMalformedEncoding) << "a verdict is kept by all bytes, not by id";
}

TEST(Engine, RefusesAnEnvelopeThatHoldsOneMalformedTransaction) {
    World world;
    auto bad = world.by(world.net.hospital_b, file_root(1));
    bad.bytes.back() ^= 1;
    const auto good = world.by(world.net.hospital_a, file_root(1));
    const auto result = world.execute(
        {world.envelope({good, bad}, world.net.hospital_a.key), world.envelope({good}, world.net.hospital_b.key)});
    EXPECT_EQ(result.codes, (std::vector<std::uint32_t>{1, 0}));
    EXPECT_EQ(result.block->header.tx_count, 1U);
}

TEST(Engine, AFlippedBitAnywhereInATransactionIsMalformed) {
    World world;
    const auto tx = world.by(world.net.hospital_a, file_root(1));
    for (std::size_t i = 0; i < tx.bytes.size(); ++i) {
        auto flipped = tx;
        flipped.bytes[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
        const auto result = world.execute({world.envelope({flipped}, world.net.hospital_a.key)});
        EXPECT_EQ(result.codes, std::vector<std::uint32_t>{1}) << "byte " << i;
    }
    EXPECT_EQ(world.send(tx), ErrorCode::kOk);
}

TEST(Engine, AnotherNetworksTransactionIsMalformed) {
    World world;
    World other(testkit::make_consortium([](Genesis& genesis) { genesis.name = "another"; }));
    EXPECT_EQ(world.send(other.by(other.net.hospital_a, file_root(1))), ErrorCode::kMalformedEncoding);
}

TEST(Engine, AContractThatThisVersionDoesNotExecuteIsMalformed) {
    World world;
    EXPECT_EQ(world.send(world.by(world.net.hospital_a, {Contract::kSupply, {}})), ErrorCode::kMalformedEncoding);
}

TEST(Engine, EnvelopesNeedAMemberThatMayCarry) {
    World world;
    const auto stranger = testkit::organisation("Stranger");
    const auto device = testkit::owned(AccountKind::kDevice, "device", world.net.hospital_b);
    const auto node = testkit::owned(AccountKind::kNode, "node", world.net.hospital_b);
    for (const Party* party : {&device, &node})
        ASSERT_EQ(world.send(world.by(world.net.hospital_b, identity::Payload{identity::Found{party->account}},
                                      {&party->key})),
                  ErrorCode::kOk);
    const auto tx = world.by(world.net.hospital_a, file_root(1));
    const auto code = [&](const crypto::SigningKey& key) {
        return world.execute({world.envelope({tx}, key)}).codes[0];
    };
    EXPECT_EQ(code(world.net.regulator.key), 0U);
    EXPECT_EQ(code(node.key), 0U);
    EXPECT_EQ(code(device.key), 1U);
    EXPECT_EQ(code(stranger.key), 1U);
    suspend_member(world, world.net.hospital_b);
    EXPECT_EQ(code(world.net.hospital_b.key), 1U);
    EXPECT_EQ(code(node.key), 1U) << "its owner is suspended";
}

TEST(Engine, EnvelopeUnderABadSignatureIsRefused) {
    World world;
    auto bytes = world.envelope({world.by(world.net.hospital_a, file_root(1))}, world.net.hospital_a.key);
    bytes.back() ^= 1;
    const auto result = world.execute({bytes});
    EXPECT_EQ(result.codes, std::vector<std::uint32_t>{1});
    EXPECT_FALSE(result.block.has_value());
}

TEST(Engine, SendersMustBeActiveAndSignByAnActiveKey) {
    World world;
    const auto& net = world.net;
    const auto other_key = testkit::signing_key("other");
    EXPECT_EQ(world.send(world.transaction(net.hospital_a.sender(), {&other_key}, file_root(1))),
              ErrorCode::kInadmissibleSender);
    EXPECT_EQ(
        world.send(world.transaction({AccountKind::kNode, net.hospital_a.id()}, {&net.hospital_a.key}, file_root(1))),
        ErrorCode::kInadmissibleSender);
    EXPECT_EQ(world.send(world.transaction({AccountKind::kGrant, id_of<AccountId>("g")}, {&other_key}, file_root(1))),
              ErrorCode::kInadmissibleSender);
    suspend_member(world, net.hospital_b);
    EXPECT_EQ(world.send(world.by(net.hospital_b, file_root(1))), ErrorCode::kInadmissibleSender);
}

TEST(Engine, NodesAndDevicesMaySendButTheseContractsRefuseThem) {
    World world;
    const auto node = testkit::owned(AccountKind::kNode, "node", world.net.hospital_b);
    ASSERT_EQ(world.send(world.by(world.net.hospital_b, identity::Payload{identity::Found{node.account}}, {&node.key})),
              ErrorCode::kOk);
    EXPECT_EQ(world.send(world.by(node, file_root(1))), ErrorCode::kAuditSender);
    ASSERT_EQ(world.send(world.by(world.net.hospital_b, identity::Payload{identity::SetStatus{
                                                            node.id(), identity::AccountStatus::kSuspended}})),
              ErrorCode::kOk);
    EXPECT_EQ(world.send(world.by(node, file_root(1))), ErrorCode::kInadmissibleSender);
}

TEST(Engine, RotationEarlierInTheBlockCountsAtItsPlace) {
    World world;
    const Party& a = world.net.hospital_a;
    const auto next = testkit::signing_key("next");
    const auto before = world.by(a, file_root(1));
    const auto rotate = world.by(
        a, identity::Payload{identity::RotateKeys{a.id(), {account_key(next)}, {account_key(a.key)}}}, {&next});
    const auto old = world.by(a, file_root(2));
    const auto fresh = world.transaction(a.sender(), {&next}, file_root(3));
    const auto result = world.execute({world.envelope({before, rotate, old, fresh}, world.net.payer.key)});
    EXPECT_EQ(testkit::code_of(result, before.id), ErrorCode::kOk);
    EXPECT_EQ(testkit::code_of(result, rotate.id), ErrorCode::kOk);
    EXPECT_EQ(testkit::code_of(result, old.id), ErrorCode::kInadmissibleSender);
    EXPECT_EQ(testkit::code_of(result, fresh.id), ErrorCode::kOk);
}

TEST(Engine, AnUnexpectedSignerFailsTheTransaction) {
    World world;
    const auto extra = testkit::signing_key("extra");
    EXPECT_EQ(world.send(world.by(world.net.hospital_a, file_root(1), {&extra})), ErrorCode::kAuditSigner);
    EXPECT_EQ(world.send(world.by(world.net.hospital_a, file_root(1))), ErrorCode::kOk);
}

TEST(Engine, AMemberHasItsShareOfABlock) {
    World world(testkit::make_consortium([](Genesis& genesis) {
        genesis.parameters = {{governance::Parameter::kMemberBytesPerBlock, kTransactionBytesMax}};
    }));
    const auto big = [&](const Party& party, std::size_t leaves) {
        records::Append append;
        append.leaves.resize(32 * leaves);
        return world.by(party, records::Payload{append});
    };
    const auto first = big(world.net.hospital_a, 16 * 500);   // 256,000 bytes and some
    const auto second = big(world.net.hospital_a, 16 * 500);  // a failing index, yet it is in the block
    const auto third = big(world.net.hospital_a, 16 * 500);
    const auto others = big(world.net.hospital_b, 16);
    const auto result = world.execute({world.envelope({first, second}, world.net.hospital_a.key),
                                       world.envelope({third, others}, world.net.hospital_b.key)});
    EXPECT_EQ(testkit::code_of(result, first.id), ErrorCode::kOk);
    EXPECT_EQ(testkit::code_of(result, second.id), ErrorCode::kRecordsIndex);
    EXPECT_EQ(testkit::code_of(result, third.id), ErrorCode::kInadmissibleQuota) << "whoever carries it";
    EXPECT_EQ(testkit::code_of(result, others.id), ErrorCode::kOk);
}

TEST(Engine, WhatIsOutOfItsShareIsNotOvertakenByWhatFollowsIt) {
    World world(testkit::make_consortium([](Genesis& genesis) {
        genesis.parameters = {{governance::Parameter::kMemberBytesPerBlock, kTransactionBytesMax}};
    }));
    const auto append = [&](std::size_t leaves) {
        records::Append what;
        what.leaves.resize(32 * leaves);
        return world.by(world.net.hospital_a, records::Payload{what});
    };
    const auto first = append(16 * 700);
    const auto too_much = append(16 * 700);
    const auto small = world.by(world.net.hospital_a, file_root(1));  // would fit
    const auto result = world.execute({world.envelope({first}, world.net.hospital_a.key),
                                       world.envelope({too_much, small}, world.net.hospital_a.key)});
    EXPECT_EQ(testkit::code_of(result, first.id), ErrorCode::kOk);
    EXPECT_EQ(testkit::code_of(result, too_much.id), ErrorCode::kInadmissibleQuota);
    EXPECT_EQ(testkit::code_of(result, small.id), ErrorCode::kInadmissibleQuota);
}

TEST(Engine, WhatGrantsSendHasASmallShareOfItsOwnForWhoeverCarriesIt) {
    World world;
    const Party& b = world.net.hospital_b;
    std::vector<Transaction> creates, revocations;
    std::size_t bytes = 0;
    for (std::size_t i = 0; bytes <= kObjectBytesPerBlock; ++i) {
        const auto wallet = testkit::signing_key("wallet " + std::to_string(i));
        const auto grant = id_of<GrantId>("grant " + std::to_string(i));
        const consent::Create create{grant, Signer::of(wallet.public_key()), hash_of("terms"),
                                     (world.now_ms / kHourMs + 24) * kHourMs};
        creates.push_back(world.by(b, consent::Payload{create}, {&wallet}));
        revocations.push_back(world.transaction({AccountKind::kGrant, AccountId{grant.bytes}}, {&wallet},
                                                consent::Payload{consent::Revoke{grant}}));
        bytes += revocations.back().bytes.size();
    }
    ASSERT_EQ(testkit::code_of(world.run(creates), creates.back().id), ErrorCode::kOk);
    const auto own = world.by(b, file_root(1));
    const auto by_b = world.execute({world.envelope(revocations, b.key), world.envelope({own}, b.key)});
    EXPECT_EQ(testkit::code_of(by_b, revocations.front().id), ErrorCode::kOk);
    EXPECT_EQ(testkit::code_of(by_b, revocations.back().id), ErrorCode::kInadmissibleQuota);
    EXPECT_EQ(testkit::code_of(by_b, own.id), ErrorCode::kOk) << "who carries them pays nothing of its own share";
    const auto last = revocations.back();
    revocations.pop_back();
    const auto by_two =
        world.execute({world.envelope(revocations, b.key), world.envelope({last}, world.net.hospital_a.key)});
    EXPECT_EQ(testkit::code_of(by_two, last.id), ErrorCode::kOk);
}

TEST(Engine, FaultsAndErasStandAtTheHeadOfABlock) {
    World world;
    const Fault fault{id_of<ValidatorId>("bad"), 1, 7, world.now_ms, 10};
    BlockInput input;
    input.time_ms = world.now_ms;
    input.faults = {fault, fault};
    EraRecord era = world.net.genesis.era;
    era.era = 2;
    input.opens_era = era;
    const auto envelope = world.envelope({world.by(world.net.hospital_a, file_root(1))}, world.net.hospital_a.key);
    input.envelopes = {envelope};
    const auto result = world.execute(input);
    ASSERT_TRUE(result.block.has_value());
    EXPECT_EQ(result.block->system, (std::vector<SystemTransaction>{{EraOpened{era.hash()}}, {fault}}));
    EXPECT_EQ(result.block->header.era, 2U);
    EXPECT_EQ(result.block->header.tx_count, 3U);
    EXPECT_TRUE(check_content(*result.block).has_value());
    world.commit(result);
    EXPECT_EQ(read_value<EraOpened>(world.state(), Contract::kSystem, system_state::era_key(2)).value()->record,
              era.hash());

    input.opens_era.reset();
    input.envelopes.clear();
    EXPECT_FALSE(world.execute(input).block.has_value()) << "a fault that is known changes nothing";
}

TEST(Engine, GivesTheSameBytesOnAnyNumberOfThreads) {
    World one;
    World many;
    ManyThreads threads(4);
    many.executor = &threads;
    for (int i = 0; i < 3; ++i) {
        std::vector<Transaction> batch;
        for (std::uint64_t n = 1; n <= 40; ++n)
            for (const Party* party : one.net.members()) batch.push_back(one.by(*party, file_root(n)));
        const auto a = one.run(batch);
        const auto b = many.run(batch);
        ASSERT_EQ(codec::encode(*a.block), codec::encode(*b.block));
        ASSERT_EQ(a.hash, b.hash);
        ASSERT_EQ(a.changes.size(), b.changes.size());
    }
}

}  // namespace
}  // namespace salus::execution
