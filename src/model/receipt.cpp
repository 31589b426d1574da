#include "model/receipt.hpp"

#include "crypto/hash.hpp"

namespace salus {

Hash Events::digest() const {
    return events.empty() ? Hash{} : crypto::tagged_hash("salus.events.v1", {codec::encode(*this)});
}

}  // namespace salus

namespace salus {
SALUS_DEFINE_CODEC(Receipt)
SALUS_DEFINE_CODEC(Events)
}  // namespace salus
