// Steps 4 to 7: who is refused, what ends, what an emergency opens, and what the patient sees of all that.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_to.hpp>

#include "cli/demo/helpers.hpp"
#include "cli/demo/story.hpp"
#include "cli/demo/watch.hpp"

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

/// A grant for a moment, and a reading under it: how many seconds it is good. Where others keep the machine busy, the
/// moment may be over before the reading comes; a longer one follows.
Result<std::uint64_t> read_under_brief_grant(Story& story) {
    constexpr int kTries = 4;
    Stage& stage = story.stage;
    std::uint64_t seconds = seconds_for_readings(story);
    for (int tries = 1;; ++tries, seconds *= 3) {
        SALUS_TRY_STATUS(done(stage, with_wallet(stage, {"consent", "grant", "--at", "hospital-a", "--to", "hospital-b",
                                                         "--purpose", "TREAT", "--for", std::to_string(seconds) + "s",
                                                         "--referral", stage.file("brief.referral")})));
        const auto read =
            allowed(story, kSpecialist, fmt::format("for {} s", seconds), specialist_reads(stage, "brief.referral"));
        if (read) return seconds;
        if (tries == kTries) return fail(read.error());
        stage.say(fmt::format("{} seconds were over before the read came: once more, for longer", seconds));
    }
}

constexpr std::size_t kRefusals = 4;  ///< asked twice by the program, twice on the wire

/// The refusals stand in hospital A's audit, each under a root on the chain.
Status prove_refusals(Stage& stage) {
    const std::vector<std::string> officer{"--as", stage.organisation("hospital-a"), "--staff",
                                           stage.file("officer.staff")};
    const auto with_officer = [&](std::vector<std::string> command) {
        command.insert(command.end(), officer.begin(), officer.end());
        return command;
    };
    SALUS_TRY(const Answer audit, stage.need(with_officer({"audit", "org", "--refused"})));
    const auto& events = audit.data.at("events").as_array();
    SALUS_TRY_STATUS(stage.expect(events.size() >= kRefusals, "the refusals in hospital A's audit"));
    // The payer's are the newest. The root of their interval is filed within seconds.
    for (std::size_t i = 0; i < 2; ++i) {
        const std::string event(events.at(i).at("id").as_string());
        const std::string file = stage.file(i == 0 ? "refusal.proof" : "refusal-of-nobody.proof");
        const auto prove = with_officer({"audit", "proof", event, "--out", file});
        Answer proven = stage.ask(prove);
        for (int tries = 0; tries < 60 && !proven.good(); ++tries) {
            stage.wait_ms(500);
            proven = stage.ask_again(prove);
        }
        SALUS_TRY_STATUS(stage.expect(proven.good(), "a proof of the refusal: " + proven.text("message")));
        const Answer verified = stage.run({"verify", file});
        SALUS_TRY_STATUS(stage.expect(
            verified.good() && says(verified, "event " + event + " in the audit log of") && says(verified, "refused"),
            "the refusal under an anchored root"));
    }
    stage.say("hospital A's audit has each of them, and proves it under a root on the chain");
    return {};
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
        SALUS_TRY(const std::uint64_t height, height_of(stage));
        SALUS_TRY(const Answer restricted, refused(story, kPayer, "granted", asks(known)));
        SALUS_TRY(const Answer absent, refused(stage, asks("urn:nobody|0")));
        SALUS_TRY_STATUS(stage.expect(restricted.data == absent.data,
                                      "the same answer for a patient who is there and one who is not"));
        stage.say("both times: " + boost::json::serialize(restricted.data));

        SALUS_TRY(const std::string on_the_wire, answer_on_the_wire(stage, known));
        SALUS_TRY(const std::string to_nobody, answer_on_the_wire(stage, "urn:nobody|0"));
        SALUS_TRY_STATUS(
            stage.expect(on_the_wire == to_nobody, "the same bytes of hospital A's answer on the wire, both times"));
        stage.say(fmt::format("hospital A's answers on the wire are the same {} bytes", on_the_wire.size()));
        SALUS_TRY_STATUS(prove_refusals(stage));
        SALUS_TRY_STATUS(only_audit_roots_since(stage, height));
        stage.say("on the chain neither left a trace: since then it took nothing but the members' audit roots");
        return {};
    });
}

void revoke_and_expire(Story& story) {
    Stage& stage = story.stage;
    stage.step("The patient revokes, and a grant runs out by itself", [&]() -> Status {
        SALUS_TRY_STATUS(done(stage, with_wallet(stage, {"consent", "revoke", story.grant, "--at", "hospital-a"})));
        SALUS_TRY_STATUS(refused(story, kSpecialist, "revoked", specialist_reads(stage, "mary.referral")));
        stage.say("revoked by the grant's own key; the very next read is refused");
        SALUS_TRY(const std::uint64_t seconds, read_under_brief_grant(story));
        stage.wait_ms(seconds * 1000);
        SALUS_TRY_STATUS(refused(story, kSpecialist, "ran out", specialist_reads(stage, "brief.referral")));
        stage.say(fmt::format(
            "a second grant, good for {} seconds, let a read through and ran out with nobody doing anything", seconds));
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
        SALUS_TRY_STATUS(refused(story, kEmergency, "ran out", reads(patient, {})));
        const std::uint64_t seconds_open = seconds_for_readings(story);
        SALUS_TRY(const Answer opened,
                  allowed(story, kEmergency, "glass broken",
                          reads(patient, {"--break-glass", "unconscious after a fall, allergies unknown", "--for",
                                          std::to_string(seconds_open) + "s"})));
        stage.say(fmt::format("{} resources, without waiting for a block", opened.number("resources")));
        SALUS_TRY_STATUS(allowed(story, kEmergency, "glass broken", reads(patient, {})));
        if (story.patient_ids.size() > 1) {
            SALUS_TRY(const std::string other, identifier_of(stage, story.patient_ids.at(1)));
            SALUS_TRY(const Answer kept, refused(stage, reads(other, {})));
            stage.say("another patient's record stays closed");
        } else {
            stage.say("not tried for want of a second patient: that another's record stays closed");
        }
        stage.wait_ms(seconds_open * 1000);
        SALUS_TRY_STATUS(refused(story, kEmergency, "ended", reads(patient, {})));
        stage.say("it ended by itself");
        SALUS_TRY(const Answer told, stage.need(with_wallet(stage, {"consent", "list", "--at", "hospital-a"})));
        SALUS_TRY_STATUS(
            stage.expect(told.number("openings_unseen") == 1, "that the patient's wallet tells her of it"));
        stage.say("the patient's wallet tells her at its next use: 1 emergency opening since you last looked");
        SALUS_TRY(const Answer openings, stage.need({"audit", "openings", "--as", stage.organisation("hospital-a"),
                                                     "--staff", stage.file("officer.staff")}));
        SALUS_TRY_STATUS(stage.expect(count_of(openings, "openings") == 1, "one opening that waits for review"));
        story.opening =
            boost::json::value_to<std::string>(openings.data.at("openings").as_array().front().at("opening"));
        SALUS_TRY_STATUS(
            done(stage, {"audit", "review", story.opening, "--as", stage.organisation("hospital-a"), "--staff",
                         stage.file("officer.staff"), "--finding", "justified: emergency admission"}));
        SALUS_TRY(const Answer left, stage.need({"audit", "openings", "--as", stage.organisation("hospital-a"),
                                                 "--staff", stage.file("officer.staff")}));
        SALUS_TRY_STATUS(stage.expect(count_of(left, "openings") == 0, "no opening that waits any more"));
        stage.say("it waited for review, and the privacy officer has reviewed it");
        stage.draw(attempts_table(story.attempts));
        return {};
    });
}

void patient_asks(Story& story) {
    Stage& stage = story.stage;
    stage.step("The patient asks who saw what, and downloads her record", [&]() -> Status {
        SALUS_TRY(const Answer list, stage.need(with_wallet(stage, {"audit", "patient", "--at", "hospital-a", "--out",
                                                                    stage.file("who-saw-what.proof")})));
        SALUS_TRY_STATUS(stage.expect(count_of(list, "openings") == 1, "the emergency's opening"));
        const std::uint64_t rows = list.number("rows");
        SALUS_TRY_STATUS(stage.expect(rows == story.disclosures && count_of(list, "disclosures") == rows,
                                      "a line for each disclosure so far, and no other"));
        // The wallet has made every tag anew by its own keys, or it would show no list.
        SALUS_TRY_STATUS(stage.expect(list.data.at("whole").as_bool(), "no row left out, and none after the last"));
        SALUS_TRY_STATUS(stage.expect(says(list, "Jonas Berg") && says(list, "Eva Nacht") && !says(list, "Paul Clerk"),
                                      "the names of those who saw, and of nobody who did not"));
        const Answer verified = stage.run({"verify", stage.file("who-saw-what.proof")});
        SALUS_TRY_STATUS(stage.expect(
            verified.good() && says(verified, fmt::format("disclosure {}: ", rows)) && says(verified, "is absent"),
            "rows 1 to n, each with its opening, and the absence of the next"));
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
