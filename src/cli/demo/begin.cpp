// Steps 1 to 3: records come in, a patient decides, another hospital reads.
#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "base/file.hpp"
#include "base/time_text.hpp"
#include "cli/demo/helpers.hpp"
#include "cli/demo/story.hpp"

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
        SALUS_TRY(const Answer checked, stage.need({"ledger", "status"}));
        return stage.expect(checked.number("height") > 0, "blocks on the chain");
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
            SALUS_TRY_STATUS(
                write_file(stage.file("mary.pass"), as_bytes("correct horse battery staple\n"), FileMode::kPrivate));
            const Answer made = stage.run(with_wallet(stage, {"keys", "wallet"}));
            SALUS_TRY_STATUS(stage.expect(made.good(), "a wallet"));
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
            }
            return {};
        });
}

void read_across(Story& story) {
    Stage& stage = story.stage;
    stage.step("The specialist reads across organisations", [&]() -> Status {
        SALUS_TRY(const Answer read, stage.need({"read", "--as", stage.organisation("hospital-b"), "--staff",
                                                 stage.file("specialist.staff"), "--purpose", "TREAT", "--referral",
                                                 stage.file("mary.referral"), "--out", stage.file("read-by-b")}));
        SALUS_TRY_STATUS(stage.expect(read.number("resources") > 0, "resources in the answer"));
        SALUS_TRY_STATUS(stage.expect(!read.text("tag").empty(), "a row on the chain before the data left"));
        stage.say(fmt::format("{} resources, sealed to hospital B; the disclosure stands on the chain under {}...",
                              read.number("resources"), read.text("tag").substr(0, 12)));
        const Answer verified = stage.run({"verify", stage.file("read-by-b/evidence.proof")});
        SALUS_TRY_STATUS(stage.expect(verified.good(),
                                      "every resource's bytes hash to its leaf, and the proof verifies with no node"));
        stage.say("verified offline: every leaf is in the log, and not declared replaced as of the certified block");
        return {};
    });
}

}  // namespace salus::cli::demo
