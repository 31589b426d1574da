#include "store/chain_store.hpp"

#include <gtest/gtest.h>

#include "crypto/hash.hpp"
#include "store/memory_kv.hpp"
#include "store/test_chain.hpp"
#include "testing/directory.hpp"

/// What holds for the store on disk and for its twin alike.
namespace salus::store {
namespace {

class Medium {
public:
    virtual ~Medium() = default;
    virtual Result<std::unique_ptr<ChainStore>> open(const Founding* founding) = 0;
};
class Memory final : public Medium {
    Result<std::unique_ptr<ChainStore>> open(const Founding* founding) override { return open_memory(disk_, founding); }
    MemoryDisk disk_;
};
class Disk final : public Medium {
    Result<std::unique_ptr<ChainStore>> open(const Founding* founding) override {
        return open_rocksdb(directory_.path() / "chain", founding);
    }
    testing::TestDirectory directory_;
};

struct MediumKind {
    const char* name;
    std::unique_ptr<Medium> (*make)();
};

class ChainStoreTest : public ::testing::TestWithParam<MediumKind> {
protected:
    void SetUp() override {
        medium_ = GetParam().make();
        store_ = medium_->open(&chain_.founding()).value();
    }
    void reopen() {
        store_.reset();
        store_ = medium_->open(nullptr).value();
    }
    void grow(int blocks) {
        for (int i = 0; i < blocks; ++i) ASSERT_TRUE(store_->write(chain_.next(*store_->view())));
        ASSERT_TRUE(store_->sync());
    }
    void expect_state(const StoreView& view, Height height) {
        const auto state = chain_.state(height);
        const auto leaves = view.leaves(NodeId{}, SIZE_MAX).value();
        ASSERT_EQ(leaves.size(), state.size());
        auto expected = state.begin();
        for (const StateLeaf& leaf : leaves) {
            EXPECT_EQ(leaf.path, expected->first);
            EXPECT_EQ(leaf.value_hash, crypto::sha256(expected->second));
            EXPECT_EQ(view.at(leaf.path).value(), std::optional(expected->second));
            ++expected;
        }
        EXPECT_EQ(view.tip().header.height, height);
        const Hash root =
            height == 0 ? chain_.founding().tree.root : chain_.commits()[height - 1].block->header.state_root;
        for (const auto& [path, value] : chain_.state(height > 0 ? height - 1 : 0)) {
            const auto here = state.find(path);
            const auto now = here == state.end() ? std::nullopt : std::optional(here->second);
            ASSERT_TRUE(check_state(prove_state(view, path).value(), path, now, root));
        }
    }

    TestChain chain_;
    std::unique_ptr<Medium> medium_;
    std::unique_ptr<ChainStore> store_;
};

TEST_P(ChainStoreTest, ANewStoreShowsItsFounding) {
    reopen();
    const auto view = store_->view();
    EXPECT_EQ(view->tip().header.height, 0U);
    EXPECT_EQ(view->tip().hash, chain_.founding().network_id.bytes);
    EXPECT_EQ(view->tip().header.state_root, chain_.founding().tree.root);
    EXPECT_EQ(view->tip().engine_time_ms, chain_.founding().time_ms);
    EXPECT_EQ(store_->genesis().value(), chain_.founding().genesis);
    EXPECT_EQ(store_->eras().value(), std::vector{chain_.founding().era});
    EXPECT_EQ(store_->block(1).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(store_->certificate(0).error().code, ErrorCode::kNotFound);
    expect_state(*view, 0);
}

TEST_P(ChainStoreTest, IsFoundedOnceAndOpenedOnlyWhereOneStands) {
    store_.reset();
    EXPECT_EQ(medium_->open(&chain_.founding()).error().code, ErrorCode::kConflict);
    EXPECT_EQ(GetParam().make()->open(nullptr).error().code, ErrorCode::kNotFound);
}

TEST_P(ChainStoreTest, ReadsBackWhatWasCommitted) {
    grow(20);
    reopen();
    for (Height height = 1; height <= 20; ++height) {
        const Commit& commit = chain_.commits()[height - 1];
        EXPECT_EQ(store_->block(height).value(), *commit.block);
        EXPECT_EQ(store_->header(height).value(), commit.block->header);
        EXPECT_EQ(store_->certificate(height).value(), std::nullopt);
        const auto place = store_->find(commit.block->receipts[0].id).value();
        ASSERT_TRUE(place);
        EXPECT_EQ(place->height, height);
        EXPECT_EQ(place->index, 0U);
        EXPECT_EQ(place->receipt, commit.block->receipts[0]);
    }
    EXPECT_EQ(store_->view()->tip().hash, chain_.commits().back().hash);
    EXPECT_EQ(store_->view()->tip().engine, 20U);
    EXPECT_EQ(store_->block(21).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(store_->find(chain_.random().id<TxId>()).value(), std::nullopt);
    expect_state(*store_->view(), 20);
}

TEST_P(ChainStoreTest, ShowsWhatIsWrittenBeforeItIsSynced) {
    ASSERT_TRUE(store_->write(chain_.next(*store_->view())));
    EXPECT_TRUE(store_->block(1));
    expect_state(*store_->view(), 1);
}

TEST_P(ChainStoreTest, AViewStaysAsItWas) {
    grow(1);
    const auto view = store_->view();
    grow(3);
    expect_state(*view, 1);
}

TEST_P(ChainStoreTest, KnowsEveryVersionThatItKeeps) {
    grow(30);
    reopen();
    for (Height height = 0; height <= 30; ++height) {
        const auto view = store_->view_at(height).value();
        expect_state(*view, height);
        if (height == 30) continue;
        EXPECT_EQ(view->tip().history.root(), chain_.commits()[height].block->header.history_root);
        EXPECT_EQ(view->tip().hash, chain_.commits()[height].block->header.parent_hash);
    }
    EXPECT_EQ(store_->view_at(31).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(store_->view_at(0, 100).error().code, ErrorCode::kTooLarge) << "more has changed since";
    EXPECT_TRUE(store_->view_at(30, 0)) << "nothing has changed since";
}

TEST_P(ChainStoreTest, KeepsVersionsFor1024BlocksOrTenMinutesWhicheverIsMore) {
    // A second a block: after 1,124 blocks the last 1,024 blocks are more than the last 600.
    grow(1124);
    EXPECT_TRUE(store_->view_at(100));
    EXPECT_EQ(store_->view_at(99).error().code, ErrorCode::kGone);
    reopen();
    EXPECT_TRUE(store_->view_at(100));
    EXPECT_EQ(store_->view_at(99).error().code, ErrorCode::kGone);
    grow(1);
    EXPECT_EQ(store_->view_at(100).error().code, ErrorCode::kGone);
}

TEST_P(ChainStoreTest, FindsIdsThatBeginAlike) {
    TxId one = chain_.random().id<TxId>();
    TxId two = one;
    two.bytes[31] ^= 1;
    TxId absent = one;
    absent.bytes[16] ^= 1;
    ASSERT_TRUE(store_->write(chain_.next(*store_->view(), {one})));
    ASSERT_TRUE(store_->write(chain_.next(*store_->view(), {chain_.random().id<TxId>(), two})));
    EXPECT_EQ(store_->find(one).value()->height, 1U);
    EXPECT_EQ(store_->find(two).value()->height, 2U);
    EXPECT_EQ(store_->find(two).value()->index, 1U);
    EXPECT_EQ(store_->find(absent).value(), std::nullopt);
}

TEST_P(ChainStoreTest, KeepsTheCompleteNodesOfEveryLog) {
    const AccountId owner = chain_.random().id<AccountId>();
    const AccountId other = chain_.random().id<AccountId>();
    std::vector<Hash> all;
    for (const std::size_t size : {1U, 15U, 16U, 3U, 300U, 17U}) {
        Commit commit = chain_.next(*store_->view());
        for (const bool second : {false, true}) {
            LogWrite write{Contract::kAudit, owner, all.size(), {}};
            for (std::size_t i = 0; i < size + (second ? 1 : 0); ++i)
                write.leaves.push_back(chain_.random().bytes<32>());
            all.insert(all.end(), write.leaves.begin(), write.leaves.end());
            commit.logs.push_back(write);
        }
        ASSERT_TRUE(store_->write(commit));
        ASSERT_TRUE(store_->sync());
        reopen();
        const auto log = store_->view()->log(Contract::kAudit, owner);
        const Hash root = log_root(all);
        for (std::uint64_t i = 0; i < all.size(); i += 1 + all.size() / 20)
            EXPECT_TRUE(check_inclusion(all[i], i, all.size(), inclusion_path(*log, i, all.size()).value(), root));
        EXPECT_EQ(log->node(0, all.size()).error().code, ErrorCode::kNotFound);
        EXPECT_EQ(log->node(0, all.size() - 1).value(), all.back());
    }
    EXPECT_EQ(store_->view()->log(Contract::kAudit, other)->node(0, 0).error().code, ErrorCode::kNotFound);
}

TEST_P(ChainStoreTest, KeepsTheHistoryOfBlocks) {
    grow(300);
    const auto view = store_->view();
    const auto history = view->history();
    const Hash leaf = history_leaf(chain_.commits()[4].hash);
    EXPECT_TRUE(check_inclusion(leaf, 4, 300, inclusion_path(*history, 4, 300).value(), view->tip().history.root()));
}

TEST_P(ChainStoreTest, AnEngineBlockWithoutABlockMovesOnlyTheEngine) {
    grow(1);
    Commit empty;
    empty.engine = 7;
    empty.engine_time_ms = 99;
    ASSERT_TRUE(store_->write(empty));
    ASSERT_TRUE(store_->sync());
    reopen();
    EXPECT_EQ(store_->view()->tip().engine, 7U);
    EXPECT_EQ(store_->view()->tip().engine_time_ms, 99U);
    expect_state(*store_->view(), 1);
}

TEST_P(ChainStoreTest, TakesACertificateWithTheBlockOrLater) {
    const Certificate certificate{OperatorCertificate{{crypto::SignatureSuite::kEd25519, Bytes(32, 1)}, Bytes(64, 2)}};
    Commit commit = chain_.next(*store_->view());
    commit.certificate = certificate;
    ASSERT_TRUE(store_->write(commit));
    grow(1);
    EXPECT_EQ(store_->certificate(1).value(), certificate);
    EXPECT_EQ(store_->certificate(2).value(), std::nullopt);
    ASSERT_TRUE(store_->put_certificate(2, certificate, false));
    ASSERT_TRUE(store_->put_certificate(2, certificate, false));
    EXPECT_EQ(store_->put_certificate(3, certificate, true).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(store_->put_certificate(0, certificate, true).error().code, ErrorCode::kNotFound);
    ASSERT_TRUE(store_->sync());
    reopen();
    EXPECT_EQ(store_->certificate(2).value(), certificate);
}

TEST_P(ChainStoreTest, ListsTheCertificatesThatChangedValidatorsByEra) {
    grow(1);
    Commit opening = chain_.next(*store_->view());
    opening.era = chain_.founding().era;
    opening.era->era = opening.block->header.era = 2;
    opening.hash = opening.block->header.hash();
    ASSERT_TRUE(store_->write(opening));
    const Certificate certificate{CometBftCertificate{{1}, {2}, {3}}};
    ASSERT_TRUE(store_->put_certificate(1, certificate, true));
    EXPECT_EQ(store_->validator_changes(1).value(), std::vector<Height>{1});
    EXPECT_EQ(store_->validator_changes(2).value(), std::vector<Height>{});
    ASSERT_TRUE(store_->put_certificate(2, certificate, true));
    ASSERT_TRUE(store_->sync());
    reopen();
    EXPECT_EQ(store_->validator_changes(1).value(), std::vector<Height>{1});
    EXPECT_EQ(store_->validator_changes(2).value(), std::vector<Height>{2});
    EXPECT_EQ(store_->validator_changes(3).value(), std::vector<Height>{});
}

TEST_P(ChainStoreTest, ListsErasInOrder) {
    Commit commit = chain_.next(*store_->view());
    commit.block->header.era = 300;
    commit.hash = commit.block->header.hash();
    commit.era = chain_.founding().era;
    commit.era->era = 300;
    ASSERT_TRUE(store_->write(commit));
    ASSERT_TRUE(store_->sync());
    reopen();
    const auto eras = store_->eras().value();
    ASSERT_EQ(eras.size(), 2U);
    EXPECT_EQ(eras[1].era, 300U);
    EXPECT_EQ(store_->view()->tip().era, 300U);
}

INSTANTIATE_TEST_SUITE_P(Media, ChainStoreTest,
                         ::testing::Values(MediumKind{"memory", [] { return std::unique_ptr<Medium>(new Memory); }},
                                           MediumKind{"rocksdb", [] { return std::unique_ptr<Medium>(new Disk); }}),
                         [](const auto& medium) { return medium.param.name; });

}  // namespace
}  // namespace salus::store
