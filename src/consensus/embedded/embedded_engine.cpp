#include "consensus/embedded/embedded_engine.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/log.hpp"

namespace salus::consensus {

EmbeddedEngine::EmbeddedEngine(const NetworkId& network, EraRecord era, crypto::SigningKey operator_key,
                               const Machine& machine, const Limits& limits)
    : network_(network),
      era_(std::move(era)),
      operator_key_(std::move(operator_key)),
      threads_(machine.threads),
      limits_(limits),
      clock_(machine.wall, machine.steady) {}

EmbeddedEngine::~EmbeddedEngine() { stop(); }

Status EmbeddedEngine::start(Ledger& ledger) {
    const Signer key = Signer::of(operator_key_.public_key());
    if (era_.engine != EngineKind::kEmbedded || era_.validators.size() != 1 || era_.validators.front().key != key)
        return fail(ErrorCode::kConfig, "the key given is not that of the operator of era " + std::to_string(era_.era));
    SALUS_TRY_STATUS(ledger.begin(era_));
    const Tip tip = ledger.tip();
    ledger_ = &ledger;
    next_ = tip.engine + 1;
    clock_.begin(tip.time_ms);
    if (const auto problem = clock_.problem(tip.time_ms); !problem.empty()) log_warning("consensus", problem);
    {
        const auto queue = queue_.lock();
        SALUS_CHECK(!queue->running && !queue->stopping);
        queue->running = true;
        queue->tip_ms = tip.time_ms;
    }
    maker_ = threads_.start("consensus", [this] { make_blocks(); });
    committer_ = threads_.start("commit", [this] { commit_blocks(); });
    return {};
}

Result<void, Busy> EmbeddedEngine::submit(Bytes envelope) {
    {
        const auto queue = queue_.lock();
        const bool full = queue->envelopes.size() >= limits_.envelopes_max ||
                          (!queue->envelopes.empty() && queue->bytes + envelope.size() > limits_.bytes_max);
        if (!queue->running || queue->stopping || full) return tl::unexpected<Busy>(Busy{limits_.retry_after});
        queue->bytes += envelope.size();
        queue->envelopes.push_back(std::move(envelope));
    }
    queue_changed_.notify_one();
    return {};
}

EngineStatus EmbeddedEngine::status() const {
    const auto queue = queue_.lock();
    EngineStatus status;
    status.running = queue->running && !queue->stopping;
    status.queued = queue->envelopes.size() + queue->taken;
    status.queue_limit = limits_.envelopes_max;
    if (status.running) status.problem = clock_.problem(queue->tip_ms);
    return status;
}

void EmbeddedEngine::confirm_clock() {
    clock_.confirm();
    queue_changed_.notify_one();
}

void EmbeddedEngine::stop() {
    queue_.lock()->stopping = true;
    queue_changed_.notify_one();
    if (maker_) maker_->join();
    handover_.lock()->closed = true;
    handover_changed_.notify_all();
    if (committer_) committer_->join();
    queue_.lock()->running = false;
    maker_.reset();
    committer_.reset();
}

std::vector<Bytes> EmbeddedEngine::take() {
    auto queue = queue_.lock();
    queue->taken = 0;
    TimeMs now_ms = 0;
    bool held_up = false;
    for (;;) {
        queue_changed_.wait(queue.lock(), [&] { return queue->stopping || !queue->envelopes.empty(); });
        if (queue->envelopes.empty()) return {};
        const auto [read_ms, problem] = clock_.read(queue->tip_ms);
        now_ms = read_ms;
        if (problem.empty()) break;
        if (!std::exchange(held_up, true)) log_warning("consensus", problem + "; no block is made meanwhile");
        if (queue->stopping) {
            log_warning("consensus",
                        "stops with " + std::to_string(queue->envelopes.size()) + " envelopes; " + problem);
            return {};
        }
        queue_changed_.wait_for(queue.lock(), limits_.clock_retry);
    }
    if (held_up) log_info("consensus", "clock: it is believed again, and blocks are made");
    std::vector<Bytes> taken;
    std::size_t bytes = 0;
    while (!queue->envelopes.empty()) {
        Bytes& next = queue->envelopes.front();
        if (!taken.empty() && bytes + next.size() > limits_.block_bytes_max) break;
        bytes += next.size();
        taken.push_back(std::move(next));
        queue->envelopes.pop_front();
    }
    queue->bytes -= bytes;
    queue->taken = taken.size();
    queue->tip_ms = std::max(queue->tip_ms, now_ms);
    return taken;
}

void EmbeddedEngine::make_blocks() {
    for (auto taken = take(); !taken.empty(); taken = take()) {
        Proposal proposal;
        proposal.engine = next_++;
        proposal.time_ms = queue_.lock()->tip_ms;
        proposal.proposer = validator_id(Signer::of(operator_key_.public_key()));
        proposal.envelopes.assign(taken.begin(), taken.end());
        Outcome outcome = ledger_->finalise(proposal);

        auto handover = handover_.lock();
        handover_changed_.wait(handover.lock(), [&] { return !handover->finalised && !handover->committing; });
        handover->finalised = std::move(outcome);
        handover_changed_.notify_all();
    }
}

void EmbeddedEngine::commit_blocks() {
    for (;;) {
        std::optional<Outcome> outcome;
        {
            auto handover = handover_.lock();
            handover->committing = false;
            handover_changed_.notify_all();
            handover_changed_.wait(handover.lock(), [&] { return handover->finalised || handover->closed; });
            outcome = std::exchange(handover->finalised, std::nullopt);
            if (!outcome) return;
            handover->committing = true;
        }
        (void)ledger_->commit(certify(*outcome));
    }
}

std::optional<Certificate> EmbeddedEngine::certify(const Outcome& outcome) const {
    if (!outcome.made_block) return std::nullopt;
    const Bytes vouched = certificate_signed_bytes(network_, era_.era, outcome.height, outcome.app_hash);
    return Certificate{OperatorCertificate{Signer::of(operator_key_.public_key()), operator_key_.sign(vouched)}};
}

}  // namespace salus::consensus
