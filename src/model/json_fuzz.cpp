#include "base/check.hpp"
#include "model/transaction_json.hpp"

/// A transaction that is read from JSON is written as JSON that says the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace salus;
    const auto bytes = json::transaction_from_json(as_text({data, size}));
    if (!bytes) return 0;
    const auto again = json::transaction_from_json(json::transaction_to_json(*bytes));
    SALUS_CHECK(again && *again == *bytes);
    return 0;
}
