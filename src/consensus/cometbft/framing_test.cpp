#include "consensus/cometbft/framing.hpp"

#include <gtest/gtest.h>

namespace salus::consensus {
namespace {

Bytes framed(std::size_t size) {
    Bytes out;
    append_frame(out, Bytes(size, 0x5A));
    return out;
}

TEST(Framing, GivesBackEachMessageHoweverItIsCut) {
    Bytes stream;
    const std::vector<std::size_t> sizes{0, 1, 127, 128, 16'383, 16'384};
    for (const std::size_t size : sizes) append_frame(stream, Bytes(size, static_cast<std::uint8_t>(size)));
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, stream.size()}) {
        FrameReader reader(1 << 20);
        std::vector<std::size_t> read;
        for (std::size_t at = 0; at < stream.size(); at += step) {
            reader.feed(ByteView(stream).subspan(at, std::min(step, stream.size() - at)));
            for (auto next = reader.next().value(); next; next = reader.next().value()) {
                EXPECT_EQ(to_bytes(*next), Bytes(next->size(), static_cast<std::uint8_t>(next->size())));
                read.push_back(next->size());
            }
        }
        EXPECT_EQ(read, sizes);
    }
}

TEST(Framing, TakesTheLongestAndRefusesOneByteMoreBeforeItComes) {
    FrameReader takes(300);
    takes.feed(framed(300));
    EXPECT_EQ(takes.next().value()->size(), 300U);
    FrameReader refuses(300);
    refuses.feed(ByteView(framed(301)).first(2));
    EXPECT_EQ(refuses.next().error().code, ErrorCode::kTooLarge);
}

TEST(Framing, RefusesALengthThatIsNoLength) {
    FrameReader endless(300);
    endless.feed(Bytes(5, 0x80));
    EXPECT_EQ(endless.next().error().code, ErrorCode::kMalformedEncoding);
    FrameReader longer_than_needed(300);
    longer_than_needed.feed(Bytes{0x81, 0x00, 0x5A});
    EXPECT_EQ(longer_than_needed.next().error().code, ErrorCode::kMalformedEncoding);
}

TEST(Framing, WaitsForALengthThatIsNotWhole) {
    FrameReader reader(300);
    reader.feed(Bytes{0x80});
    EXPECT_FALSE(reader.next().value());
    reader.feed(Bytes{0x01});
    EXPECT_FALSE(reader.next().value());
    reader.feed(Bytes(128, 1));
    EXPECT_EQ(reader.next().value()->size(), 128U);
}

}  // namespace
}  // namespace salus::consensus
