#include "crypto/address.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "crypto/test_vectors.hpp"

namespace salus::crypto {
namespace {

std::string refusal(std::string_view prefix, std::string_view text) {
    const auto data = from_bech32m(prefix, text);
    if (data) return "";
    EXPECT_EQ(data.error().code, ErrorCode::kUsage);
    return data.error().message;
}

TEST(Bech32m, AcceptsTheValidStringsOfBip350) {
    EXPECT_EQ(from_bech32m("a", "A1LQFN3A").value(), Bytes());
    EXPECT_EQ(from_bech32m("a", "a1lqfn3a").value(), Bytes());
    const std::string long_prefix =
        "an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber1";
    EXPECT_EQ(from_bech32m(long_prefix, long_prefix + "1sg7hg6").value(), Bytes());
    EXPECT_EQ(from_bech32m("abcdef", "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx").value(),
              "ffbbcdeb38bdab49ca307b9ac5a928398a418820"_hex);
    EXPECT_EQ(from_bech32m("split", "split1checkupstagehandshakeupstreamerranterredcaperredlc445v").value(),
              "c5f38b70305f519bf66d85fb6cf03058f3dde463ecd7918f2dc743918f2d"_hex);
    EXPECT_EQ(from_bech32m("?", "?1v759aa").value(), Bytes());
}

TEST(Bech32m, TakesOneValidStringOfBip350ForItsPaddingOnly) {
    // 82 symbols of 31: a good checksum over what no string of bytes becomes.
    EXPECT_EQ(
        refusal("1", "11llllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllludsr8"),
        "the address has a padding that no encoder writes");
}

TEST(Bech32m, RefusesTheInvalidStringsOfBip350) {
    constexpr std::pair<std::string_view, std::string_view> kInvalid[] = {
        {"qyrz8wqd2c9m", "qyrz8wqd2c9m"},  // no separator
        {"a", "1qyrz8wqd2c9m"},            // empty prefix
        {"y", "y1b0jsk6g"},                // invalid data character
        {"lt", "lt1igcx5c0"},              // invalid data character
        {"in", "in1muywd"},                // too short checksum
        {"mm", "mm1crxm3i"},               // invalid character in checksum
        {"au", "au1s5cgom"},               // invalid character in checksum
        {"m", "M1VUXWEZ"},                 // checksum of the upper-case prefix
        {"a", "16plkw9"},                  // empty prefix
        {"a", "1p2gdwpf"},                 // empty prefix
        {"a",
         "\x20"
         "1xj0phk"},  // prefix out of range
        {"a",
         "\x7f"
         "1g6xzxy"},
        {"a",
         "\x80"
         "1vctc34"},
    };
    for (const auto& [prefix, text] : kInvalid) EXPECT_NE(refusal(prefix, text), "") << text;
    const std::string prefix = "an84characterslonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber1";
    EXPECT_EQ(refusal(prefix, prefix + "1d6pts4"), "the address has more than 90 characters");
    // Bech32 of BIP-173 is another checksum.
    EXPECT_NE(refusal("a", "a12uel5l"), "");
}

TEST(Bech32m, RefusesMixedCaseAndAnotherPrefix) {
    EXPECT_EQ(refusal("a", "A1lqfn3a"), "the address mixes upper and lower case");
    EXPECT_EQ(refusal("b", "a1lqfn3a"), "the address does not begin with \"b1\"");
    EXPECT_EQ(refusal("a", ""), "the address does not begin with \"a1\"");
}

TEST(Bech32m, RefusesAnyOneMistakenCharacter) {
    const std::string good = to_bech32m("org", "00112233445566778899aabbccddeeff"_hex);
    for (std::size_t i = 4; i < good.size(); ++i) {
        std::string bad = good;
        bad[i] = bad[i] == 'q' ? 'p' : 'q';
        EXPECT_NE(refusal("org", bad), "") << bad;
    }
}

RC_GTEST_PROP(Bech32m, GivesBackWhatItWasGivenInEitherCase, (const ByteArray<32>& data)) {
    const auto size = *rc::gen::inRange<std::size_t>(0, 33);
    const ByteView view = ByteView(data).first(size);
    std::string text = to_bech32m("grant", view);
    RC_ASSERT(from_bech32m("grant", text).value() == to_bytes(view));
    for (char& c : text) c = static_cast<char>(std::toupper(c));
    RC_ASSERT(from_bech32m("grant", text).value() == to_bytes(view));
}

}  // namespace
}  // namespace salus::crypto
