#include "consensus/cometbft/mempool_feed.hpp"

#include "base/log.hpp"
#include "crypto/hash.hpp"

namespace salus::consensus {

void MempoolFeed::start(Threads& threads) {
    state_.lock()->running = true;
    thread_ = threads.start("mempool", [this] { run(); });
}

Result<void, Busy> MempoolFeed::submit(Bytes envelope) {
    const Hash hash = crypto::sha256(envelope);
    {
        const auto state = state_.lock();
        const bool full = state->kept.size() >= limits_.envelopes_max ||
                          (!state->kept.empty() && state->bytes + envelope.size() > limits_.bytes_max);
        if (!state->running || full) return tl::unexpected<Busy>(Busy{limits_.retry_after});
        const std::size_t bytes = envelope.size();
        const auto shared = std::make_shared<const Bytes>(std::move(envelope));
        if (!state->kept.emplace(hash, Kept{state->next, shared, {}}).second) return {};  // the same bytes: once
        state->order.emplace(state->next++, hash);
        state->bytes += bytes;
    }
    changed_.notify_all();
    return {};
}

void MempoolFeed::ordered(std::span<const Hash> envelopes) {
    const auto state = state_.lock();
    for (const Hash& envelope : envelopes) forget(*state, envelope);
}

void MempoolFeed::forget(State& state, const Hash& envelope) {
    const auto kept = state.kept.extract(envelope);
    if (kept.empty()) return;
    state.order.erase(kept.mapped().number);
    state.bytes -= kept.mapped().envelope->size();
}

std::size_t MempoolFeed::queued() const { return state_.lock()->kept.size(); }

void MempoolFeed::stop() {
    state_.lock()->running = false;
    changed_.notify_all();
    if (thread_) thread_->join();
    thread_.reset();
}

std::optional<std::pair<Hash, std::shared_ptr<const Bytes>>> MempoolFeed::take() {
    auto state = state_.lock();
    while (state->running) {
        const auto now = clock_.now();
        for (const auto& [number, hash] : state->order) {
            const Kept& kept = state->kept.at(hash);
            if (!kept.sent || now - *kept.sent >= limits_.resend_after) return std::pair(hash, kept.envelope);
        }
        if (state->order.empty())
            changed_.wait(state.lock());
        else
            changed_.wait_for(state.lock(), limits_.resend_after / 4);
    }
    return std::nullopt;
}

void MempoolFeed::pause() {
    auto state = state_.lock();
    changed_.wait_for(state.lock(), limits_.pause, [&] { return !state->running; });
}

void MempoolFeed::run() {
    bool reached = true;
    for (auto next = take(); next; next = take()) {
        const auto& [hash, envelope] = *next;
        const auto taken = rpc_.broadcast(*envelope);
        if (std::exchange(reached, taken.has_value()) && !taken)
            log_warning("consensus", "envelopes wait: " + taken.error().to_string());
        if (!taken || *taken == Rpc::Taken::kFull) {
            pause();  // the next may not overtake it
        } else if (*taken == Rpc::Taken::kTaken) {
            const auto state = state_.lock();
            if (const auto kept = state->kept.find(hash); kept != state->kept.end()) kept->second.sent = clock_.now();
        } else {
            if (*taken == Rpc::Taken::kTooLarge)
                log_error("consensus", "CometBFT refuses an envelope of " + std::to_string(envelope->size()) +
                                           " bytes as too large");
            forget(*state_.lock(), hash);
            given_up_(hash);
        }
    }
}

}  // namespace salus::consensus
