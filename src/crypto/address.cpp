#include "crypto/address.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace salus::crypto {
namespace {

constexpr std::string_view kAlphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::uint32_t kBech32m = 0x2bc830a3;
constexpr std::size_t kChecksumSymbols = 6;
constexpr std::size_t kTextCharactersMax = 90;

/// Five-bit symbols, one a byte.
using Symbols = Bytes;

/// BIP-173, "Checksum".
class Checksum {
public:
    explicit Checksum(std::string_view prefix) {
        for (const char c : prefix) add(static_cast<std::uint8_t>(c) >> 5);
        add(0);
        for (const char c : prefix) add(static_cast<std::uint8_t>(c) & 31);
    }
    void add(std::uint32_t symbol) noexcept {
        constexpr std::uint32_t kGenerator[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
        const std::uint32_t top = value_ >> 25;
        value_ = ((value_ & 0x1ffffff) << 5) ^ symbol;
        for (unsigned i = 0; i < 5; ++i)
            if (((top >> i) & 1) != 0) value_ ^= kGenerator[i];
    }
    [[nodiscard]] std::uint32_t value() const noexcept { return value_; }

private:
    std::uint32_t value_ = 1;
};

Symbols to_symbols(ByteView data) {
    Symbols out;
    std::uint32_t group = 0;
    unsigned bits = 0;
    for (const std::uint8_t byte : data) {
        group = ((group << 8) | byte) & 0xfff;
        for (bits += 8; bits >= 5; bits -= 5) out.push_back((group >> (bits - 5)) & 31);
    }
    if (bits > 0) out.push_back(static_cast<std::uint8_t>((group << (5 - bits)) & 31));
    return out;
}

Result<Bytes> from_symbols(ByteView symbols) {
    Bytes out;
    std::uint32_t group = 0;
    unsigned bits = 0;
    for (const std::uint8_t symbol : symbols) {
        group = ((group << 5) | symbol) & 0xfff;
        bits += 5;
        if (bits < 8) continue;
        bits -= 8;
        out.push_back(static_cast<std::uint8_t>(group >> bits));
    }
    if (bits >= 5 || (group & ((1U << bits) - 1)) != 0)
        return fail(ErrorCode::kUsage, "the address has a padding that no encoder writes");
    return out;
}

bool is_prefix(std::string_view prefix) {
    return !prefix.empty() &&
           std::ranges::all_of(prefix, [](char c) { return c > 32 && c < 127 && (c < 'A' || c > 'Z'); });
}

/// ASCII only, whatever the locale.
char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

std::string to_bech32m(std::string_view prefix, ByteView data) {
    SALUS_CHECK(is_prefix(prefix));
    Checksum checksum(prefix);
    std::string out = std::string(prefix) + '1';
    for (const std::uint8_t symbol : to_symbols(data)) {
        checksum.add(symbol);
        out += kAlphabet[symbol];
    }
    for (std::size_t i = 0; i < kChecksumSymbols; ++i) checksum.add(0);
    for (std::size_t i = kChecksumSymbols; i-- > 0;) out += kAlphabet[((checksum.value() ^ kBech32m) >> (5 * i)) & 31];
    SALUS_CHECK(out.size() <= kTextCharactersMax);
    return out;
}

Result<Bytes> from_bech32m(std::string_view prefix, std::string_view text) {
    SALUS_CHECK(is_prefix(prefix));
    if (text.size() > kTextCharactersMax) return fail(ErrorCode::kUsage, "the address has more than 90 characters");
    std::string lowered(text);
    std::ranges::transform(lowered, lowered.begin(), lower);
    const bool has_upper = lowered != text;
    if (has_upper && std::ranges::any_of(text, [](char c) { return c >= 'a' && c <= 'z'; }))
        return fail(ErrorCode::kUsage, "the address mixes upper and lower case");
    if (!lowered.starts_with(std::string(prefix) + '1'))
        return fail(ErrorCode::kUsage, "the address does not begin with \"" + std::string(prefix) + "1\"");

    Checksum checksum(prefix);
    Symbols symbols;
    for (const char c : std::string_view(lowered).substr(prefix.size() + 1)) {
        const std::size_t symbol = kAlphabet.find(c);
        if (symbol == std::string_view::npos)
            return fail(ErrorCode::kUsage, "the address has a character that no address has");
        checksum.add(static_cast<std::uint32_t>(symbol));
        symbols.push_back(static_cast<std::uint8_t>(symbol));
    }
    if (symbols.size() < kChecksumSymbols || checksum.value() != kBech32m)
        return fail(ErrorCode::kUsage, "the address has a wrong checksum: a character is mistaken or missing");
    return from_symbols(ByteView(symbols).first(symbols.size() - kChecksumSymbols));
}

}  // namespace salus::crypto
