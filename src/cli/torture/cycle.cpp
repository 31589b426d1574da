#include "cli/torture/cycle.hpp"

#include "base/file.hpp"
#include "cli/torture/load.hpp"
#include "cli/verify_chain.hpp"
#include "node/check_node.hpp"
#include "node/export_chain.hpp"

namespace salus::cli::torture {
namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t kWritesMax = 60;  ///< acknowledged before the kill
constexpr std::uint64_t kMoreMsMax = 25;  ///< and then so long at most
constexpr std::chrono::seconds kPatience{5};
constexpr std::uint64_t kOneStartIn = 4;  ///< is killed too
constexpr std::uint64_t kStartMsMax = 500;
constexpr std::size_t kOlderRuns = 3;
constexpr std::size_t kOlderEach = 6;

}  // namespace

Status Cycles::begin() {
    SALUS_TRY_STATUS(stand_.start());
    SALUS_TRY(door_, stand_.open_door());
    return {};
}

Run Cycles::torment() {
    const std::uint64_t writes = 1 + draw(kWritesMax);
    const milliseconds more(draw(kMoreMsMax));
    Load load(*door_, "c" + std::to_string(before_.size() + 1), chance_());
    for (const auto begun = clock_.now(); load.writes() < writes && clock_.now() - begun < kPatience;)
        node::pause(milliseconds(1));
    node::pause(more);
    stand_.kill();
    return load.end();
}

Status Cycles::come_back(CycleReport& report) {
    report.killed_at_start = draw(kOneStartIn) == 0;
    const milliseconds delay(draw(kStartMsMax));
    if (report.killed_at_start) SALUS_TRY_STATUS(stand_.start_and_kill(delay));
    const auto begun = clock_.now();
    SALUS_TRY_STATUS(stand_.start());
    report.start_seconds = std::chrono::duration<double>(clock_.now() - begun).count();
    report.log = stand_.log();
    SALUS_TRY(door_, stand_.open_door());
    return {};
}

Status Cycles::judge(Run& run, CycleReport& report) {
    SALUS_TRY(const auto witness, node_witness(*door_));
    Judge judge(*witness);
    SALUS_TRY(report.faults, judge.judge(run));
    report.doubts = judge.doubts();
    for (std::size_t i = 0; i < kOlderRuns && !before_.empty(); ++i) {
        SALUS_TRY(const auto lost, judge.judge_again(before_[draw(before_.size())], chance_(), kOlderEach));
        report.faults.insert(report.faults.end(), lost.begin(), lost.end());
    }
    return {};
}

CycleReport Cycles::next() {
    CycleReport report;
    Run run = torment();
    report.acknowledged = run.acknowledged;
    if (const Status back = come_back(report); !back)
        report.faults = {"the node does not come back: " + back.error().to_string()};
    else if (const Status judged = judge(run, report); !judged)
        report.faults = {"the node cannot be asked: " + judged.error().to_string()};
    before_.push_back(std::move(run));
    return report;
}

std::vector<std::string> Cycles::end(Environment& environment) {
    std::vector<std::string> faults;
    const auto work = [&]() -> Status {
        SALUS_TRY_STATUS(stand_.stop());
        SALUS_TRY(const auto checks, node::check_node(stand_.network(), environment.random, [](auto, auto) {}));
        for (const std::string& finding : checks.findings) faults.push_back(finding);
        for (const node::OrganisationCheck& one : checks.organisations)
            for (const std::string& finding : one.findings) faults.push_back(one.slug + ": " + finding);
        const auto file = stand_.folder() / "chain.salus";
        SALUS_TRY_STATUS(node::export_chain(stand_.network(), file, [](auto, auto) {}));
        SALUS_TRY(const Bytes bytes, read_file(file));
        const Verdict verdict = verify_chain(bytes, std::nullopt, std::nullopt, environment);
        for (const Statement& statement : verdict.statements)
            if (!statement.holds) faults.push_back("the exported chain: " + statement.text);
        if (!verdict.good && faults.empty()) faults.emplace_back("the exported chain is not good");
        return {};
    };
    if (const Status done = work(); !done) faults.push_back(done.error().to_string());
    return faults;
}

}  // namespace salus::cli::torture
