#include "cli/chain_state.hpp"

#include "base/encoding.hpp"
#include "base/printable.hpp"
#include "cli/answers.hpp"
#include "model/contracts/identity.hpp"

namespace salus::cli {

Result<std::optional<Bytes>> ChainState::get(Contract contract, ByteView key) const {
    SALUS_TRY(const boost::json::value answer,
              api_.get("/v1/state/" + std::string(contract_name(contract)) + "/" + to_hex(key)));
    const boost::json::value* value = answer.is_object() ? answer.get_object().if_contains("value") : nullptr;
    if (value == nullptr || value->is_null()) return std::optional<Bytes>{};
    SALUS_TRY(const std::string text, text_of(answer, "value"));
    auto bytes = from_hex(text);
    if (!bytes) return fail(ErrorCode::kCorrupt, "the node's \"value\" is not hexadecimal");
    return std::optional<Bytes>(*std::move(bytes));
}

const std::string& OrganisationNames::of(const AccountId& organisation) {
    const auto [known, added] = known_.try_emplace(organisation);
    if (!added) return known->second;
    const auto account =
        read_decision<identity::AccountState>(chain_, Contract::kIdentity, identity::account_key(organisation));
    known->second =
        account && *account ? printable((*account)->value.name) : to_address(AccountKind::kOrganisation, organisation);
    return known->second;
}

}  // namespace salus::cli
