#pragma once

#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"

/// The protobuf wire format itself: varints, tags and delimited runs, read strictly.
namespace salus::codec {

inline constexpr std::uint32_t kWireVarint = 0;
inline constexpr std::uint32_t kWireDelimited = 2;

constexpr std::size_t varint_size(std::uint64_t value) noexcept {
    std::size_t size = 1;
    while (value >= 0x80) {
        value >>= 7;
        ++size;
    }
    return size;
}

void write_varint(Bytes& out, std::uint64_t value);

bool is_valid_utf8(ByteView bytes) noexcept;

/// What the codec's templates say of bytes that they refuse; out of line, as each message's reader uses all of them.
tl::unexpected<Error> malformed(std::string_view what);
tl::unexpected<Error> malformed(std::string_view what, std::uint64_t number);
tl::unexpected<Error> in_field(std::string_view message, std::string_view field, const Error& error);
tl::unexpected<Error> surplus(std::string_view message, std::size_t position);

/// Walks over the bytes of one message.
class Reader {
public:
    explicit Reader(ByteView bytes) noexcept : bytes_(bytes) {}

    [[nodiscard]] bool done() const noexcept { return position_ == bytes_.size(); }
    [[nodiscard]] std::size_t position() const noexcept { return position_; }
    /// Whether the next field has this number and wire type; where it has, stands behind its tag.
    bool at(std::uint32_t number, std::uint32_t wire_type) noexcept;
    /// A minimal varint of at most 64 bits.
    Result<std::uint64_t> varint() noexcept;
    /// A length and as many bytes.
    Result<ByteView> delimited() noexcept;

private:
    ByteView bytes_;
    std::size_t position_ = 0;
};

}  // namespace salus::codec
