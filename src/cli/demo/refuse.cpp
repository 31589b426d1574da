// Steps 4 to 7: who is refused, what ends, what an emergency opens, and what the patient sees of all that.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>

#include "base/time_text.hpp"
#include "cli/demo/helpers.hpp"
#include "cli/demo/story.hpp"

namespace salus::cli::demo {
namespace {

std::vector<std::string> specialist_reads(Stage& stage, const std::string& referral) {
    return {"read",
            "--as",
            stage.organisation("hospital-b"),
            "--staff",
            stage.file("specialist.staff"),
            "--purpose",
            "TREAT",
            "--referral",
            stage.file(referral),
            "--out",
            stage.file("read-again")};
}

std::size_t count_of(const Answer& answer, std::string_view list) {
    const boost::json::value* value = answer.data.if_contains(list);
    return value != nullptr && value->is_array() ? value->get_array().size() : 0;
}

}  // namespace

void refuse_payer(Story& story) {
    Stage& stage = story.stage;
    stage.step("The payer, with no basis, is refused, and cannot tell that from a stranger", [&]() -> Status {
        SALUS_TRY_STATUS(
            give_credential(stage, "payer", "Paul Clerk", "billing", "urn:salus:staff|P-3", "clerk.staff"));
        SALUS_TRY_STATUS(give_credential(stage, "hospital-a", "Olga Officer", "privacy-officer", "urn:salus:staff|A-9",
                                         "officer.staff"));
        SALUS_TRY(const std::string known, identifier_of(stage, story.patient_ids.at(0)));
        const auto asks = [&](const std::string& who) {
            return std::vector<std::string>{"read",
                                            "--as",
                                            stage.organisation("payer"),
                                            "--staff",
                                            stage.file("clerk.staff"),
                                            "--purpose",
                                            "HPAYMT",
                                            "--from",
                                            "hospital-a",
                                            "--patient",
                                            who,
                                            "--out",
                                            stage.file("read-by-payer")};
        };
        SALUS_TRY(const Answer before, stage.need({"audit", "org", "--as", stage.organisation("hospital-a"), "--staff",
                                                   stage.file("officer.staff"), "--refused"}));
        SALUS_TRY(const Answer restricted, refused(stage, asks(known)));
        SALUS_TRY(const Answer absent, refused(stage, asks("urn:nobody|0")));
        SALUS_TRY_STATUS(stage.expect(restricted.data == absent.data,
                                      "the same answer for a patient who is there and one who is not"));
        stage.say("both times: " + boost::json::serialize(restricted.data));
        SALUS_TRY(const Answer after, stage.need({"audit", "org", "--as", stage.organisation("hospital-a"), "--staff",
                                                  stage.file("officer.staff"), "--refused"}));
        SALUS_TRY_STATUS(stage.expect(count_of(after, "events") >= count_of(before, "events") + 2,
                                      "two more refusals in hospital A's audit"));
        // The root of its interval is filed within seconds.
        Answer proven;
        for (int tries = 0; tries < 30 && (tries == 0 || !proven.good()); ++tries) {
            if (tries > 0) stage.wait_ms(1000);
            proven = stage.ask({"audit", "proof", "--as", stage.organisation("hospital-a"), "--staff",
                                stage.file("officer.staff"), "--event", after.text("newest"), "--out",
                                stage.file("refusal.proof")});
        }
        SALUS_TRY_STATUS(stage.expect(proven.good(), "a proof of the refusal: " + proven.text("message")));
        SALUS_TRY_STATUS(stage.expect(stage.run({"verify", stage.file("refusal.proof")}).good(),
                                      "the refusal stands under an anchored root"));
        stage.say("both stand in hospital A's audit log, under a root on the chain");
        return {};
    });
}

void revoke_and_expire(Story& story) {
    Stage& stage = story.stage;
    stage.step("The patient revokes, and a grant runs out by itself", [&]() -> Status {
        SALUS_TRY_STATUS(done(stage, with_wallet(stage, {"consent", "revoke", story.grant, "--at", "hospital-a"})));
        SALUS_TRY(const Answer after, refused(stage, specialist_reads(stage, "mary.referral")));
        stage.say("revoked by the grant's own key; the very next read is refused");
        constexpr std::uint64_t kSecondsGood = 6;
        SALUS_TRY(const Answer brief,
                  stage.need(with_wallet(stage, {"consent", "grant", "--at", "hospital-a", "--to", "hospital-b",
                                                 "--purpose", "TREAT", "--for-seconds", std::to_string(kSecondsGood),
                                                 "--referral", stage.file("brief.referral")})));
        SALUS_TRY_STATUS(done(stage, specialist_reads(stage, "brief.referral")));
        stage.wait_ms(kSecondsGood * 1000);
        SALUS_TRY(const Answer expired, refused(stage, specialist_reads(stage, "brief.referral")));
        stage.say(fmt::format(
            "a second grant, good for {} seconds, let a read through and ran out with nobody doing anything",
            kSecondsGood));
        return {};
    });
}

void break_glass(Story& story) {
    Stage& stage = story.stage;
    stage.step("An emergency physician breaks the glass", [&]() -> Status {
        SALUS_TRY_STATUS(give_credential(stage, "hospital-b", "Eva Nacht", "emergency-physician", "urn:salus:staff|B-1",
                                         "emergency.staff"));
        SALUS_TRY(const std::string patient, identifier_of(stage, story.patient_ids.at(0)));
        const auto reads = [&](const std::string& who, std::vector<std::string> more) {
            std::vector<std::string> command{"read",
                                             "--as",
                                             stage.organisation("hospital-b"),
                                             "--staff",
                                             stage.file("emergency.staff"),
                                             "--purpose",
                                             "ETREAT",
                                             "--from",
                                             "hospital-a",
                                             "--patient",
                                             who,
                                             "--out",
                                             stage.file("read-in-emergency")};
            command.insert(command.end(), more.begin(), more.end());
            return command;
        };
        SALUS_TRY(const Answer closed, refused(stage, reads(patient, {})));
        constexpr std::uint64_t kSecondsOpen = 8;
        SALUS_TRY(const Answer opened,
                  stage.need(reads(patient, {"--break-glass", "unconscious after a fall, allergies unknown",
                                             "--open-seconds", std::to_string(kSecondsOpen)})));
        SALUS_TRY_STATUS(stage.expect(opened.number("resources") > 0, "her record"));
        stage.say(fmt::format("{} resources, without waiting for a block", opened.number("resources")));
        SALUS_TRY_STATUS(done(stage, reads(patient, {})));
        if (story.patient_ids.size() > 1) {
            SALUS_TRY(const std::string other, identifier_of(stage, story.patient_ids.at(1)));
            SALUS_TRY(const Answer kept, refused(stage, reads(other, {})));
            stage.say("another patient's record stays closed");
        }
        stage.wait_ms(kSecondsOpen * 1000);
        SALUS_TRY(const Answer ended, refused(stage, reads(patient, {})));
        stage.say("it ended by itself");
        SALUS_TRY(const Answer openings, stage.need({"audit", "openings", "--as", stage.organisation("hospital-a"),
                                                     "--staff", stage.file("officer.staff")}));
        SALUS_TRY_STATUS(stage.expect(count_of(openings, "openings") == 1, "one opening that waits for review"));
        story.opening =
            boost::json::value_to<std::string>(openings.data.at("openings").as_array().front().at("opening"));
        SALUS_TRY_STATUS(
            done(stage, {"audit", "review", story.opening, "--as", stage.organisation("hospital-a"), "--staff",
                         stage.file("officer.staff"), "--finding", "justified: emergency admission"}));
        stage.say("it waited for review, and the privacy officer has reviewed it");
        return {};
    });
}

void patient_asks(Story& story) {
    Stage& stage = story.stage;
    stage.step("The patient asks who saw what, and downloads her record", [&]() -> Status {
        SALUS_TRY(const Answer list, stage.need(with_wallet(stage, {"audit", "patient", "--at", "hospital-a", "--out",
                                                                    stage.file("who-saw-what.proof")})));
        const std::uint64_t rows = list.number("rows");
        SALUS_TRY_STATUS(
            stage.expect(rows >= 3 && count_of(list, "disclosures") == rows, "a line for each disclosure so far"));
        const Answer verified = stage.run({"verify", stage.file("who-saw-what.proof")});
        SALUS_TRY_STATUS(
            stage.expect(verified.good(), "rows 1 to n, each with its opening, and the absence of the next"));
        stage.say(fmt::format("rows 1 to {}, each with its proof, and the absence of those after", rows));
        SALUS_TRY(const Answer own, stage.need(with_wallet(stage, {"patient", "download", "--at", "hospital-a", "--out",
                                                                   stage.file("my-record")})));
        SALUS_TRY_STATUS(stage.expect(own.number("resources") > 0, "her own record"));
        SALUS_TRY_STATUS(
            stage.expect(stage.run({"verify", stage.file("my-record/evidence.proof")}).good(), "its proof"));
        stage.say(
            fmt::format("{} resources of her own record, sealed to her wallet, verified", own.number("resources")));
        return {};
    });
}

}  // namespace salus::cli::demo
