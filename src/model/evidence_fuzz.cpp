#include "base/check.hpp"
#include "model/evidence.hpp"

/// Evidence that decodes is its own encoding and can be judged; none that a fuzzer makes is good.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace salus;
    const auto evidence = from_evidence_file({data, size});
    if (!evidence) return 0;
    SALUS_CHECK(equal(to_evidence_file(*evidence), {data, size}));
    SALUS_CHECK(!verify_evidence(*evidence, NetworkId{}, std::nullopt).good);
    return 0;
}
