#include "node/node.hpp"

#include <fmt/format.h>
#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <boost/json.hpp>
#include <condition_variable>
#include <csignal>
#include <future>
#include <mutex>
#include <vector>

#include "application/keys/key_provider.hpp"
#include "base/encoding.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "network/api.hpp"
#include "network/metrics.hpp"
#include "network/router.hpp"
#include "node/cometbft_ledger.hpp"
#include "node/embedded_ledger.hpp"
#include "node/founding.hpp"
#include "node/layout.hpp"
#include "node/organisation.hpp"
#include "node/platform.hpp"
#include "store/chain_store.hpp"
#include "transport/http.hpp"
#include "transport/peer_tls.hpp"

namespace salus::node {
namespace {

using namespace std::chrono_literals;

constexpr auto kStopGrace = 10s;
constexpr std::size_t kIoThreads = 2;
/// Who answers other nodes, each waiting for the chain; apart from those who ask them, else nodes that ask one another
/// would wait for one another.
constexpr std::size_t kExchangeWorkers = 16;
/// Who asks other nodes, where several are asked at once.
constexpr std::size_t kAskers = 20;

sigset_t stop_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

/// Connections leave to the node's own files what those need: a file of the chain that cannot be opened ends it.
std::size_t connections_within(std::size_t open_files_max, std::size_t wanted) {
    const std::size_t own = std::clamp<std::size_t>(open_files_max / 2, 256, 4096);
    const std::size_t room = open_files_max > own ? open_files_max - own : 1;
    if (room < wanted)
        log_warning("node", fmt::format("{} open files are permitted: {} connections at once, not {} (connections_max)",
                                        open_files_max, room, wanted));
    return std::min(room, wanted);
}

/// Of other nodes at once; they come out of what the API leaves.
constexpr std::size_t kExchangeConnectionsMax = 1024;

class RunningNode final : public Node {
public:
    explicit RunningNode(const Options& options) : options_(options) {}
    ~RunningNode() override { stop(); }

    Status open();
    [[nodiscard]] const std::string& url() const override { return url_; }
    [[nodiscard]] std::vector<std::string> routes() const override { return router_->mounted(); }
    [[nodiscard]] std::uint16_t port() const override { return server_->port(); }
    [[nodiscard]] std::uint16_t exchange_port() const override {
        return exchange_server_ ? exchange_server_->port() : 0;
    }
    void stop() override;

private:
    Status open_ledger();
    Status open_organisations();
    Status serve();
    Status serve_other_nodes();
    [[nodiscard]] transport::ServerConfig server_config() const;
    void tick_until_stopped();

    const Options options_;
    NodeConfig config_;
    RealWallClock wall_;
    BootTimeClock steady_;
    OsRandom random_;
    OsThreads threads_;
    OsProcess process_;
    ThreadPool cpu_{cores()};
    std::unique_ptr<RunningLedger> ledger_;
    std::vector<std::unique_ptr<Organisation>> organisations_;
    network::Metrics metrics_;
    std::unique_ptr<ThreadPool> workers_;
    std::unique_ptr<network::Router> router_;
    std::unique_ptr<network::LedgerApi> api_;
    std::unique_ptr<transport::HttpServer> server_;
    std::unique_ptr<ThreadPool> exchange_workers_;
    std::unique_ptr<ThreadPool> askers_;
    std::unique_ptr<network::Router> exchange_router_;
    std::unique_ptr<application::MemberKeys> member_keys_;
    std::unique_ptr<transport::HttpServer> exchange_server_;
    std::string url_;

    std::mutex mutex_;
    std::condition_variable stopping_changed_;
    bool stopping_ = false;
    std::unique_ptr<Thread> ticker_;
};

Status RunningNode::open_ledger() {
    const auto& directory = options_.directory;
    SALUS_TRY(const Bytes genesis, read_file(genesis_file(directory), 64 << 20));
    SALUS_TRY(auto store, open_or_found(chain_folder(directory), genesis, config_.block_cache_mib));

    SALUS_TRY(const auto master,
              application::open_passphrase_file(directory / config_.operator_passphrase_file, random_));
    SALUS_TRY(crypto::SigningKey operator_key, read_operator_key(operator_key_file(directory), master->key()));
    if (config_.organisations.empty()) return fail(ErrorCode::kConfig, "node.toml names no organisation");
    std::vector<crypto::SigningKey> members;
    for (const OrganisationConfig& served : config_.organisations) {
        SALUS_TRY(const auto unlocked, application::open_passphrase_file(directory / served.passphrase_file, random_));
        SALUS_TRY(OrganisationKeys keys,
                  read_organisation_keys(organisation_folder(directory, served.slug) / "keys", unlocked->key()));
        members.push_back(std::move(keys.signing));
    }

    const RunningLedger::Machine machine{wall_, steady_, cpu_, threads_, process_};
    SALUS_TRY(const auto eras, store->eras());
    if (eras.back().engine == EngineKind::kCometBft) {
        CometBftLedger::Limits limits;
        limits.engine.feed.envelopes_max = config_.queue_envelopes_max;
        limits.submission.transactions_max = config_.queue_transactions_max;
        const CometBftSettings settings{std::filesystem::absolute(cometbft_folder(directory)),
                                        config_.cometbft_program,
                                        config_.cometbft_rpc,
                                        config_.cometbft_p2p,
                                        config_.cometbft_peers,
                                        config_.cometbft_calls};
        SALUS_TRY(ledger_, CometBftLedger::start(std::move(store), {std::move(operator_key), std::move(members)},
                                                 settings, machine, limits));
        return {};
    }
    EmbeddedLedger::Limits limits;
    limits.engine.envelopes_max = config_.queue_envelopes_max;
    limits.submission.transactions_max = config_.queue_transactions_max;
    limits.confirm_clock = options_.confirm_clock;
    SALUS_TRY(ledger_,
              EmbeddedLedger::start(std::move(store), {std::move(operator_key), std::move(members)}, machine, limits));
    return {};
}

Status RunningNode::open_organisations() {
    for (const OrganisationConfig& organisation : config_.organisations) {
        auto opened = Organisation::open({organisation, options_.directory, ledger_->service(), random_, process_,
                                          options_.version, wall_.now_ms()});
        if (!opened) return fail(opened.error().code, "organisation " + organisation.slug, opened.error());
        organisations_.push_back(*std::move(opened));
    }
    // Only now: a repair orders blocks, and one vault's word may be that this is not the chain.
    for (const auto& organisation : organisations_)
        if (const Status repaired = organisation->repair(); !repaired)
            return fail(repaired.error().code, "organisation " + organisation->slug(), repaired.error());
    return {};
}

/// {"organisations": [{"slug", "name", "account", "signing_key"}], "custodians": [{"slug", "account"}]}: what this node
/// serves, and whom it reaches at other nodes.
std::string directory_of(const std::vector<std::unique_ptr<Organisation>>& organisations,
                         const std::vector<CustodianConfig>& custodians) {
    boost::json::array list;
    for (const auto& organisation : organisations)
        list.push_back(boost::json::object{{"slug", organisation->slug()},
                                           {"name", organisation->name()},
                                           {"account", to_address(AccountKind::kOrganisation, organisation->account())},
                                           {"signing_key", to_hex(organisation->signing_key().bytes)}});
    boost::json::array others;
    for (const CustodianConfig& custodian : custodians)
        others.push_back(boost::json::object{{"slug", custodian.slug},
                                             {"account", to_address(AccountKind::kOrganisation, custodian.account)}});
    return boost::json::serialize(
        boost::json::object{{"organisations", std::move(list)}, {"custodians", std::move(others)}});
}

transport::ServerConfig RunningNode::server_config() const {
    transport::ServerConfig server;
    const std::size_t others = config_.exchange_listen.empty() ? 0 : kExchangeConnectionsMax;
    const std::size_t room = connections_within(raise_open_files_max(), config_.connections_max + others);
    server.connections_max = room - std::min(room / 4, others);
    server.body_bytes_max = config_.body_bytes_max;
    server.body_bytes_total_max = config_.body_bytes_total_max;
    server.answer_bytes_total_max = config_.answer_bytes_total_max;
    server.read_timeout = std::chrono::milliseconds(config_.read_timeout_ms);
    server.write_timeout = std::chrono::milliseconds(config_.write_timeout_ms);
    server.idle_timeout = std::chrono::milliseconds(config_.idle_timeout_ms);
    return server;
}

Status RunningNode::serve_other_nodes() {
    if (config_.exchange_listen.empty()) return {};
    SALUS_TRY(const ListenAddress address, parse_listen(config_.exchange_listen));
    auto server = server_config();
    server.connections_max = std::clamp<std::size_t>(server.connections_max / 3, 1, kExchangeConnectionsMax);
    server.address = address.host;
    server.port = address.port;
    server.body_limit = exchange_router_->body_limit();
    server.refuse = exchange_router_->refusal();
    member_keys_ = std::make_unique<application::MemberKeys>(ledger_->service());
    const auto peers = std::make_shared<transport::PeerTls>();
    peers->admits = [this](ByteView key) { return member_keys_->have(key); };
    for (const auto& organisation : organisations_) {
        if (const crypto::SigningKey* const key = organisation->tls_key())
            peers->keys.push_back(
                {to_address(AccountKind::kOrganisation, organisation->account()), key->seed().clone()});
        else
            log_warning(
                "exchange",
                organisation->slug() + " has no TLS key, so that other nodes do not reach it: `salus org rotate-keys`");
    }
    server.peers = peers;
    SALUS_TRY(exchange_server_, transport::HttpServer::listen(server, threads_, 1, exchange_router_->handler()));
    log_info("exchange", "serving other nodes at port " + std::to_string(exchange_server_->port()));
    return {};
}

Status RunningNode::serve() {
    workers_ = std::make_unique<ThreadPool>(config_.workers);
    network::Router::Parts parts{*workers_, random_, steady_, metrics_};
    parts.waiters_max = config_.workers - (config_.workers + 3) / 4;
    router_ = std::make_unique<network::Router>(parts);
    api_ = std::make_unique<network::LedgerApi>(
        network::LedgerApi::Parts{ledger_->service(), *workers_, metrics_, options_.version});
    api_->mount(*router_);
    router_->add("GET", "/orgs",
                 [body = directory_of(organisations_, config_.custodians)](
                     const network::Request&) -> Result<transport::HttpResponse> {
                     return transport::HttpResponse{200, {{"content-type", "application/json"}}, to_bytes(body)};
                 });

    SALUS_TRY(const ListenAddress address, parse_listen(options_.listen.empty() ? config_.listen : options_.listen));
    if (address.is_unspecified() && config_.public_url.empty())
        return fail(ErrorCode::kConfig, "listening on " + address.host + " needs public_url in node.toml, for links");
    auto server = server_config();
    server.address = address.host;
    server.port = address.port;
    server.certificate_file = config_.tls_certificate;
    server.key_file = config_.tls_key;
    // FHIR links begin with the URL, which is known only when the port is: until then requests wait for the routes.
    std::promise<void> mounted;
    const auto once_mounted = [ready = mounted.get_future().share()](auto call) {
        return [ready, call = std::move(call)](auto&&... arguments) {
            ready.wait();
            return call(std::forward<decltype(arguments)>(arguments)...);
        };
    };
    server.body_limit = once_mounted(router_->body_limit());
    server.refuse = once_mounted(router_->refusal());
    SALUS_TRY(server_, transport::HttpServer::listen(server, threads_, kIoThreads, once_mounted(router_->handler())));
    const std::string host = address.host.find(':') == std::string::npos ? address.host : "[" + address.host + "]";
    url_ = config_.public_url;
    if (url_.empty())
        url_ =
            (config_.tls_certificate.empty() ? "http://" : "https://") + host + ":" + std::to_string(server_->port());
    exchange_workers_ = std::make_unique<ThreadPool>(kExchangeWorkers);
    askers_ = std::make_unique<ThreadPool>(kAskers);
    exchange_router_ = std::make_unique<network::Router>(
        network::Router::Parts{*exchange_workers_, random_, steady_, metrics_, 1024, kExchangeWorkers});
    std::vector<application::RemoteCustodian> custodians;
    for (const CustodianConfig& custodian : config_.custodians)
        custodians.push_back({custodian.slug, custodian.account, custodian.url});
    Organisation::mount_all(organisations_, {*router_, *exchange_router_, url_, std::move(custodians),
                                             std::chrono::milliseconds(config_.exchange_timeout_ms), *askers_});
    mounted.set_value();
    return serve_other_nodes();
}

Status RunningNode::open() {
    SALUS_TRY(config_, read_config(config_file(options_.directory)));
    setup_log(config_.log_level, config_.log_format);
    SALUS_TRY_STATUS(open_ledger());
    SALUS_TRY_STATUS(open_organisations());
    ticker_ = threads_.start("ticker", [this] { tick_until_stopped(); });
    SALUS_TRY_STATUS(serve());
    log_info("node", "serving " + url_ + " at block " + std::to_string(ledger_->service().status().height));
    return {};
}

void RunningNode::tick_until_stopped() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        lock.unlock();
        for (const auto& organisation : organisations_) organisation->tick();
        lock.lock();
        stopping_changed_.wait_for(lock, 500ms, [this] { return stopping_; });
    }
}

void RunningNode::stop() {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
        stopping_ = true;
    }
    stopping_changed_.notify_all();
    if (server_) server_->stop(kStopGrace);
    if (exchange_server_) exchange_server_->stop(kStopGrace);
    for (const auto& organisation : organisations_) organisation->stop();
    if (ticker_) ticker_->join();
    workers_.reset();  // runs what was left to it
    exchange_workers_.reset();
    askers_.reset();
    ledger_.reset();
}

}  // namespace

Result<std::unique_ptr<Node>> Node::start(const Options& options) {
    auto node = std::make_unique<RunningNode>(options);
    SALUS_TRY_STATUS(node->open());
    return std::unique_ptr<Node>(std::move(node));
}

void hold_stop_signals() {
    const sigset_t set = stop_signals();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

void wait_for_stop_signal() {
    const sigset_t set = stop_signals();
    int signal = 0;
    ::sigwait(&set, &signal);
}

bool stop_signal_within(std::chrono::milliseconds patience) {
    const sigset_t set = stop_signals();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(patience);
    const timespec time{seconds.count(), std::chrono::nanoseconds(patience - seconds).count()};
    return ::sigtimedwait(&set, nullptr, &time) > 0;
}

}  // namespace salus::node
