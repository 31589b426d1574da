#include "model/state.hpp"

#include "base/check.hpp"
#include "crypto/hash.hpp"

namespace salus {

Hash state_path(Contract contract, ByteView key) {
    return crypto::tagged_hash("salus.key.v1", {big_endian(static_cast<std::uint16_t>(contract)), key});
}

KeyBuilder& KeyBuilder::text(std::string_view part) {
    SALUS_CHECK(part.size() <= 255);
    key_.push_back(static_cast<std::uint8_t>(part.size()));
    append(key_, as_bytes(part));
    return *this;
}

Bytes decision_key(ByteView object_key, std::uint64_t n) {
    Bytes key = to_bytes(object_key);
    append(key, big_endian(n));
    return key;
}

}  // namespace salus

namespace salus {
SALUS_DEFINE_CODEC(DecisionHead)
SALUS_DEFINE_CODEC(DecisionEntry)
SALUS_DEFINE_CODEC(Place)
}  // namespace salus
