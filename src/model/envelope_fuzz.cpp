#include "base/check.hpp"
#include "model/fuzz_mutation.hpp"
#include "model/transaction.hpp"

/// Changes one of an envelope's transactions, adds or takes one, and signs it anew.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t size_max,
                                               unsigned int seed) {
    using namespace salus;
    if (seed % 2 == 0) return LLVMFuzzerMutate(data, size, size_max);
    Envelope envelope;
    if (auto before = codec::decode<Envelope>({data, size})) envelope = *std::move(before);
    auto& list = envelope.transactions;
    const std::size_t which = list.empty() ? 0 : (seed >> 4) % list.size();
    if (list.empty() || (seed & 6) == 0) {
        if (list.size() < kEnvelopeTransactionsMax) list.emplace_back();
    } else if ((seed & 6) == 2) {
        list.erase(list.begin() + static_cast<std::ptrdiff_t>(which));
    } else {
        mutate(list[which], kTransactionBytesMax);
    }
    sign_envelope(envelope, mutator_key());
    return mutated(codec::encode(envelope), data, size, size_max);
}

/// Bytes that decode are the encoding of what they say, and nobody's signature is forged.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace salus;
    const auto message = codec::decode<Envelope>({data, size});
    if (!message) return 0;
    SALUS_CHECK(equal(codec::encode(*message), {data, size}));
    if (crypto::verify(message->member.key(), envelope_signed_bytes(*message), message->signature))
        SALUS_CHECK(message->member == Signer::of(mutator_key().public_key()));
    return 0;
}
