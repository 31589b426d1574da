#include "base/encoding.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace salus {
namespace {

TEST(Encoding, Base64FollowsTheVectorsOfRfc4648) {
    EXPECT_EQ(to_base64(as_bytes("")), "");
    EXPECT_EQ(to_base64(as_bytes("f")), "Zg==");
    EXPECT_EQ(to_base64(as_bytes("fo")), "Zm8=");
    EXPECT_EQ(to_base64(as_bytes("foobar")), "Zm9vYmFy");
    EXPECT_EQ(to_base64url(from_hex("fbff").value()), "-_8");
}

TEST(Encoding, Base64RefusesWhatAnotherEncoderWouldNotWrite) {
    EXPECT_FALSE(from_base64("Zg"));
    EXPECT_FALSE(from_base64("Zh=="));  // stray bits
    EXPECT_FALSE(from_base64("Zg=a"));
    EXPECT_FALSE(from_base64("Z-=="));
    EXPECT_FALSE(from_base64url("Zg=="));
}

TEST(Encoding, HexRefusesOddLengthsAndForeignCharacters) {
    EXPECT_FALSE(from_hex("abc"));
    EXPECT_FALSE(from_hex("0g"));
    EXPECT_EQ(from_hex("00fF"), (Bytes{0, 255}));
}

TEST(Encoding, Utf8RefusesOverlongSurrogatesAndTruncation) {
    EXPECT_TRUE(is_utf8(as_bytes("na\xc3\xafve \xf0\x9f\x92\x8a")));
    for (const char* bad :
         {"\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3", "\xe2\x82", "\x80", "\xff"})
        EXPECT_FALSE(is_utf8(as_bytes(bad))) << to_hex(as_bytes(bad));
}

RC_GTEST_PROP(Encoding, EveryByteStringSurvivesEachEncoding, (const Bytes& bytes)) {
    RC_ASSERT(from_hex(to_hex(bytes)) == bytes);
    RC_ASSERT(from_base64(to_base64(bytes)) == bytes);
    RC_ASSERT(from_base64url(to_base64url(bytes)) == bytes);
}

}  // namespace
}  // namespace salus
