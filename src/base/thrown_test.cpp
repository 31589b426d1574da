#include "base/thrown.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace salus {
namespace {

TEST(TypeOf, NamesWhatWasThrownAndNotWhatItSays) {
    try {
        throw std::out_of_range("Jane Doe");
    } catch (const std::exception& thrown) {
        EXPECT_EQ(type_of(thrown), "std::out_of_range");
    }
}

}  // namespace
}  // namespace salus
