#include "node/cometbft_files.hpp"

#include <toml++/toml.h>

#include <boost/json.hpp>
#include <sstream>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "base/time_text.hpp"
#include "model/limits.hpp"

namespace salus::node {
namespace {

namespace json = boost::json;

/// The knobs of a fast small network, and what keeps one that rests at rest.
std::string config_text(const CometBftSettings& settings) {
    const toml::table config{
        {"proxy_app", "unix://" + std::filesystem::absolute(settings.socket()).string()},
        {"moniker", "salus"},
        {"log_format", "json"},
        // Its every step is for who looks for a fault.
        {"log_level", log_enabled(LogLevel::kDebug) ? "info" : "error"},
        // Whoever is no member is turned away before it says anything.
        {"filter_peers", true},
        {"rpc", toml::table{{"laddr", "tcp://" + settings.rpc},
                            {"max_body_bytes", static_cast<std::int64_t>(2 * kEnvelopeBytesMax)}}},
        {"p2p", toml::table{{"laddr", "tcp://" + settings.p2p},
                            {"persistent_peers", settings.peers},
                            {"pex", settings.calls == PeersCalled::kHeard},
                            {"addr_book_strict", false},
                            {"allow_duplicate_ip", true},
                            {"flush_throttle_timeout", "5ms"},
                            {"send_rate", 100'000'000},
                            {"recv_rate", 100'000'000}}},
        {"mempool",
         toml::table{{"type", "flood"},
                     // An envelope in which nothing is admissible any more must leave, or empty blocks would spin.
                     {"recheck", true},
                     {"max_tx_bytes", static_cast<std::int64_t>(kEnvelopeBytesMax)},
                     {"max_txs_bytes", 268'435'456}}},
        {"consensus",
         toml::table{{"timeout_propose", "1s"},
                     {"timeout_commit", "10ms"},
                     {"peer_gossip_sleep_duration", "5ms"},
                     {"create_empty_blocks", false},
                     // A block's time is that of the votes before it: without these it would stand still at night.
                     {"create_empty_blocks_interval", "5s"}}},
        {"tx_index", toml::table{{"indexer", "null"}}},
    };
    std::ostringstream text;
    text << "# Made at each start from node.toml\n" << config << "\n";
    return text.str();
}

json::object public_key_json(const Signer& key) {
    return {{"type", "tendermint/PubKeyEd25519"}, {"value", to_base64(key.public_key)}};
}

std::string genesis_text(const EraRecord& era, TimeMs time_ms) {
    json::array validators;
    for (const Validator& validator : era.validators)
        validators.push_back(json::object{
            {"pub_key", public_key_json(validator.key)}, {"power", std::to_string(validator.power)}, {"name", ""}});
    const json::object genesis{
        {"genesis_time", to_iso_time(time_ms)},
        {"chain_id", era.chain_id},
        {"initial_height", "1"},
        {"consensus_params",
         json::object{{"block", json::object{{"max_bytes", std::to_string(kEngineBlockBytesMax)}, {"max_gas", "-1"}}},
                      // Two days, and the blocks of two days at their fastest.
                      {"evidence", json::object{{"max_age_num_blocks", "4000000"},
                                                {"max_age_duration", "172800000000000"},
                                                {"max_bytes", "65536"}}},
                      {"validator", json::object{{"pub_key_types", json::array{"ed25519"}}}},
                      {"version", json::object{{"app", std::to_string(kProtocolVersion)}}},
                      {"abci", json::object{{"vote_extensions_enable_height", "0"}}}}},
        {"validators", std::move(validators)},
        {"app_hash", ""}};
    return json::serialize(genesis);
}

/// As CometBFT keeps an Ed25519 key: the seed, and the public key behind it.
json::object private_key_json(const crypto::SigningKey& key) {
    Bytes both = to_bytes(key.seed().expose());
    append(both, key.public_key().bytes);
    return {{"type", "tendermint/PrivKeyEd25519"}, {"value", to_base64(both)}};
}

std::string validator_key_text(const crypto::SigningKey& key) {
    const Signer signer = Signer::of(key.public_key());
    return json::serialize(json::object{{"address", to_hex(validator_id(signer).bytes)},
                                        {"pub_key", public_key_json(signer)},
                                        {"priv_key", private_key_json(key)}});
}

Status write_text(const std::filesystem::path& file, const std::string& text, FileMode mode = FileMode::kShared) {
    return write_file(file, as_bytes(text), mode);
}

}  // namespace

std::vector<ValidatorId> CometBftSettings::peer_ids() const {
    std::vector<ValidatorId> ids;
    for (std::string_view rest = peers; !rest.empty();) {
        std::string_view peer = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), peer.size() + 1));
        peer.remove_prefix(std::min(peer.size(), peer.find_first_not_of(' ')));  // as CometBFT reads it
        if (const auto id = id_from_hex<ValidatorId>(peer.substr(0, peer.find('@')))) ids.push_back(*id);
    }
    return ids;
}

Status write_cometbft_files(const CometBftSettings& settings, const EraRecord& era, TimeMs genesis_time_ms,
                            const crypto::SigningKey& key) {
    const auto config = settings.home / "config";
    const auto data = settings.home / "data";
    SALUS_TRY_STATUS(make_directory(config));
    SALUS_TRY_STATUS(make_directory(data));
    SALUS_TRY_STATUS(write_text(config / "config.toml", config_text(settings)));
    SALUS_TRY_STATUS(write_text(config / "genesis.json", genesis_text(era, genesis_time_ms)));
    SALUS_TRY_STATUS(write_text(config / "priv_validator_key.json", validator_key_text(key), FileMode::kPrivate));
    SALUS_TRY_STATUS(write_text(config / "node_key.json",
                                json::serialize(json::object{{"priv_key", private_key_json(key)}}),
                                FileMode::kPrivate));
    // What was signed last guards against signing twice: it is made once, and then CometBFT's.
    const auto signed_last = data / "priv_validator_state.json";
    std::error_code error;
    if (std::filesystem::exists(signed_last, error)) return {};
    return write_text(signed_last, R"({"height":"0","round":0,"step":0})", FileMode::kPrivate);
}

}  // namespace salus::node
