#pragma once

#include "base/strong_types.hpp"
#include "model/contract.hpp"
#include "model/state_tree.hpp"

/// Keys of the families; integers are big-endian, so that the order of bytes is the order of numbers.
namespace salus::store {

/// Version of what stands on the disk. A program that finds another one does not touch the directory.
inline constexpr std::uint32_t kSchemaVersion = 2;

inline constexpr std::string_view kSchemaKey = "schema";       ///< u32
inline constexpr std::string_view kGenesisKey = "genesis";     ///< the genesis bytes
inline constexpr std::string_view kTipKey = "tip";             ///< TipRecord
inline constexpr std::string_view kUndoFromKey = "undo-from";  ///< u64, the lowest height whose undo record is kept
inline constexpr std::string_view kEraPrefix = "era/";         ///< followed by u64 era -> EraRecord
inline constexpr std::string_view kEraStatesPrefix = "era-states/";  ///< followed by u64 era -> EraStates
/// Followed by u64 era, u64 height -> nothing: the block's certificate is by other validators than those before it.
inline constexpr std::string_view kValidatorChangePrefix = "validator-change/";

inline ByteArray<8> height_key(Height height) { return big_endian(height); }

inline Bytes era_key(Era era) {
    Bytes key = to_bytes(kEraPrefix);
    append(key, big_endian(era));
    return key;
}

inline Bytes era_states_key(Era era) {
    Bytes key = to_bytes(kEraStatesPrefix);
    append(key, big_endian(era));
    return key;
}

inline Bytes validator_change_key(Era era, Height height) {
    Bytes key = to_bytes(kValidatorChangePrefix);
    append(key, big_endian(era));
    append(key, big_endian(height));
    return key;
}

/// As many bytes of an id as keep chance from making two alike; a lookup reads the receipt to be sure.
inline constexpr std::size_t kIdPrefixBytes = 16;

inline Bytes transaction_key(const TxId& id, Height height, std::uint32_t index) {
    Bytes key(id.bytes.begin(), id.bytes.begin() + kIdPrefixBytes);
    append(key, ByteView(big_endian(height)).subspan(3));
    append(key, ByteView(big_endian(index)).subspan(1));
    return key;
}

inline Bytes node_key(const NodeId& id) {
    Bytes key{id.nibbles};
    append(key, ByteView(id.prefix).first((id.nibbles + 1U) / 2U));
    return key;
}

/// Prefix of the rows of one log; the history's is empty.
inline Bytes log_prefix(Contract contract, const AccountId& owner) {
    Bytes key;
    append(key, big_endian(static_cast<std::uint16_t>(contract)));
    append(key, owner);
    return key;
}

}  // namespace salus::store
