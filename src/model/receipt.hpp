#pragma once

#include <vector>

#include "base/error.hpp"
#include "model/contract.hpp"
#include "model/transaction.hpp"

namespace salus {

/// Something that happened in a transaction, for those who follow the chain.
struct Event {
    std::uint32_t kind = 0;  ///< a number of the emitting contract's table, from 1
    Bytes object;            ///< the id of what it happened to
    Bytes data;

    static constexpr std::string_view kName = "Event";
    static constexpr auto kFields =
        codec::table(codec::field<1>("kind", &Event::kind), codec::field<2>("object", &Event::object, 64),
                     codec::field<3>("data", &Event::data, 1024));
    bool operator==(const Event&) const = default;
};

struct Events {
    std::vector<Event> events;

    static constexpr std::string_view kName = "Events";
    static constexpr auto kFields = codec::table(codec::field<1>("events", &Events::events, 1024));
    bool operator==(const Events&) const = default;
    /// SHA-256("salus.events.v1" || encoding); 32 zeros where there are none
    [[nodiscard]] Hash digest() const;
};

/// What became of a transaction in a block. Leaf i of receipt_root is the encoding of receipt i.
struct Receipt {
    TxId id;
    Contract contract{};
    std::uint32_t code = 0;  ///< 0 good; else a contract's ErrorCode, and the transaction changed no state
    Hash events{};

    static constexpr std::string_view kName = "Receipt";
    static constexpr auto kFields =
        codec::table(codec::field<1>("id", &Receipt::id), codec::field<2>("contract", &Receipt::contract),
                     codec::field<3>("code", &Receipt::code), codec::field<4>("events", &Receipt::events));
    bool operator==(const Receipt&) const = default;
};

}  // namespace salus

namespace salus {
SALUS_DECLARE_CODEC(Receipt)
SALUS_DECLARE_CODEC(Events)
}  // namespace salus
