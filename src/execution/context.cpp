#include "execution/context.hpp"

namespace salus::execution {

Result<AccountId> Context::organisation() const {
    if (call_.sender.kind == AccountKind::kOrganisation) return call_.sender.id;
    return fail(refusal(call_.contract, Refusal::kSender), "the sender is not an organisation");
}

bool Context::take_signer(const Signer& key) {
    for (std::size_t i = 0; i < call_.signers.size(); ++i) {
        if (call_.signers[i] != key) continue;
        expected_ |= 1U << i;
        return true;
    }
    return false;
}

void Context::append_log(const AccountId& owner, std::uint64_t first_index, std::vector<Hash> leaves) {
    logs_.push_back({call_.contract, owner, first_index, std::move(leaves)});
}

bool Context::all_signers_expected() const noexcept { return expected_ == (1U << call_.signers.size()) - 1; }

}  // namespace salus::execution
