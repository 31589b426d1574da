#pragma once

#include "cli/demo/stage.hpp"

namespace salus::cli::demo {

/// What the demo is played with.
struct Cast {
    std::vector<std::string> bundles;          ///< hospitals and practitioners first, then patients
    std::vector<std::string> patient_bundles;  ///< those of `bundles` that hold a patient
};

/// The patients that come with Salus, as files in the order of their names.
Result<std::vector<std::string>> shipped_bundles();

/// Who reads, in the table of who could.
inline constexpr const char* kSpecialist = "hospital B, specialist";
inline constexpr const char* kEmergency = "hospital B, emergency";
inline constexpr const char* kPayer = "payer, clerk";

/// Who tried to read Mary's record, when in the story, and whether it was let.
struct Attempt {
    std::string who;
    std::string moment;
    bool allowed = false;
};

/// What the story has found out on its way.
struct Story {
    Stage& stage;
    Cast cast;
    std::uint64_t patients = 0;
    std::uint64_t resources = 0;  ///< that hospital A stored from the patients' bundles

    std::vector<std::string> patient_ids;  ///< at hospital A
    std::string observation;               ///< "Type/id" of one of Mary's
    std::string grant;                     ///< hers to hospital B
    std::string opening;                   ///< of broken glass
    std::uint64_t disclosures = 0;         ///< of Mary's record to hospital B, so far
    std::vector<Attempt> attempts;
    std::uint64_t slowest_read_ms = 0;  ///< of the disclosures
};

/// The ten steps, each in a file of its own kind: see docs of `salus demo`.
void import_records(Story& story);
void take_wallet_and_grant(Story& story);
void read_across(Story& story);
void refuse_payer(Story& story);
void revoke_and_expire(Story& story);
void break_glass(Story& story);
void patient_asks(Story& story);
void correct_record(Story& story);
void verify_without_node(Story& story);
void survive_kill(Story& story);

}  // namespace salus::cli::demo
