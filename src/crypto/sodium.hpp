#pragma once

#include <sodium.h>

#include "base/check.hpp"

namespace salus::crypto {

/// Lets libsodium choose its fastest code for this processor; once. Private to this module: it is in no public header.
inline void ready_sodium() {
    static const bool ready = sodium_init() >= 0;
    SALUS_CHECK(ready);
}

}  // namespace salus::crypto
