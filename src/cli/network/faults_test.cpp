#include "cli/network/faults.hpp"

#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>

namespace salus::cli::network {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string> kNodes{"a", "b", "c", "d"};

std::vector<std::pair<std::string, std::string>> held(const Faults& faults) {
    std::vector<std::pair<std::string, std::string>> found;
    for (const auto& [way, fault] : faults)
        if (fault.held) found.push_back(way);
    return found;
}
using Ways = std::vector<std::pair<std::string, std::string>>;

TEST(FaultsTest, APartitionHoldsWhatIsSentBetweenGroupsBothWays) {
    EXPECT_EQ(held(partitioned({}, {{"a", "b"}, {"c", "d"}}, kNodes, false).value()),
              (Ways{{"a", "c"}, {"a", "d"}, {"b", "c"}, {"b", "d"}, {"c", "a"}, {"c", "b"}, {"d", "a"}, {"d", "b"}}));
}

TEST(FaultsTest, NodesOfNoGroupStayTogether) {
    EXPECT_EQ(held(partitioned({}, {{"a"}}, {"a", "b", "c"}, false).value()),
              (Ways{{"a", "b"}, {"a", "c"}, {"b", "a"}, {"c", "a"}}));
    EXPECT_EQ(held(partitioned({}, {{"a"}, {"b"}}, {"a", "b", "c"}, false).value()).size(), 6U);
}

TEST(FaultsTest, OneWayHoldsOnlyWhatTheFirstGroupSends) {
    EXPECT_EQ(held(partitioned({}, {{"a"}, {"b"}}, kNodes, true).value()), (Ways{{"a", "b"}, {"a", "c"}, {"a", "d"}}));
}

TEST(FaultsTest, ANewPartitionReplacesTheOldOneAndLeavesDelays) {
    const Faults first = partitioned(delayed({}, {"d"}, kNodes, 5ms), {{"a"}}, kNodes, false).value();
    const Faults second = partitioned(first, {{"b"}}, kNodes, false).value();
    EXPECT_EQ(held(second).size(), 6U);
    EXPECT_FALSE(second.contains({"a", "c"}));
    EXPECT_EQ(second.at({"a", "d"}), (transport::LinkFault{false, 5ms}));
    EXPECT_EQ(second.at({"b", "d"}), (transport::LinkFault{true, 5ms}));
}

TEST(FaultsTest, WhatCannotBeParted) {
    EXPECT_EQ(partitioned({}, {{"a", "b"}, {"b"}}, kNodes, false).error().code, ErrorCode::kUsage);
    EXPECT_EQ(partitioned({}, {kNodes}, kNodes, false).error().code, ErrorCode::kUsage);
    EXPECT_EQ(parse_group("a,x", kNodes).error().message, "there is no node \"x\"; there are a, b, c, d");
    EXPECT_EQ(parse_group("", kNodes).error().code, ErrorCode::kUsage);
    EXPECT_EQ(parse_group("b,d", kNodes).value(), (std::vector<std::string>{"b", "d"}));
}

TEST(FaultsTest, ADelayIsOfAllThatAGroupSendsAndReceivesAndNoneEndsIt) {
    const Faults slow = delayed({}, {"a"}, kNodes, 50ms);
    EXPECT_EQ(slow.size(), 6U);
    EXPECT_EQ(slow.at({"b", "a"}).delay, 50ms);
    EXPECT_TRUE(delayed(slow, kNodes, kNodes, 0ms).empty());
}

TEST(FaultsTest, AreReadAsTheyWereWritten) {
    const Faults faults = partitioned(delayed({}, {"d"}, kNodes, 5ms), {{"a"}}, kNodes, true).value();
    EXPECT_EQ(parse_faults(boost::json::serialize(json_of(faults))).value(), faults);
    EXPECT_TRUE(parse_faults("[]").value().empty());
    for (const char* text : {"", "{}", "[1]", R"([{"from":"a"}])", R"([{"from":"a","to":1,"held":true,"delay_ms":0}])"})
        EXPECT_EQ(parse_faults(text).error().code, ErrorCode::kCorrupt) << text;
}

TEST(FaultsTest, AreSaidInALine) {
    EXPECT_EQ(text_of({}), "");
    EXPECT_EQ(text_of(partitioned(delayed({}, {"b"}, {"a", "b"}, 5ms), {{"a"}, {"b"}}, {"a", "b"}, true).value()),
              "cut: a to b; 5 ms late on 2 ways");
}

}  // namespace
}  // namespace salus::cli::network
