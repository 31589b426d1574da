#include "cli/network/torture/history.hpp"

#include <gtest/gtest.h>

namespace salus::cli::network {
namespace {

TxId id_of(std::uint8_t name) {
    TxId id;
    id.bytes[0] = name;
    return id;
}

/// A history of two nodes, whose blocks are told at the end.
class HistoryTest : public ::testing::Test {
protected:
    void block(const std::string& node, Height height, const std::vector<std::uint8_t>& names,
               std::uint8_t content = 0) {
        Block block;
        block.header.height = height;
        for (const std::uint8_t name : names) block.receipts.emplace_back().id = id_of(name);
        history_.block(node, Bytes{static_cast<std::uint8_t>(height), content}, block);
    }
    void both(Height height, const std::vector<std::uint8_t>& names) {
        block("a", height, names);
        block("b", height, names);
    }
    [[nodiscard]] std::string fault() const {
        const auto faults = history_.judge();
        return faults.empty() ? "" : faults.front();
    }
    History history_;
};

TEST_F(HistoryTest, HoldsWhereAllIsWhereItWasSaid) {
    history_.acknowledge(id_of(1), {1, 0});
    history_.acknowledge(id_of(2), {1, 1});
    history_.refuse(id_of(3));
    history_.doubt(id_of(4));
    history_.doubt(id_of(5));
    both(1, {1, 2});
    both(2, {4});
    EXPECT_EQ(fault(), "");
    const auto counts = history_.counts();
    EXPECT_EQ(counts.acknowledged, 2U);
    EXPECT_EQ(counts.refused, 1U);
    EXPECT_EQ(counts.in_doubt, 2U);
    EXPECT_EQ(counts.kept, 1U);
}

TEST_F(HistoryTest, AnAcknowledgedTransactionThatIsLost) {
    history_.acknowledge(id_of(1), {1, 0});
    both(1, {2});
    EXPECT_NE(fault().find("does not stand"), std::string::npos);
}

TEST_F(HistoryTest, OneThatStandsElsewhereThanItWasSaid) {
    history_.acknowledge(id_of(1), {1, 1});
    both(1, {1});
    EXPECT_NE(fault().find("was acknowledged at 1/1 and stands at 1/0"), std::string::npos);
}

TEST_F(HistoryTest, OneThatStandsTwice) {
    history_.doubt(id_of(1));
    both(1, {1});
    both(2, {1});
    EXPECT_NE(fault().find("stands at 1/0 and at 2/0"), std::string::npos);
}

TEST_F(HistoryTest, OneThatWasRefusedAndStands) {
    history_.refuse(id_of(1));
    both(1, {1});
    EXPECT_NE(fault().find("was refused and stands"), std::string::npos);
}

TEST_F(HistoryTest, OneThatIsAcknowledgedAtTwoPlaces) {
    history_.acknowledge(id_of(1), {1, 0});
    history_.acknowledge(id_of(1), {1, 1});
    EXPECT_NE(fault().find("at 1/0 and at 1/1"), std::string::npos);
}

TEST_F(HistoryTest, AnAnswerEndsADoubtAndADoubtEndsNoAnswer) {
    history_.doubt(id_of(1));
    history_.acknowledge(id_of(1), {1, 0});
    history_.doubt(id_of(1));
    EXPECT_EQ(history_.counts().acknowledged, 1U);
    EXPECT_EQ(history_.counts().in_doubt, 0U);
}

TEST_F(HistoryTest, NodesWhoseBlocksDiffer) {
    block("a", 1, {1}, 0);
    block("b", 1, {1}, 1);
    EXPECT_EQ(fault(), "b has another block at height 1");
}

TEST_F(HistoryTest, ANodeThatIsBehind) {
    both(1, {1});
    block("a", 2, {2});
    EXPECT_EQ(fault(), "b has 1 blocks of 2");
}

TEST_F(HistoryTest, WhatAClientSawItself) {
    history_.fault("a showed less than before");
    EXPECT_EQ(fault(), "a showed less than before");
}

}  // namespace
}  // namespace salus::cli::network
