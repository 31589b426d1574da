#include "consensus/cometbft/application.hpp"
#include "consensus/cometbft/framing.hpp"
#include "consensus/cometbft/test_ledger.hpp"

/// Whatever comes on a connection, in pieces of whatever size: framing, decoding, and the ledger's answers. What the
/// application makes of it holds CometBFT's rules: one result an envelope, and nothing durable but by Commit.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace salus;
    if (size == 0) return 0;
    consensus::FakeLedger ledger;
    consensus::Application application(ledger, ledger.era(), {}, [](const auto&) {});
    consensus::FrameReader frames(1 << 16);
    ByteView rest(data + 1, size - 1);
    const std::size_t step = 1 + data[0] % 64;
    salus::abci::Request request;
    while (!rest.empty()) {
        const ByteView piece = rest.first(std::min(step, rest.size()));
        rest = rest.subspan(piece.size());
        frames.feed(piece);
        for (;;) {
            const auto frame = frames.next();
            if (!frame) return 0;
            if (!*frame) break;
            if (!request.ParseFromArray((*frame)->data(), static_cast<int>((*frame)->size()))) return 0;
            const EngineHeight before = ledger.tip().engine;
            const auto response = application.answer(request);
            if (ledger.tip().engine != before && !request.has_commit()) __builtin_trap();
            if (response && request.has_finalize_block() &&
                response->finalize_block().tx_results_size() != request.finalize_block().txs_size())
                __builtin_trap();
        }
    }
    return 0;
}
