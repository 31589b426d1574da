#include "model/wire.hpp"

#include "base/encoding.hpp"

namespace salus::codec {
namespace {

/// Bytes taken by a minimal varint at the head of `bytes`, 0 where there is none.
std::size_t read_varint(ByteView bytes, std::uint64_t& value) noexcept {
    value = 0;
    for (std::size_t i = 0; i < bytes.size() && i < 10; ++i) {
        const std::uint8_t byte = bytes[i];
        if (i == 9 && byte > 1) return 0;
        value |= std::uint64_t{byte & 0x7FU} << (7 * i);
        if ((byte & 0x80) == 0) return byte == 0 && i > 0 ? 0 : i + 1;
    }
    return 0;
}

}  // namespace

void write_varint(Bytes& out, std::uint64_t value) {
    while (value >= 0x80) {
        out.push_back(static_cast<std::uint8_t>(value | 0x80));
        value >>= 7;
    }
    out.push_back(static_cast<std::uint8_t>(value));
}

tl::unexpected<Error> malformed(std::string_view what) {
    return fail(ErrorCode::kMalformedEncoding, std::string(what));
}

tl::unexpected<Error> malformed(std::string_view what, std::uint64_t number) {
    return fail(ErrorCode::kMalformedEncoding, std::string(what) + " " + std::to_string(number));
}

tl::unexpected<Error> in_field(std::string_view message, std::string_view field, const Error& error) {
    return fail(ErrorCode::kMalformedEncoding, std::string(message) + "." + std::string(field) + " " + error.message);
}

tl::unexpected<Error> surplus(std::string_view message, std::size_t position) {
    return fail(
        ErrorCode::kMalformedEncoding,
        std::string(message) + " has an unknown, repeated or misplaced field at byte " + std::to_string(position));
}

bool is_valid_utf8(ByteView bytes) noexcept { return is_utf8(bytes); }

bool Reader::at(std::uint32_t number, std::uint32_t wire_type) noexcept {
    std::uint64_t tag = 0;
    const std::size_t size = read_varint(bytes_.subspan(position_), tag);
    if (size == 0 || tag != ((std::uint64_t{number} << 3) | wire_type)) return false;
    position_ += size;
    return true;
}

Result<std::uint64_t> Reader::varint() noexcept {
    std::uint64_t value = 0;
    const std::size_t size = read_varint(bytes_.subspan(position_), value);
    if (size == 0) return fail(ErrorCode::kMalformedEncoding, "has a number that is cut off or not minimal");
    position_ += size;
    return value;
}

Result<ByteView> Reader::delimited() noexcept {
    SALUS_TRY(const std::uint64_t size, varint());
    if (size > bytes_.size() - position_) return fail(ErrorCode::kMalformedEncoding, "is longer than what holds it");
    const ByteView body = bytes_.subspan(position_, static_cast<std::size_t>(size));
    position_ += body.size();
    return body;
}

}  // namespace salus::codec
