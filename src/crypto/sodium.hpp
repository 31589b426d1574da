#pragma once

#include <sodium.h>

#include "base/bytes.hpp"
#include "base/check.hpp"

namespace salus::crypto {

/// Lets libsodium choose its fastest code for this processor; once. Private to this module: it is in no public header.
inline void ready_sodium() {
    static const bool ready = sodium_init() >= 0;
    SALUS_CHECK(ready);
}

/// Where `bytes` begin; never null, which some functions of libsodium must not be given even for no bytes at all.
inline const std::uint8_t* non_null(ByteView bytes) noexcept {
    static constexpr std::uint8_t kNone = 0;
    return bytes.empty() ? &kNone : bytes.data();
}

}  // namespace salus::crypto
