#pragma once

#include "network/ledger_service.hpp"
#include "transport/http.hpp"

namespace salus::network {

inline constexpr std::string_view kTransactionsType = "application/x-salus-transactions";
inline constexpr std::size_t kSubmissionMax = 10'000;  ///< transactions in one request

/// What a client submits, in its order.
struct Submission {
    std::vector<Bytes> transactions;  ///< SignedTransaction each, not yet looked at
    bool single = false;              ///< not in an array: the answer is not, either
};

/// Shape: JSON: a transaction or an array of them, each a base64 string of its SignedTransaction, or {"body": base64,
/// "signatures": [base64...]}; or binary (kTransactionsType): for each its length as a varint, then its bytes. Errors:
/// kUsage, kTooLarge (too many), kUnsupportedMediaType
Result<Submission> parse_submission(std::string_view content_type, ByteView body);

/// One transaction's part of an answer; `bytes` are what was submitted.
std::string submitted_json(const Result<Submitted>& result, ByteView bytes);
/// The answer to a single transaction: 200, or a problem with the status of its refusal, which names the block where it
/// stands in one.
transport::HttpResponse submitted_response(const Result<Submitted>& result, ByteView bytes);

}  // namespace salus::network
