#pragma once

#include <condition_variable>
#include <deque>
#include <limits>
#include <memory>
#include <unordered_map>

#include "consensus/port.hpp"
#include "execution/accounts.hpp"
#include "network/ledger_service.hpp"
#include "node/ledger.hpp"
#include "node/packer.hpp"

namespace salus::node {

/// The way of clients' transactions to the engine and of the answers back: parsed, judged, verified on all threads,
/// packed into this node's envelopes, and answered from the committed block once it is shown, never before. What would
/// exceed its sender's share of a block waits here for a later one.
///
/// Invariants: what was taken is answered exactly once; the transactions taken and not answered are within the limits,
/// and what is answered leaves the packer before more comes to it; of what is on its way to a durable block nobody has
/// more than its share of one.
class Submission {
public:
    using Answer = network::LedgerService::Answer;
    using Done = std::function<void(Answer)>;

    struct Parts {
        Ledger& ledger;
        const store::ChainStore& store;
        consensus::Engine& engine;
        Threads& threads;
        const WallClock& wall;
    };
    struct Limits {
        std::size_t transactions_max = 100'000;
        std::size_t bytes_max = std::size_t{256} << 20U;
    };

    /// Envelopes are signed by the first of `members` that may carry at the time, so that one that was suspended, or
    /// has rotated its key, stops nobody else. Listens to `parts.ledger` from now on; works from start to stop.
    Submission(const Parts& parts, std::vector<crypto::SigningKey> members, const Limits& limits);
    ~Submission();
    Submission(const Submission&) = delete;
    Submission& operator=(const Submission&) = delete;

    void start();
    /// Takes all or none, and answers once: LedgerService::submit.
    /// Errors: kBusy; kTooLarge where it could never be taken; kUnavailable where it does not run
    Status submit(std::vector<Bytes> transactions, Done done);
    [[nodiscard]] std::size_t pending() const;
    /// Takes nothing more, and hands what is verified to the engine as far as that takes it.
    void stop_intake();
    /// The engine has stopped: whoever still waits is told to ask by the transaction's id. Pre: stop_intake
    void abandon();

private:
    /// What one client sent together.
    struct Batch {
        std::vector<Bytes> transactions;
        std::size_t bytes = 0;
        Answer answers;
        std::size_t open = 0;  ///< not answered yet
        Done done;
    };
    struct Waiter {
        std::shared_ptr<Batch> batch;
        std::size_t index = 0;
    };
    struct Waiting {
        TimeMs valid_until_ms = 0;
        std::vector<Waiter> waiters;
        bool packed = false;  ///< it has left the packer
        bool stands = false;  ///< in a block that is not shown yet
    };
    struct State {
        std::deque<std::shared_ptr<Batch>> arrived;
        std::size_t transactions = 0;  ///< taken and not answered
        std::size_t bytes = 0;
        std::unordered_map<TxId, Waiting, PrefixHasher> waiting;
        std::map<Hash, execution::Load> envelopes;  ///< on their way to a durable block, by their SHA-256
        execution::Load under_way;                  ///< the sum of their loads
        TimeMs first_end_ms = std::numeric_limits<TimeMs>::max();  ///< nothing that waits ends before it
        bool running = false;
        bool stopping = false;
        bool stale = false;  ///< the packer may hold what was answered
        bool poked = false;  ///< the engine, or somebody's share, may have room again
    };
    /// Batches that became whole; their clients are told outside the lock.
    using Whole = std::vector<std::shared_ptr<Batch>>;
    using Verdict = network::Submitted;

    void run();
    [[nodiscard]] std::vector<std::shared_ptr<Batch>> wait_for_work();
    void take_in(const std::vector<std::shared_ptr<Batch>>& batches);
    /// What one transaction comes to, before it waits.
    struct Judged {
        std::optional<TxId> id;                  ///< where it could be read
        std::optional<Result<Verdict>> verdict;  ///< nothing: it is admissible, and goes on
        std::optional<AccountId> organisation;   ///< that answers for it
    };
    [[nodiscard]] std::vector<Judged> judge(std::vector<Result<Transaction>>& parsed) const;
    void answer_known(std::vector<Judged>& judged) const;
    void place(std::vector<Result<Transaction>> opened, std::vector<Judged> judged, const std::vector<Waiter>& places);
    void wait_until_shown(State& state, const TxId& id, const Waiter& waiter, Whole& whole);
    void forget_answered(State& state);
    /// nullptr where none of this node's members may carry now.
    [[nodiscard]] Result<const crypto::SigningKey*> carrier(execution::Accounts& accounts) const;
    [[nodiscard]] Result<std::optional<Verdict>> known(const TxId& id) const;
    [[nodiscard]] bool stands(const TxId& id) const;
    void send();
    Result<bool> seal();
    static void settle(State& state, const Hash& envelope);
    void durable(const Durable& block);
    void sweep(State& state, TimeMs engine_ms, Whole& whole) const;
    static void answer(State& state, const Waiter& waiter, Result<Verdict> verdict, Whole& whole);
    static void answer_all(State& state, const TxId& id, const Result<Verdict>& verdict, Whole& whole);
    static void tell(const Whole& whole);

    const Parts parts_;
    const std::vector<crypto::SigningKey> members_;
    const Limits limits_;

    Packer packer_;                  ///< of the intake thread
    std::optional<Bytes> envelope_;  ///< of the intake thread: signed, and not taken by the engine yet
    std::chrono::milliseconds retry_after_{0};
    mutable Guarded<State> state_;
    std::condition_variable changed_;
    std::unique_ptr<Thread> thread_;
};

}  // namespace salus::node
