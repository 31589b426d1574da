#include "cli/torture/hand.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include "base/encoding.hpp"
#include "base/time_text.hpp"
#include "cli/torture/posting.hpp"
#include "crypto/hash.hpp"

namespace salus::cli::torture {
namespace {

using namespace std::chrono_literals;
namespace json = boost::json;

constexpr std::uint64_t kObservationsMax = 9;
constexpr std::uint64_t kUpdatesMax = 12;
constexpr auto kIdle = 1ms;

/// The place of what was stored, in run.stored.
std::optional<std::size_t> post(Hand& hand, const Posting& posting) {
    Written request = request_of(posting);
    auto answer = hand.house.call("POST", Door::at_custodian("/fhir/R4" + request.target), std::move(request.headers),
                                  std::move(request.body));
    const auto records = hand.shared.records.lock();
    Run& run = records->run;
    if (!answer) {
        if (hand.lost(run, answer.error(), "the posting " + posting.name)) run.in_doubt.push_back(posting);
        return std::nullopt;
    }
    boost::system::error_code unreadable;
    auto references = references_in(posting, json::parse(as_text(answer->body), unreadable));
    if (!references) {
        run.faults.push_back(references.error().to_string());
        return std::nullopt;
    }
    ++(posting.alone ? run.acknowledged.creates : run.acknowledged.bundles);
    ++run.accesses[references->front()];
    run.stored.push_back({posting, *std::move(references)});
    return run.stored.size() - 1;
}

/// The next version of a patient that nobody else updates.
bool update(Hand& hand, std::size_t place, const Posting& posting, const std::string& patient, std::uint64_t version) {
    const std::string id = patient.substr(patient.find('/') + 1);
    const auto answer = hand.house.call(
        "PUT", Door::at_custodian("/fhir/R4/" + patient),
        {{"content-type", "application/fhir+json"}, {"if-match", "W/\"" + std::to_string(version - 1) + "\""}},
        to_bytes(patient_json(posting, version, id)));
    const auto records = hand.shared.records.lock();
    Run& run = records->run;
    if (!answer) {
        run.stored[place].update_in_doubt = hand.lost(run, answer.error(), "an update of " + posting.name);
        return false;
    }
    run.stored[place].version = version;
    ++run.acknowledged.updates;
    ++run.accesses[patient];
    return true;
}

/// A patient of a bundle that has no consent yet, and the place of its consent in run.consents.
struct Consenting {
    Posting posting;
    std::string patient;
};
std::optional<Consenting> next_patient(Hand& hand) {
    const auto records = hand.shared.records.lock();
    const auto& stored = records->run.stored;
    while (records->consented < stored.size()) {
        const Stored& one = stored[records->consented++];
        if (!one.posting.alone) return Consenting{one.posting, one.patient()};
    }
    return std::nullopt;
}

/// The place of the consent in run.consents.
std::optional<std::size_t> attest(Hand& hand, const Consenting& who) {
    const Door& door = hand.door();
    const auto answer = hand.house.post(Door::at_custodian("/desk/consents"),
                                        json::object{{"patient", who.patient.substr(who.patient.find('/') + 1)},
                                                     {"organisations", json::array{to_hex(door.reader)}},
                                                     {"purposes", json::array{"TREAT"}},
                                                     {"until", to_iso_time(door.consents_until_ms)},
                                                     {"paper", to_hex(crypto::sha256(as_bytes(who.posting.name)))}});
    const auto grant = answer ? text_of(*answer, "grant") : Result<std::string>(tl::make_unexpected(answer.error()));
    const auto records = hand.shared.records.lock();
    Run& run = records->run;
    const bool good = grant.has_value();
    if (!good && !hand.lost(run, grant.error(), "a consent of " + who.posting.name)) return std::nullopt;
    run.consents.push_back({who.patient, good ? id_from_hex<GrantId>(*grant) : std::nullopt});
    if (!good) return std::nullopt;
    ++run.acknowledged.grants;
    ++run.accesses[who.patient];
    return run.consents.size() - 1;
}

bool revoke(Hand& hand, const Consenting& who, std::size_t place, const GrantId& grant) {
    const auto answer =
        hand.house.post(Door::at_custodian("/desk/consents/" + to_hex(grant) + "/revoke"), json::object{});
    const auto records = hand.shared.records.lock();
    Run& run = records->run;
    Consented& consent = run.consents[place];
    if (!answer) {
        consent.revocation_in_doubt = hand.lost(run, answer.error(), "the revocation of " + who.posting.name);
        return false;
    }
    consent.revoked = true;
    ++run.acknowledged.revocations;
    ++run.accesses[who.patient];
    return true;
}

/// Reads the patient across; `permitted` says what has to become of it.
bool read_across(Hand& hand, const Consenting& who, const GrantId& grant, bool permitted) {
    const auto answer =
        hand.across.post(Door::at_reader("/exchange/fetch"),
                         json::object{{"custodian", to_hex(hand.door().custodian)},
                                      {"identifier", std::string(kIdentifierSystem) + "|" + who.posting.name},
                                      {"grant", to_hex(grant)},
                                      {"purpose", "TREAT"},
                                      {"basis", "grant"}});
    const auto records = hand.shared.records.lock();
    Run& run = records->run;
    if (!answer) {
        if (permitted || answer.error().code != ErrorCode::kReadRefused) {
            hand.lost(run, answer.error(), "a read across of " + who.posting.name);
            return false;
        }
        ++run.accesses[who.patient];  // a refusal stands in the audit too
        return true;
    }
    const auto tag = array_from_hex<32>(text_of(*answer, "tag").value_or(""));
    if (!permitted)
        run.faults.push_back("a read across of " + who.posting.name + " was answered behind its revocation");
    else if (!tag || number_of(*answer, "resources").value_or(0) != who.posting.resources())
        run.faults.push_back("a read across of " + who.posting.name + " was answered without its row, or not whole");
    if (tag) run.rows.push_back(*tag);
    ++run.acknowledged.reads_across;
    ++run.accesses[who.patient];
    return true;
}

}  // namespace

bool Hand::lost(Run& run, const Error& error, const std::string& what) const {
    const auto status = error_info(error.code).http_status;
    const bool may_come = status >= 500 || status == 429;
    if (!may_come) run.faults.push_back(what + " was refused: " + error.to_string());
    return may_come;
}

bool import_bundle(Hand& hand) {
    const Posting posting{hand.next_name(), 1 + hand.draw(kObservationsMax), false};
    return post(hand, posting).has_value();
}

bool create_and_update(Hand& hand) {
    const Posting posting{hand.next_name(), 0, true};
    const auto place = post(hand, posting);
    if (!place) return false;
    const std::string patient = hand.shared.records.lock()->run.stored[*place].patient();
    const std::uint64_t last = 2 + hand.draw(kUpdatesMax);
    for (std::uint64_t version = 2; version <= last && !hand.shared.over; ++version)
        if (!update(hand, *place, posting, patient, version)) return false;
    return true;
}

bool consent_and_read_across(Hand& hand) {
    const auto who = next_patient(hand);
    if (!who) {
        node::pause(kIdle);
        return true;
    }
    const auto place = attest(hand, *who);
    if (!place) return false;
    const auto grant = hand.shared.records.lock()->run.consents[*place].grant;
    if (!grant) return false;
    if (hand.draw(3) != 0 && !read_across(hand, *who, *grant, true)) return false;
    if (hand.draw(2) != 0) return true;
    return revoke(hand, *who, *place, *grant) && read_across(hand, *who, *grant, false);
}

bool read_in_house(Hand& hand) {
    std::string patient;
    {
        const auto records = hand.shared.records.lock();
        const auto& stored = records->run.stored;
        if (!stored.empty()) patient = stored[hand.draw(stored.size())].patient();
    }
    node::pause(kIdle);
    if (patient.empty()) return true;
    const auto answer = hand.house.call("GET", Door::at_custodian("/fhir/R4/" + patient));
    const auto records = hand.shared.records.lock();
    Run& run = records->run;
    if (!answer) {
        hand.lost(run, answer.error(), "a read of " + patient);
        return false;
    }
    ++run.acknowledged.reads;
    ++run.accesses[patient];
    return true;
}

}  // namespace salus::cli::torture
