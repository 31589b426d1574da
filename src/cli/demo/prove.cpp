// Steps 8 to 10: what a correction leaves, what a regulator can check alone, what a crash cannot take.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>

#include "base/file.hpp"
#include "cli/demo/helpers.hpp"
#include "cli/demo/story.hpp"
#include "node/tamper.hpp"

namespace salus::cli::demo {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// A resource's bytes with its status changed to another one that FHIR allows.
Result<Bytes> corrected(std::string resource) {
    for (const auto& [before, after] : {std::pair{R"("status":"final")", R"("status":"amended")"},
                                        std::pair{R"("status": "final")", R"("status": "amended")"}})
        if (const auto at = resource.find(before); at != std::string::npos) {
            resource.replace(at, std::string(before).size(), after);
            return to_bytes(resource);
        }
    return fail(ErrorCode::kNotFound, "the observation has no final status to amend");
}

Result<std::string> first_observation(Stage& stage, const std::string& patient) {
    SALUS_TRY(const Answer found, stage.need({"record", "search", "Observation?_count=1&patient=" + patient, "--as",
                                              stage.organisation("hospital-a")}));
    const boost::json::value* list = found.data.if_contains("found");
    if (list == nullptr || !list->is_array() || list->get_array().empty())
        return fail(ErrorCode::kNotFound, "the patient has no observation");
    return std::string(list->get_array().front().as_string());
}

bool says(const Answer& verified, std::string_view words) {
    return boost::json::serialize(verified.data).find(words) != std::string::npos;
}

/// A copy in which one thing was changed has to be found out, and named.
Status found_out(Stage& stage, const std::string& what, const Answer& answer) {
    SALUS_TRY_STATUS(Stage::expect(answer.exit == kExitRefused, "that one changed byte of " + what + " is found"));
    stage.say("one byte of " + what + " changed: found");
    return {};
}

Status copy_folder(const fs::path& from, const fs::path& to) {
    std::error_code error;
    fs::remove_all(to, error);
    fs::copy(from, to, fs::copy_options::recursive, error);
    if (error) return fail(ErrorCode::kIo, "cannot copy " + from.string() + ": " + error.message());
    return {};
}

}  // namespace

void correct_record(Story& story) {
    Stage& stage = story.stage;
    const std::string hospital = stage.organisation("hospital-a");
    stage.step("A record is corrected", [&]() -> Status {
        SALUS_TRY(story.observation, first_observation(stage, story.patient_ids.at(0)));
        SALUS_TRY(const Answer before, stage.need({"record", "get", story.observation, "--as", hospital}));
        SALUS_TRY(const Bytes after, corrected(before.text("resource")));
        SALUS_TRY_STATUS(write_file(stage.file("corrected.json"), after, FileMode::kPrivate));
        SALUS_TRY(const Answer put,
                  stage.need({"record", "put", stage.file("corrected.json"), "--if-match", "1", "--as", hospital}));
        SALUS_TRY_STATUS(stage.expect(put.text("version") == "2", "version 2"));
        SALUS_TRY(const Answer again, stage.need({"record", "put", stage.file("corrected.json"), "--as", hospital}));
        SALUS_TRY_STATUS(stage.expect(again.text("version") == "2", "no new version for the same content"));
        SALUS_TRY_STATUS(done(stage, {"record", "proof", story.observation + "/_history/1", "--as", hospital, "--out",
                                      stage.file("version-1.proof")}));
        SALUS_TRY_STATUS(done(
            stage, {"record", "proof", story.observation, "--as", hospital, "--out", stage.file("version-2.proof")}));
        const Answer old = stage.run({"verify", stage.file("version-1.proof")});
        const Answer current = stage.run({"verify", stage.file("version-2.proof")});
        SALUS_TRY_STATUS(stage.expect(old.good() && current.good(), "both versions provable"));
        SALUS_TRY_STATUS(stage.expect(says(old, "current up to block") && says(current, "not declared replaced"),
                                      "the old one proven as current only up to the block before"));
        stage.say(
            "version 2 stands; version 1 is provable still, as current only up to the block before; the same bytes "
            "again made no version");
        return {};
    });
}

void verify_without_node(Story& story) {
    Stage& stage = story.stage;
    stage.step(
        "The regulator verifies everything with no node running; changes and roll-backs are found", [&]() -> Status {
            const fs::path elsewhere = stage.file("regulator");
            SALUS_TRY_STATUS(make_directory(elsewhere));
            const fs::path network = stage.network();
            SALUS_TRY_STATUS(done(stage, {"ledger", "checkpoint", "--out", (elsewhere / "kept.checkpoint").string()}));
            stage.stop_node();
            const fs::path older = stage.file("older-copy");
            SALUS_TRY_STATUS(copy_folder(network, older));
            const std::string chain = (elsewhere / "chain.salus").string();
            SALUS_TRY_STATUS(
                stage.expect(stage.run({"ledger", "export", "--dir", network.string(), "--out", chain}).good(),
                             "the exported chain"));
            std::vector<std::string> verify{"verify", chain};
            for (const char* proof : {"version-1.proof", "version-2.proof", "who-saw-what.proof", "refusal.proof"}) {
                std::error_code error;
                fs::copy_file(stage.file(proof), elsewhere / proof, fs::copy_options::overwrite_existing, error);
                verify.push_back((elsewhere / proof).string());
            }
            SALUS_TRY_STATUS(stage.expect(stage.run(verify).good(), "chain and proofs verify"));
            SALUS_TRY_STATUS(stage.expect(
                stage.run({"verify", chain, "--checkpoint", (elsewhere / "kept.checkpoint").string()}).good(),
                "the chain holds the kept checkpoint"));
            SALUS_TRY_STATUS(
                stage.expect(stage.run({"check", "--dir", network.string()}).good(), "vaults and chain agree"));
            stage.say("chain executed again from the genesis, proofs and vaults checked");

            const fs::path copy = elsewhere / "changed.salus";
            SALUS_TRY_STATUS(node::flip_block_byte(chain, copy));
            SALUS_TRY_STATUS(found_out(stage, "a block", stage.run({"verify", copy.string()})));
            SALUS_TRY_STATUS(node::flip_receipt_byte(chain, copy));
            SALUS_TRY_STATUS(found_out(stage, "a receipt", stage.run({"verify", copy.string()})));
            const fs::path tampered = stage.file("tampered");
            SALUS_TRY_STATUS(copy_folder(network, tampered));
            SALUS_TRY_STATUS(node::flip_vault_byte(tampered, "hospital-a"));
            SALUS_TRY_STATUS(found_out(stage, "a vault row", stage.run({"check", "--dir", tampered.string()})));

            SALUS_TRY_STATUS(stage.start_node());
            SALUS_TRY_STATUS(done(stage, with_wallet(stage, {"consent", "list", "--at",
                                                             "hospital-a"})));  // the wallet sees a newer block
            SALUS_TRY_STATUS(
                done(stage, {"record", "put", stage.file("corrected.json"), "--as", stage.organisation("hospital-a")}));
            stage.wait_ms(6000);  // an audit root at the least
            SALUS_TRY_STATUS(done(stage, with_wallet(stage, {"consent", "list", "--at", "hospital-a"})));
            stage.stop_node();
            stage.use_network(older);
            SALUS_TRY_STATUS(stage.start_node());
            const Answer exposed = stage.ask(with_wallet(stage, {"consent", "list", "--at", "hospital-a"}));
            stage.stop_node();
            stage.use_network(network);
            SALUS_TRY_STATUS(stage.start_node());
            SALUS_TRY_STATUS(
                stage.expect(exposed.error() == "rolled-back", "that the wallet's checkpoint exposes the older copy"));
            stage.say("an older copy in its place: exposed by the wallet's checkpoint");
            return {};
        });
}

void survive_kill(Story& story) {
    Stage& stage = story.stage;
    const std::string hospital = stage.organisation("hospital-b");
    stage.step("The node is killed in the middle of an import", [&]() -> Status {
        std::vector<std::string> command{"record", "import", "--as",  hospital,
                                         "--jobs", "2",      "--log", stage.file("acknowledged.txt")};
        command.insert(command.end(), story.cast.bundles.begin(), story.cast.bundles.end());
        std::vector<std::string> child = command;
        child.insert(child.end(), {"--node", stage.url(), "--json"});
        SALUS_TRY(auto importer, node::ChildProcess::start(node::this_program(), child, stage.file("import.log")));
        std::error_code error;
        for (int tries = 0; tries < 600 && importer.running(); ++tries) {
            if (fs::exists(stage.file("acknowledged.txt"), error) &&
                fs::file_size(stage.file("acknowledged.txt"), error) > 0)
                break;
            stage.wait_ms(20);
        }
        stage.kill_node();
        const int ended = importer.stop(60s);
        stage.say(fmt::format("SIGKILL; the import ended with {}", ended));
        SALUS_TRY_STATUS(stage.start_node());
        std::ifstream acknowledged(stage.file("acknowledged.txt"));
        std::vector<std::string> references;
        for (std::string line; std::getline(acknowledged, line);) references.push_back(line);
        SALUS_TRY_STATUS(stage.expect(!references.empty(), "something acknowledged before the kill"));
        SALUS_TRY(const Answer there,
                  stage.need({"record", "exist", "--as", hospital, "--list", stage.file("acknowledged.txt")}));
        SALUS_TRY_STATUS(stage.expect(there.number("missing") == 0 && there.number("found") == references.size(),
                                      "every acknowledged resource is there"));
        SALUS_TRY(const Answer again, stage.need(command));
        stage.say(fmt::format("{} acknowledged resources are all there; the import, repeated, stored the other {}",
                              references.size(), again.number("stored")));
        stage.stop_node();
        SALUS_TRY_STATUS(
            stage.expect(stage.run({"check", "--dir", stage.network().string()}).good(), "nothing is half there"));
        return stage.start_node();
    });
}

}  // namespace salus::cli::demo
