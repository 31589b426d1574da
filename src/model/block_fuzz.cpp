#include "base/check.hpp"
#include "model/transaction_json.hpp"

/// A block that decodes is its own encoding, may be judged, and can be shown.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace salus;
    const auto block = codec::decode<Block>({data, size});
    if (!block) return 0;
    SALUS_CHECK(equal(codec::encode(*block), {data, size}));
    (void)check_content(*block).has_value();
    SALUS_CHECK(json::parse(json::block_to_json(*block)));
    return 0;
}
