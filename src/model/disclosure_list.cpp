#include "model/disclosure_list.hpp"

#include <algorithm>
#include <map>

namespace salus {
namespace {

tl::unexpected<Error> incomplete(std::string what) { return fail(ErrorCode::kProofInvalid, std::move(what)); }

std::string place_name(const ListKey& key, std::uint64_t i) {
    return "place " + std::to_string(i) + " of epoch " + std::to_string(key.epoch);
}

/// What the evidence holds of the disclosure contract, by state key.
class ShownRows {
public:
    ShownRows(const Evidence& evidence, const AccountId& custodian) : custodian_(custodian) {
        for (const ProvenState& state : evidence.states)
            if (state.contract == Contract::kDisclosure) present_[state.key] = state.present;
        for (const ProvenDisclosure& opened : evidence.disclosures)
            if (opened.row < evidence.states.size()) opened_[evidence.states[opened.row].key] = &opened.manifest;
    }

    /// n. Errors: kProofInvalid, naming the place at which the list breaks off
    Result<std::uint64_t> count(const ListKey& key) const {
        std::uint64_t n = 0;
        for (;; ++n) {
            SALUS_TRY(const bool stands, stands_at(key, n + 1));
            if (!stands) break;
            SALUS_TRY_STATUS(check_opened(key, n + 1));
        }
        for (std::uint64_t i = n + 2; i <= n + kAbsentRows; ++i) {
            SALUS_TRY(const bool stands, stands_at(key, i));
            if (stands)
                return incomplete("the list leaves out " + place_name(key, n + 1) + " and goes on at " +
                                  std::to_string(i));
        }
        return n;
    }

private:
    [[nodiscard]] Bytes key_of(const ListKey& key, std::uint64_t i) const {
        return disclosure::row_key(custodian_, disclosure::disclosure_tag(key.key, i));
    }
    Result<bool> stands_at(const ListKey& key, std::uint64_t i) const {
        const auto found = present_.find(key_of(key, i));
        if (found == present_.end()) return incomplete("nothing is shown of " + place_name(key, i));
        return found->second;
    }
    Status check_opened(const ListKey& key, std::uint64_t i) const {
        const auto found = opened_.find(key_of(key, i));
        if (found == opened_.end())
            return incomplete("the row at " + place_name(key, i) + " stands on the chain and is not opened");
        const Manifest& manifest = *found->second;
        if (manifest.custodian != custodian_)
            return incomplete("the row at " + place_name(key, i) + " is another custodian's");
        // A late row's manifest was made before it had a place.
        const bool late = manifest.intent_id.has_value();
        if (!late && (manifest.view_key_epoch != key.epoch || manifest.tag_index != i))
            return incomplete("the row at " + place_name(key, i) + " says that it stands elsewhere");
        return {};
    }

    AccountId custodian_;
    std::map<Bytes, bool> present_;
    std::map<Bytes, const Manifest*> opened_;
};

}  // namespace

Verdict verify_disclosure_list(const Evidence& evidence, const std::optional<NetworkId>& network,
                               const AccountId& custodian, std::span<const ListKey> keys) {
    Verdict verdict = verify_evidence(evidence, network, {});
    const ShownRows shown(evidence, custodian);
    std::uint64_t rows = 0;
    for (const ListKey& key : keys) {
        const auto count = shown.count(key);
        if (count) rows += *count;
        verdict.statements.push_back({count.has_value(), count ? "the list of epoch " + std::to_string(key.epoch) +
                                                                     " has rows 1 to " + std::to_string(*count) +
                                                                     ", and none at the " +
                                                                     std::to_string(kAbsentRows) + " places after"
                                                               : count.error().message});
    }
    if (keys.empty()) verdict.statements.push_back({false, "the wallet has no view key of this custodian"});
    if (rows != evidence.disclosures.size())
        verdict.statements.push_back({false, "not every row that is shown has a place in the list"});
    verdict.good = std::ranges::all_of(verdict.statements, &Statement::holds);
    return verdict;
}

}  // namespace salus
