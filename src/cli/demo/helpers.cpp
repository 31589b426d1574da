#include "cli/demo/helpers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/file.hpp"

namespace salus::cli::demo {
namespace {

/// The different values of `part`, in the order in which they came.
std::vector<std::string> in_order(const std::vector<Attempt>& attempts, std::string Attempt::*part) {
    std::vector<std::string> out;
    for (const Attempt& attempt : attempts)
        if (std::ranges::find(out, attempt.*part) == out.end()) out.push_back(attempt.*part);
    return out;
}

}  // namespace

namespace json = boost::json;

Result<Answer> allowed(Story& story, const std::string& who, const std::string& moment,
                       std::vector<std::string> command) {
    const SteadyClock& steady = story.stage.environment().steady;
    const auto begun = steady.now();
    SALUS_TRY(Answer answer, story.stage.need(std::move(command)));
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(steady.now() - begun);
    story.slowest_read_ms = std::max(story.slowest_read_ms, static_cast<std::uint64_t>(took.count()));
    SALUS_TRY_STATUS(Stage::expect(answer.number("resources") > 0, "resources in the answer"));
    story.attempts.push_back({who, moment, true});
    ++story.disclosures;
    return answer;
}

Result<Answer> refused(Story& story, const std::string& who, const std::string& moment,
                       std::vector<std::string> command) {
    SALUS_TRY(Answer answer, refused(story.stage, std::move(command)));
    story.attempts.push_back({who, moment, false});
    return answer;
}

std::uint64_t seconds_for_readings(const Story& story) {
    constexpr std::uint64_t kSecondsMin = 6;
    return kSecondsMin + 4 * story.slowest_read_ms / 1000;
}

std::string attempts_table(const std::vector<Attempt>& attempts) {
    const std::vector<std::string> moments = in_order(attempts, &Attempt::moment);
    std::string out = fmt::format("    {:<26}", "Mary's record");
    for (const std::string& moment : moments)
        out += fmt::format("  {:<{}}", moment, std::max<std::size_t>(moment.size(), 3));
    for (const std::string& who : in_order(attempts, &Attempt::who)) {
        out += fmt::format("\n    {:<26}", who);
        for (const std::string& moment : moments) {
            const auto found = std::ranges::find_if(
                attempts, [&](const Attempt& one) { return one.who == who && one.moment == moment; });
            const char* cell = found == attempts.end() ? "." : found->allowed ? "YES" : "no";
            out += fmt::format("  {:<{}}", cell, std::max<std::size_t>(moment.size(), 3));
        }
    }
    return out;
}

bool says(const Answer& verified, std::string_view words) {
    return json::serialize(verified.data).find(words) != std::string::npos;
}

std::size_t count_of(const Answer& answer, std::string_view list) {
    const json::value* value = answer.data.if_contains(list);
    return value != nullptr && value->is_array() ? value->get_array().size() : 0;
}

Result<bool> stands_in_files(const std::filesystem::path& folder, std::string_view text) {
    std::error_code error;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, error)) {
        if (!entry.is_regular_file(error)) continue;
        SALUS_TRY(const Bytes bytes, read_file(entry.path()));
        if (as_text(bytes).find(text) != std::string_view::npos) return true;
    }
    if (error) return fail(ErrorCode::kIo, "cannot look through " + folder.string() + ": " + error.message());
    return false;
}

Status vaults_and_chain_agree(Stage& stage) {
    for (const auto& folder : stage.node_folders())
        SALUS_TRY_STATUS(Stage::expect(stage.run({"check", "--dir", folder.string()}).good(),
                                       "vaults and chain in " + stage.shown(folder.string()) + " agree"));
    return {};
}

Status done(Stage& stage, std::vector<std::string> command) {
    SALUS_TRY(const Answer answer, stage.need(std::move(command)));
    return {};
}

Status give_credential(Stage& stage, const std::string& slug, const std::string& name, const std::string& role,
                       const std::string& id, const std::string& file) {
    const Answer answer = stage.run({"org", "staff", "--as", stage.organisation(slug), "--name", name, "--role", role,
                                     "--id", id, "--out", stage.file(file)});
    return Stage::expect(answer.good(), "a credential for " + name);
}

std::vector<std::string> with_wallet(Stage& stage, std::vector<std::string> command) {
    const std::vector<std::string> wallet{"--wallet", stage.file("mary.wallet"), "--passphrase-file",
                                          stage.file("mary.pass")};
    command.insert(command.end(), wallet.begin(), wallet.end());
    return command;
}

Result<std::string> identifier_of(Stage& stage, const std::string& patient_id) {
    SALUS_TRY(const Answer read,
              stage.need({"record", "get", "Patient/" + patient_id, "--as", stage.organisation("hospital-a")}));
    boost::system::error_code error;
    const json::value patient = json::parse(read.text("resource"), error);
    const json::value* identifiers =
        !error && patient.is_object() ? patient.get_object().if_contains("identifier") : nullptr;
    if (identifiers != nullptr && identifiers->is_array())
        for (const json::value& identifier : identifiers->get_array()) {
            if (!identifier.is_object()) continue;
            const json::value* system = identifier.get_object().if_contains("system");
            const json::value* value = identifier.get_object().if_contains("value");
            if (system != nullptr && value != nullptr && system->is_string() && value->is_string())
                return std::string(system->get_string()) + "|" + std::string(value->get_string());
        }
    return fail(ErrorCode::kNotFound, "the patient has no identifier");
}

Result<Answer> refused(Stage& stage, std::vector<std::string> command) {
    Answer answer = stage.ask(std::move(command));
    SALUS_TRY_STATUS(
        Stage::expect(answer.exit == kExitRefused,
                      "a refusal (exit code 1), not " + std::to_string(answer.exit) + ": " + answer.text("message")));
    return answer;
}

}  // namespace salus::cli::demo
