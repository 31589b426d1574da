#include "model/audit_record.hpp"

#include "crypto/hash.hpp"

namespace salus {

Hash AuditRecord::hash() const { return crypto::merkle_leaf_hash(codec::encode(*this)); }

}  // namespace salus

namespace salus {
SALUS_DEFINE_CODEC(AuditRecord)
}  // namespace salus
