#include "node/config.hpp"

#include <toml++/toml.h>
#include <algorithm>
#include <charconv>
#include <functional>
#include <map>
#include <span>
#include <sstream>

#include "base/file.hpp"
#include "model/account.hpp"

namespace salus::node {
namespace {

constexpr std::size_t kTimeoutMsMin = 100;
constexpr std::size_t kTimeoutMsMax = 3'600'000;

/// Collects mistakes while it reads, so that an operator mends all of them at once.
class TableReader {
public:
    TableReader(const toml::table& table, std::string where, std::vector<std::string>& mistakes)
        : table_(table), where_(std::move(where)), mistakes_(mistakes) {}

    ~TableReader() {
        for (const auto& [key, node] : table_)
            if (std::ranges::find(known_, key.str()) == known_.end()) mistake(key.str(), "is not a setting", &node);
    }
    TableReader(const TableReader&) = delete;
    TableReader& operator=(const TableReader&) = delete;

    void text(std::string_view key, std::string& out) {
        const toml::node* node = find(key);
        if (node == nullptr) return;
        if (const auto value = node->value_exact<std::string>())
            out = *value;
        else
            mistake(key, "is a text in quotes", node);
    }
    void path(std::string_view key, std::filesystem::path& out) {
        std::string value = out.string();
        text(key, value);
        out = value;
    }
    void number(std::string_view key, std::size_t& out, std::size_t low, std::size_t high) {
        const toml::node* node = find(key);
        if (node == nullptr) return;
        const auto value = node->value_exact<std::int64_t>();
        if (value && *value >= 0 && static_cast<std::size_t>(*value) >= low && static_cast<std::size_t>(*value) <= high)
            out = static_cast<std::size_t>(*value);
        else
            mistake(key, "is a whole number from " + std::to_string(low) + " to " + std::to_string(high), node);
    }
    template <class Enum>
    void choice(std::string_view key, Enum& out, const std::map<std::string, Enum>& choices) {
        const toml::node* node = find(key);
        if (node == nullptr) return;
        const auto value = node->value_exact<std::string>();
        if (value && choices.contains(*value)) {
            out = choices.at(*value);
            return;
        }
        std::string names;
        for (const auto& [name, unused] : choices) names += (names.empty() ? "\"" : "\", \"") + name;
        mistake(key, "is one of " + names + "\"", node);
    }
    const toml::node* find(std::string_view key) {
        known_.emplace_back(key);
        return table_.get(key);
    }
    void mistake(std::string_view key, std::string_view what, const toml::node* node = nullptr) {
        std::string line = where_ + std::string(key) + " " + std::string(what);
        if (node != nullptr && node->source().begin)
            line += " (line " + std::to_string(node->source().begin.line) + ")";
        mistakes_.push_back(std::move(line));
    }

private:
    const toml::table& table_;
    std::string where_;
    std::vector<std::string>& mistakes_;
    std::vector<std::string> known_;
};

void read_cometbft(TableReader& reader, NodeConfig& config) {
    reader.text("cometbft_rpc", config.cometbft_rpc);
    reader.text("cometbft_p2p", config.cometbft_p2p);
    reader.text("cometbft_peers", config.cometbft_peers);
    reader.choice<PeersCalled>("cometbft_calls", config.cometbft_calls,
                               {{"heard", PeersCalled::kHeard}, {"named", PeersCalled::kNamed}});
    reader.path("cometbft_program", config.cometbft_program);
    if (const auto rpc = parse_listen(config.cometbft_rpc); !rpc || !rpc->is_loopback())
        reader.mistake("cometbft_rpc", "is an address on loopback: whoever reaches it may ask it anything");
    if (!parse_listen(config.cometbft_p2p)) reader.mistake("cometbft_p2p", "is written HOST:PORT");
}

bool is_slug(std::string_view slug) {
    return !slug.empty() && slug.size() <= 40 && std::ranges::all_of(slug, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

/// Scheme and authority only: paths are put behind it.
bool is_base_url(std::string_view url) {
    for (const std::string_view scheme : {"https://", "http://"}) {
        if (!url.starts_with(scheme)) continue;
        url.remove_prefix(scheme.size());
        return !url.empty() && std::ranges::all_of(url, [](char c) {
            return c > ' ' && c <= '~' && std::string_view("/?#\"\\<>@").find(c) == std::string_view::npos;
        });
    }
    return false;
}

AccountId read_account(TableReader& reader) {
    std::string address;
    reader.text("account", address);
    const auto account = account_from_address(AccountKind::kOrganisation, address);
    if (!account) reader.mistake("account", "is an address that begins with \"salusorg1\"");
    return account.value_or(AccountId{});
}

OrganisationConfig read_organisation(const toml::table& table, std::size_t number, std::vector<std::string>& mistakes) {
    TableReader reader(table, "organisation " + std::to_string(number) + ": ", mistakes);
    OrganisationConfig organisation;
    reader.text("slug", organisation.slug);
    if (!is_slug(organisation.slug)) reader.mistake("slug", "has 1 to 40 of a-z, 0-9 and '-'");
    organisation.account = read_account(reader);
    organisation.passphrase_file = "orgs/" + organisation.slug + "/passphrase";
    reader.path("passphrase_file", organisation.passphrase_file);
    reader.path("checkpoint_file", organisation.checkpoint_file);
    return organisation;
}

/// [[name]], each table by `read`.
template <class Item, class Read>
void read_tables(const std::string& name, const toml::node* node, const Read& read, std::vector<Item>& items,
                 std::vector<std::string>& mistakes) {
    if (node == nullptr) return;
    const toml::array* array = node->as_array();
    if (array == nullptr) {
        mistakes.push_back(name + " is written [[" + name + "]]");
        return;
    }
    for (const toml::node& element : *array) {
        const std::size_t number = items.size() + 1;
        if (const toml::table* table = element.as_table())
            items.push_back(read(*table, number, mistakes));
        else
            mistakes.push_back(name + " " + std::to_string(number) + " is a table");
    }
}

void read_organisations(const toml::node* node, NodeConfig& config, std::vector<std::string>& mistakes) {
    read_tables("organisation", node, read_organisation, config.organisations, mistakes);
    for (std::size_t i = 0; i < config.organisations.size(); ++i)
        for (std::size_t k = 0; k < i; ++k)
            if (config.organisations[i].slug == config.organisations[k].slug)
                mistakes.push_back("organisation " + std::to_string(i + 1) + ": slug \"" +
                                   config.organisations[i].slug + "\" is taken");
}

CustodianConfig read_custodian(const toml::table& table, std::size_t number, std::vector<std::string>& mistakes) {
    TableReader reader(table, "custodian " + std::to_string(number) + ": ", mistakes);
    CustodianConfig custodian;
    reader.text("slug", custodian.slug);
    if (!is_slug(custodian.slug)) reader.mistake("slug", "has 1 to 40 of a-z, 0-9 and '-'");
    custodian.account = read_account(reader);
    reader.text("url", custodian.url);
    if (!custodian.url.starts_with("https://") || !is_base_url(custodian.url))
        reader.mistake("url", "is where its node listens for others: \"https://HOST:PORT\"");
    return custodian;
}

void read_exchange(TableReader& reader, NodeConfig& config, std::vector<std::string>& mistakes) {
    reader.text("exchange_listen", config.exchange_listen);
    if (!config.exchange_listen.empty() && !parse_listen(config.exchange_listen))
        reader.mistake("exchange_listen", "is written HOST:PORT");
    reader.number("exchange_timeout_ms", config.exchange_timeout_ms, kTimeoutMsMin, kTimeoutMsMax);
    read_tables("custodian", reader.find("custodian"), read_custodian, config.custodians, mistakes);
    const auto taken = [&](std::size_t number, std::string_view what) {
        mistakes.push_back("custodian " + std::to_string(number) + ": " + std::string(what) + " is taken");
    };
    for (std::size_t i = 0; i < config.custodians.size(); ++i) {
        const CustodianConfig& custodian = config.custodians[i];
        const auto before = std::span(config.custodians).first(i);
        if (std::ranges::count(config.organisations, custodian.slug, &OrganisationConfig::slug) != 0 ||
            std::ranges::count(before, custodian.slug, &CustodianConfig::slug) != 0)
            taken(i + 1, "slug \"" + custodian.slug + "\"");
        if (std::ranges::count(config.organisations, custodian.account, &OrganisationConfig::account) != 0 ||
            std::ranges::count(before, custodian.account, &CustodianConfig::account) != 0)
            taken(i + 1, "its account");
    }
}

}  // namespace

bool ListenAddress::is_unspecified() const { return host.find_first_not_of("0:.") == std::string::npos; }

bool ListenAddress::is_loopback() const { return host == "::1" || host == "localhost" || host.starts_with("127."); }

Result<ListenAddress> parse_listen(std::string_view text) {
    const auto colon = text.rfind(':');
    ListenAddress address;
    if (colon == std::string_view::npos || colon == 0)
        return fail(ErrorCode::kUsage, "an address is written HOST:PORT");
    std::string_view host = text.substr(0, colon);
    if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    address.host = host;
    const std::string_view port = text.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
    if (error != std::errc() || end != port.data() + port.size())
        return fail(ErrorCode::kUsage, "a port is a number from 0 to 65535");
    return address;
}

Result<NodeConfig> parse_config(std::string_view text, std::string_view name) {
    toml::table table;
    try {
        table = toml::parse(text, name);
    } catch (const toml::parse_error& error) {
        return fail(ErrorCode::kConfig, std::string(name) + ", line " + std::to_string(error.source().begin.line) +
                                            ": " + std::string(error.description()));
    }
    NodeConfig config;
    std::vector<std::string> mistakes;
    {
        TableReader reader(table, "", mistakes);
        reader.text("listen", config.listen);
        reader.text("tls_certificate", config.tls_certificate);
        reader.text("tls_key", config.tls_key);
        reader.text("public_url", config.public_url);
        reader.choice<LogLevel>("log_level", config.log_level,
                                {{"debug", LogLevel::kDebug},
                                 {"info", LogLevel::kInfo},
                                 {"warning", LogLevel::kWarning},
                                 {"error", LogLevel::kError}});
        reader.choice<LogFormat>("log_format", config.log_format,
                                 {{"text", LogFormat::kText}, {"json", LogFormat::kJson}});
        reader.number("connections_max", config.connections_max, 1, 1'000'000);
        reader.number("body_bytes_max", config.body_bytes_max, 1 << 20, std::size_t{1} << 30);
        reader.number("body_bytes_total_max", config.body_bytes_total_max, 1 << 20, std::size_t{1} << 36);
        reader.number("answer_bytes_total_max", config.answer_bytes_total_max, 1 << 20, std::size_t{1} << 36);
        reader.number("read_timeout_ms", config.read_timeout_ms, kTimeoutMsMin, kTimeoutMsMax);
        reader.number("write_timeout_ms", config.write_timeout_ms, kTimeoutMsMin, kTimeoutMsMax);
        reader.number("idle_timeout_ms", config.idle_timeout_ms, kTimeoutMsMin, kTimeoutMsMax);
        reader.number("workers", config.workers, 2, 1024);
        reader.number("queue_envelopes_max", config.queue_envelopes_max, 1, 100'000);
        reader.number("queue_transactions_max", config.queue_transactions_max, 10'000, 10'000'000);
        reader.number("block_cache_mib", config.block_cache_mib, 8, 1 << 20);
        reader.path("operator_passphrase_file", config.operator_passphrase_file);
        read_cometbft(reader, config);
        read_organisations(reader.find("organisation"), config, mistakes);
        read_exchange(reader, config, mistakes);
        const auto address = parse_listen(config.listen);
        if (!address)
            reader.mistake("listen", "\"" + config.listen + "\": " + address.error().message);
        else if (!address->is_loopback() && (config.tls_certificate.empty() || config.tls_key.empty()))
            reader.mistake("listen", "names an address beyond this machine, which needs tls_certificate and tls_key");
        if (!config.public_url.empty() && !is_base_url(config.public_url))
            reader.mistake("public_url", "is a URL such as \"https://ehr.example.org\", with nothing behind the host");
        if (address && address->is_unspecified() && config.public_url.empty())
            reader.mistake("public_url", "is needed: links cannot begin with " + address->host);
        if (config.tls_certificate.empty() != config.tls_key.empty())
            reader.mistake("tls_certificate", "and tls_key go together");
        if (config.body_bytes_total_max < config.body_bytes_max)
            reader.mistake("body_bytes_total_max", "is at least body_bytes_max");
    }
    if (mistakes.empty()) return config;
    std::string all = std::string(name) + " has " + std::to_string(mistakes.size()) +
                      (mistakes.size() == 1 ? " mistake:" : " mistakes:");
    for (const std::string& mistake : mistakes) all += "\n  " + mistake;
    return fail(ErrorCode::kConfig, std::move(all));
}

Result<NodeConfig> read_config(const std::filesystem::path& file) {
    SALUS_TRY(const Bytes text, read_file(file, 1 << 20));
    return parse_config(as_text(text), file.string());
}

std::string to_toml(const NodeConfig& config) {
    toml::table table;
    table.insert("listen", config.listen);
    if (!config.tls_certificate.empty()) table.insert("tls_certificate", config.tls_certificate);
    if (!config.tls_key.empty()) table.insert("tls_key", config.tls_key);
    if (!config.public_url.empty()) table.insert("public_url", config.public_url);
    if (!config.operator_passphrase_file.empty())
        table.insert("operator_passphrase_file", config.operator_passphrase_file.string());
    const NodeConfig initial;
    if (config.cometbft_rpc != initial.cometbft_rpc) table.insert("cometbft_rpc", config.cometbft_rpc);
    if (config.cometbft_p2p != initial.cometbft_p2p) table.insert("cometbft_p2p", config.cometbft_p2p);
    if (!config.cometbft_peers.empty()) table.insert("cometbft_peers", config.cometbft_peers);
    if (config.cometbft_calls == PeersCalled::kNamed) table.insert("cometbft_calls", "named");
    if (!config.cometbft_program.empty()) table.insert("cometbft_program", config.cometbft_program.string());
    if (!config.exchange_listen.empty()) table.insert("exchange_listen", config.exchange_listen);
    if (config.exchange_timeout_ms != initial.exchange_timeout_ms)
        table.insert("exchange_timeout_ms", static_cast<std::int64_t>(config.exchange_timeout_ms));
    toml::array custodians;
    for (const CustodianConfig& custodian : config.custodians)
        custodians.push_back(toml::table{{"slug", custodian.slug},
                                         {"account", to_address(AccountKind::kOrganisation, custodian.account)},
                                         {"url", custodian.url}});
    if (!custodians.empty()) table.insert("custodian", std::move(custodians));
    toml::array organisations;
    for (const OrganisationConfig& organisation : config.organisations) {
        toml::table written{{"slug", organisation.slug},
                            {"account", to_address(AccountKind::kOrganisation, organisation.account)},
                            {"passphrase_file", organisation.passphrase_file.string()}};
        if (!organisation.checkpoint_file.empty())
            written.insert("checkpoint_file", organisation.checkpoint_file.string());
        organisations.push_back(std::move(written));
    }
    table.insert("organisation", std::move(organisations));
    std::ostringstream out;
    out << "# What this node serves, and how\n" << table << "\n";
    return out.str();
}

}  // namespace salus::node
