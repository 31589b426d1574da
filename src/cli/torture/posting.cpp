#include "cli/torture/posting.hpp"

#include <fmt/format.h>

#include "cli/answers.hpp"
#include "crypto/hash.hpp"

namespace salus::cli::torture {
namespace {

std::string uuid_of(std::string_view name) {
    const std::string hex = to_hex(crypto::sha256(as_bytes(name)));
    return fmt::format("urn:uuid:{}-{}-4{}-8{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(13, 3),
                       hex.substr(17, 3), hex.substr(20, 12));
}

std::string observation_json(const Posting& posting, std::size_t number) {
    return fmt::format(
        R"({{"resourceType":"Observation","identifier":[{{"system":"{}","value":"{}"}}],"status":"final",)"
        R"("code":{{"coding":[{{"system":"http://loinc.org","code":"8302-2","display":"Body Height"}}]}},)"
        R"("subject":{{"reference":"{}"}},"valueInteger":{}}})",
        kIdentifierSystem, posting.identifier(number), uuid_of(posting.name), number);
}

std::string entry_json(const std::string& full_url, std::string_view type, const std::string& resource) {
    return fmt::format(R"({{"fullUrl":"{}","resource":{},"request":{{"method":"POST","url":"{}"}}}})", full_url,
                       resource, type);
}

}  // namespace

std::string patient_json(const Posting& posting, std::uint64_t version, std::string_view id) {
    const std::string own = id.empty() ? std::string() : fmt::format(R"("id":"{}",)", id);
    return fmt::format(
        R"({{"resourceType":"Patient",{}"identifier":[{{"system":"{}","value":"{}"}}],"name":[{{"family":"Torture"}}],)"
        R"("gender":"female","birthDate":"1970-01-01","multipleBirthInteger":{}}})",
        own, kIdentifierSystem, posting.name, version);
}

Written request_of(const Posting& posting) {
    Written out{posting.alone ? "/Patient" : "",
                {{"content-type", "application/fhir+json"}, {"x-request-id", posting.name}},
                {}};
    std::string text = patient_json(posting, 1);
    if (!posting.alone) {
        text = R"({"resourceType":"Bundle","type":"transaction","entry":[)" +
               entry_json(uuid_of(posting.name), "Patient", text);
        for (std::size_t i = 1; i < posting.resources(); ++i)
            text += "," + entry_json(uuid_of(posting.identifier(i)), "Observation", observation_json(posting, i));
        text += "]}";
    }
    out.body = to_bytes(text);
    return out;
}

Result<std::vector<std::string>> references_in(const Posting& posting, const boost::json::value& answer) {
    std::vector<std::string> out;
    if (posting.alone) {
        SALUS_TRY(const std::string id, text_of(answer, "id"));
        out.push_back("Patient/" + id);
    }
    for (const boost::json::value& entry : list_of(answer, "entry")) {
        const boost::json::value* response = entry.is_object() ? entry.get_object().if_contains("response") : nullptr;
        if (response == nullptr) continue;
        SALUS_TRY(const std::string location, text_of(*response, "location"));
        const auto version = location.find("/_history/");
        if (location.substr(std::min(version, location.size())) == "/_history/1")
            out.push_back(location.substr(0, version));
    }
    if (out.size() != posting.resources())
        return fail(ErrorCode::kCorrupt, fmt::format("{}: {} of {} resources are said to be stored", posting.name,
                                                     out.size(), posting.resources()));
    return out;
}

}  // namespace salus::cli::torture
