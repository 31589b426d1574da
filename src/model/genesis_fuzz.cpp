#include "base/check.hpp"
#include "model/genesis.hpp"

/// A genesis that is taken makes a state whose paths ascend.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace salus;
    const auto genesis = parse_genesis({data, size});
    if (!genesis) return 0;
    const auto state = genesis_state(*genesis);
    for (std::size_t i = 1; i < state.size(); ++i) SALUS_CHECK(state[i - 1].path < state[i].path);
    return 0;
}
