#include "execution/contracts/records/records.hpp"

#include <gtest/gtest.h>

#include "testkit/world.hpp"

namespace salus::execution {
namespace {

using testkit::hash_of;
using testkit::World;

/// Leaves or nullifiers, each of its own.
Bytes hashes(std::string_view what, std::size_t count) {
    Bytes bytes;
    for (std::size_t i = 0; i < count; ++i) append(bytes, hash_of(std::string(what) + std::to_string(i)));
    return bytes;
}

class Records : public ::testing::Test {
protected:
    ErrorCode append_by(const testkit::Party& party, std::uint64_t first, const Bytes& leaves,
                        const Bytes& superseded = {}) {
        return world.send(world.by(party, records::Payload{records::Append{first, leaves, superseded}}));
    }
    records::LogState log(const testkit::Party& party) {
        return read_value<records::LogState>(world.state(), Contract::kRecords, records::log_key(party.id()))
            .value()
            .value_or(records::LogState{});
    }
    World world;
    const testkit::Party& a = world.net.hospital_a;
    const testkit::Party& b = world.net.hospital_b;
};

TEST_F(Records, AppendExtendsTheSendersOwnLog) {
    EXPECT_EQ(append_by(a, 0, hashes("x", 16)), ErrorCode::kOk);
    EXPECT_EQ(append_by(a, 16, hashes("y", 32)), ErrorCode::kOk);
    LogFrontier expected;
    for (const char* what : {"x", "y"})
        for (std::size_t i = 0; i < (*what == 'x' ? 16U : 32U); ++i)
            expected.append(hash_of(std::string(what) + std::to_string(i)));
    EXPECT_EQ(log(a), expected);
    EXPECT_EQ(log(b).count, 0U);
}

TEST_F(Records, ABlockTellsTheLeavesInOrder) {
    const auto one = world.by(a, records::Payload{records::Append{0, hashes("x", 16), {}}});
    const auto two = world.by(a, records::Payload{records::Append{16, hashes("y", 16), {}}});
    const auto result = world.run({one, two});
    ASSERT_EQ(result.logs.size(), 2U);
    EXPECT_EQ(result.logs[0].owner, a.id());
    EXPECT_EQ(result.logs[1].first_index, 16U);
    EXPECT_EQ(result.logs[1].leaves[3], hash_of("y3"));
    Bytes range = to_bytes(big_endian(std::uint64_t{16}));
    append(range, big_endian(std::uint64_t{16}));
    EXPECT_EQ(result.block->events[1].events, (std::vector<Event>{{1, to_bytes(ByteView(a.id())), range}}));
}

TEST_F(Records, AppendRefusesAnIndexThatIsNotTheCount) {
    EXPECT_EQ(append_by(a, 1, hashes("x", 16)), ErrorCode::kRecordsIndex);
    ASSERT_EQ(append_by(a, 0, hashes("x", 16)), ErrorCode::kOk);
    EXPECT_EQ(append_by(a, 0, hashes("x", 16)), ErrorCode::kRecordsIndex);
    EXPECT_EQ(append_by(a, 17, hashes("x", 16)), ErrorCode::kRecordsIndex);
}

TEST_F(Records, AppendInsistsOnAMultipleOfSixteen) {
    EXPECT_EQ(append_by(a, 0, {}), ErrorCode::kRecordsPadding);
    EXPECT_EQ(append_by(a, 0, hashes("x", 15)), ErrorCode::kRecordsPadding);
    EXPECT_EQ(append_by(a, 0, hashes("x", 17)), ErrorCode::kRecordsPadding);
    EXPECT_EQ(append_by(a, 0, Bytes(16 * 32 + 1)), ErrorCode::kRecordsShape);
    EXPECT_EQ(append_by(a, 0, hashes("x", 16), Bytes(31)), ErrorCode::kRecordsShape);
}

TEST_F(Records, AVersionIsSupersededOnce) {
    EXPECT_EQ(append_by(a, 0, hashes("x", 16), hashes("n", 2)), ErrorCode::kOk);
    EXPECT_EQ(append_by(a, 16, hashes("y", 16), hashes("n", 1)), ErrorCode::kRecordsSuperseded);
    Bytes twice = hashes("m", 1);
    append(twice, hashes("m", 1));
    EXPECT_EQ(append_by(a, 16, hashes("y", 16), twice), ErrorCode::kRecordsSuperseded);
    EXPECT_EQ(log(a).count, 16U) << "a failed append's leaves do not count";
    EXPECT_EQ(append_by(a, 16, hashes("y", 16), hashes("m", 1)), ErrorCode::kOk) << "nor do its nullifiers";
    const auto place = read_value<records::SupersededState>(world.state(), Contract::kRecords,
                                                            records::superseded_key(a.id(), hash_of("n1")));
    EXPECT_EQ(place.value().value(), (Place{1, 0}));
}

TEST_F(Records, NobodySupersedesAnothersVersion) {
    ASSERT_EQ(append_by(a, 0, hashes("x", 16), hashes("n", 1)), ErrorCode::kOk);
    EXPECT_EQ(append_by(b, 0, hashes("x", 16), hashes("n", 1)), ErrorCode::kOk) << "the same bytes in b's own list";
    EXPECT_FALSE(read_value<records::SupersededState>(world.state(), Contract::kRecords,
                                                      records::superseded_key(world.net.payer.id(), hash_of("n0")))
                     .value()
                     .has_value());
}

TEST_F(Records, AThousandNullifiersFitTheLimitsOfATransaction) {
    EXPECT_EQ(append_by(a, 0, hashes("x", 16), hashes("n", kSupersededPerAppendMax)), ErrorCode::kOk);
    EXPECT_EQ(append_by(a, 16, hashes("x", 16), hashes("m", kSupersededPerAppendMax + 1)), ErrorCode::kRecordsPayload);
}

}  // namespace
}  // namespace salus::execution
