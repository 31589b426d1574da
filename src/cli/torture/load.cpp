#include "cli/torture/load.hpp"

#include "cli/torture/hand.hpp"

namespace salus::cli::torture {
namespace {

using Work = bool (*)(Hand&);
constexpr Work kWorkers[] = {import_bundle,           import_bundle,           create_and_update,
                             consent_and_read_across, consent_and_read_across, read_in_house};

void work_until_over(Load::Shared& shared, Work work, std::string name, std::uint64_t seed) {
    auto house = shared.door.custodian_api();
    auto across = shared.door.reader_api();
    if (!house || !across) return;
    Hand hand{shared, *std::move(house), *std::move(across), std::move(name), std::mt19937_64(seed)};
    while (!shared.over && work(hand)) {
    }
}

}  // namespace

Load::Load(const Door& door, std::string name, std::uint64_t seed)
    : shared_(door), pool_(std::make_unique<node::ThreadPool>(std::size(kWorkers))) {
    std::mt19937_64 seeds(seed);
    for (std::size_t i = 0; i < std::size(kWorkers); ++i)
        pool_->post([this, work = kWorkers[i], own = name + "-" + std::to_string(i), own_seed = seeds()] {
            work_until_over(shared_, work, own, own_seed);
        });
}

Run Load::end() {
    shared_.over = true;
    pool_.reset();
    return std::move(shared_.records.lock()->run);
}

}  // namespace salus::cli::torture
