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
    for (;;) {
        const std::uint64_t seen = *waiting_->blocks.lock();
        auto view = ledger_.view();
        SALUS_TRY(const bool there, stands(*view));
        if (there) return view;
        if (patience.count() <= 0) return std::shared_ptr<const network::LedgerView>();
        auto blocks = waiting_->blocks.lock();
        waiting_->changed.wait_for(blocks.lock(), kLookEvery, [&] { return *blocks != seen; });
        patience -= kLookEvery;
    }
}

}  // namespace salus::application
