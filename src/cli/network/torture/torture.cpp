#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "base/printable.hpp"
#include "cli/groups.hpp"
#include "cli/network/status.hpp"
#include "cli/network/torture/clients.hpp"
#include "cli/network/torture/trouble.hpp"
#include "cli/verify_chain.hpp"
#include "node/check_node.hpp"
#include "node/child_process.hpp"
#include "node/export_chain.hpp"
#include "node/node.hpp"
#include "transport/http.hpp"

namespace salus::cli {
namespace {

using namespace std::chrono_literals;
using namespace network;
namespace fs = std::filesystem;
namespace json = boost::json;

constexpr auto kHeightsEvery = 100ms;
constexpr auto kUpPatience = 180s;
/// To go on once everything is mended, on a machine that has much else to do.
constexpr auto kRecoveryPatience = 240s;
constexpr auto kDownPatience = 60s;
constexpr std::size_t kPortTries = 5;

struct TortureArguments {
    std::string directory;
    std::size_t nodes = 4;
    double minutes = 1;
    std::uint64_t troubles = 0;
    std::uint64_t seed = 1;
};

void declare(CLI::App& app, TortureArguments& arguments) {
    app.add_option("--nodes", arguments.nodes, "So many")->check(CLI::Range(2, 26));
    app.add_option("--minutes", arguments.minutes, "For so long")->check(CLI::Range(0.0, 100'000.0));
    app.add_option("--troubles", arguments.troubles, "Or so many troubles, whatever time they take");
    app.add_option("--seed", arguments.seed,
                   "Decides what befalls whom, and what is sent; the machine, how far it has come by then");
    app.add_option("--dir", arguments.directory,
                   "Where the network's folder is made, instead of the temporary directory");
}

/// A network that another process runs, in a folder of its own.
class TorturedNetwork {
public:
    static Result<std::unique_ptr<TorturedNetwork>> start(const TortureArguments& arguments, Environment& environment) {
        const fs::path folder =
            (arguments.directory.empty() ? fs::temp_directory_path() : fs::absolute(arguments.directory)) /
            ("salus-torture-" + to_hex(environment.random.bytes<4>()));
        std::unique_ptr<TorturedNetwork> network(new TorturedNetwork(folder));
        SALUS_TRY_STATUS(make_directory(folder));
        std::string why;
        for (std::size_t i = 0; i < kPortTries; ++i) {
            // Below those that the system gives to whoever asks for any.
            const std::size_t port = 10'000 + std::size_t{26} * (environment.random.bytes<1>()[0] % 32U);
            auto up =
                node::ChildProcess::start(node::this_program(),
                                          {"network", "up", "--dir", network->nodes().string(), "--nodes",
                                           std::to_string(arguments.nodes), "--port", std::to_string(port), "--json"},
                                          folder / "log");
            if (!up) return fail(up.error());
            const auto said = up->line(kUpPatience);
            if (said && is_up(*said)) {
                network->up_.emplace(*std::move(up));
                return network;
            }
            why = said ? *said : said.error().to_string();
            std::error_code ignored;
            fs::remove_all(network->nodes(), ignored);
        }
        return fail(ErrorCode::kUnavailable, "the network does not start: " + printable(why));
    }
    ~TorturedNetwork() {
        up_.reset();
        std::error_code ignored;
        if (!kept_) fs::remove_all(folder_, ignored);
    }
    TorturedNetwork(const TorturedNetwork&) = delete;
    TorturedNetwork& operator=(const TorturedNetwork&) = delete;

    Status stop() {
        const int status = up_->stop(kDownPatience);
        up_.reset();
        if (status != kExitGood)
            return fail(ErrorCode::kInternal, fmt::format("`network up` ended with status {}", status));
        return {};
    }
    void keep() noexcept { kept_ = true; }
    [[nodiscard]] const fs::path& folder() const noexcept { return folder_; }
    [[nodiscard]] fs::path nodes() const { return folder_ / "network"; }

private:
    /// What `network up` says first is of its nodes, or why there are none.
    static bool is_up(const std::string& said) {
        boost::system::error_code error;
        const json::value value = json::parse(said, error);
        return !error && value.is_object() && value.get_object().contains("nodes");
    }
    explicit TorturedNetwork(fs::path folder) : folder_(std::move(folder)) {}

    const fs::path folder_;
    std::optional<node::ChildProcess> up_;
    bool kept_ = false;
};

/// One run.
class Torture {
public:
    Torture(const TortureArguments& arguments, Environment& environment)
        : arguments_(arguments), environment_(environment) {}

    /// Errors: kUnavailable where a signal ends it: the network that it began has had the same
    Status run() {
        node::hold_stop_signals();
        SALUS_TRY(network_, TorturedNetwork::start(arguments_, environment_));
        SALUS_TRY(const NetworkFolder folder, NetworkFolder::open(network_->nodes()));
        Troubles troubles(folder, environment_.steady, arguments_.seed);
        SALUS_TRY(auto clients, Clients::start(folder, history_, arguments_.seed, environment_));
        const Status tormented = torment(folder, troubles);
        clients.reset();
        if (stopped_) return fail(ErrorCode::kUnavailable, "stopped before its end, and nothing is judged");
        counts_ = troubles.counts();
        if (!tormented) history_.fault(tormented.error().to_string());
        const Status read = read_all(folder);
        if (!read) history_.fault(read.error().to_string());
        if (const Status stopped = network_->stop(); !stopped) history_.fault(stopped.error().to_string());
        faults_ = read ? history_.judge() : history_.faults();
        if (const Status checked = check_all(folder); !checked) faults_.push_back(checked.error().to_string());
        return {};
    }

    [[nodiscard]] Report report() const {
        const History::Counts counts = history_.counts();
        json::object kinds;
        std::string lines;
        std::uint64_t all = 0;
        for (const auto& [name, count] : counts_) {
            kinds[name] = count;
            lines += fmt::format("  {:>5}  {}\n", count, name);
            all += count;
        }
        Report report;
        report.good = faults_.empty();
        report.data = {{"ok", report.good},
                       {"seed", arguments_.seed},
                       {"nodes", arguments_.nodes},
                       {"troubles", all},
                       {"by_kind", std::move(kinds)},
                       {"acknowledged", counts.acknowledged},
                       {"refused", counts.refused},
                       {"in_doubt", counts.in_doubt},
                       {"kept", counts.kept},
                       {"blocks", blocks_},
                       {"missing", json::array(faults_.begin(), faults_.end())}};
        report.text = fmt::format(
            "{} troubles of {} nodes, seed {}\n{}  acknowledged  {}\n  in doubt      {}: {} kept\n  blocks        {}\n",
            all, arguments_.nodes, arguments_.seed, lines, counts.acknowledged, counts.in_doubt, counts.kept, blocks_);
        if (report.good) {
            report.text += "All that was acknowledged stands once where it was said; all nodes have the same blocks.\n";
            return report;
        }
        network_->keep();
        report.data["directory"] = network_->folder().string();
        for (const std::string& fault : faults_) report.text += "  ! " + fault + "\n";
        report.text += "The network's folder is kept in " + network_->folder().string() + "\n";
        return report;
    }

private:
    Status torment(const NetworkFolder& folder, Troubles& troubles) {
        const auto begun = environment_.steady.now();
        const auto seconds = [&] { return std::chrono::duration<double>(environment_.steady.now() - begun).count(); };
        for (std::uint64_t done = 0;
             arguments_.troubles > 0 ? done < arguments_.troubles : seconds() < 60 * arguments_.minutes; ++done) {
            SALUS_TRY(const std::string what, troubles.begin());
            stopped_ = node::stop_signal_within(troubles.duration());
            if (stopped_) return {};
            SALUS_TRY_STATUS(troubles.end());
            const std::size_t acknowledged = history_.counts().acknowledged;
            const auto mended = environment_.steady.now();
            SALUS_TRY_STATUS(goes_on(folder, acknowledged, what));
            if (environment_.progress != nullptr)
                *environment_.progress << fmt::format(
                                              "{:>5}  {}; goes on after {:.1f} s; {} acknowledged\n", done + 1, what,
                                              std::chrono::duration<double>(environment_.steady.now() - mended).count(),
                                              acknowledged)
                                       << std::flush;
        }
        return {};
    }

    /// Every node reaches the height that the highest has now, and something more is acknowledged.
    Status goes_on(const NetworkFolder& folder, std::size_t acknowledged, const std::string& after) {
        const auto heights = [&] {
            std::vector<Height> found;
            for (const NodeStatus& node : ask_nodes(folder)) found.push_back(node.height.value_or(0));
            return found;
        };
        const Height highest = std::ranges::max(heights());
        const auto begun = environment_.steady.now();
        while (std::ranges::min(heights()) < highest || history_.counts().acknowledged <= acknowledged) {
            if (environment_.steady.now() - begun > kRecoveryPatience)
                return fail(ErrorCode::kTimeout, "the network does not go on after: " + after);
            node::pause(kHeightsEvery);
        }
        return {};
    }

    /// Waits until all nodes rest at one height, and reads all of their blocks.
    Status read_all(const NetworkFolder& folder) {
        const auto begun = environment_.steady.now();
        for (;;) {
            const auto nodes = ask_nodes(folder);
            const bool rest = std::ranges::all_of(nodes, [&](const NodeStatus& node) {
                return node.height && node.height == nodes.front().height && node.queued == 0;
            });
            if (rest) break;
            if (environment_.steady.now() - begun > kRecoveryPatience)
                return fail(ErrorCode::kTimeout, "the nodes do not come to rest at one height");
            node::pause(1s);
        }
        for (const NodePlace& node : folder.nodes()) SALUS_TRY_STATUS(read_blocks(folder, node));
        return {};
    }

    Status read_blocks(const NetworkFolder& folder, const NodePlace& node) {
        SALUS_TRY(const auto client, transport::HttpClient::make(folder.state(node.name).url));
        for (Height height = 1;; ++height) {
            SALUS_TRY(const auto response, client->request("GET", fmt::format("/v1/blocks/{}?format=binary", height)));
            if (response.status == 404) break;
            if (response.status != 200)
                return fail(ErrorCode::kUnavailable, fmt::format("{} does not give block {}", node.name, height));
            SALUS_TRY(const auto block, codec::decode<Block>(response.body));
            history_.block(node.name, response.body, block);
            blocks_ = std::max(blocks_, height);
        }
        return {};
    }

    /// Each node's disk against itself, and its chain against the rules, executed again.
    Status check_all(const NetworkFolder& folder) {
        for (const NodePlace& node : folder.nodes()) {
            SALUS_TRY(const auto checks, node::check_node(node.directory, environment_.random, [](auto, auto) {}));
            for (const std::string& finding : checks.findings) faults_.push_back(node.name + ": " + finding);
            for (const node::OrganisationCheck& one : checks.organisations)
                for (const std::string& finding : one.findings) faults_.push_back(node.name + ": " + finding);
        }
        const auto file = network_->folder() / "chain.salus";
        SALUS_TRY_STATUS(node::export_chain(folder.nodes().front().directory, file, [](auto, auto) {}));
        SALUS_TRY(const Bytes bytes, read_file(file));
        const Verdict verdict = verify_chain(bytes, std::nullopt, std::nullopt, environment_);
        for (const Statement& statement : verdict.statements)
            if (!statement.holds) faults_.push_back("the exported chain: " + statement.text);
        if (!verdict.good && faults_.empty()) faults_.emplace_back("the exported chain is not good");
        return {};
    }

    const TortureArguments& arguments_;
    Environment& environment_;
    std::unique_ptr<TorturedNetwork> network_;
    History history_;
    std::map<std::string, std::uint64_t> counts_;
    std::vector<std::string> faults_;
    Height blocks_ = 0;
    bool stopped_ = false;
};

Result<Report> run_torture(const TortureArguments& arguments, Environment& environment) {
    Torture torture(arguments, environment);
    SALUS_TRY_STATUS(torture.run());
    return torture.report();
}

}  // namespace

void add_network_torture(Commands& commands, CLI::App& network) {
    commands.add<TortureArguments>(
        network, "torture", "Let one trouble after another befall a network under load, and look what is lost",
        "  salus network torture --minutes 30 --seed 7\n  salus network torture --troubles 3 --json\n", declare,
        run_torture);
}

}  // namespace salus::cli
