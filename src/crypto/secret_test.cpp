#include "crypto/secret.hpp"

#include <gtest/gtest.h>

#include <concepts>
#include <ostream>
#include <type_traits>

namespace salus::crypto {
namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };
template <class T>
concept Comparable = requires(const T& a, const T& b) { a == b; };

template <class T>
constexpr bool kKept =
    !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T> && std::is_nothrow_move_constructible_v<T> &&
    std::is_nothrow_move_assignable_v<T> && !Printable<T> && !Comparable<T> && !std::convertible_to<T, ByteView>;
static_assert(kKept<Key256> && kKept<Secret<64>> && kKept<SecretBytes>);
static_assert(Printable<int> && Comparable<int>, "the concepts above can be true");

ByteArray<32> filled(std::uint8_t value) {
    ByteArray<32> out;
    out.fill(value);
    return out;
}

TEST(Secret, IsWipedAtTheEndOfItsLife) {
    alignas(Key256) std::uint8_t memory[sizeof(Key256)];
    auto* const key = new (memory) Key256(filled(7));
    EXPECT_TRUE(equal(key->expose(), filled(7)));
    key->~Key256();
    EXPECT_TRUE(equal(memory, filled(0)));
}

TEST(Secret, LeavesNothingWhereItWasMovedFrom) {
    Key256 from(filled(7));
    Key256 to(std::move(from));
    EXPECT_TRUE(equal(from.expose(), filled(0)));  // NOLINT(bugprone-use-after-move): the subject of the test
    EXPECT_TRUE(equal(to.expose(), filled(7)));
    Key256 other;
    other = std::move(to);
    EXPECT_TRUE(equal(to.expose(), filled(0)));  // NOLINT(bugprone-use-after-move)
    EXPECT_TRUE(equal(other.expose(), filled(7)));
}

TEST(Secret, IsCopiedOnlyByName) {
    const Key256 key(filled(7));
    EXPECT_TRUE(equal(key.clone().expose(), key.expose()));
}

TEST(ConstantTimeComparison, TellsEqualFromDifferent) {
    EXPECT_TRUE(equal_constant_time({}, {}));
    EXPECT_TRUE(equal_constant_time(as_bytes("abc"), as_bytes("abc")));
    EXPECT_FALSE(equal_constant_time(as_bytes("abc"), as_bytes("abd")));
    EXPECT_FALSE(equal_constant_time(as_bytes("abc"), as_bytes("ab")));
}

}  // namespace
}  // namespace salus::crypto
