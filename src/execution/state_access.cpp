#include "execution/state_access.hpp"

namespace salus::execution {

Result<std::optional<Bytes>> StateAccess::Own::get(Contract contract, ByteView key) const {
    const auto found = writes.find(StateKeyView{contract, key});
    if (found != writes.end()) return std::optional<Bytes>(found->second);
    return block.get(contract, key);
}

void StateAccess::Own::put(Contract contract, Bytes key, Bytes value) {
    writes.insert_or_assign(StateKey{contract, std::move(key)}, std::move(value));
}

Status StateAccess::count_read() {
    if (++reads_ <= kStateReadsMax) return {};
    return fail(refusal(contract_, Refusal::kLimit), "more reads of the state than a transaction may");
}

Status StateAccess::count_write() {
    if (++writes_ <= kStateWritesMax) return {};
    return fail(refusal(contract_, Refusal::kLimit), "more writes to the state than a transaction may");
}

}  // namespace salus::execution
