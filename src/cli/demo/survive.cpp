// Step 10: what a crash cannot take.
#include <fmt/format.h>

#include <fstream>

#include "cli/demo/helpers.hpp"
#include "cli/demo/story.hpp"
#include "cli/demo/watch.hpp"
#include "cli/progress.hpp"

namespace salus::cli::demo {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr std::size_t kBundlesToInterrupt = 4;

/// Imports at hospital B, and kills its node when the first resources are acknowledged.
Status interrupt_import(Stage& stage, const std::vector<std::string>& command, bool may_end) {
    std::vector<std::string> child = command;
    child.insert(child.end(), {"--node", stage.url("hospital-b"), "--json"});
    stage.show(stage.command_line(command) + (stage.is_network() ? " --node " + stage.url("hospital-b") : "") + " &");
    SALUS_TRY(auto importer, node::ChildProcess::start(node::this_program(), child, stage.file("import.log")));
    std::error_code error;
    for (int tries = 0; tries < 600 && importer.running(); ++tries) {
        if (fs::exists(stage.file("acknowledged.txt"), error) &&
            fs::file_size(stage.file("acknowledged.txt"), error) > 0)
            break;
        stage.wait_ms(20);
    }
    SALUS_TRY_STATUS(stage.kill_node("hospital-b"));
    const Waiting waiting(stage.environment(), "waiting for the import to end");
    return Stage::expect(importer.stop(60s) != kExitGood || may_end, "an import that the kill interrupted");
}

/// Three of four nodes decide on, and who asks the fourth is told that it is down.
Status others_go_on(Stage& stage, const std::string& patient) {
    SALUS_TRY(const std::uint64_t before, height_of(stage));
    const std::string hospital = stage.organisation("hospital-a");
    SALUS_TRY_STATUS(done(stage, {"record", "put", stage.file("corrected.json"), "--as", hospital}));
    SALUS_TRY(const std::uint64_t after, height_of(stage));
    SALUS_TRY_STATUS(Stage::expect(after > before, "blocks of the three other nodes"));
    const Answer asked = stage.ask({"read", "--as", hospital, "--staff", stage.file("registrar.staff"), "--from",
                                    "hospital-b", "--patient", patient, "--out", stage.file("read-by-a")});
    SALUS_TRY_STATUS(Stage::expect(asked.error() == "unavailable",
                                   "that a reading at the killed node says so, not: " + asked.text("message")));
    stage.say(fmt::format("without hospital B hospital A stored a version in block {}; a reading at hospital B: {}",
                          after, asked.text("message")));
    return {};
}

/// What was acknowledged before the kill: how many. Errors: kConflict where some of it is not there
Result<std::size_t> acknowledged_is_there(Stage& stage) {
    std::ifstream acknowledged(stage.file("acknowledged.txt"));
    std::size_t count = 0;
    for (std::string line; std::getline(acknowledged, line);) ++count;
    SALUS_TRY_STATUS(Stage::expect(count != 0, "something acknowledged before the kill"));
    SALUS_TRY(const Answer there, stage.need({"record", "exist", "--as", stage.organisation("hospital-b"), "--list",
                                              stage.file("acknowledged.txt")}));
    SALUS_TRY_STATUS(Stage::expect(there.number("missing") == 0 && there.number("found") == count,
                                   "every acknowledged resource is there"));
    return count;
}

}  // namespace

void survive_kill(Story& story) {
    Stage& stage = story.stage;
    const char* const name = stage.is_network()
                                 ? "Hospital B's node is killed in the middle of an import, and the others go on"
                                 : "The node is killed in the middle of an import";
    stage.step(name, [&]() -> Status {
        std::vector<std::string> command{"record", "import", "--as",  stage.organisation("hospital-b"),
                                         "--jobs", "2",      "--log", stage.file("acknowledged.txt")};
        command.insert(command.end(), story.cast.bundles.begin(), story.cast.bundles.end());
        SALUS_TRY(const std::string patient, identifier_of(stage, story.patient_ids.at(0)));
        // One bundle alone may be stored before the kill comes.
        SALUS_TRY_STATUS(interrupt_import(stage, command, story.cast.bundles.size() < kBundlesToInterrupt));
        if (stage.is_network()) SALUS_TRY_STATUS(others_go_on(stage, patient));
        SALUS_TRY_STATUS(stage.revive_node("hospital-b"));
        SALUS_TRY(const std::size_t acknowledged, acknowledged_is_there(stage));
        stage.stop_node();
        SALUS_TRY_STATUS(vaults_and_chain_agree(stage));
        SALUS_TRY_STATUS(stage.start_node());
        SALUS_TRY(const Answer again, stage.need(command));
        stage.say(
            fmt::format("killed; {} acknowledged resources are all there, none is half there; the import, "
                        "repeated, stored the other {}",
                        acknowledged, again.number("stored")));
        return {};
    });
}

}  // namespace salus::cli::demo
