#include "node/founding.hpp"

#include "model/genesis.hpp"

namespace salus::node {
namespace {

/// The tree before the first leaf.
class EmptyTree final : public TreeReader {
public:
    Result<std::optional<Bytes>> node(const NodeId&) const override { return std::optional<Bytes>{}; }
    Result<std::vector<StateLeaf>> leaves(const NodeId&, std::size_t) const override {
        return std::vector<StateLeaf>{};
    }
};

}  // namespace

Result<store::Founding> founding_of(ByteView genesis) {
    SALUS_TRY(const Genesis parsed, parse_genesis(genesis));
    store::Founding founding;
    founding.genesis = to_bytes(genesis);
    founding.network_id = parsed.network_id();
    founding.time_ms = parsed.time_ms;
    founding.era = parsed.era;
    founding.state = genesis_state(parsed);
    SALUS_TRY(founding.tree, update_tree(EmptyTree{}, founding.state));
    return founding;
}

Status found_ledger(const std::filesystem::path& directory, ByteView genesis) {
    SALUS_TRY(const auto founding, founding_of(genesis));
    SALUS_TRY(const auto store, store::open_rocksdb(directory, &founding));
    return {};
}

}  // namespace salus::node
