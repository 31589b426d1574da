#include <algorithm>

#include "base/check.hpp"
#include "model/transaction.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t size_max);

namespace {

using namespace salus;

/// All that the mutator signs with: whatever else is good was forged.
const crypto::SigningKey& fuzzing_key() {
    static const crypto::SigningKey key = crypto::SigningKey::from_seed(crypto::Key256(ByteArray<32>{1}));
    return key;
}

}  // namespace

/// Changes a transaction from within and signs it anew, so that more than its signature is looked at.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t size_max,
                                               unsigned int seed) {
    if (seed % 2 == 0) return LLVMFuzzerMutate(data, size, size_max);
    TransactionBody body;
    if (auto before = parse_transaction({data, size}, NetworkId{})) body = std::move(before->body);
    Bytes fields = codec::encode(body);
    if (seed % 4 == 1) {
        const std::size_t length = body.payload.size();
        body.payload.resize(length + 64);
        body.payload.resize(LLVMFuzzerMutate(body.payload.data(), length, body.payload.size()));
        fields = codec::encode(body);
    } else {
        const std::size_t length = fields.size();
        fields.resize(length + 64);
        fields.resize(LLVMFuzzerMutate(fields.data(), length, fields.size()));
        if (auto changed = codec::decode<TransactionBody>(fields)) body = *std::move(changed);
    }
    body.network_id = {};
    const Bytes made = sign(std::move(body), {&fuzzing_key()}).bytes;
    if (made.size() > size_max) return LLVMFuzzerMutate(data, size, size_max);
    std::ranges::copy(made, data);
    return made.size();
}

/// Bytes that parse are the encoding of what they say, and nobody's signature is forged.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto transaction = parse_transaction({data, size}, NetworkId{});
    if (!transaction) return 0;
    const SignedTransaction again{codec::encode(transaction->body), transaction->signatures};
    SALUS_CHECK(equal(codec::encode(again), {data, size}));
    SALUS_CHECK(transaction->signed_bytes == signed_bytes(again.body));
    if (signatures_good(*transaction))
        SALUS_CHECK(transaction->body.signers == std::vector{Signer::of(fuzzing_key().public_key())});
    return 0;
}
