#include "base/check.hpp"
#include "model/fuzz_mutation.hpp"
#include "model/transaction.hpp"

/// Changes a transaction's payload, or any of its fields, and signs it anew.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t size_max,
                                               unsigned int seed) {
    using namespace salus;
    if (seed % 2 == 0) return LLVMFuzzerMutate(data, size, size_max);
    TransactionBody body;
    if (auto before = parse_transaction({data, size}, NetworkId{})) body = std::move(before->body);
    if (seed % 4 == 1) {
        mutate(body.payload, kTransactionBytesMax / 2);
    } else {
        Bytes fields = codec::encode(body);
        mutate(fields, kTransactionBytesMax / 2);
        if (auto changed = codec::decode<TransactionBody>(fields)) body = *std::move(changed);
    }
    body.network_id = {};
    return mutated(sign(std::move(body), {&mutator_key()}).bytes, data, size, size_max);
}

/// Bytes that parse are the encoding of what they say, and nobody's signature is forged.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace salus;
    const auto transaction = parse_transaction({data, size}, NetworkId{});
    if (!transaction) return 0;
    const SignedTransaction again{codec::encode(transaction->body), transaction->signatures};
    SALUS_CHECK(equal(codec::encode(again), {data, size}));
    SALUS_CHECK(transaction->signed_bytes == signed_bytes(again.body));
    if (signatures_good(*transaction))
        SALUS_CHECK(transaction->body.signers == std::vector{Signer::of(mutator_key().public_key())});
    return 0;
}
