#pragma once

#include "base/check.hpp"
#include "base/error.hpp"
#include "model/contract.hpp"

/// What holds for every contract.
namespace salus::execution {

/// Refusals that each contract has under the same last number, 1000 x contract + n.
enum class Refusal : std::uint32_t {
    kPayload = 1,  ///< the payload does not decode
    kSender = 2,   ///< an account of this kind may not do that
    kSigner = 3,   ///< a verified signer that the contract did not expect
    kLimit = 4,    ///< more than kStateReadsMax reads or kStateWritesMax writes
};

/// Whether version 1 executes `contract`. A transaction to another one is malformed.
constexpr bool is_executed(Contract contract) noexcept {
    return contract >= Contract::kGovernance && contract <= Contract::kAudit;
}

/// Pre: is_executed(contract)
inline ErrorCode refusal(Contract contract, Refusal what) noexcept {
    const auto code = error_code(1000 * static_cast<std::uint32_t>(contract) + static_cast<std::uint32_t>(what));
    SALUS_CHECK(code.has_value());
    return *code;
}

/// A contract's refusal fails its transaction; any other error is the reader's, and execution cannot go on.
constexpr bool is_refusal(ErrorCode code) noexcept { return static_cast<std::uint32_t>(code) >= 1000; }

}  // namespace salus::execution
