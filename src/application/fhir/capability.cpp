#include "application/fhir/capability.hpp"

#include <boost/json.hpp>

#include "application/fhir/resource_types.hpp"

namespace salus::application {
namespace {

namespace json = boost::json;

json::array coded(std::initializer_list<std::string_view> codes) {
    json::array out;
    for (const std::string_view code : codes) out.emplace_back(json::object{{"code", code}});
    return out;
}

json::object parameter(std::string_view name, std::string_view type, std::string_view documentation) {
    return {{"name", name}, {"type", type}, {"documentation", documentation}};
}

json::object rest_resource(const ResourceType& type) {
    json::array parameters;
    if (type.owned_by == OwnedBy::kServer) {
        const bool audit = type.name == "AuditEvent";
        parameters.push_back(
            parameter("patient", "reference", audit ? "Whose record was touched." : "Whose consents; needed, or _id."));
        if (audit) {
            parameters.push_back(parameter("date", "date", "When; eq, ge, gt, le and lt."));
        } else {
            parameters.push_back(parameter("_id", "token", "The grant's id; alternatives by comma."));
            parameters.push_back(parameter("status", "token", "active or inactive; alternatives by comma."));
        }
        return {{"type", type.name},
                {"documentation", audit ? "The audit log, for the privacy officer; looking at it is audited too."
                                        : "The grants and denials that stand on the chain. They are made by a wallet "
                                          "or at the desk, never by storing a Consent."},
                {"interaction", coded({"read", "search-type"})},
                {"versioning", "no-version"},
                {"searchParam", parameters}};
    }
    parameters.push_back(parameter("_id", "token", "The logical id; alternatives by comma."));
    parameters.push_back(parameter("identifier", "token", "system|value, |value, value or system|."));
    if (type.owned_by != OwnedBy::kOrganisation && type.name != "Patient") {
        parameters.push_back(parameter("patient", "reference", "Whose the resource is."));
        parameters.push_back(parameter("subject", "reference", "The same as patient."));
    }
    return {{"type", type.name},
            {"interaction", coded({"read", "vread", "update", "history-instance", "create", "search-type"})},
            {"versioning", "versioned-update"},
            {"readHistory", true},
            {"updateCreate", false},
            {"conditionalCreate", true},
            {"conditionalUpdate", false},
            {"conditionalDelete", "not-supported"},
            {"referencePolicy", json::array{"literal", "local"}},
            {"searchParam", parameters}};
}

}  // namespace

Bytes capability_statement(const CapabilityFacts& facts) {
    json::array resources;
    for (const ResourceType& type : resource_types())
        if (type.owned_by != OwnedBy::kNobody) resources.push_back(rest_resource(type));
    const json::object security = {
        {"cors", false},
        {"description", "A token of five minutes, from a signed challenge, as Authorization: Bearer."}};
    json::array rest;
    rest.push_back({{"mode", "server"},
                    {"security", security},
                    {"resource", std::move(resources)},
                    {"interaction", coded({"transaction", "batch", "search-system"})}});
    const json::object statement = {
        {"resourceType", "CapabilityStatement"},
        {"status", "active"},
        {"date", facts.date},
        {"kind", "instance"},
        {"software", {{"name", "Salus"}, {"version", facts.software_version}}},
        {"implementation",
         {{"description", "Patient records on a ledger that anyone can check"}, {"url", facts.base_url}}},
        {"fhirVersion", "4.0.1"},
        {"format", json::array{"application/fhir+json", "json"}},
        {"rest", std::move(rest)}};
    return to_bytes(json::serialize(statement));
}

}  // namespace salus::application
