#include "consensus/cometbft/framing.hpp"

namespace salus::consensus {
namespace {

constexpr std::size_t kLengthBytesMax = 5;

}  // namespace

void FrameReader::feed(ByteView bytes) {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(begin_));
    begin_ = 0;
    append(buffer_, bytes);
}

Result<std::optional<ByteView>> FrameReader::next() {
    const ByteView rest = ByteView(buffer_).subspan(begin_);
    std::uint64_t size = 0;
    std::size_t used = 0;
    for (bool more = true; more; ++used) {
        if (used == kLengthBytesMax) return fail(ErrorCode::kMalformedEncoding, "a length of more than five bytes");
        if (used == rest.size()) return std::optional<ByteView>{};
        more = (rest[used] & 0x80U) != 0;
        size |= static_cast<std::uint64_t>(rest[used] & 0x7FU) << (7 * used);
        if (used > 0 && rest[used] == 0)
            return fail(ErrorCode::kMalformedEncoding, "a length that is not the shortest");
    }
    // Refused before it has come: a length alone reserves nothing.
    if (size > bytes_max_) return fail(ErrorCode::kTooLarge, "a message of " + std::to_string(size) + " bytes");
    if (rest.size() - used < size) return std::optional<ByteView>{};
    begin_ += used + size;
    return std::optional(rest.subspan(used, size));
}

void append_frame(Bytes& out, ByteView message) {
    std::uint64_t size = message.size();
    for (; size >= 0x80U; size >>= 7U) out.push_back(static_cast<std::uint8_t>(0x80U | (size & 0x7FU)));
    out.push_back(static_cast<std::uint8_t>(size));
    append(out, message);
}

}  // namespace salus::consensus
