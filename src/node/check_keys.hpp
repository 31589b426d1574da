#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/platform/random.hpp"
#include "crypto/secret.hpp"
#include "model/certificate.hpp"
#include "model/state.hpp"
#include "node/config.hpp"

/// What of a node's keys is missing, or not what it has to be: a line each, which names the file.
namespace salus::node {

/// "altered FILE: why", or "missing ..." where it is not there.
std::string finding_of(const std::filesystem::path& file, const Error& error);

/// Whether the genesis file is `genesis`, with which the chain began.
std::vector<std::string> check_genesis_file(const std::filesystem::path& directory, ByteView genesis);

/// The operator's passphrase gives its key, and that is the one that certifies blocks of `era`; under CometBFT a
/// validator's, or that of a node that `state` knows. nullptr: not known.
std::vector<std::string> check_operator(const std::filesystem::path& directory, const NodeConfig& config,
                                        const EraRecord* era, const StateReader* state, Random& random);

/// The organisation's keys open under `master`, are those of its account, and the account in `state` (nullptr: not
/// known) has them; any two shares of the escrow that are still in the folder give `master`.
std::vector<std::string> check_organisation_keys(const std::filesystem::path& folder, const AccountId& account,
                                                 const crypto::Key256& master, const StateReader* state);

}  // namespace salus::node
