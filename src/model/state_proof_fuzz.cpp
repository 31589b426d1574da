#include "base/check.hpp"
#include "model/state_tree.hpp"

/// Bytes that decode are the encoding of what they say.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace salus;
    const auto message = codec::decode<StateProof>({data, size});
    if (!message) return 0;
    SALUS_CHECK(equal(codec::encode(*message), {data, size}));
    SALUS_CHECK(!check_state(*message, Hash{1}, std::nullopt, Hash{2}) ||
                !check_state(*message, Hash{1}, Bytes{}, Hash{2}));
    return 0;
}
