#include "application/house.hpp"

namespace salus::application {
namespace {

Bytes associated(std::string_view what, ByteView name) {
    Bytes out = to_bytes(what);
    append(out, name);
    return out;
}

}  // namespace

Result<Bytes> House::seal(std::string_view what, ByteView name, ByteView plaintext) const {
    return vault.keys().seal(KekKind::kAccountability, organisation.bytes, associated(what, name), plaintext);
}

Result<Bytes> House::unseal(std::string_view what, ByteView name, ByteView sealed) const {
    return vault.keys().unseal(KekKind::kAccountability, organisation.bytes, associated(what, name), sealed);
}

}  // namespace salus::application
