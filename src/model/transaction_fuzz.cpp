#include "base/check.hpp"
#include "model/transaction.hpp"

/// Bytes that parse are the encoding of what they say.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace salus;
    const auto transaction = parse_transaction({data, size}, NetworkId{});
    if (!transaction) return 0;
    const SignedTransaction again{codec::encode(transaction->body), transaction->signatures};
    SALUS_CHECK(equal(codec::encode(again), {data, size}));
    SALUS_CHECK(transaction->signed_bytes == signed_bytes(again.body));
    (void)signatures_good(*transaction);
    return 0;
}
