// Steps 8 and 9: what a correction leaves, what a regulator can check alone.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/file.hpp"
#include "cli/demo/helpers.hpp"
#include "cli/demo/story.hpp"
#include "cli/demo/watch.hpp"
#include "cli/progress.hpp"
#include "node/tamper.hpp"

namespace salus::cli::demo {
namespace {

namespace fs = std::filesystem;

/// A resource's bytes with its status changed from `before` to `after`.
Result<Bytes> with_status(std::string resource, const std::string& before, const std::string& after) {
    for (const std::string_view name : {R"("status":")", R"("status": ")"})
        if (const auto at = resource.find(std::string(name) + before + '"'); at != std::string::npos) {
            resource.replace(at + name.size(), before.size(), after);
            return to_bytes(resource);
        }
    return fail(ErrorCode::kNotFound, "the observation has no status \"" + before + "\" to amend");
}

Result<std::string> first_observation(Stage& stage, const std::string& patient) {
    SALUS_TRY(const Answer found, stage.need({"record", "search", "Observation?_count=1&patient=" + patient, "--as",
                                              stage.organisation("hospital-a")}));
    const boost::json::value* list = found.data.if_contains("found");
    if (list == nullptr || !list->is_array() || list->get_array().empty())
        return fail(ErrorCode::kNotFound, "the patient has no observation");
    return std::string(list->get_array().front().as_string());
}

/// The digits after `words` in what `salus verify` said.
Result<std::string> block_named(const Answer& verified, std::string_view words) {
    const std::string text = boost::json::serialize(verified.data);
    const auto at = text.find(words);
    const auto begin = at == std::string::npos ? text.size() : at + words.size();
    const std::string digits = text.substr(begin, text.find_first_not_of("0123456789", begin) - begin);
    if (digits.empty() || digits.size() > 18)
        return fail(ErrorCode::kConflict,
                    "expected: \"" + std::string(words) + "\" and a block in the proof's findings");
    return digits;
}

/// `folder` with all below it, anew.
Status copy_folder(Stage& stage, const fs::path& from, const fs::path& to) {
    stage.show("cp -r " + stage.shown(from.string()) + " " + stage.shown(to.string()));
    const Waiting waiting(stage.environment(), "copying");
    std::error_code error;
    fs::remove_all(to, error);
    fs::copy(from, to, fs::copy_options::recursive, error);
    if (error) return fail(ErrorCode::kIo, "cannot copy " + from.string() + ": " + error.message());
    return {};
}

/// What `verify` or `check` complains of first.
std::string first_failure(const Answer& answer) {
    for (const char* list : {"files", "organisations"}) {
        const boost::json::value* parts = answer.data.if_contains(list);
        if (parts == nullptr || !parts->is_array()) continue;
        for (const boost::json::value& part : parts->get_array()) {
            if (const boost::json::value* findings = part.get_object().if_contains("findings");
                findings != nullptr && !findings->get_array().empty())
                return std::string(findings->get_array().front().as_string());
            if (const boost::json::value* statements = part.get_object().if_contains("statements"))
                for (const boost::json::value& statement : statements->get_array())
                    if (!statement.at("holds").as_bool()) return std::string(statement.at("text").as_string());
        }
    }
    return {};
}

/// Stores the corrected observation once more, with another status.
Status amend(Stage& stage, const std::string& status) {
    SALUS_TRY(const Bytes bytes, read_file(stage.file("corrected.json")));
    SALUS_TRY(const Bytes changed, with_status(std::string(as_text(bytes)), "amended", status));
    SALUS_TRY_STATUS(write_file(stage.file("amended.json"), changed, FileMode::kPrivate));
    return done(stage, {"record", "put", stage.file("amended.json"), "--as", stage.organisation("hospital-a")});
}

/// A copy in which one thing was changed has to be found out, and just that named.
Status found_out(Stage& stage, const Answer& answer, const std::string& name) {
    const std::string found = first_failure(answer);
    SALUS_TRY_STATUS(Stage::expect(answer.exit == kExitRefused && found.find(name) != std::string::npos,
                                   "that a changed byte is found, and \"" + name + "\" named, not: " + found));
    stage.say("found: " + found);
    return {};
}

/// Shows how a shell makes `copy` of `original`: the one byte in which they differ.
Status show_change(Stage& stage, const fs::path& original, const fs::path& copy) {
    SALUS_TRY(const Bytes before, read_file(original));
    SALUS_TRY(const Bytes after, read_file(copy));
    const auto [there, here] = std::ranges::mismatch(before, after);
    if (here == after.end()) return fail(ErrorCode::kConflict, copy.string() + " is no changed copy");
    const std::string name = stage.shown(copy.string());
    stage.show(fmt::format("cp {0} {1}; printf '\\x{2:02x}' | dd of={1} bs=1 seek={3} conv=notrunc status=none",
                           stage.shown(original.string()), name, *here, here - after.begin()));
    return {};
}

/// What a walk along the exported chain, and a look into the vaults, have to find.
Status changes_are_found(Stage& stage, const fs::path& chain) {
    const fs::path folder = chain.parent_path();
    SALUS_TRY(const node::Flipped block, node::flip_block_byte(chain, folder / "changed-block.salus"));
    SALUS_TRY_STATUS(show_change(stage, chain, folder / "changed-block.salus"));
    SALUS_TRY_STATUS(found_out(stage, stage.run({"verify", (folder / "changed-block.salus").string()}),
                               fmt::format("block {} of the export: the transactions", block.height)));
    SALUS_TRY(const node::Flipped receipt, node::flip_receipt_byte(chain, folder / "changed-receipt.salus"));
    SALUS_TRY_STATUS(show_change(stage, chain, folder / "changed-receipt.salus"));
    SALUS_TRY_STATUS(found_out(stage, stage.run({"verify", (folder / "changed-receipt.salus").string()}),
                               fmt::format("block {} of the export: receipt {} ", receipt.height, receipt.index)));

    const fs::path tampered = stage.file("tampered");
    SALUS_TRY_STATUS(copy_folder(stage, stage.network(), tampered));
    const fs::path changed = stage.node_folder(tampered, "hospital-a");
    SALUS_TRY(const std::string row, node::flip_vault_byte(changed, "hospital-a"));
    stage.say("one byte of one row of its vault is changed");
    return found_out(stage, stage.run({"check", "--dir", changed.string()}), "altered " + row + ":");
}

/// An older copy of the node, its vaults and its checkpoints takes the node's place and goes on, beyond the height that
/// the wallet has seen; by height alone nobody could tell. Of several nodes, all: none of them is left to tell.
Status roll_back_is_exposed(Stage& stage, const fs::path& older) {
    const fs::path network = stage.network();
    SALUS_TRY_STATUS(stage.start_node());
    // A version that the older copy lacks; then the wallet sees a block above it.
    SALUS_TRY_STATUS(amend(stage, "entered-in-error"));
    SALUS_TRY_STATUS(done(stage, with_wallet(stage, {"consent", "list", "--at", "hospital-a"})));
    SALUS_TRY(const std::uint64_t seen, height_of(stage));
    stage.stop_node();

    stage.use_network(older);
    SALUS_TRY_STATUS(stage.start_node());
    SALUS_TRY(std::uint64_t height, height_of(stage));
    for (int tries = 0; tries < 50 && height <= seen; ++tries) {
        SALUS_TRY_STATUS(amend(stage, tries % 2 == 0 ? "corrected" : "amended"));
        SALUS_TRY(height, height_of(stage));
    }
    const Answer exposed = stage.ask(with_wallet(stage, {"consent", "list", "--at", "hospital-a"}));
    stage.stop_node();
    stage.use_network(network);
    SALUS_TRY_STATUS(stage.start_node());
    SALUS_TRY_STATUS(stage.expect(height > seen, "that the older copy carries on, beyond what the wallet has seen"));
    SALUS_TRY_STATUS(
        stage.expect(exposed.error() == "rolled-back", "that the wallet's checkpoint exposes the older copy"));
    stage.say(fmt::format(
        "{} and went on to block {}; the wallet, which had seen block {}: {}",
        stage.is_network() ? "older copies of all nodes took their places" : "an older copy took the node's place",
        height, seen, exposed.text("message")));
    return {};
}

}  // namespace

void correct_record(Story& story) {
    Stage& stage = story.stage;
    const std::string hospital = stage.organisation("hospital-a");
    stage.step("A record is corrected", [&]() -> Status {
        SALUS_TRY(story.observation, first_observation(stage, story.patient_ids.at(0)));
        SALUS_TRY(const Answer before, stage.need({"record", "get", story.observation, "--as", hospital}));
        SALUS_TRY(const Bytes after, with_status(before.text("resource"), "final", "amended"));
        SALUS_TRY_STATUS(write_file(stage.file("corrected.json"), after, FileMode::kPrivate));
        SALUS_TRY(const Answer put,
                  stage.need({"record", "put", stage.file("corrected.json"), "--if-match", "1", "--as", hospital}));
        SALUS_TRY_STATUS(stage.expect(put.text("version") == "2", "version 2"));
        SALUS_TRY(const Answer again, stage.need({"record", "put", stage.file("corrected.json"), "--as", hospital}));
        SALUS_TRY_STATUS(stage.expect(again.text("version") == "2", "no new version for the same content"));
        SALUS_TRY(const Answer history, stage.need({"record", "history", story.observation, "--as", hospital}));
        SALUS_TRY_STATUS(stage.expect(count_of(history, "versions") == 2, "two versions, not three"));
        SALUS_TRY_STATUS(done(stage, {"record", "proof", story.observation + "/_history/1", "--as", hospital, "--out",
                                      stage.file("version-1.proof")}));
        SALUS_TRY_STATUS(done(
            stage, {"record", "proof", story.observation, "--as", hospital, "--out", stage.file("version-2.proof")}));
        const Answer old = stage.run({"verify", stage.file("version-1.proof")});
        const Answer current = stage.run({"verify", stage.file("version-2.proof")});
        SALUS_TRY_STATUS(stage.expect(old.good() && current.good(), "both versions provable"));
        SALUS_TRY(const std::string replaced, block_named(old, "declared replaced by its custodian in block "));
        const std::uint64_t height = std::stoull(replaced);
        SALUS_TRY_STATUS(stage.expect(says(old, fmt::format("current up to block {}", height - 1)) &&
                                          says(current, "not declared replaced by its custodian as of block "),
                                      "the old one proven as current only up to the block before"));
        stage.say(
            fmt::format("version 2 stands since block {}; version 1 is provable still, as current up to block {} "
                        "and no further; the same bytes again made no version",
                        height, height - 1));
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
            SALUS_TRY_STATUS(copy_folder(stage, network, older));
            const std::string chain = (elsewhere / "chain.salus").string();
            SALUS_TRY_STATUS(stage.expect(stage
                                              .run({"ledger", "export", "--dir",
                                                    stage.node_folder(network, "regulator").string(), "--out", chain})
                                              .good(),
                                          "the exported chain"));
            std::vector<std::string> verify{"verify", chain};
            const std::vector<std::string> proofs{
                "version-1.proof", "version-2.proof",          "who-saw-what.proof",      "refusal.proof",
                "patient.proof",   "read-by-b/evidence.proof", "my-record/evidence.proof"};
            for (const std::string& proof : proofs) {
                std::string name = proof;
                std::ranges::replace(name, '/', '-');
                std::error_code error;
                fs::copy_file(stage.file(proof), elsewhere / name, fs::copy_options::overwrite_existing, error);
                if (error) return fail(ErrorCode::kIo, "cannot copy " + proof + ": " + error.message());
                verify.push_back((elsewhere / name).string());
            }
            SALUS_TRY_STATUS(stage.expect(stage.run(verify).good(), "chain and proofs verify"));
            SALUS_TRY_STATUS(stage.expect(
                stage.run({"verify", chain, "--checkpoint", (elsewhere / "kept.checkpoint").string()}).good(),
                "the chain holds the kept checkpoint"));
            SALUS_TRY_STATUS(vaults_and_chain_agree(stage));
            stage.say("chain executed again from the genesis, proofs and vaults checked");

            SALUS_TRY_STATUS(changes_are_found(stage, chain));
            SALUS_TRY_STATUS(roll_back_is_exposed(stage, older));
            return {};
        });
}

}  // namespace salus::cli::demo
