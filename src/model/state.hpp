#pragma once

#include <optional>

#include "base/result.hpp"
#include "base/strong_types.hpp"
#include "model/codec.hpp"
#include "model/contract.hpp"

/// The view of state that contracts, decisions and proofs share.
namespace salus {

/// Place in the tree: SHA-256("salus.key.v1" || u16 contract number || key).
Hash state_path(Contract contract, ByteView key);

/// Read access to one version of the state.
class StateReader {
public:
    virtual ~StateReader() = default;
    /// The value, nothing where there is none. Errors: kIo, kCorrupt
    virtual Result<std::optional<Bytes>> get(Contract contract, ByteView key) const = 0;
};

/// A key within a contract: one byte for the table, then fixed-width or length-prefixed parts.
class KeyBuilder {
public:
    explicit KeyBuilder(std::uint8_t table) { key_.push_back(table); }
    KeyBuilder& fixed(ByteView part) {
        append(key_, part);
        return *this;
    }
    KeyBuilder& number(std::uint64_t value) {
        append(key_, big_endian(value));
        return *this;
    }
    /// u8 length, then the text. Pre: at most 255 bytes
    KeyBuilder& text(std::string_view part);
    [[nodiscard]] Bytes take() { return std::move(key_); }

private:
    Bytes key_;
};

/// Where in history something was written: height, and index of its transaction in the block.
struct Place {
    Height height = 0;
    std::uint32_t index = 0;

    static constexpr std::string_view kName = "Place";
    static constexpr auto kFields =
        codec::table(codec::field<1>("height", &Place::height), codec::field<2>("index", &Place::index));
    auto operator<=>(const Place&) const = default;
};

/// Decision values are append-only: the head of an object says how many there are, so that today's root proves any past
/// value and that none is left out. Tables of decision values use the key of the object for the head and, for value n
/// (from 1), the same key followed by u64 n.
struct DecisionHead {
    std::uint64_t n = 0;

    static constexpr std::string_view kName = "DecisionHead";
    static constexpr auto kFields = codec::table(codec::field<1>("n", &DecisionHead::n));
};

struct DecisionEntry {
    Place place;
    Bytes value;

    static constexpr std::string_view kName = "DecisionEntry";
    static constexpr auto kFields =
        codec::table(codec::field<1>("place", &DecisionEntry::place), codec::field<2>("value", &DecisionEntry::value));
};

/// Value n of `object_key` (see DecisionHead). Pre: n >= 1
Bytes decision_key(ByteView object_key, std::uint64_t n);

template <class Value>
struct Decision {
    std::uint64_t n = 0;
    Place place;
    Value value;
};

/// A plain value. Errors: those of the reader; kCorrupt where the bytes do not decode
template <class Value>
Result<std::optional<Value>> read_value(const StateReader& state, Contract contract, ByteView key) {
    SALUS_TRY(const auto bytes, state.get(contract, key));
    if (!bytes) return std::optional<Value>{};
    auto value = codec::decode<Value>(*bytes);
    if (!value) return fail(ErrorCode::kCorrupt, "a stored state value does not decode", value.error());
    return std::optional<Value>(*std::move(value));
}

/// Value n of an object. Errors: as read_value; kCorrupt where it is missing
template <class Value>
Result<Decision<Value>> read_decision_at(const StateReader& state, Contract contract, ByteView object_key,
                                         std::uint64_t n) {
    SALUS_TRY(auto entry, read_value<DecisionEntry>(state, contract, decision_key(object_key, n)));
    if (!entry) return fail(ErrorCode::kCorrupt, "a decision value is missing");
    auto value = codec::decode<Value>(entry->value);
    if (!value) return fail(ErrorCode::kCorrupt, "a decision value does not decode", value.error());
    return Decision<Value>{n, entry->place, *std::move(value)};
}

/// The newest value of an object, nothing where it has none.
template <class Value>
Result<std::optional<Decision<Value>>> read_decision(const StateReader& state, Contract contract, ByteView object_key) {
    SALUS_TRY(const auto head, read_value<DecisionHead>(state, contract, object_key));
    if (!head) return std::optional<Decision<Value>>{};
    SALUS_TRY(auto newest, read_decision_at<Value>(state, contract, object_key, head->n));
    return std::optional<Decision<Value>>(std::move(newest));
}

}  // namespace salus

namespace salus {
SALUS_DECLARE_CODEC(DecisionHead)
SALUS_DECLARE_CODEC(DecisionEntry)
SALUS_DECLARE_CODEC(Place)
}  // namespace salus
