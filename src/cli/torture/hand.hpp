#pragma once

#include <random>

#include "cli/torture/load.hpp"

/// One worker of a Load, and its kinds of work.
namespace salus::cli::torture {

struct Hand {
    Load::Shared& shared;
    Api house;   ///< as the custodian's machine
    Api across;  ///< as the reader's physician
    std::string name;
    std::mt19937_64 chance;
    std::uint64_t made = 0;

    std::uint64_t draw(std::uint64_t below) { return chance() % below; }
    std::string next_name() { return name + "-" + std::to_string(++made); }
    [[nodiscard]] const Door& door() const noexcept { return shared.door; }

    /// Whether the answer was lost with the node, or says that it may still come to be; else the node refused what it
    /// had no reason to refuse, which is noted as a fault.
    bool lost(Run& run, const Error& error, const std::string& what) const;
};

/// One step of that work each; false where the worker is to end, because an answer did not come.
bool import_bundle(Hand& hand);
bool create_and_update(Hand& hand);
bool consent_and_read_across(Hand& hand);
bool read_in_house(Hand& hand);

}  // namespace salus::cli::torture
