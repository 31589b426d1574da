#include "cli/demo/helpers.hpp"

#include <boost/json/parse.hpp>

namespace salus::cli::demo {

namespace json = boost::json;

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
