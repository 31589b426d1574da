#include <algorithm>

#include "base/check.hpp"
#include "model/transaction.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t size_max);

namespace {

using namespace salus;

/// All that the mutator signs with: whatever else is good was forged.
const crypto::SigningKey& carrying_key() {
    static const crypto::SigningKey key = crypto::SigningKey::from_seed(crypto::Key256(ByteArray<32>{2}));
    return key;
}

}  // namespace

/// Changes one of an envelope's transactions, adds or takes one, and signs it anew.
extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t size_max,
                                               unsigned int seed) {
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
        Bytes& one = list[which];
        const std::size_t length = one.size();
        one.resize(std::min<std::size_t>(length + 64, kTransactionBytesMax));
        one.resize(LLVMFuzzerMutate(one.data(), std::min(length, one.size()), one.size()));
    }
    sign_envelope(envelope, carrying_key());
    const Bytes made = codec::encode(envelope);
    if (made.size() > size_max) return LLVMFuzzerMutate(data, size, size_max);
    std::ranges::copy(made, data);
    return made.size();
}

/// Bytes that decode are the encoding of what they say, and nobody's signature is forged.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto message = codec::decode<Envelope>({data, size});
    if (!message) return 0;
    SALUS_CHECK(equal(codec::encode(*message), {data, size}));
    if (crypto::verify(message->member.key(), envelope_signed_bytes(*message), message->signature))
        SALUS_CHECK(message->member == Signer::of(carrying_key().public_key()));
    return 0;
}
