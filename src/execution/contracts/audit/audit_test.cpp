#include "execution/contracts/audit/audit.hpp"

#include <gtest/gtest.h>

#include "testkit/world.hpp"

namespace salus::execution {
namespace {

using testkit::hash_of;

TEST(Audit, IntervalsOnlyRiseAndMayLeaveGaps) {
    testkit::World world;
    const auto file = [&](const testkit::Party& party, std::uint64_t interval) {
        return world.send(world.by(party, audit::Payload{audit::FileRoot{interval, hash_of("root")}}));
    };
    EXPECT_EQ(file(world.net.payer, 0), ErrorCode::kAuditInterval);
    EXPECT_EQ(file(world.net.payer, 7), ErrorCode::kOk);
    EXPECT_EQ(file(world.net.payer, 7), ErrorCode::kAuditInterval);
    EXPECT_EQ(file(world.net.payer, 6), ErrorCode::kAuditInterval);
    EXPECT_EQ(file(world.net.payer, 9), ErrorCode::kOk);
    EXPECT_EQ(file(world.net.regulator, 1), ErrorCode::kOk) << "each organisation counts its own";
    const auto state =
        read_value<audit::AuditState>(world.state(), Contract::kAudit, audit::audit_key(world.net.payer.id()));
    EXPECT_EQ(state.value()->interval, 9U);
    EXPECT_EQ(state.value()->log.count, 2U);
}

}  // namespace
}  // namespace salus::execution
