// Steps 1 to 3: records come in, a patient decides, another hospital reads.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "base/file.hpp"
#include "base/time_text.hpp"
#include "cli/demo/helpers.hpp"
#include "cli/demo/story.hpp"
#include "cli/demo/watch.hpp"

namespace salus::cli::demo {
namespace {

constexpr std::uint64_t kHour = 3'600'000;

Result<std::vector<std::string>> find_patients(Stage& stage) {
    SALUS_TRY(const Answer found,
              stage.need({"record", "search", "Patient?_count=1000", "--as", stage.organisation("hospital-a")}));
    std::vector<std::string> ids;
    const boost::json::value* list = found.data.if_contains("found");
    if (list != nullptr && list->is_array())
        for (const boost::json::value& reference : list->get_array())
            if (reference.is_string())
                ids.emplace_back(std::string(reference.get_string()).substr(std::string("Patient/").size()));
    return ids;
}

/// The text under `name` of the first object in the list `list` of a resource.
std::string first_text(const boost::json::object& resource, std::string_view list, std::string_view name) {
    const boost::json::value* values = resource.if_contains(list);
    if (values == nullptr || !values->is_array() || values->get_array().empty()) return {};
    const boost::json::value& first = values->get_array().front();
    const boost::json::value* text = first.is_object() ? first.get_object().if_contains(name) : nullptr;
    return text != nullptr && text->is_string() ? std::string(text->get_string()) : std::string();
}

/// What was stored cannot be read from the vault's files, and stands in hospital A's log on the chain.
Status encrypted_and_anchored(Stage& stage, const std::string& patient) {
    const std::string hospital = stage.organisation("hospital-a");
    SALUS_TRY(const Answer read, stage.need({"record", "get", "Patient/" + patient, "--as", hospital}));
    boost::system::error_code error;
    const boost::json::value resource = boost::json::parse(read.text("resource"), error);
    const std::string identifier = resource.is_object() ? first_text(resource.get_object(), "identifier", "value") : "";
    const std::string family = resource.is_object() ? first_text(resource.get_object(), "name", "family") : "";
    for (const std::string& secret : {identifier, family}) {
        if (secret.size() < 6) continue;  // too short to be found nowhere by chance
        SALUS_TRY(const bool legible, stands_in_files(hospital, secret));
        SALUS_TRY_STATUS(stage.expect(!legible, "that neither name nor identifier is legible in the vault's files"));
    }
    SALUS_TRY_STATUS(
        done(stage, {"record", "proof", "Patient/" + patient, "--as", hospital, "--out", stage.file("patient.proof")}));
    const Answer verified = stage.run({"verify", stage.file("patient.proof")});
    SALUS_TRY_STATUS(stage.expect(verified.good() && says(verified, "in the records log of"),
                                  "her leaf in hospital A's log on the chain"));
    SALUS_TRY(const std::string transaction, appended_by(stage, stage.file("patient.proof"), "hospital-a"));
    SALUS_TRY_STATUS(done(stage, {"ledger", "tx", transaction}));
    stage.say(
        "neither her name nor her identifier is legible in the vault's files; her leaf stands in hospital A's log, "
        "appended by a transaction that hospital A's key signed");
    return {};
}

/// The specialist asks for Mary by an identifier: that names her, and permits nothing.
Result<std::vector<std::string>> specialist_asks(Stage& stage, const std::string& patient_id) {
    SALUS_TRY(const std::string patient, identifier_of(stage, patient_id));
    return std::vector<std::string>{"read",
                                    "--as",
                                    stage.organisation("hospital-b"),
                                    "--staff",
                                    stage.file("specialist.staff"),
                                    "--purpose",
                                    "TREAT",
                                    "--from",
                                    "hospital-a",
                                    "--patient",
                                    patient,
                                    "--out",
                                    stage.file("read-by-b")};
}

}  // namespace

void import_records(Story& story) {
    Stage& stage = story.stage;
    stage.step("Hospital A imports its patients' records", [&]() -> Status {
        std::vector<std::string> command{"record", "import", "--as", stage.organisation("hospital-a")};
        command.insert(command.end(), story.cast.bundles.begin(), story.cast.bundles.end());
        SALUS_TRY(const Answer imported, stage.need(std::move(command)));
        story.patients = imported.number("patients");
        story.resources = imported.number("patient_resources");
        stage.say(fmt::format(
            "{} resources stored, {} of them from {} patients' bundles, {} resources/s: each encrypted in the vault, "
            "its leaf on the chain",
            imported.number("stored"), story.resources, story.patients, imported.number("resources_per_second")));
        SALUS_TRY(story.patient_ids, find_patients(stage));
        SALUS_TRY_STATUS(stage.expect(story.patient_ids.size() == story.patients && story.patients > 0,
                                      "as many Patient resources as bundles with a patient"));
        return encrypted_and_anchored(stage, story.patient_ids.at(0));
    });
}

void take_wallet_and_grant(Story& story) {
    Stage& stage = story.stage;
    stage.step(
        "A patient takes a wallet and grants hospital B's specialist; another consents on paper", [&]() -> Status {
            SALUS_TRY_STATUS(give_credential(stage, "hospital-a", "Ruth Amsel", "registrar", "urn:salus:staff|A-1",
                                             "registrar.staff"));
            SALUS_TRY_STATUS(give_credential(stage, "hospital-b", "Jonas Berg", "physician", "urn:salus:staff|B-7",
                                             "specialist.staff"));
            SALUS_TRY(auto asks, specialist_asks(stage, story.patient_ids.at(0)));
            SALUS_TRY_STATUS(refused(story, kSpecialist, "at first", std::move(asks)));
            SALUS_TRY_STATUS(
                write_file(stage.file("mary.pass"), as_bytes("correct horse battery staple\n"), FileMode::kPrivate));
            const Answer made = stage.run(with_wallet(stage, {"keys", "wallet"}));
            const std::string words = made.text("words");
            SALUS_TRY_STATUS(stage.expect(made.good() && std::ranges::count(words, ' ') == 23, "a wallet of 24 words"));
            SALUS_TRY_STATUS(done(stage, with_wallet(stage, {"patient", "offer", "--at", "hospital-a", "--out",
                                                             stage.file("mary.offer")})));
            SALUS_TRY_STATUS(
                done(stage, {"patient", "bind", story.patient_ids.at(0), "--as", stage.organisation("hospital-a"),
                             "--staff", stage.file("registrar.staff"), "--offer", stage.file("mary.offer")}));
            stage.say("24 words; bound to her chart at the desk");

            const std::string until = to_iso_time(stage.environment().clock.now_ms() + 2 * kHour);
            SALUS_TRY(const Answer granted,
                      stage.need(with_wallet(
                          stage, {"consent", "grant", "--at", "hospital-a", "--to", "hospital-b", "--purpose", "TREAT",
                                  "--until", until, "--referral", stage.file("mary.referral")})));
            story.grant = granted.text("grant");
            SALUS_TRY(const Answer grants, stage.need(with_wallet(stage, {"consent", "list", "--at", "hospital-a"})));
            SALUS_TRY_STATUS(stage.expect(count_of(grants, "grants") == 1 && says(grants, R"("active":true)") &&
                                              says(grants, R"("attested_by":"wallet")"),
                                          "one grant that stands, by her wallet"));
            stage.say("grant " + story.grant + " until " + until +
                      ": signed by her key and the hospital's; the referral is handed over");

            if (story.patient_ids.size() > 1) {
                SALUS_TRY_STATUS(write_file(stage.file("paper.pdf"), as_bytes("%PDF-1.4 a signed consent form\n")));
                SALUS_TRY(
                    const Answer attested,
                    stage.need({"consent", "attest", story.patient_ids.at(1), "--as", stage.organisation("hospital-a"),
                                "--staff", stage.file("registrar.staff"), "--to", "hospital-b", "--purpose", "TREAT",
                                "--until", until, "--paper", stage.file("paper.pdf")}));
                SALUS_TRY_STATUS(stage.expect(attested.text("attested_by") == "custodian",
                                              "a consent that is marked as attested by the hospital"));
                stage.say("paper consent " + attested.text("grant") + ", marked as attested by the hospital");
            } else {
                stage.say("not tried for want of a second patient: consent on paper");
            }
            return {};
        });
}

void read_across(Story& story) {
    Stage& stage = story.stage;
    stage.step("The specialist reads across organisations", [&]() -> Status {
        SALUS_TRY(const Answer read, allowed(story, kSpecialist, "granted",
                                             {"read", "--as", stage.organisation("hospital-b"), "--staff",
                                              stage.file("specialist.staff"), "--purpose", "TREAT", "--referral",
                                              stage.file("mary.referral"), "--out", stage.file("read-by-b")}));
        SALUS_TRY_STATUS(stage.expect(!read.text("tag").empty(), "a row on the chain before the data left"));
        stage.say(fmt::format("{} resources, sealed to hospital B; the disclosure stands on the chain under {}...",
                              read.number("resources"), read.text("tag").substr(0, 12)));
        const Answer verified = stage.run({"verify", stage.file("read-by-b/evidence.proof")});
        SALUS_TRY_STATUS(stage.expect(verified.good() && says(verified, "the bytes are those of the leaf"),
                                      "every resource's bytes hash to its leaf, and the proof verifies with no node"));
        SALUS_TRY_STATUS(stage.expect(says(verified, "disclosure: ") || says(verified, "disclosure 1: "),
                                      "the row of this disclosure, on the chain when the answer came"));
        const std::string as_of = fmt::format("as of block {}", read.number("height"));
        SALUS_TRY_STATUS(stage.expect(says(verified, "not declared replaced by its custodian " + as_of),
                                      "that the proof says as of which block nothing had been replaced"));
        stage.say("verified offline: the bytes of each hash to a leaf in hospital A's log, not declared replaced " +
                  as_of);
        return {};
    });
}

}  // namespace salus::cli::demo
