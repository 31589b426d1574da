#include "application/consent/fhir_consent.hpp"

#include <boost/json.hpp>

#include "base/encoding.hpp"
#include "base/time_text.hpp"

namespace salus::application {
namespace {

namespace json = boost::json;

json::object coding(std::string_view system, std::string_view code) { return {{"system", system}, {"code", code}}; }
json::object concept_of(std::string_view system, std::string_view code) {
    return {{"coding", json::array{coding(system, code)}}};
}

constexpr std::string_view kActReason = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
constexpr std::string_view kActCode = "http://terminology.hl7.org/CodeSystem/v3-ActCode";
constexpr std::string_view kConfidentiality = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";
constexpr std::string_view kParticipation = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";

json::object organisation_reference(const AccountId& id) {
    return {{"identifier", json::object{{"system", "urn:salus:organisation"},
                                        {"value", to_address(AccountKind::kOrganisation, id)}}}};
}

json::object actor(json::object reference) {
    return {{"role", concept_of(kParticipation, "IRCP")}, {"reference", std::move(reference)}};
}

std::pair<std::string, std::string> split(const std::string& token) {
    const auto bar = token.find('|');
    if (bar == std::string::npos) return {"", token};
    return {token.substr(0, bar), token.substr(bar + 1)};
}

/// What a provision of ours can say in FHIR; what PCF forbids (action, code) is left to the terms themselves.
json::object provision(const Criteria& criteria, Decide decide) {
    json::object out{{"type", decide == Decide::kPermit ? "permit" : "deny"}};
    json::array actors;
    for (const AccountId& id : criteria.organisations) actors.push_back(actor(organisation_reference(id)));
    for (const std::string& person : criteria.practitioners) {
        const auto [system, value] = split(person);
        json::object identifier{{"value", value}};
        if (!system.empty()) identifier["system"] = system;
        actors.push_back(actor({{"type", "Practitioner"}, {"identifier", std::move(identifier)}}));
    }
    for (const std::string& role : criteria.roles)
        actors.push_back(actor({{"type", "PractitionerRole"}, {"display", role}}));
    if (!actors.empty()) out["actor"] = std::move(actors);
    json::array labels;
    for (const std::string& label : criteria.labels)
        labels.push_back(coding(label == "N" || label == "R" ? kConfidentiality : kActCode, label));
    if (!labels.empty()) out["securityLabel"] = std::move(labels);
    json::array purposes;
    for (const std::uint64_t purpose : criteria.purposes)
        purposes.push_back(coding(kActReason, purpose_code(static_cast<Purpose>(purpose))));
    if (!purposes.empty()) out["purpose"] = std::move(purposes);
    if (criteria.data_from_ms != 0 || criteria.data_until_ms != 0) {
        json::object period;
        if (criteria.data_from_ms != 0) period["start"] = to_iso_time(criteria.data_from_ms);
        if (criteria.data_until_ms != 0) period["end"] = to_iso_time(criteria.data_until_ms);
        out["dataPeriod"] = std::move(period);
    }
    json::array data;
    for (const std::string& instance : criteria.instances)
        data.push_back(json::object{{"meaning", "instance"}, {"reference", json::object{{"reference", instance}}}});
    if (!data.empty()) out["data"] = std::move(data);
    return out;
}

}  // namespace

std::string render_consent(const KnownConsent& consent, std::string_view patient_id, TimeMs now_ms) {
    const GrantTerms& terms = consent.terms;
    const bool over = !consent.active() || now_ms >= terms.until_ms;
    json::object root = provision(terms.scope, terms.decide);
    root["period"] = json::object{{"start", to_iso_time(terms.from_ms)}, {"end", to_iso_time(terms.until_ms)}};
    json::array exceptions;
    for (const Criteria& criteria : terms.exceptions)
        exceptions.push_back(provision(criteria, terms.decide == Decide::kPermit ? Decide::kDeny : Decide::kPermit));
    if (!exceptions.empty()) root["provision"] = std::move(exceptions);
    const bool on_paper = consent.state.attested_by == consent::AttestedBy::kCustodian;
    json::object out{
        {"resourceType", "Consent"},
        {"id", to_hex(terms.grant)},
        {"meta",
         json::object{
             {"profile", json::array{"https://profiles.ihe.net/ITI/PCF/StructureDefinition/IHE.PCF.consentBasic"}}}},
        {"status", over ? "inactive" : "active"},
        {"scope", concept_of("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy")},
        {"category", json::array{concept_of("http://loinc.org", "59284-0")}},
        {"patient", json::object{{"reference", "Patient/" + std::string(patient_id)}}},
        {"dateTime", to_iso_time(terms.from_ms)},
        {"performer", json::array{json::object{{"reference", "Patient/" + std::string(patient_id)}}}},
        {"organization", json::array{organisation_reference(terms.custodian)}},
        {"sourceReference",
         json::object{{"display", !consent.readable ? "terms that cannot be read any more: they count as a denial"
                                  : on_paper
                                      ? "signed form, SHA-256 " + (terms.paper ? to_hex(*terms.paper) : "unknown") +
                                            ", seen by " + terms.attested_by
                                      : "the patient's wallet, block " + std::to_string(consent.created.height)}}},
        {"policy", json::array{json::object{{"uri", "urn:salus:policy"}}}},
        {"provision", std::move(root)}};
    return json::serialize(out);
}

}  // namespace salus::application
