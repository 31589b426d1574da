#include "model/codec.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/encoding.hpp"
#include "model/sample_message.hpp"

namespace salus {
namespace {

using ::testing::HasSubstr;

template <codec::Message M>
std::string refusal(ByteView bytes) {
    const auto decoded = codec::decode<M>(bytes);
    return decoded ? "accepted" : decoded.error().message;
}

RC_GTEST_PROP(Codec, EveryMessageIsReadAsItWasWritten, (std::uint64_t seed)) {
    each_message([&]<class M>() {
        const M message = MessageMaker(seed).make<M>();
        const Bytes bytes = codec::encode(message);
        RC_ASSERT(codec::encoded_size(message) == bytes.size());
        const auto decoded = codec::decode<M>(bytes);
        RC_ASSERT(decoded.has_value());
        RC_ASSERT(codec::encode(*decoded) == bytes);
        if constexpr (std::equality_comparable<M>) RC_ASSERT(*decoded == message);
    });
}

Bytes mutated(Bytes bytes, MessageMaker& random) {
    const auto at = [&] { return bytes.begin() + static_cast<std::ptrdiff_t>(random.below(bytes.size())); };
    const auto anything = static_cast<std::uint8_t>(random.below(256));
    if (bytes.empty()) return {anything};
    switch (random.below(5)) {
        case 0:
            *at() ^= static_cast<std::uint8_t>(1U << random.below(8));
            break;
        case 1:
            bytes.erase(at());
            break;
        case 2:
            bytes.insert(at(), anything);
            break;
        case 3:
            bytes.resize(random.below(bytes.size()));
            break;
        default: {
            const Bytes part(at(), bytes.end());
            bytes.insert(at(), part.begin(), part.end());
        }
    }
    return bytes;
}

RC_GTEST_PROP(Codec, BytesThatAreAcceptedAreTheEncodingOfWhatTheySay, (std::uint64_t seed)) {
    MessageMaker random(seed);
    each_message([&]<class M>() {
        const Bytes bad = mutated(codec::encode(MessageMaker(seed).make<M>()), random);
        const auto decoded = codec::decode<M>(bad);
        if (decoded) RC_ASSERT(codec::encode(*decoded) == bad);
    });
}

/// One field of each kind.
struct Sample {
    bool flag = false;
    std::uint32_t small = 0;
    KeyUse use{};
    ByteArray<2> fixed{};
    std::string text;
    std::optional<Bytes> maybe;
    std::vector<std::uint64_t> packed;
    std::vector<Bytes> list;

    static constexpr std::string_view kName = "Sample";
    static constexpr auto kFields =
        codec::table(codec::field<1>("flag", &Sample::flag), codec::field<2>("small", &Sample::small),
                     codec::field<3>("use", &Sample::use), codec::field<4>("fixed", &Sample::fixed),
                     codec::field<5>("text", &Sample::text, 3), codec::field<6>("maybe", &Sample::maybe, 3),
                     codec::field<7>("packed", &Sample::packed, 2), codec::field<8>("list", &Sample::list, 2, 3));
};

Bytes bytes_of(const char* hex) { return from_hex(hex).value(); }

TEST(Codec, OneValueHasOneEncoding) {
    const Sample sample{true, 300, KeyUse::kSeal, {1, 2}, "ab", Bytes{}, {0, 128}, {Bytes{}, Bytes{9}}};
    const Bytes expected = bytes_of(
        "0801"
        "10ac02"
        "1802"
        "22020102"
        "2a026162"
        "3200"
        "3a03008001"
        "4200"
        "420109");
    EXPECT_EQ(to_hex(codec::encode(sample)), to_hex(expected));
    EXPECT_EQ(codec::encode(codec::decode<Sample>(expected).value()), expected);
    EXPECT_EQ(codec::decode<Sample>(expected)->maybe, Bytes{});
    EXPECT_EQ(codec::decode<Sample>(bytes_of("180122020102"))->maybe, std::nullopt);
}

TEST(Codec, WhatAnotherEncoderMightWriteIsRefused) {
    const auto refused = [](const char* hex, const char* why) {
        EXPECT_THAT(refusal<Sample>(bytes_of(hex)), HasSubstr(why)) << hex;
    };
    EXPECT_EQ(refusal<Sample>(bytes_of("180122020102")), "accepted");
    refused("0800180122020102", "flag writes its default value");
    refused("0802180122020102", "a boolean is 0 or 1");
    refused("088100180122020102", "not minimal");
    refused(
        "1800"
        "22020102",
        "use writes its default value");
    refused("22020102", "use is missing");
    refused(
        "1804"
        "22020102",
        "unknown value");
    refused("1801", "fixed is missing");
    refused(
        "1801"
        "2200",
        "fixed has a length other than 2");
    refused(
        "1801"
        "2203010203",
        "fixed has a length other than 2");
    refused(
        "1801"
        "22020102"
        "2a00",
        "text writes its default value");
    refused(
        "1801"
        "22020102"
        "2a0461626364",
        "text has more bytes than 3");
    refused(
        "1801"
        "22020102"
        "2a02c328",
        "text is not UTF-8");
    refused(
        "1801"
        "22020102"
        "2a03eda080",
        "text is not UTF-8");
    refused(
        "1801"
        "22020102"
        "3a00",
        "packed writes its default value");
    refused(
        "1801"
        "22020102"
        "3a03010203",
        "packed has more");
    refused(
        "1801"
        "22020102"
        "3a0180",
        "packed has a number that is cut off");
    refused(
        "1801"
        "22020102"
        "420042004200",
        "list has more");
    refused(
        "1801"
        "22020102"
        "420401020304",
        "list has more bytes than 3");
    refused(
        "22020102"
        "1801",
        "use is missing");  // out of order
    refused(
        "1801"
        "22020102"
        "22020102",
        "unknown, repeated or misplaced");
    refused(
        "1801"
        "22020102"
        "4a00",
        "unknown, repeated or misplaced");  // field 9
    refused(
        "1801"
        "22020102"
        "3005",
        "unknown, repeated or misplaced");  // a varint where bytes stand
    refused(
        "1801"
        "22020102"
        "3801",
        "unknown, repeated or misplaced");  // an element that is not packed
    refused(
        "10ffffffffffffffffff01"
        "180122020102",
        "number too large");
    refused(
        "10ffffffffffffffffff02"
        "180122020102",
        "not minimal");  // 65 bits
    refused(
        "1801"
        "220201",
        "longer than what holds it");
    refused(
        "1801"
        "22ffffffffffffffffff01",
        "longer than what holds it");
}

/// A message that holds itself as long as the bytes say.
struct Nested {
    std::vector<Nested> inner;
    static constexpr std::string_view kName = "Nested";
    static constexpr auto kFields = codec::table(codec::field<1>("inner", &Nested::inner));
};

TEST(Codec, MessagesNestedDeeperThanEightAreRefused) {
    Nested message;
    for (int depth = 1; depth < 8; ++depth) message = Nested{{message}};
    EXPECT_EQ(refusal<Nested>(codec::encode(message)), "accepted");
    message = Nested{{message}};
    EXPECT_THAT(refusal<Nested>(codec::encode(message)), HasSubstr("deeper than 8"));
}

TEST(Codec, AnErrorNamesMessageAndFieldAndNotWhatTheyHold) {
    EXPECT_THAT(refusal<Sample>(bytes_of("1801"
                                         "22020102"
                                         "2a047365637265740a")),
                HasSubstr("Sample.text"));
}

}  // namespace
}  // namespace salus
