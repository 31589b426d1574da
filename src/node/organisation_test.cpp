#include "node/organisation.hpp"

#include <gtest/gtest.h>

#include "application/outbox/outbox.hpp"
#include "application/vault/checkpoint.hpp"
#include "base/file.hpp"
#include "model/contracts/disclosure.hpp"
#include "node/test_network.hpp"
#include "store/chain_store.hpp"

namespace salus::node {
namespace {

namespace app = salus::application;

/// A node of two hospitals, whose vaults are changed while it does not run.
struct TwoVaults : TestNetwork {
    TwoVaults() : TestNetwork(2) { keep_checkpoint(kept()); }
    [[nodiscard]] std::filesystem::path kept() const { return folder / "hospital-b.checkpoint"; }
    [[nodiscard]] Height height() const {
        return store::open_rocksdb_to_read(chain_folder(folder)).value()->view()->tip().header.height;
    }
    [[nodiscard]] std::unique_ptr<app::Database> vault(const std::string& slug) const {
        return app::Database::open(organisation_folder(folder, slug) / "vault" / "vault.db").value();
    }
    /// What a kill left of breaking glass: it is durable, and not on the chain.
    void leave_a_duty(const std::string& slug) {
        const auto id = random.id<BreakGlassId>();
        const TimeMs now = clock.now_ms();
        const Bytes payload =
            codec::encode(disclosure::Payload{disclosure::BreakGlass{id, Hash{1}, now + kHourMs, now}});
        ASSERT_TRUE(vault(slug)->transaction([&](app::Writing& writing) {
            return writing.run(
                "INSERT INTO outbox (id, kind, topic, reference, contract, payload, transaction_id, bytes, "
                "valid_until_ms) VALUES (1000, :kind, 'break-glass', :reference, :contract, :payload, :transaction, "
                ":bytes, 0)",
                app::FilingKind::kMustFile, id, Contract::kDisclosure, payload, TxId{}, Bytes{});
        }));
    }
    [[nodiscard]] std::uint64_t duties(const std::string& slug) const {
        return *vault(slug)
                    ->read([](app::Reading& reading) {
                        return reading.query_value<std::uint64_t>("SELECT COUNT(*) FROM outbox WHERE id = 1000");
                    })
                    .value();
    }
};

/// The chain and A's vault were put back from an older copy, B's vault was not.
TEST_F(TwoVaults, NothingIsOrderedForOneWhereAnotherHasSeenMoreThanTheChain) {
    {
        const auto node = start();
        ASSERT_TRUE(node) << node.error().to_string();
        for (int tries = 0; tries < 2400 && !std::filesystem::exists(kept()); ++tries)
            pause(std::chrono::milliseconds(50));
        ASSERT_TRUE(std::filesystem::exists(kept()));
    }
    leave_a_duty("hospital-a");
    Checkpoint seen = codec::decode<Checkpoint>(read_file(kept(), 4 << 20).value()).value();
    seen.height += 1000;
    ASSERT_TRUE(
        vault("hospital-b")->transaction([&](app::Writing& writing) { return app::keep_checkpoint(writing, seen); }));
    const Height before = height();
    const auto refused = start();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kRolledBack) << refused.error().to_string();
    EXPECT_NE(refused.error().to_string().find("hospital-b"), std::string::npos) << refused.error().to_string();
    EXPECT_EQ(height(), before);
    EXPECT_EQ(duties("hospital-a"), 1U);

    ASSERT_TRUE(vault("hospital-b")->transaction([](app::Writing& writing) {
        return writing.run("DELETE FROM vault_meta WHERE name = 'checkpoint'");
    }));
    EXPECT_TRUE(start()) << "nobody objects";
    EXPECT_GT(height(), before);
    EXPECT_EQ(duties("hospital-a"), 0U) << "taken up";
}

}  // namespace
}  // namespace salus::node
