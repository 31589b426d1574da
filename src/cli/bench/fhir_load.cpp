#include "cli/bench/fhir_load.hpp"

#include <fmt/format.h>

#include <atomic>

#include "base/encoding.hpp"
#include "base/mutex.hpp"
#include "cli/progress.hpp"
#include "node/platform.hpp"

namespace salus::cli::bench {
namespace {

using namespace std::chrono_literals;

/// A token lives for five minutes.
constexpr auto kTokenUse = 200s;
constexpr std::size_t kReferencesMax = 20'000;

std::string new_uuid(Random& random) {
    const std::string hex = to_hex(random.bytes<16>());
    return fmt::format("{}-{}-4{}-8{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(13, 3), hex.substr(17, 3),
                       hex.substr(20));
}

std::string patient_json(const std::string& uuid) {
    return fmt::format(
        R"({{"resourceType":"Patient","meta":{{"profile":["http://hl7.org/fhir/us/core/StructureDefinition/us-core-patient"]}},)"
        R"("identifier":[{{"system":"urn:benchmark","value":"{0}"}},{{"type":{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR","display":"Medical Record Number"}}],"text":"Medical Record Number"}},"system":"http://hospital.example.org","value":"{0}"}}],)"
        R"("name":[{{"use":"official","family":"Benchmark","given":["Patient"]}}],"telecom":[{{"system":"phone","value":"555-0100","use":"home"}}],"gender":"female","birthDate":"1970-01-01",)"
        R"("address":[{{"line":["1 Main Street"],"city":"Boston","state":"MA","postalCode":"02108","country":"US"}}],"maritalStatus":{{"text":"Married"}},"multipleBirthBoolean":false}})",
        uuid);
}

std::string observation_json(const std::string& patient, const std::string& uuid, std::size_t number) {
    return fmt::format(
        R"({{"resourceType":"Observation","meta":{{"profile":["http://hl7.org/fhir/StructureDefinition/bodyheight","http://hl7.org/fhir/StructureDefinition/vitalsigns"]}},)"
        R"("identifier":[{{"system":"urn:benchmark","value":"{1}"}}],"status":"final",)"
        R"("category":[{{"coding":[{{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs","display":"Vital signs"}}]}}],)"
        R"("code":{{"coding":[{{"system":"http://loinc.org","code":"8302-2","display":"Body Height"}}],"text":"Body Height"}},"subject":{{"reference":"urn:uuid:{0}"}},)"
        R"("effectiveDateTime":"2019-{2:02}-{3:02}T08:{4:02}:00-05:00","issued":"2019-{2:02}-{3:02}T08:{4:02}:00.101-05:00",)"
        R"("valueQuantity":{{"value":1{4:02}.{3},"unit":"cm","system":"http://unitsofmeasure.org","code":"cm"}},)"
        R"("note":[{{"text":"Measured at the desk with the instrument of ward {4}, number {5}, by the nurse on duty; the patient stood upright without shoes."}}]}})",
        patient, uuid, number % 12 + 1, number % 28 + 1, number % 60, number);
}

void add_entry(BundleText& bundle, std::string& text, const std::string& uuid, const std::string& type,
               const std::string& resource) {
    text += fmt::format(R"({}{{"fullUrl":"urn:uuid:{}","resource":{},"request":{{"method":"POST","url":"{}"}}}})",
                        bundle.resources == 0 ? "" : ",", uuid, resource, type);
    ++bundle.resources;
    bundle.resource_bytes += resource.size();
}

/// "Observation/ID" of each entry that says it was created.
std::vector<std::string> created(std::string_view answer) {
    constexpr std::string_view kLocation = R"("location":")";
    std::vector<std::string> references;
    for (auto at = answer.find(kLocation); at != std::string_view::npos; at = answer.find(kLocation, at)) {
        at += kLocation.size();
        const std::string_view location = answer.substr(at, answer.find('"', at) - at);
        references.emplace_back(location.substr(0, location.find("/_history")));
    }
    return references;
}

}  // namespace

Result<std::unique_ptr<Token>> Token::log_in(SessionArguments arguments, Environment& environment) {
    std::unique_ptr<Token> token(new Token(std::move(arguments), environment));
    SALUS_TRY_STATUS(token->bearer());
    return token;
}

Result<std::string> Token::bearer() {
    const std::lock_guard lock(mutex_);
    if (bearer_.empty() || environment_.steady.now() - taken_ > kTokenUse) {
        SALUS_TRY(const OrganisationSession session, log_in_organisation(arguments_, environment_));
        bearer_ = "Bearer " + session.api.token();
        taken_ = environment_.steady.now();
    }
    return bearer_;
}

BundleText make_bundle(Random& random, std::size_t observations) {
    BundleText bundle;
    std::string text = R"({"resourceType":"Bundle","type":"transaction","entry":[)";
    const std::string patient = new_uuid(random);
    bundle.identifier = "urn:benchmark|" + patient;
    add_entry(bundle, text, patient, "Patient", patient_json(patient));
    for (std::size_t i = 0; i < observations; ++i) {
        const std::string uuid = new_uuid(random);
        add_entry(bundle, text, uuid, "Observation", observation_json(patient, uuid, i));
    }
    bundle.body = to_bytes(text + "]}");
    return bundle;
}

Result<Imported> import_bundles(BenchNetwork& network, Token& token, const std::vector<BundleText>& bundles,
                                std::size_t jobs, Environment& environment) {
    const SteadyClock& clock = environment.steady;
    std::size_t total = 0;
    for (const BundleText& bundle : bundles) total += bundle.resources;
    Progress progress(environment, "importing", total);
    struct Shared {
        Imported imported;
        std::optional<Error> error;
    };
    Guarded<Shared> shared;
    std::atomic<std::size_t> next = 0;
    const auto post = [&](transport::HttpClient& client, const BundleText& bundle) -> Status {
        SALUS_TRY(const std::string bearer, token.bearer());
        const Stopwatch watch(clock);
        SALUS_TRY(const auto response,
                  client.request("POST", "/orgs/" + std::string(BenchNetwork::kSlug) + "/fhir/R4",
                                 {{"content-type", "application/fhir+json"}, {"authorization", bearer}}, bundle.body));
        const double ms = 1000 * watch.seconds();
        auto references = created(as_text(response.body));
        if (response.status != 200 || references.size() != bundle.resources)
            return fail(ErrorCode::kConflict, fmt::format("the node answered {} and stored {} of {} resources",
                                                          response.status, references.size(), bundle.resources));
        progress.advance(bundle.resources);
        const auto access = shared.lock();
        access->imported.resources += bundle.resources;
        access->imported.resource_bytes += bundle.resource_bytes;
        access->imported.latencies_ms.push_back(ms);
        for (std::string& reference : references)
            if (access->imported.references.size() < kReferencesMax)
                access->imported.references.push_back(std::move(reference));
        return {};
    };
    SALUS_TRY(const Usage node_before, usage_of(network.pid()));
    SALUS_TRY(const Usage own_before, own_usage());
    const Stopwatch watch(clock);
    node::ThreadPool pool(jobs);
    pool.parallel_for(jobs, [&](std::size_t) {
        auto client = transport::HttpClient::make(network.url());
        Status status = client ? Status{} : Status(tl::make_unexpected(client.error()));
        for (std::size_t i = 0; status && (i = next++) < bundles.size();) status = post(**client, bundles[i]);
        if (status) return;
        next = bundles.size();
        shared.lock()->error = status.error();
    });
    const double seconds = watch.seconds();
    SALUS_TRY(const Usage node_after, usage_of(network.pid()));
    SALUS_TRY(const Usage own_after, own_usage());
    const auto access = shared.lock();
    if (access->error) return fail(*access->error);
    access->imported.seconds = seconds;
    access->imported.node_cpu_seconds = node_after.cpu_seconds - node_before.cpu_seconds;
    access->imported.client_cpu_seconds = own_after.cpu_seconds - own_before.cpu_seconds;
    return std::move(access->imported);
}

}  // namespace salus::cli::bench
