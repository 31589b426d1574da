#include "model/review_finding.hpp"

#include "crypto/hash.hpp"

namespace salus {

Hash ReviewFinding::commitment() const { return crypto::tagged_hash("salus.finding.v1", {codec::encode(*this)}); }

}  // namespace salus

namespace salus {
SALUS_DEFINE_CODEC(ReviewFinding)
}  // namespace salus
