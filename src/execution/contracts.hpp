#pragma once

#include "execution/context.hpp"

namespace salus::execution {

/// A contract: decodes its payload, judges it, and writes to its own state. Deterministic: it sees the context and
/// nothing else. Errors: the contract's own codes (is_refusal), and the reader's
using ContractCode = Status (*)(Context& context, ByteView payload);

/// Pre: is_executed(contract)
ContractCode contract_code(Contract contract) noexcept;

/// The payload, or the contract's refusal of it.
template <class Payload>
Result<Payload> decode_payload(Contract contract, ByteView payload) {
    auto decoded = codec::decode<Payload>(payload);
    if (!decoded) return fail(refusal(contract, Refusal::kPayload), decoded.error().message);
    return *std::move(decoded);
}

}  // namespace salus::execution
