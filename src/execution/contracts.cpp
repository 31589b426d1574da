#include "execution/contracts.hpp"

#include "execution/contracts/audit/audit.hpp"
#include "execution/contracts/consent/consent.hpp"
#include "execution/contracts/disclosure/disclosure.hpp"
#include "execution/contracts/governance/governance.hpp"
#include "execution/contracts/identity/identity.hpp"
#include "execution/contracts/records/records.hpp"

namespace salus::execution {

ContractCode contract_code(Contract contract) noexcept {
    static constexpr ContractCode kCodes[] = {run_governance, run_identity,   run_records,
                                              run_consent,    run_disclosure, run_audit};
    SALUS_CHECK(is_executed(contract));
    return kCodes[static_cast<std::uint32_t>(contract) - static_cast<std::uint32_t>(Contract::kGovernance)];
}

}  // namespace salus::execution
