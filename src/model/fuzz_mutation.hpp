#pragma once

#include <algorithm>

#include "crypto/signature.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t size_max);

/// For fuzz targets of what is signed: a random change rarely gets past a signature, so a mutator changes from within
/// and signs anew. FOR FUZZ TARGETS ONLY.
namespace salus {

/// All that mutators sign with: whatever else is good was forged.
inline const crypto::SigningKey& mutator_key() {
    static const crypto::SigningKey key = crypto::SigningKey::from_seed(crypto::Key256(ByteArray<32>{1}));
    return key;
}

/// Changes `bytes`, which may grow a little, to at most `size_max`.
inline void mutate(Bytes& bytes, std::size_t size_max) {
    bytes.resize(std::min(bytes.size(), size_max));
    const std::size_t length = bytes.size();
    bytes.resize(std::min(length + 64, size_max));
    bytes.resize(LLVMFuzzerMutate(bytes.data(), length, bytes.size()));
}

/// What a mutator returns: `made` in place of the input; the input changed at random where that is too long.
inline std::size_t mutated(const Bytes& made, std::uint8_t* data, std::size_t size, std::size_t size_max) {
    if (made.size() > size_max) return LLVMFuzzerMutate(data, size, size_max);
    std::ranges::copy(made, data);
    return made.size();
}

}  // namespace salus
