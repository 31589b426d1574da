#include "application/reading/new_blocks.hpp"

#include <condition_variable>

#include "base/mutex.hpp"

namespace salus::application {
namespace {

/// A look at the chain costs little; a block that comes earlier is looked at earlier.
constexpr std::chrono::milliseconds kLookEvery{100};

}  // namespace

struct NewBlocks::Waiting {
    Guarded<std::uint64_t> blocks{0U};
    std::condition_variable changed;
};

NewBlocks::NewBlocks(network::LedgerService& ledger) : ledger_(ledger), waiting_(std::make_shared<Waiting>()) {
    ledger.on_block([waiting = waiting_](const Block&) {
        ++*waiting->blocks.lock();
        waiting->changed.notify_all();
    });
}

Result<std::shared_ptr<const network::LedgerView>> NewBlocks::first_where(const Stands& stands,
                                                                          std::chrono::milliseconds patience) const {
    const TimeMs begun_ms = ledger_.status().node_time_ms;
    const auto until_ms = begun_ms + static_cast<TimeMs>(patience.count());
    for (;;) {
        const std::uint64_t seen = *waiting_->blocks.lock();
        auto view = ledger_.view();
        SALUS_TRY(const bool there, stands(*view));
        if (there) return view;
        if (patience.count() <= 0 || ledger_.status().node_time_ms > until_ms)
            return std::shared_ptr<const network::LedgerView>();
        auto blocks = waiting_->blocks.lock();
        // A block that came took less than that; a clock that stands or steps back ends nothing too late.
        if (!waiting_->changed.wait_for(blocks.lock(), kLookEvery, [&] { return *blocks != seen; }))
            patience -= kLookEvery;
    }
}

}  // namespace salus::application
