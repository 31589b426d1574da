#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/log.hpp"
#include "base/result.hpp"
#include "base/strong_types.hpp"
#include "store/chain_store.hpp"

namespace salus::node {

/// One organisation that this node serves: its part of node.toml, and the folder orgs/<slug>.
struct OrganisationConfig {
    std::string slug;  ///< its place in URLs: [a-z0-9-], 1..40
    AccountId account;
    std::filesystem::path passphrase_file;    ///< opens its keys; relative to the node's folder
    std::filesystem::path checkpoint_file{};  ///< outside of the node's folder (checkpoint_file.hpp); empty: none
};

/// A custodian that another node serves.
struct CustodianConfig {
    std::string slug;  ///< its place in that node's URLs, and its name here
    AccountId account;
    std::string url;  ///< where that node's exchange_listen is reached: "https://HOST:PORT"
};

/// Whom a node's CometBFT calls.
enum class PeersCalled {
    kHeard,  ///< those that are named, and those of whom its peers tell
    kNamed,  ///< those that are named
};

/// node.toml
struct NodeConfig {
    std::string listen = "127.0.0.1:8480";
    std::string tls_certificate;  ///< needed on any address but loopback
    std::string tls_key;
    std::string public_url;  ///< what links begin with ("https://ehr.example.org"); empty: the address listened on
    LogLevel log_level = LogLevel::kInfo;
    LogFormat log_format = LogFormat::kText;
    std::size_t connections_max = 10'000;
    std::size_t body_bytes_max = 64UL * 1024 * 1024;
    std::size_t body_bytes_total_max = 1024UL * 1024 * 1024;
    std::size_t answer_bytes_total_max = 1024UL * 1024 * 1024;
    std::size_t read_timeout_ms = 30'000;
    std::size_t write_timeout_ms = 30'000;
    std::size_t idle_timeout_ms = 120'000;
    std::size_t workers = 32;  ///< threads that serve requests; a quarter never waits for the chain
    std::size_t queue_envelopes_max = 256;
    std::size_t queue_transactions_max = 100'000;
    std::size_t block_cache_mib = store::kCacheMib;
    std::filesystem::path operator_passphrase_file;
    // Where CometBFT orders.
    std::string cometbft_rpc = "127.0.0.1:26657";  ///< its own interface, on loopback
    std::string cometbft_p2p = "127.0.0.1:26656";  ///< where other nodes connect to it
    std::string cometbft_peers;                    ///< "ID@HOST:PORT,..."
    PeersCalled cometbft_calls = PeersCalled::kHeard;
    std::filesystem::path cometbft_program;  ///< empty: beside this program, else on PATH
    // Between nodes.
    std::string exchange_listen;                ///< where others' nodes ask for what may be read; empty: nowhere
    std::size_t exchange_timeout_ms = 10'000;   ///< for each question to another node
    std::vector<CustodianConfig> custodians{};  ///< those of other nodes
    std::vector<OrganisationConfig> organisations;
};

/// Reads node.toml. Every mistake is named at once: unknown keys, wrong types, values out of bounds, an address without
/// TLS. Errors: kConfig with a line for each mistake; kNotFound, kIo
Result<NodeConfig> read_config(const std::filesystem::path& file);
/// The same from text; `name` stands in messages.
Result<NodeConfig> parse_config(std::string_view text, std::string_view name);

/// As text that parse_config reads back.
std::string to_toml(const NodeConfig& config);

struct ListenAddress {
    std::string host;
    std::uint16_t port = 0;
    [[nodiscard]] bool is_loopback() const;
    /// All addresses of the machine ("0.0.0.0", "::"): none that anybody could be sent to.
    [[nodiscard]] bool is_unspecified() const;
};
/// "127.0.0.1:8480", "[::1]:0". Errors: kUsage
Result<ListenAddress> parse_listen(std::string_view text);

}  // namespace salus::node
