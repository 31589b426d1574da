#include "base/check.hpp"
#include "model/cometbft/sample_validators.hpp"

namespace {

template <class M>
void read_back(salus::ByteView bytes) {
    const auto message = salus::codec::decode<M>(bytes);
    if (message) SALUS_CHECK(salus::equal(salus::codec::encode(*message), bytes));
}

}  // namespace

/// What decodes of CometBFT's messages is its own encoding; no header is trusted but one that the validators signed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace salus;
    using namespace salus::cometbft;
    read_back<Header>({data, size});
    read_back<Commit>({data, size});
    read_back<ValidatorSet>({data, size});
    const auto certificate = codec::decode<CometBftCertificate>({data, size});
    if (!certificate) return 0;
    static const SampleValidators validators({10, 10, 10, 10});
    static const Bytes signed_header = codec::encode(validators.header(2));
    auto trust = ValidatorTrust::in(validators.era());
    SALUS_CHECK(trust.has_value());
    if (trust->follow(*certificate)) SALUS_CHECK(certificate->header == signed_header);
    (void)who_voted(*certificate);
    return 0;
}
