#include "base/check.hpp"
#include "model/certificate.hpp"

/// Bytes that decode are the encoding of what they say.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace salus;
    const auto message = codec::decode<Certificate>({data, size});
    if (message) SALUS_CHECK(equal(codec::encode(*message), {data, size}));
    return 0;
}
