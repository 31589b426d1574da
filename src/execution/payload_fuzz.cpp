#include "base/check.hpp"
#include "model/contracts/audit.hpp"
#include "model/contracts/consent.hpp"
#include "model/contracts/disclosure.hpp"
#include "model/contracts/governance.hpp"
#include "model/contracts/identity.hpp"
#include "model/contracts/records.hpp"

namespace {

template <class Payload>
void one(salus::ByteView bytes) {
    if (const auto payload = salus::codec::decode<Payload>(bytes))
        SALUS_CHECK(salus::equal(salus::codec::encode(*payload), bytes));
}

}  // namespace

/// Whatever decodes as a payload has these bytes as its one encoding.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const salus::ByteView bytes(data, size);
    one<salus::governance::Payload>(bytes);
    one<salus::identity::Payload>(bytes);
    one<salus::records::Payload>(bytes);
    one<salus::consent::Payload>(bytes);
    one<salus::disclosure::Payload>(bytes);
    one<salus::audit::Payload>(bytes);
    return 0;
}
