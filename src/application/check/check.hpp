#pragma once

#include <functional>
#include <string>
#include <vector>

#include "application/vault/vault.hpp"
#include "model/merkle_log.hpp"
#include "model/state.hpp"

/// Compares an organisation's vault with the chain, both ways. Changes nothing.
namespace salus::application {

struct Finding {
    enum class Kind {
        kMissing,  ///< the chain has it, the vault does not, or the other way round
        kExtra,    ///< the vault has what nothing accounts for
        kAltered,  ///< both have it, and not the same
    };
    Kind kind{};
    std::string what;  ///< "Observation/7f../_history/2", "leaf 17", "the key store": never patient data
    std::string why;
};
std::string_view kind_name(Finding::Kind kind) noexcept;

struct CheckReport {
    std::uint64_t versions = 0;  ///< opened, hashed, compared with their leaves
    std::uint64_t pads = 0;
    std::uint64_t keys = 0;
    std::uint64_t accounts = 0;     ///< audit events, consents, broken glass, disclosures (check_accounts.hpp)
    std::vector<Finding> findings;  ///< empty: all is as it was written
};

/// `log` is the organisation's log of records in the version that `state` is of. `progress` is told how many of how
/// many leaves are done. Errors: those of the readers (kIo); what is wrong with the vault's content is a finding and
/// not an error
Result<CheckReport> check_vault(Vault& vault, const StateReader& state, const LogReader& log,
                                const std::function<void(std::uint64_t, std::uint64_t)>& progress = {});

}  // namespace salus::application
