#include <fmt/format.h>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "base/time_text.hpp"
#include "cli/groups.hpp"
#include "cli/input_file.hpp"
#include "cli/verify_chain.hpp"
#include "crypto/hash.hpp"
#include "model/evidence.hpp"

namespace salus::cli {
namespace {

namespace json = boost::json;

struct VerifyArguments {
    std::vector<std::string> files;
    std::string checkpoint;
    std::string network;
    std::uint64_t max_age_s = 0;
};

void declare(CLI::App& app, VerifyArguments& arguments) {
    app.add_option("files", arguments.files, "Proofs and exported chains")->required();
    app.add_option("--checkpoint", arguments.checkpoint, "A checkpoint that every file must be consistent with");
    app.add_option("--network", arguments.network, "The network id that every file must have");
    app.add_option("--max-age", arguments.max_age_s, "Seconds: a proof of currency that is older does not count");
}

/// What all files of one call are held to.
struct Demands {
    std::optional<NetworkId> network;
    std::optional<Checkpoint> checkpoint;
    std::optional<TimeMs> not_before_ms;
};

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
};

Finding verify_file(const std::string& file, ByteView bytes, const Demands& demands, Environment& environment) {
    Finding finding{file, {}};
    const auto refuse = [&](std::string text) {
        finding.verdict.good = false;
        finding.verdict.statements.push_back({false, std::move(text)});
        return finding;
    };
    if (is_exported_chain(bytes)) {
        finding.verdict = verify_chain(bytes, demands.network, demands.checkpoint, environment);
    } else {
        const auto evidence = from_evidence_file(bytes);
        if (codec::decode<Checkpoint>(bytes))
            return refuse(
                "is a checkpoint: nothing in it shows who may sign; compare a proof with it, by --checkpoint");
        if (!evidence) return refuse("is neither a proof nor an exported chain: " + evidence.error().to_string());
        finding.verdict = verify_evidence(*evidence, demands.network, demands.checkpoint);
    }
    if (demands.not_before_ms && finding.verdict.time_ms < *demands.not_before_ms)
        return refuse("is as of " + to_iso_time(finding.verdict.time_ms) + ", older than --max-age allows");
    return finding;
}

Result<Report> verify(const VerifyArguments& arguments, Environment& environment) {
    SALUS_TRY(const Demands demands, read_demands(arguments, environment));
    Report report;
    json::array files;
    for (const std::string& file : arguments.files) {
        SALUS_TRY(const Bytes bytes, read_input(file));
        const Finding finding = verify_file(file, bytes, demands, environment);
        report.good = report.good && finding.verdict.good;
        report.text += fmt::format("{}: {}\n", file, finding.verdict.good ? "good" : "NOT GOOD");
        json::array statements;
        for (const Statement& statement : finding.verdict.statements) {
            statements.push_back(json::object{{"holds", statement.holds}, {"text", statement.text}});
            report.text += fmt::format("  {} {}\n", statement.holds ? "+" : "!", statement.text);
        }
        if (!finding.verdict.vouches.empty())
            report.text += fmt::format("  as of block {}, {}; {} vouches\n", finding.verdict.height,
                                       to_iso_time(finding.verdict.time_ms), finding.verdict.vouches);
        files.push_back(json::object{{"file", file},
                                     {"good", finding.verdict.good},
                                     {"height", finding.verdict.height},
                                     {"time", to_iso_time(finding.verdict.time_ms)},
                                     {"vouches", finding.verdict.vouches},
                                     {"statements", std::move(statements)}});
    }
    report.data = {{"ok", report.good}, {"files", std::move(files)}};
    return report;
}

}  // namespace

void add_verify(Commands& commands) {
    commands.add<VerifyArguments>(
        commands.root(), "verify", "Check proofs and exported chains with no node at hand",
        "  salus verify observation.proof --max-age 86400\n  salus verify chain.salus --checkpoint mine.checkpoint\n",
        declare, verify);
}

}  // namespace salus::cli
