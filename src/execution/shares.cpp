#include "execution/shares.hpp"

#include <algorithm>

#include "model/contracts/governance.hpp"

namespace salus::execution {

Result<Shares> Shares::of(const StateReader& state) {
    constexpr auto kMemberBytes = governance::Parameter::kMemberBytesPerBlock;
    SALUS_TRY(const auto set, read_decision<governance::ParameterState>(state, Contract::kGovernance,
                                                                        governance::parameter_key(kMemberBytes)));
    return Shares(set ? set->value.value : governance::parameter_info(kMemberBytes).initial);
}

bool Shares::take(const Share& share, std::size_t bytes) {
    Used& used = used_[share];
    used.full = used.full || used.bytes + bytes > limit(share);
    if (!used.full) used.bytes += bytes;
    return !used.full;
}

bool Shares::take(const Load& load) {
    const auto exceeds = [this](const Load::value_type& asked) {
        const auto found = used_.find(asked.first);
        return found != used_.end() && found->second.bytes + asked.second > limit(asked.first);
    };
    if (std::ranges::any_of(load, exceeds)) return false;
    for (const auto& [share, bytes] : load) used_[share].bytes += bytes;
    return true;
}

bool Choice::take(const Asking& asking) {
    Load load;
    std::set<TxId> ids;
    bool waits = false;
    for (const Item& item : asking.items) {
        waits = waits || passed_over_.contains({asking.carrier, item.share});
        if (!taken_.contains(item.id) && ids.insert(item.id).second) load[item.share] += item.bytes;
    }
    if (!waits && shares_.take(load)) {
        taken_.merge(ids);
        return true;
    }
    for (const Item& item : asking.items) passed_over_.emplace(asking.carrier, item.share);
    return false;
}

}  // namespace salus::execution
