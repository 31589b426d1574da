#include "consensus/cometbft/certifier.hpp"

#include "base/log.hpp"
#include "model/cometbft/trust.hpp"

namespace salus::consensus {
namespace {

/// What CometBFT told, as a certificate carries it. Errors: kMalformedEncoding and others of the codec
Result<Certificate> carried(const CometBftCertificate& told) {
    SALUS_TRY(const auto header, codec::decode<cometbft::Header>(told.header));
    SALUS_TRY(auto commit, codec::decode<cometbft::Commit>(told.commit));
    SALUS_TRY(auto validators, codec::decode<cometbft::ValidatorSet>(told.validators));
    return Certificate{cometbft::make_certificate(header, std::move(commit), std::move(validators))};
}

}  // namespace

Certifier::Certifier(Rpc rpc, Ledger& ledger, Height first, const Limits& limits)
    : rpc_(std::move(rpc)), ledger_(ledger), limits_(limits), done_(first - 1) {}

void Certifier::start(Threads& threads) {
    {
        const auto state = state_.lock();
        state->running = true;
        state->newest = ledger_.tip().engine;
    }
    thread_ = threads.start("certifier", [this] { run(); });
}

void Certifier::committed(EngineHeight engine, const Outcome& outcome) {
    {
        const auto state = state_.lock();
        state->newest = engine;
        if (outcome.made_block) state->made_by[outcome.height] = engine;
        state->woken = true;
    }
    changed_.notify_all();
}

void Certifier::stop() {
    state_.lock()->running = false;
    changed_.notify_all();
    if (thread_) thread_->join();
    thread_.reset();
}

void Certifier::run() {
    for (;;) {
        {
            auto state = state_.lock();
            const auto ready = [&] { return !state->running || state->woken; };
            if (ledger_.uncertified(done_))
                changed_.wait_for(state.lock(), limits_.retry, ready);
            else
                changed_.wait(state.lock(), ready);
            if (!state->running) return;
            state->woken = false;
        }
        while (certify_next()) {
        }
    }
}

bool Certifier::certify_next() {
    const auto block = ledger_.uncertified(done_);
    if (!block) return false;
    EngineHeight newest = 0;
    std::optional<EngineHeight> made_by;
    {
        const auto state = state_.lock();
        if (!state->running) return false;
        newest = state->newest;
        state->made_by.erase(state->made_by.begin(), state->made_by.lower_bound(block->height));
        if (const auto at = state->made_by.find(block->height); at != state->made_by.end()) made_by = at->second;
    }
    std::optional<EngineHeight> carries;
    if (made_by) {
        if (*made_by + 1 <= newest) carries = *made_by + 1;
    } else {
        const auto found = header_of_block(*block, newest);
        if (!found) {
            log_debug("consensus", "certificates wait: " + found.error().to_string());
            return false;
        }
        carries = *found;
    }
    if (!carries) return false;
    const auto told = rpc_.certificate(*carries);
    if (!told) {
        log_debug("consensus", "certificates wait: " + told.error().to_string());
        return false;
    }
    const auto certificate = carried(*told);
    const Status kept =
        certificate ? ledger_.certified(block->height, *certificate) : tl::make_unexpected(certificate.error());
    // A certificate that is not good enough is not waited for: that of a later block covers this one too.
    if (!kept)
        log_warning("consensus",
                    "block " + std::to_string(block->height) + " has no certificate yet: " + kept.error().to_string());
    done_ = block->height;
    return true;
}

Result<std::optional<EngineHeight>> Certifier::header_of_block(const Uncertified& block, EngineHeight newest) {
    for (EngineHeight high = newest; high > 1;) {
        const EngineHeight low = high > Rpc::kHeadersMax ? high - Rpc::kHeadersMax + 1 : 1;
        SALUS_TRY(const auto found, rpc_.header_with(block.hash, low, high));
        if (found) return found;
        if (!state_.lock()->running || low == 1) break;
        high = low - 1;
    }
    return std::optional<EngineHeight>{};
}

}  // namespace salus::consensus
