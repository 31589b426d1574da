#include "base/check.hpp"
#include "model/login.hpp"
#include "model/reading.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const salus::ByteView bytes(data, size);
    if (auto request = salus::codec::decode<salus::ReadRequest>(bytes))
        SALUS_CHECK(salus::equal(salus::codec::encode(*request), bytes));
    if (auto answer = salus::codec::decode<salus::ReadAnswer>(bytes))
        SALUS_CHECK(salus::equal(salus::codec::encode(*answer), bytes));
    if (auto receipt = salus::codec::decode<salus::ReadReceipt>(bytes))
        SALUS_CHECK(salus::equal(salus::codec::encode(*receipt), bytes));
    if (auto delivery = salus::codec::decode<salus::DeliveryReceipt>(bytes))
        SALUS_CHECK(salus::equal(salus::codec::encode(*delivery), bytes));
    if (auto offer = salus::codec::decode<salus::BindOffer>(bytes))
        SALUS_CHECK(salus::equal(salus::codec::encode(*offer), bytes));
    return 0;
}
