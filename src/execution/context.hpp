#pragma once

#include <span>

#include "execution/engine.hpp"
#include "execution/facts.hpp"

namespace salus::execution {

/// What a contract is told of the transaction that it executes.
struct Call {
    Contract contract{};
    TimeMs time_ms = 0;  ///< of the block: the only clock
    Place place;
    Sender sender;
    std::span<const Signer> signers;  ///< all verified, ascending
    std::uint32_t own_signers = 0;    ///< bit i: signer i is an active signing key of the sender
};

/// All that a contract can see and do. What it does takes effect only where it succeeds.
class Context {
public:
    /// Pre: `block` and `call.signers` outlive it
    Context(const BlockState& block, const Call& call)
        : call_(call), expected_(call.own_signers), state_(block, call.contract), facts_(state_) {}

    [[nodiscard]] TimeMs time_ms() const noexcept { return call_.time_ms; }
    [[nodiscard]] const Place& place() const noexcept { return call_.place; }
    [[nodiscard]] const Sender& sender() const noexcept { return call_.sender; }
    [[nodiscard]] const Facts& facts() const noexcept { return facts_; }
    /// The sender, where it is an organisation. Errors: Refusal::kSender
    [[nodiscard]] Result<AccountId> organisation() const;
    /// Whether `key` is among the verified signers, which is then expected: one that is not, and is not the sender's
    /// own, fails the transaction.
    bool take_signer(const Signer& key);

    /// The contract's own state. Errors: Refusal::kLimit, and the reader's
    template <class Value>
    Result<std::optional<Value>> read(ByteView key) {
        return state_.read<Value>(call_.contract, key);
    }
    template <class Value>
    Result<std::optional<Decision<Value>>> read_decision(ByteView object_key) {
        return state_.read_decision<Value>(call_.contract, object_key);
    }
    template <class Value>
    Result<Decision<Value>> read_decision_at(ByteView object_key, std::uint64_t n) {
        return state_.read_decision_at<Value>(call_.contract, object_key, n);
    }
    template <class Value>
    Status write(Bytes key, const Value& value) {
        return state_.write(std::move(key), value);
    }
    /// Appends a decision value at this place.
    template <class Value>
    Status decide(const Bytes& object_key, const Value& value) {
        return state_.decide(object_key, call_.place, value);
    }

    template <class Kind>
    void emit(Kind kind, ByteView object, Bytes data = {}) {
        events_.events.push_back({static_cast<std::uint32_t>(kind), to_bytes(object), std::move(data)});
    }
    /// Leaves that were appended to a log whose frontier the contract keeps in its state.
    void append_log(const AccountId& owner, std::uint64_t first_index, std::vector<Hash> leaves);

    /// For the engine, after the contract has succeeded.
    [[nodiscard]] bool all_signers_expected() const noexcept;
    [[nodiscard]] Writes take_writes() { return state_.take_writes(); }
    [[nodiscard]] Events take_events() { return std::move(events_); }
    [[nodiscard]] std::vector<LogAppend> take_logs() { return std::move(logs_); }

private:
    Call call_;
    std::uint32_t expected_;
    StateAccess state_;
    Facts facts_;
    Events events_;
    std::vector<LogAppend> logs_;
};

}  // namespace salus::execution
