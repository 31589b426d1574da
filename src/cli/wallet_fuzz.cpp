#include "base/check.hpp"
#include "cli/wallet_file.hpp"
#include "model/certificate.hpp"
#include "model/terms.hpp"

/// What a wallet's file holds once it is open, and the checkpoint that somebody keeps beside it: bytes that decode are
/// the encoding of what they say.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace salus;
    if (auto wallet = codec::decode<cli::Wallet>({data, size})) {
        SALUS_CHECK(equal(codec::encode(*wallet), {data, size}));
        for (const cli::WalletCustodian& custodian : wallet->custodians) {
            SALUS_CHECK(wallet->find(custodian.network_id, custodian.account) != nullptr);
            SALUS_CHECK(wallet->knows(custodian.network_id));
        }
    }
    if (const auto checkpoint = codec::decode<Checkpoint>({data, size}))
        SALUS_CHECK(equal(codec::encode(*checkpoint), {data, size}));
    return 0;
}
