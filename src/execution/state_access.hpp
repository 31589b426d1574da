#pragma once

#include "base/check.hpp"
#include "execution/contract.hpp"
#include "execution/overlay.hpp"
#include "model/limits.hpp"

namespace salus::execution {

/// One transaction's way to the state: reads see its own writes; writes wait until they are taken. Both are counted, an
/// object's head and entry together as one, and the contract is refused (Refusal::kLimit) where there are too many.
class StateAccess {
public:
    /// Pre: `block` outlives it
    StateAccess(const BlockState& block, Contract contract) : own_(block), contract_(contract) {}
    StateAccess(const StateAccess&) = delete;
    StateAccess& operator=(const StateAccess&) = delete;

    template <class Value>
    Result<std::optional<Value>> read(Contract contract, ByteView key) {
        SALUS_TRY_STATUS(count_read());
        return read_value<Value>(own_, contract, key);
    }
    /// The newest value of an object, nothing where it has none.
    template <class Value>
    Result<std::optional<Decision<Value>>> read_decision(Contract contract, ByteView object_key) {
        SALUS_TRY_STATUS(count_read());
        return salus::read_decision<Value>(own_, contract, object_key);
    }
    /// Pre: 1 <= n <= the object's head
    template <class Value>
    Result<Decision<Value>> read_decision_at(Contract contract, ByteView object_key, std::uint64_t n) {
        SALUS_TRY_STATUS(count_read());
        return salus::read_decision_at<Value>(own_, contract, object_key, n);
    }
    /// Writes go to the executing contract's own state only.
    template <class Value>
    Status write(Bytes key, const Value& value) {
        SALUS_TRY_STATUS(count_write());
        own_.put(contract_, std::move(key), codec::encode(value));
        return {};
    }
    /// Appends a decision value: entry n + 1, and the head says so.
    template <class Value>
    Status decide(const Bytes& object_key, const Place& place, const Value& value) {
        SALUS_TRY_STATUS(count_write());
        SALUS_TRY(auto head, read_value<DecisionHead>(own_, contract_, object_key));
        const DecisionHead next{head ? head->n + 1 : 1};
        own_.put(contract_, decision_key(object_key, next.n),
                 codec::encode(DecisionEntry{place, codec::encode(value)}));
        own_.put(contract_, object_key, codec::encode(next));
        return {};
    }

    [[nodiscard]] Writes take_writes() { return std::move(own_.writes); }

private:
    struct Own final : StateReader {
        explicit Own(const BlockState& block_in) : block(block_in) {}
        Result<std::optional<Bytes>> get(Contract contract, ByteView key) const override;
        void put(Contract contract, Bytes key, Bytes value);
        const BlockState& block;
        Writes writes;
    };
    Status count_read();
    Status count_write();

    Own own_;
    const Contract contract_;
    std::size_t reads_ = 0;
    std::size_t writes_ = 0;
};

}  // namespace salus::execution
