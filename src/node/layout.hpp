#pragma once

#include <filesystem>
#include <string>

/// Where things stand in a node's folder.
namespace salus::node {

inline std::filesystem::path config_file(const std::filesystem::path& directory) { return directory / "node.toml"; }
inline std::filesystem::path genesis_file(const std::filesystem::path& directory) { return directory / "genesis"; }
inline std::filesystem::path operator_key_file(const std::filesystem::path& directory) {
    return directory / "operator.key";
}
inline std::filesystem::path chain_folder(const std::filesystem::path& directory) { return directory / "chain"; }
/// CometBFT's own, where it orders: its blocks, and copies of its configuration and keys.
inline std::filesystem::path cometbft_folder(const std::filesystem::path& directory) { return directory / "cometbft"; }
inline std::filesystem::path organisation_folder(const std::filesystem::path& directory, const std::string& slug) {
    return directory / "orgs" / slug;
}

}  // namespace salus::node
