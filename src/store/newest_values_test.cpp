#include "store/newest_values.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

namespace salus::store {
namespace {

using Value = NewestValues::Value;

constexpr std::size_t kAmple = 1U << 20U;

Hash path(std::uint8_t name) {
    Hash hash{};
    hash[0] = name;
    return hash;
}
Value value(std::uint8_t byte) { return Bytes{byte}; }

TEST(NewestValuesTest, KnowsWhatWasWrittenAndWhatAViewOfTheNewestVersionHasRead) {
    NewestValues values(kAmple);
    EXPECT_EQ(values.find(Family::kState, path(1), 0), std::nullopt);
    values.note(Family::kState, path(1), value(7), 0);
    EXPECT_EQ(values.find(Family::kState, path(1), 0), std::optional(value(7)));
    values.note(Family::kState, path(2), std::nullopt, 0);
    EXPECT_EQ(values.find(Family::kState, path(2), 0), std::optional<Value>(std::in_place))
        << "that there is none is known too";
    EXPECT_EQ(values.find(Family::kNodes, path(1), 0), std::nullopt) << "another family";

    const std::vector<StateChange> changes{{path(1), value(8)}, {path(3), value(9)}};
    EXPECT_EQ(values.advance(changes, {}), 1U);
    EXPECT_EQ(values.find(Family::kState, path(1), 1), std::optional(value(8)));
    EXPECT_EQ(values.find(Family::kState, path(3), 1), std::optional(value(9)));
    EXPECT_EQ(values.find(Family::kState, path(2), 1), std::optional<Value>(std::in_place)) << "it has not changed";
}

TEST(NewestValuesTest, AnOlderViewIsToldNothingThatHasChangedSince) {
    NewestValues values(kAmple);
    const std::vector<StateChange> changes{{path(1), value(1)}};
    values.note(Family::kState, path(2), value(2), 0);
    values.advance(changes, {});
    EXPECT_EQ(values.find(Family::kState, path(1), 0), std::nullopt);
    EXPECT_EQ(values.find(Family::kState, path(2), 0), std::optional(value(2)));
}

TEST(NewestValuesTest, WhatAnOlderViewHasReadIsNotTaken) {
    NewestValues values(kAmple);
    values.advance({}, {});
    values.note(Family::kState, path(1), value(1), 0);
    EXPECT_EQ(values.find(Family::kState, path(1), 1), std::nullopt);
    EXPECT_EQ(values.find(Family::kState, path(1), 0), std::nullopt);
}

TEST(NewestValuesTest, RemembersNoMoreThanItMay) {
    NewestValues values(std::size_t{64} << 10U);
    for (int i = 0; i < 20'000; ++i) {
        Hash hash{};
        hash[0] = static_cast<std::uint8_t>(i >> 8);
        hash[1] = static_cast<std::uint8_t>(i);
        values.note(Family::kState, hash, value(1), 0);
    }
    std::size_t known = 0;
    for (int i = 0; i < 20'000; ++i) {
        Hash hash{};
        hash[0] = static_cast<std::uint8_t>(i >> 8);
        hash[1] = static_cast<std::uint8_t>(i);
        if (values.find(Family::kState, hash, 0)) ++known;
    }
    EXPECT_GT(known, 0U);
    EXPECT_LT(known, 1'000U);
}

/// Against the plain thing: all versions, kept whole.
RC_GTEST_PROP(NewestValuesProperties, SayNothingOrWhatAViewWouldRead, ()) {
    NewestValues values(*rc::gen::element<std::size_t>(0, 4'000, 40'000));
    std::vector<std::map<std::uint8_t, Bytes>> versions(1);
    const auto steps = *rc::gen::container<std::vector<std::pair<std::uint8_t, std::uint8_t>>>(
        rc::gen::arbitrary<std::pair<std::uint8_t, std::uint8_t>>());
    for (const auto& [what, name] : steps) {
        const auto read = [&](std::size_t version) -> Value {
            const auto it = versions[version].find(name);
            return it == versions[version].end() ? Value{} : Value(it->second);
        };
        if (what % 3 == 0) {
            auto next = versions.back();
            const bool removes = what % 2 == 0;
            if (removes)
                next.erase(name);
            else
                next[name] = Bytes(what, what);
            versions.push_back(next);
            const std::vector<StateChange> changes{{path(name), read(versions.size() - 1)}};
            RC_ASSERT(values.advance(changes, {}) == versions.size() - 1);
            continue;
        }
        const std::size_t version = what % versions.size();
        const auto known = values.find(Family::kState, path(name), version);
        if (known) RC_ASSERT(*known == read(version));
        values.note(Family::kState, path(name), read(version), version);
    }
}

}  // namespace
}  // namespace salus::store
