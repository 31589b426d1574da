#pragma once

#include <span>

#include "base/bytes.hpp"

namespace salus {

/// Source of unpredictable bytes; in tests a seeded one.
class Random {
public:
    virtual ~Random() = default;
    virtual void fill(std::span<std::uint8_t> out) = 0;

    template <std::size_t N>
    ByteArray<N> bytes() {
        ByteArray<N> out{};
        fill(out);
        return out;
    }
    template <class IdType>
    IdType id() {
        return IdType{bytes<IdType::kSize>()};
    }
};

}  // namespace salus
