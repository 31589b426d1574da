#include "crypto/mnemonic.hpp"

#include <algorithm>
#include <vector>

#include "crypto/bip39_english.hpp"
#include "crypto/hash.hpp"

namespace salus::crypto {
namespace {

constexpr std::size_t kWords = 24;
constexpr unsigned kWordBits = 11;
constexpr std::size_t kWordCharactersMax = 8;

/// Entropy, then the first byte of its hash: 264 bits, 24 words of 11 (BIP-39, "Generating the mnemonic").
using Checked = Secret<Key256::kSize + 1>;

std::uint8_t checksum_of(ByteView entropy) { return sha256(entropy)[0]; }

/// Words are ASCII letters; the locale has no say.
bool is_blank(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> words;
    while (true) {
        const auto begin = std::ranges::find_if_not(text, is_blank);
        if (begin == text.end()) return words;
        const auto end = std::find_if(begin, text.end(), is_blank);
        words.emplace_back(begin, end);
        text = {end, text.end()};
    }
}

/// The word's number, kBip39English.size() where it has none.
std::size_t number_of(std::string_view word) {
    ByteArray<kWordCharactersMax> letters{};
    if (word.size() > letters.size()) return kBip39English.size();
    std::ranges::transform(word, letters.begin(),
                           [](char c) { return static_cast<std::uint8_t>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); });
    const std::string_view lowered = as_text(ByteView(letters).first(word.size()));
    const auto found = std::ranges::lower_bound(kBip39English, lowered);
    const bool known = found != kBip39English.end() && *found == lowered;
    wipe(letters);
    return known ? static_cast<std::size_t>(found - kBip39English.begin()) : kBip39English.size();
}

}  // namespace

SecretBytes words_from_entropy(const Key256& entropy) {
    Checked checked;
    std::ranges::copy(entropy.expose(), checked.expose_mutable().begin());
    checked.expose_mutable().back() = checksum_of(entropy.expose());

    Bytes text;
    text.reserve(kWords * (kWordCharactersMax + 1));  // so that growing leaves no copy behind
    std::uint32_t group = 0;
    unsigned bits = 0;
    for (const std::uint8_t byte : checked.expose()) {
        group = (group << 8) | byte;
        bits += 8;
        if (bits < kWordBits) continue;
        bits -= kWordBits;
        if (!text.empty()) text.push_back(' ');
        append(text, as_bytes(kBip39English[(group >> bits) & 2047]));
    }
    return SecretBytes(std::move(text));
}

Result<Key256> entropy_from_words(std::string_view words) {
    const auto parts = split(words);
    if (parts.size() != kWords)
        return fail(ErrorCode::kUsage, "24 words are needed; there are " + std::to_string(parts.size()));

    Checked checked;
    std::uint32_t group = 0;
    unsigned bits = 0;
    auto out = checked.expose_mutable().begin();
    for (std::size_t i = 0; i < kWords; ++i) {
        const std::size_t number = number_of(parts[i]);
        if (number == kBip39English.size())
            return fail(ErrorCode::kUsage, "word " + std::to_string(i + 1) + " is not in the BIP-39 English list");
        group = (group << kWordBits) | static_cast<std::uint32_t>(number);
        for (bits += kWordBits; bits >= 8; bits -= 8) *out++ = static_cast<std::uint8_t>(group >> (bits - 8));
    }

    Key256 entropy;
    std::ranges::copy(checked.expose().first(Key256::kSize), entropy.expose_mutable().begin());
    if (checked.expose().back() != checksum_of(entropy.expose()))
        return fail(ErrorCode::kUsage,
                    "each word is in the list, but together they are wrong: one is mistaken or misplaced");
    return entropy;
}

}  // namespace salus::crypto
