#pragma once

#include <algorithm>
#include <cstddef>
#include <span>

#include "base/bytes.hpp"

namespace salus::crypto {

/// Overwrites memory in a way the optimiser keeps.
void wipe(std::span<std::uint8_t> bytes) noexcept;

/// True where both are equal; the time taken does not tell where they differ.
bool equal_constant_time(ByteView a, ByteView b) noexcept;

/// N secret bytes: wiped at the end of life, moved but never copied by accident (`clone` says it), never printed.
template <std::size_t N>
class Secret {
public:
    static constexpr std::size_t kSize = N;

    Secret() = default;
    explicit Secret(const ByteArray<N>& bytes) : bytes_(bytes) {}
    ~Secret() { wipe(bytes_); }
    Secret(const Secret&) = delete;
    Secret& operator=(const Secret&) = delete;
    Secret(Secret&& other) noexcept : bytes_(other.bytes_) { wipe(other.bytes_); }
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            bytes_ = other.bytes_;
            wipe(other.bytes_);
        }
        return *this;
    }

    [[nodiscard]] Secret clone() const { return Secret(bytes_); }
    /// The bytes themselves, for a primitive to use.
    [[nodiscard]] ByteView expose() const noexcept { return bytes_; }
    [[nodiscard]] std::span<std::uint8_t> expose_mutable() noexcept { return bytes_; }

private:
    ByteArray<N> bytes_{};
};

using Key256 = Secret<32>;

/// Secret bytes of any length (a passphrase, an opened plaintext); same rules.
class SecretBytes {
public:
    SecretBytes() = default;
    explicit SecretBytes(Bytes bytes) : bytes_(std::move(bytes)) {}
    ~SecretBytes() { wipe(bytes_); }
    SecretBytes(const SecretBytes&) = delete;
    SecretBytes& operator=(const SecretBytes&) = delete;
    SecretBytes(SecretBytes&&) noexcept = default;
    SecretBytes& operator=(SecretBytes&& other) noexcept {
        wipe(bytes_);
        bytes_ = std::move(other.bytes_);
        return *this;
    }

    [[nodiscard]] ByteView expose() const noexcept { return bytes_; }
    [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }

private:
    Bytes bytes_;
};

}  // namespace salus::crypto
