#include "execution/verdict_cache.hpp"

#include <gtest/gtest.h>

#include "testkit/consortium.hpp"

namespace salus::execution {
namespace {

TEST(VerdictCache, KnowsWhatItWasTold) {
    VerdictCache cache;
    EXPECT_FALSE(cache.good(testkit::hash_of("a")));
    cache.remember(testkit::hash_of("a"));
    EXPECT_TRUE(cache.good(testkit::hash_of("a")));
    EXPECT_FALSE(cache.good(testkit::hash_of("b")));
}

TEST(VerdictCache, ANewVerdictReplacesTheOldestOfItsSet) {
    VerdictCache cache(4);  // one set of four
    for (const char* name : {"a", "b", "c", "d", "d", "e"}) cache.remember(testkit::hash_of(name));
    EXPECT_FALSE(cache.good(testkit::hash_of("a")));
    for (const char* name : {"b", "c", "d", "e"}) EXPECT_TRUE(cache.good(testkit::hash_of(name))) << name;
}

}  // namespace
}  // namespace salus::execution
