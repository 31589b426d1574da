#pragma once

#include "model/block.hpp"
#include "model/json.hpp"

/// Transactions and blocks as JSON: the body and, where this version knows the contract, its payload are shown decoded.
///
///     {"id", "body": {"version", "network_id", "sender", "signers", "valid_until_ms", "nonce", "contract",
///                     "payload": {"action": {"Append": {...}}} | "hexadecimal"},
///      "signatures": ["hexadecimal", ...]}
namespace salus::json {

/// Writes a SignedTransaction; one that does not decode as {"bytes": "hexadecimal"}.
void write_transaction(Writer& out, ByteView bytes);
std::string transaction_to_json(ByteView bytes);

/// The SignedTransaction that the JSON says. "id" may be left out; where it is there, it must be right.
/// Errors: kMalformedEncoding, naming the field
Result<Bytes> transaction_from(const Value& value);
Result<Bytes> transaction_from_json(std::string_view text);

/// Payload of `contract`: decoded, or hexadecimal where it does not decode.
void write_payload(Writer& out, Contract contract, ByteView payload);

/// {"hash", "header", "system", "transactions", "receipts", "events"}
std::string block_to_json(const Block& block);

}  // namespace salus::json
