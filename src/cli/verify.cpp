#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "base/printable.hpp"
#include "base/time_text.hpp"
#include "cli/answers.hpp"
#include "cli/duration.hpp"
#include "cli/groups.hpp"
#include "cli/input_file.hpp"
#include "cli/progress.hpp"
#include "cli/verify_chain.hpp"
#include "cli/wallet_file.hpp"
#include "crypto/hash.hpp"
#include "model/contracts/disclosure.hpp"
#include "model/disclosure_list.hpp"
#include "model/evidence.hpp"

namespace salus::cli {
namespace {

namespace json = boost::json;

struct VerifyArguments {
    std::vector<std::string> files;
    std::string checkpoint;
    std::string network;
    std::string wallet;
    std::string passphrase_file;
    std::uint64_t max_age_s = 0;
};

void declare(CLI::App& app, VerifyArguments& arguments) {
    app.add_option("files", arguments.files, "Proofs and exported chains; with an evidence.proof, the files beside it")
        ->required();
    auto* checkpoint =
        app.add_option("--checkpoint", arguments.checkpoint, "A checkpoint that every file must be consistent with");
    app.add_option("--network", arguments.network, "The network id that every file must have");
    app.add_option("--wallet", arguments.wallet,
                   "Or: the wallet whose network they must have, whose list a list must be, and whose newest block an "
                   "exported chain must hold")
        ->excludes(checkpoint);
    app.add_option("--passphrase-file", arguments.passphrase_file,
                   "File whose first line is its passphrase (mode 0600)");
    add_duration(app, "--max-age", arguments.max_age_s, "What is as of longer ago does not count: 90s, 15m, 12h or 3d");
}

/// What all files of one call are held to.
struct Demands {
    std::optional<NetworkId> network;
    std::optional<Checkpoint> checkpoint;
    std::optional<TimeMs> not_before_ms;
    std::optional<Wallet> wallet;  ///< with its checkpoint and network above
};

Status demand_wallet(const VerifyArguments& arguments, Demands& demands) {
    SALUS_TRY(const crypto::SecretBytes passphrase, ask_passphrase(arguments.passphrase_file, arguments.wallet, false));
    SALUS_TRY(demands.wallet, read_wallet(arguments.wallet, passphrase.expose()));
    auto& seen = demands.wallet->checkpoints;
    if (seen.empty())
        return fail(ErrorCode::kNotFound, "this wallet has seen no block yet: it can tell no network from another");
    if (!demands.network && seen.size() > 1)
        return fail(ErrorCode::kUsage, "this wallet is known in several networks: say --network");
    if (!demands.network) demands.network = seen.front().network_id;
    const Checkpoint* checkpoint = demands.wallet->checkpoint_of(*demands.network);
    if (checkpoint == nullptr) return fail(ErrorCode::kNotFound, "this wallet has seen no block of that network");
    demands.checkpoint = *checkpoint;
    return {};
}

Result<Demands> read_demands(const VerifyArguments& arguments, Environment& environment) {
    Demands demands;
    if (!arguments.network.empty()) {
        demands.network = id_from_hex<NetworkId>(arguments.network);
        if (!demands.network) return fail(ErrorCode::kUsage, "--network is 64 hex digits");
    }
    if (!arguments.checkpoint.empty()) {
        SALUS_TRY(const Bytes bytes, read_input(arguments.checkpoint, 4 << 20));
        auto checkpoint = codec::decode<Checkpoint>(bytes);
        if (!checkpoint) return fail(ErrorCode::kUsage, arguments.checkpoint + " is no checkpoint", checkpoint.error());
        demands.checkpoint = *std::move(checkpoint);
    }
    if (!arguments.wallet.empty()) SALUS_TRY_STATUS(demand_wallet(arguments, demands));
    if (arguments.max_age_s != 0) {
        const TimeMs now = environment.clock.now_ms();
        const TimeMs age = arguments.max_age_s > now / 1000 ? now : arguments.max_age_s * 1000;
        demands.not_before_ms = now - age;
    }
    return demands;
}

/// One file's verdict, in the form that both outputs take.
struct Finding {
    std::string file;
    Verdict verdict;
    std::vector<std::string> notes;  ///< what it leaves open
};

/// A patient's list shows what does not follow; no other evidence says that a row is absent.
bool claims_to_be_list(const Evidence& evidence) {
    return std::ranges::any_of(evidence.states, [](const ProvenState& state) {
        return state.contract == Contract::kDisclosure && !state.present;
    });
}

/// A list is the wallet's where one of its rows, or the place behind the last, stands under a key that the wallet
/// keeps: a list from which rows were taken is still its own.
const WalletCustodian* custodian_of_list(const Evidence& evidence, const Wallet& wallet) {
    std::set<Bytes> shown;
    for (const ProvenState& state : evidence.states)
        if (state.contract == Contract::kDisclosure) shown.insert(state.key);
    for (const WalletCustodian& custodian : wallet.custodians)
        for (const WalletViewKey& key : custodian.view_keys)
            for (std::uint64_t n = 1; n <= shown.size(); ++n)
                if (shown.contains(disclosure::row_key(custodian.account, disclosure::disclosure_tag(key.key, n))))
                    return &custodian;
    return nullptr;
}

/// What a wallet can tell of evidence with no node at hand: whether a list is its own, and whole, and whether the block
/// is the one that it has seen. A proof as of another block than the wallet's checkpoint is no contradiction.
Finding verify_for_wallet(const std::string& file, const Evidence& evidence, const Demands& demands) {
    Finding finding{file, {}, {}};
    Verdict& verdict = finding.verdict;
    if (const WalletCustodian* custodian = custodian_of_list(evidence, *demands.wallet)) {
        std::vector<ListKey> keys;
        for (const WalletViewKey& one : custodian->view_keys) keys.push_back({one.epoch, one.key});
        verdict = verify_disclosure_list(evidence, demands.network, custodian->account, keys);
        verdict.statements.push_back({true, "by the keys that this wallet keeps of " + custodian->slug});
    } else {
        verdict = verify_evidence(evidence, demands.network, std::nullopt);
        if (claims_to_be_list(evidence))
            verdict.statements.push_back({false, "is no list of this wallet's: none of its keys makes a row of it"});
    }
    const Checkpoint& seen = *demands.checkpoint;
    if (evidence.header.era == seen.era && evidence.header.height == seen.height)
        verdict.statements.push_back(
            {evidence.header.hash() == seen.block_hash,
             "block " + std::to_string(seen.height) + " is the one that this wallet has seen"});
    else
        finding.notes.push_back(fmt::format(
            "not shown: that block {} and block {}, which this wallet has seen, are of one history; an exported chain "
            "or any command of the wallet at the node shows it",
            evidence.header.height, seen.height));
    verdict.good = std::ranges::all_of(verdict.statements, &Statement::holds);
    return finding;
}

/// An exported chain that was verified before another one.
struct SeenChain {
    std::string file;
    ChainHistory history;
};

/// Holds a good chain against those before it: two certified histories of one network are an operator's two stories.
void compare_chains(const std::vector<SeenChain>& before, const ChainHistory& history, Verdict& verdict) {
    for (const SeenChain& other : before) {
        if (other.history.network != history.network) continue;
        const auto height = first_difference(other.history, history);
        verdict.statements.push_back(
            {!height, height ? fmt::format("block {} is another one than in {}: both histories are certified, and both "
                                           "certificates together show that their signer told two (equivocation)",
                                           *height, other.file)
                             : "is one history with " + other.file});
        verdict.good = verdict.good && !height;
    }
}

/// CometBFT's live clients trust validators for a while; a file is checked at any age, so its age is said.
std::string validators_note(TimeMs time_ms, Environment& environment) {
    const TimeMs now = environment.clock.now_ms();
    const TimeMs days = now > time_ms ? (now - time_ms) / (24 * kHourMs) : 0;
    return fmt::format("its validators vouched {} {} ago; a file does not show who has replaced them since", days,
                       days == 1 ? "day" : "days");
}

Finding verify_file(const std::string& file, ByteView bytes, const Demands& demands, std::vector<SeenChain>& chains,
                    Environment& environment) {
    Finding finding{file, {}, {}};
    const auto refuse = [&](std::string text) {
        finding.verdict.good = false;
        finding.verdict.statements.push_back({false, std::move(text)});
        return finding;
    };
    if (is_exported_chain(bytes)) {
        ChainHistory history;
        finding.verdict = verify_chain(bytes, demands.network, demands.checkpoint, environment, &history);
        const bool whole = finding.verdict.good;
        if (whole) compare_chains(chains, history, finding.verdict);
        if (whole) chains.push_back({file, std::move(history)});
    } else {
        const Waiting waiting(environment, "verifying " + file);
        const auto evidence = from_evidence_file(bytes);
        if (codec::decode<Checkpoint>(bytes))
            return refuse(
                "is a checkpoint: nothing in it shows who may sign; compare a proof with it, by --checkpoint");
        if (!evidence) return refuse("is neither a proof nor an exported chain: " + evidence.error().to_string());
        if (demands.wallet)
            finding = verify_for_wallet(file, *evidence, demands);
        else
            finding.verdict = verify_evidence(*evidence, demands.network, demands.checkpoint);
        if (finding.verdict.good && std::filesystem::path(file).filename() == "evidence.proof")
            if (const Status read = compare_with_files(file, *evidence, finding.verdict); !read)
                return refuse("the files beside it: " + read.error().to_string());
    }
    if (finding.verdict.good && finding.verdict.by_validators)
        finding.notes.push_back(validators_note(finding.verdict.time_ms, environment));
    if (demands.not_before_ms && finding.verdict.time_ms < *demands.not_before_ms)
        return refuse("is as of " + to_iso_time(finding.verdict.time_ms) + ", older than --max-age allows");
    return finding;
}

Result<Report> verify(const VerifyArguments& arguments, Environment& environment) {
    SALUS_TRY(const Demands demands, read_demands(arguments, environment));
    Report report;
    json::array files;
    std::vector<SeenChain> chains;
    for (const std::string& file : arguments.files) {
        SALUS_TRY(const Bytes bytes, read_input(file));
        const Finding finding = verify_file(file, bytes, demands, chains, environment);
        report.good = report.good && finding.verdict.good;
        report.text += fmt::format("{}: {}\n", file, finding.verdict.good ? "good" : "NOT GOOD");
        json::array statements;
        for (const Statement& statement : finding.verdict.statements) {
            statements.push_back(json::object{{"holds", statement.holds}, {"text", statement.text}});
            report.text += fmt::format("  {} {}\n", statement.holds ? "+" : "!", printable(statement.text));
        }
        for (const std::string& note : finding.notes) report.text += fmt::format("  - {}\n", note);
        if (!finding.verdict.vouches.empty())
            report.text += fmt::format("  as of block {}, {}; {} vouches\n", finding.verdict.height,
                                       to_iso_time(finding.verdict.time_ms), finding.verdict.vouches);
        files.push_back(json::object{{"file", file},
                                     {"good", finding.verdict.good},
                                     {"height", finding.verdict.height},
                                     {"time", to_iso_time(finding.verdict.time_ms)},
                                     {"vouches", finding.verdict.vouches},
                                     {"statements", std::move(statements)},
                                     {"notes", json::array(finding.notes.begin(), finding.notes.end())}});
    }
    report.data = {{"ok", report.good}, {"files", std::move(files)}};
    return report;
}

}  // namespace

void add_verify(Commands& commands) {
    commands.add<VerifyArguments>(
        commands.root(), "verify", "Check proofs and exported chains with no node at hand",
        "  salus verify observation.proof --max-age 24h\n  salus verify chain.salus --checkpoint mine.checkpoint\n"
        "  salus verify list.proof --wallet mary.wallet\n"
        "  salus verify my-chain.salus their-chain.salus   # names the first block in which they differ\n",
        declare, verify);
}

}  // namespace salus::cli
