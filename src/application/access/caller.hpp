#pragma once

#include <optional>
#include <string>

#include "base/strong_types.hpp"
#include "model/manifest.hpp"

namespace salus::application {

/// Who calls an organisation's base, as its token says. One organisation's token is nothing at another's base.
struct Caller {
    enum class Kind { kMachine, kStaff, kWallet };

    Kind kind = Kind::kMachine;
    AccountId organisation;                ///< at whose base the token counts
    std::optional<StaffCredential> staff;  ///< kStaff
    std::optional<SubjectId> subject;      ///< kWallet: the patient it is bound to
    Purpose purpose = Purpose::kTreat;
    std::string session;  ///< random id of the login, for the audit
};

}  // namespace salus::application
