#include "store/kv.hpp"

namespace salus::store {

const char* family_name(Family family) noexcept {
    constexpr const char* kNames[kFamilies] = {"meta",  "blocks", "headers", "certificates", "transactions",
                                               "state", "nodes",  "logs",    "history",      "undo"};
    return kNames[static_cast<std::size_t>(family)];
}

}  // namespace salus::store
