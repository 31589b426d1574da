#include "base/check.hpp"
#include "testkit/world.hpp"

namespace {

/// A world with something in it for a payload to meet.
salus::testkit::World& world() {
    using namespace salus;
    static testkit::World world;
    static const bool ready = [] {
        records::Append append;
        append.leaves.resize(32 * kAppendMultiple);
        world.run({world.by(world.net.hospital_a, records::Payload{append})});
        return true;
    }();
    SALUS_CHECK(ready);
    return world;
}

}  // namespace

/// The first byte chooses: 0 an envelope as it stands, 1..6 a payload for that contract, signed by a member.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace salus;
    if (size == 0) return 0;
    const ByteView rest(data + 1, size - 1);
    testkit::World& here = world();
    const auto contract = static_cast<Contract>(data[0] % 7);
    if (contract == Contract::kSystem) {
        SALUS_CHECK(here.execute(std::vector<Bytes>{to_bytes(rest)}).codes.size() == 1);
        return 0;
    }
    if (size > 64 * 1024) return 0;
    const auto transaction = here.by(here.net.hospital_a, {contract, to_bytes(rest)});
    const auto result = here.execute(std::vector<Bytes>{here.envelope({transaction}, here.net.payer.key)});
    SALUS_CHECK(result.block.has_value() && check_content(*result.block).has_value());
    SALUS_CHECK(result.block->receipts[0].code != 0 || !result.changes.empty());
    return 0;
}
