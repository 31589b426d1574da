#include "application/fhir/service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "application/fhir/document.hpp"
#include "application/testing/facade.hpp"
#include "base/encoding.hpp"
#include "crypto/hash.hpp"
#include "model/evidence.hpp"

namespace salus::application {
namespace {

using ::testing::ElementsAre;
using testing::Facade;
using transport::HttpResponse;

constexpr std::string_view kSmith =
    R"({"resourceType":"Patient","identifier":[{"system":"urn:mrn","value":"7"}],"name":[{"family":"Doe"}]})";

std::string observation(const std::string& patient, std::string_view value) {
    return R"({"resourceType":"Observation","status":"final","subject":{"reference":"Patient/)" + patient +
           R"("},"valueQuantity":{"value":)" + std::string(value) + "}}";
}

struct FhirServiceTest : ::testing::Test, Facade {
    std::string patient() { return id_of(post("/Patient", kSmith)); }
    static std::string id_of(const HttpResponse& response) { return text_at(response, {"id"}); }
    void expect_outcome(const HttpResponse& response, unsigned status, std::string_view name) {
        EXPECT_EQ(response.status, status) << as_text(response.body);
        EXPECT_EQ(text_at(response, {"resourceType"}), "OperationOutcome");
        EXPECT_NE(as_text(response.body).find("\"code\":\"" + std::string(name) + "\""), std::string::npos)
            << as_text(response.body);
    }
};

TEST_F(FhirServiceTest, NoAnswerLeavesBeforeWhatItAccessedIsRecorded) {
    const std::string subject = patient();
    audit.holds = true;
    std::vector<unsigned> statuses;
    const auto ask = [&](const std::string& path) {
        service->handle({"GET", base_path + path, {}, {}, {}}, caller,
                        [&](const HttpResponse& response) { statuses.push_back(response.status); });
    };
    ask("/Patient/" + subject);
    ask("/Patient/none");
    ask("/Patient");
    EXPECT_TRUE(statuses.empty());
    ASSERT_EQ(audit.held.size(), 3U);
    for (const auto& recorded : audit.held) recorded();
    EXPECT_EQ(statuses, (std::vector{200U, 404U, 200U}));
    audit.broken = true;
    ask("/Patient/" + subject);
    audit.held.back()();
    EXPECT_EQ(statuses.back(), 500U);
}

TEST_F(FhirServiceTest, WhereTooManyAnswersWaitForTheirAuditTheWorkerWaitsToo) {
    const std::string subject = patient();
    service = std::make_unique<FhirService>(parts(), 1);
    audit.holds = true;
    std::atomic<bool> returned{false};
    std::jthread worker([&] {
        service->handle({"GET", base_path + "/Patient/" + subject, {}, {}, {}}, caller, [](const HttpResponse&) {});
        returned = true;
    });
    while (audit.held_count() == 0) std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // in which one that need not wait has returned
    EXPECT_FALSE(returned);
    audit.held.front()();
    worker.join();
    EXPECT_TRUE(returned);
}

/// Two creates under one condition go one behind the other; beside the second stands what was sent under that id
/// before.
TEST_F(FhirServiceTest, WhatStandsBeforeARoundThatFailsIsAnsweredAsStored) {
    const std::string create = R"({"resource":{"resourceType":"Patient"},"request":{"method":"POST","url":"Patient"}})";
    const std::string once = R"({"resource":{"resourceType":"Patient","identifier":[{"system":"urn:mrn","value":"8"}]},
        "request":{"method":"POST","url":"Patient","ifNoneExist":"identifier=urn:mrn|8"}})";
    const std::string read = R"({"request":{"method":"GET","url":"Patient"}})";
    const auto batch = [&](const std::string& entries) {
        return statuses_of(post("", R"({"resourceType":"Bundle","type":"batch","entry":[)" + entries + "]}",
                                {{"x-request-id", "one"}}));
    };
    EXPECT_THAT(batch(read + "," + read + "," + create), ElementsAre("200 OK", "200 OK", "201 Created"));
    EXPECT_THAT(batch(once + "," + once + "," + create), ElementsAre("201 Created", "409", "409"));
    EXPECT_EQ(number_at(get("/Patient", {{"identifier", "urn:mrn|8"}}), "total"), "1");
}

TEST_F(FhirServiceTest, WhatIsCreatedIsReadBackByteForByteAndTheDecimalsKeepTheirDigits) {
    const std::string subject = patient();
    const auto created = post("/Observation", observation(subject, "1.50"));
    ASSERT_EQ(created.status, 201U) << as_text(created.body);
    EXPECT_EQ(created.header("etag"), "W/\"1\"");
    EXPECT_EQ(created.header("location"), base_url + "/Observation/" + id_of(created) + "/_history/1");
    EXPECT_NE(as_text(created.body).find(":1.50}"), std::string::npos);
    const auto read = get("/Observation/" + id_of(created));
    EXPECT_EQ(read.status, 200U);
    EXPECT_EQ(read.body, created.body);
    EXPECT_EQ(house.vault->find("Observation", id_of(created)).value()->version.digest, crypto::sha256(read.body));
    EXPECT_EQ(text_at(read, {"meta", "versionId"}), "1");
}

TEST_F(FhirServiceTest, AnUpdateMakesAVersionAndTheSameContentMakesNone) {
    const std::string subject = patient();
    const std::string id = id_of(post("/Observation", observation(subject, "1.50")));
    const auto with_id = [&](std::string body) { return body.insert(1, R"("id":")" + id + R"(",)"); };
    const auto same = put("/Observation/" + id, get("/Observation/" + id).body);
    EXPECT_EQ(same.status, 200U) << as_text(same.body);
    EXPECT_EQ(same.header("etag"), "W/\"1\"");
    EXPECT_EQ(put("/Observation/" + id, with_id(observation(subject, "1.50"))).header("etag"), "W/\"1\"");
    EXPECT_EQ(put("/Observation/" + id, with_id(observation(subject, "1.5"))).header("etag"), "W/\"2\"")
        << "another precision";
    EXPECT_NE(as_text(get("/Observation/" + id + "/_history/1").body).find("1.50"), std::string::npos);
    expect_outcome(get("/Observation/" + id + "/_history/3"), 404, "not-found");
    expect_outcome(put("/Observation/" + id, with_id(observation(subject, "2")), {{"if-match", "W/\"1\""}}), 412,
                   "fhir-version");
    EXPECT_EQ(put("/Observation/" + id, with_id(observation(subject, "2")), {{"if-match", "W/\"2\""}}).header("etag"),
              "W/\"3\"");
    const auto history = get("/Observation/" + id + "/_history", {{"_count", "2"}});
    EXPECT_EQ(entries_of(history), 2U);
    const auto rest = follow_next(history);
    EXPECT_EQ(entries_of(rest), 1U);
    EXPECT_TRUE(link(rest, "next").empty());
}

TEST_F(FhirServiceTest, ConditionsGoWithTheMethodThatKnowsThem) {
    const std::string subject = patient();
    const std::string id = id_of(post("/Observation", observation(subject, "1")));
    const std::string path = "/Observation/" + id;
    const auto version = [&](std::string_view value) {
        return observation(subject, value).insert(1, R"("id":")" + id + R"(",)");
    };
    expect_outcome(put(path, version("2"), {{"if-none-exist", "identifier=urn:mrn|7"}}), 400, "usage");
    expect_outcome(put(path, version("2"), {{"if-match", ""}}), 400, "usage");
    expect_outcome(post("/Observation", observation(subject, "2"), {{"if-match", "W/\"1\""}}), 400, "usage");
    expect_outcome(post("/Observation", observation(subject, "2"), {{"if-none-exist", ""}}), 400, "usage");
    EXPECT_EQ(get(path).header("etag"), "W/\"1\"") << "nothing was stored";
    EXPECT_EQ(put(path, version("2"), {{"if-match", "*"}}).header("etag"), "W/\"2\"");
    EXPECT_EQ(
        put("/Observation/none", observation(subject, "1").insert(1, R"("id":"none",)"), {{"if-match", "*"}}).status,
        404U);
}

TEST_F(FhirServiceTest, TheOrderOfATransactionsEntriesDoesNotMatter) {
    const std::string patient = R"({"fullUrl":"urn:uuid:00000000-0000-0000-0000-00000000000a","resource":)" +
                                std::string(kSmith) + R"(,"request":{"method":"POST","url":"Patient"}})";
    const auto provenance = [](std::string_view own, std::string_view target) {
        return R"({"fullUrl":"urn:uuid:00000000-0000-0000-0000-00000000000)" + std::string(own) +
               R"(","resource":{"resourceType":"Provenance","target":[{"reference":"urn:uuid:00000000-0000-0000-0000-00000000000)" +
               std::string(target) + R"("}]},"request":{"method":"POST","url":"Provenance"}})";
    };
    std::vector<std::string> entries{provenance("c", "b"), provenance("b", "a"), patient};
    std::sort(entries.begin(), entries.end());
    do {
        std::string list;
        for (const std::string& entry : entries) list += (list.empty() ? "" : ",") + entry;
        const auto answer = post("", R"({"resourceType":"Bundle","type":"transaction","entry":[)" + list + "]}");
        EXPECT_EQ(answer.status, 200U) << as_text(answer.body);
    } while (std::next_permutation(entries.begin(), entries.end()));
}

TEST_F(FhirServiceTest, OfTwoWritersWithOneIfMatchOneWins) {
    const std::string subject = patient();
    const std::string id = id_of(post("/Observation", observation(subject, "1")));
    std::array<unsigned, 4> statuses{};
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < statuses.size(); ++i)
        threads.emplace_back([&, i] {
            auto body = observation(subject, std::to_string(i + 10));
            statuses[i] =
                put("/Observation/" + id, body.insert(1, R"("id":")" + id + R"(",)"), {{"if-match", "W/\"1\""}}).status;
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(std::ranges::count(statuses, 200U), 1);
    EXPECT_EQ(std::ranges::count(statuses, 412U), 3);
    EXPECT_EQ(get("/Observation/" + id).header("etag"), "W/\"2\"");
}

TEST_F(FhirServiceTest, OfManyCreatorsUnderOneIfNoneExistOneCreates) {
    std::array<unsigned, 4> statuses{};
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < statuses.size(); ++i)
        threads.emplace_back([&, i] {
            statuses[i] = post("/Patient", kSmith, {{"if-none-exist", "identifier=urn:mrn|7"}}).status;
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(std::ranges::count(statuses, 201U), 1);
    EXPECT_EQ(std::ranges::count(statuses, 200U), 3);
    EXPECT_EQ(text_at(get("/Patient", {{"identifier", "urn:mrn|7"}, {"_summary", "count"}}), {"resourceType"}),
              "Bundle");
    EXPECT_EQ(entries_of(get("/Patient", {{"identifier", "7"}})), 1U);
}

TEST_F(FhirServiceTest, BadJsonIsRefusedAndNothingIsStored) {
    const std::string deep =
        R"({"resourceType":"Patient","x":)" + std::string(70, '[') + "1" + std::string(70, ']') + "}";
    for (const std::string& body :
         {std::string(R"({"resourceType":"Patient")"), std::string("{\"resourceType\":\"Patient\",\"a\":\"\xff\"}"),
          std::string(R"({"resourceType":"Patient","a":1,"a":2})"), deep, std::string()})
        expect_outcome(post("/Patient", body), 400, "json");
    expect_outcome(post("/Patient", R"({"name":"no resource"})"), 400, "fhir-resource");
    expect_outcome(post("/Patient", R"({"resourceType":"Observation"})"), 400, "fhir-resource");
    expect_outcome(post("/Patients", kSmith), 404, "fhir-type");
    expect_outcome(post("/Patient", kSmith, {{"content-type", "application/xml"}}), 415, "unsupported-media-type");
    expect_outcome(post("", R"({"resourceType":"Bundle","type":"document"})"), 400, "fhir-bundle");
    expect_outcome(request("DELETE", "/Patient/1", {}), 405, "method-not-allowed");
    EXPECT_EQ(house.vault->log_frontier()->count, 0U);
}

TEST_F(FhirServiceTest, ATransactionWithOneBadEntryStoresNothingAndNamesIt) {
    const std::string good = R"({"fullUrl":"urn:uuid:00000000-0000-0000-0000-000000000001","resource":)" +
                             std::string(kSmith) + R"(,"request":{"method":"POST","url":"Patient"}})";
    const std::string bad =
        R"({"resource":)" + observation("unknown", "1") + R"(,"request":{"method":"POST","url":"Observation"}})";
    const auto answer =
        post("", R"({"resourceType":"Bundle","type":"transaction","entry":[)" + good + "," + bad + "]}");
    expect_outcome(answer, 422, "fhir-owner");
    EXPECT_NE(as_text(answer.body).find("Bundle.entry[1]"), std::string::npos);
    EXPECT_EQ(house.vault->log_frontier()->count, 0U);

    const auto batch = post("", R"({"resourceType":"Bundle","type":"batch","entry":[)" + good + "," + bad + "]}");
    EXPECT_EQ(batch.status, 200U);
    EXPECT_EQ(statuses_of(batch), (std::vector<std::string>{"201 Created", "422"}));
    EXPECT_EQ(entries_of(get("/Patient")), 1U);
}

struct BundleReadsTest : FhirServiceTest {
    static std::string get_entry(const std::string& url) {
        return R"({"request":{"method":"GET","url":")" + url + R"("}})";
    }
    HttpResponse send(std::string_view type, const std::vector<std::string>& entries) {
        std::string list;
        for (const std::string& entry : entries) list += (list.empty() ? "" : ",") + entry;
        return post("", R"({"resourceType":"Bundle","type":")" + std::string(type) + R"(","entry":[)" + list + "]}");
    }
    /// The resource that entry `index` is answered with.
    static std::string resource(const HttpResponse& answer, std::size_t index) {
        const auto document = Document::parse(answer.body);
        std::size_t i = 0;
        for (const JsonValue entry : document->root().find("entry")->children())
            if (i++ == index) {
                const auto found = entry.find("resource");
                return found ? std::string(found->raw()) : "";
            }
        return "";
    }
};

TEST_F(BundleReadsTest, AnswersReadVreadHistoryAndSearchAsTheyAreAnsweredAlone) {
    const std::string id = patient();
    const auto answer = send("batch", {get_entry("Patient/" + id), get_entry("Patient/" + id + "/_history/1"),
                                       get_entry("Patient/" + id + "/_history"), get_entry("Patient?identifier=7"),
                                       get_entry("?_type=Patient"), get_entry("metadata"), get_entry("Patient/absent"),
                                       get_entry("Zebra"), get_entry("Patient?_count=x")});
    ASSERT_EQ(answer.status, 200U) << as_text(answer.body);
    EXPECT_EQ(text_at(answer, {"type"}), "batch-response");
    EXPECT_EQ(statuses_of(answer), (std::vector<std::string>{"200 OK", "200 OK", "200 OK", "200 OK", "200 OK", "200 OK",
                                                             "404", "404", "400"}));
    EXPECT_EQ(resource(answer, 0), as_text(get("/Patient/" + id).body)) << "byte for byte";
    EXPECT_EQ(resource(answer, 1), as_text(get("/Patient/" + id + "/_history/1").body));
    EXPECT_EQ(resource(answer, 2), as_text(get("/Patient/" + id + "/_history").body));
    EXPECT_EQ(resource(answer, 3), as_text(get("/Patient", {{"identifier", "7"}}).body));
    EXPECT_EQ(resource(answer, 6), "");
}

TEST_F(BundleReadsTest, AReadOfATransactionSeesWhatTheTransactionWrote) {
    const std::string id = patient();
    const auto answer = send("transaction", {get_entry("Patient/" + id),
                                             R"({"resource":{"resourceType":"Patient","id":")" + id +
                                                 R"("},"request":{"method":"PUT","url":"Patient/)" + id + R"("}})"});
    ASSERT_EQ(answer.status, 200U) << as_text(answer.body);
    EXPECT_EQ(text_at(answer, {"type"}), "transaction-response");
    EXPECT_NE(resource(answer, 0).find("\"versionId\":\"2\""), std::string::npos) << resource(answer, 0);
}

TEST_F(BundleReadsTest, ATransactionWhoseReadFailsStoresNothingAndNamesIt) {
    const std::string create =
        R"({"resource":)" + std::string(kSmith) + R"(,"request":{"method":"POST","url":"Patient"}})";
    const auto answer = send("transaction", {create, get_entry("Patient/absent")});
    expect_outcome(answer, 404, "not-found");
    EXPECT_NE(as_text(answer.body).find("Bundle.entry[1]"), std::string::npos);
    EXPECT_EQ(house.vault->log_frontier()->count, 0U);
    EXPECT_EQ(statuses_of(send("batch", {create, get_entry("Patient/absent")})),
              (std::vector<std::string>{"201 Created", "404"}));
}

TEST_F(BundleReadsTest, WhoMayOnlyReadSendsReadsOnlyAndIsAudited) {
    const std::string id = patient();
    caller = staff("billing");
    audit.entries.clear();
    EXPECT_EQ(statuses_of(send("batch", {get_entry("Patient/" + id)})), std::vector<std::string>{"200 OK"});
    ASSERT_EQ(audit.entries.size(), 1U);
    EXPECT_EQ(audit.entries[0].action, AuditAction::kRead);
    expect_outcome(
        send("batch", {R"({"resource":)" + std::string(kSmith) + R"(,"request":{"method":"POST","url":"Patient"}})"}),
        403, "forbidden");
    rules.hidden = *house.vault->subject_of_patient(id).value();
    EXPECT_EQ(statuses_of(send("batch", {get_entry("Patient/" + id)})), std::vector<std::string>{"404"});
    caller = staff("gardener");
    expect_outcome(send("batch", {get_entry("Patient/" + id)}), 403, "forbidden");
}

TEST_F(BundleReadsTest, ARepeatedBundleIsNotStoredAgainAndItsReadsAreAnsweredAnew) {
    const transport::Headers id{{"x-request-id", "with-reads"}};
    const std::string bundle = R"({"resourceType":"Bundle","type":"transaction","entry":[)" + get_entry("Patient") +
                               R"(,{"resource":)" + std::string(kSmith) +
                               R"(,"request":{"method":"POST","url":"Patient"}}]})";
    const auto first = post("", bundle, id);
    ASSERT_EQ(first.status, 200U) << as_text(first.body);
    EXPECT_EQ(as_text(post("", bundle, id).body), as_text(first.body));
    EXPECT_EQ(entries_of(get("/Patient")), 1U);
}

TEST_F(FhirServiceTest, WhatTheServerMakesIsNeverStored) {
    const std::string id = patient();
    expect_outcome(post("/Consent", R"({"resourceType":"Consent","patient":{"reference":"Patient/)" + id + R"("}})"),
                   422, "fhir-owner");
    expect_outcome(post("/AuditEvent", R"({"resourceType":"AuditEvent"})"), 422, "fhir-owner");
    expect_outcome(get("/Consent/1/_history"), 404, "not-found");
    expect_outcome(get("/AuditEvent/1/$proof"), 404, "not-found");
}

TEST_F(FhirServiceTest, AResourceKeepsToItsPatient) {
    const std::string one = patient();
    const std::string two = patient();
    const std::string id = id_of(post("/Observation", observation(one, "1")));
    auto moved = observation(two, "1");
    expect_outcome(put("/Observation/" + id, moved.insert(1, R"("id":")" + id + R"(",)")), 422, "fhir-owner");
    expect_outcome(post("/Observation", R"({"resourceType":"Observation","status":"final"})"), 422, "fhir-owner");
    expect_outcome(post("/Observation", observation("nobody", "1")), 422, "fhir-owner");
    expect_outcome(put("/Patient/made-by-me", R"({"resourceType":"Patient","id":"made-by-me"})"), 404, "not-found");
    EXPECT_EQ(entries_of(get("/Observation", {{"patient", one}})), 1U);
    EXPECT_EQ(entries_of(get("/Observation", {{"subject", "Patient/" + two}})), 0U);
    const auto organisation = post("/Organization", R"({"resourceType":"Organization","name":"A"})");
    EXPECT_EQ(house.vault->find("Organization", id_of(organisation)).value()->version.subject,
              house.vault->own_subject());
}

TEST_F(FhirServiceTest, PagesGoOnForTheirCallerOnly) {
    const std::string subject = patient();
    for (int i = 0; i < 5; ++i) ASSERT_EQ(post("/Observation", observation(subject, std::to_string(i))).status, 201U);
    auto page = get("/Observation", {{"patient", subject}, {"_count", "2"}});
    EXPECT_EQ(number_at(page, "total"), "5");
    const std::string next = link(page, "next");
    std::size_t seen = entries_of(page);
    while (!link(page, "next").empty()) {
        page = follow_next(page);
        EXPECT_EQ(number_at(page, "total"), "5");
        seen += entries_of(page);
    }
    EXPECT_EQ(seen, 5U);
    EXPECT_EQ(next.find(subject), std::string::npos) << "a next link tells nothing";
    caller = staff("nurse");
    expect_outcome(follow(next), 400, "fhir-search");
    EXPECT_EQ(entries_of(form("/Observation/_search", "patient=" + subject)), 5U);
    expect_outcome(get("/Observation", {{"colour", "red"}}, {{"prefer", "handling=strict"}}), 400, "fhir-search");
    EXPECT_EQ(entries_of(get("", {{"_type", "Patient,Observation"}})), 6U);
}

TEST_F(FhirServiceTest, ARepeatedRequestIsAnsweredAndNotStoredAgain) {
    const transport::Headers id{{"x-request-id", "import-1"}};
    const std::string bundle = R"({"resourceType":"Bundle","type":"transaction","entry":[{"resource":)" +
                               std::string(kSmith) + R"(,"request":{"method":"POST","url":"Patient"}}]})";
    const auto first = post("", bundle, id);
    ASSERT_EQ(first.status, 200U) << as_text(first.body);
    house.restart();
    open();
    EXPECT_EQ(as_text(post("", bundle, id).body), as_text(first.body));
    EXPECT_EQ(entries_of(get("/Patient")), 1U);
    auto other = bundle;
    expect_outcome(post("", other.replace(other.find("Doe"), 3, "Roe"), id), 409, "conflict");
    EXPECT_EQ(post("", bundle).status, 200U) << "a plain POST never deduplicates";
    EXPECT_EQ(entries_of(get("/Patient")), 2U);
}

TEST_F(FhirServiceTest, EveryAccessIsRecordedBeforeItIsAnswered) {
    const std::string id = patient();
    audit.entries.clear();
    EXPECT_EQ(get("/Patient/" + id).status, 200U);
    EXPECT_EQ(get("/Patient/absent").status, 404U);
    ASSERT_EQ(audit.entries.size(), 2U);
    EXPECT_TRUE(audit.entries[0].allowed);
    EXPECT_EQ(audit.entries[0].entities, std::vector<std::string>{"Patient/" + id + "/_history/1"});
    EXPECT_EQ(audit.entries[0].subjects, std::vector{*house.vault->subject_of_patient(id).value()});
    EXPECT_FALSE(audit.entries[1].allowed);
    audit.broken = true;
    EXPECT_EQ(get("/Patient/" + id).status, 500U);
    EXPECT_EQ(get("/Patient").status, 500U);
}

TEST_F(FhirServiceTest, RolesDecideAndWhatIsHiddenLooksAbsent) {
    const std::string id = patient();
    caller = staff("billing");
    EXPECT_EQ(get("/Patient/" + id).status, 200U);
    expect_outcome(post("/Patient", kSmith), 403, "forbidden");
    caller = staff("gardener");
    expect_outcome(get("/Patient/" + id), 403, "forbidden");
    caller = machine();
    caller.kind = Caller::Kind::kWallet;
    expect_outcome(get("/Patient/" + id), 403, "forbidden");
    caller = machine();
    caller.organisation = AccountId{{9}};
    expect_outcome(get("/Patient/" + id), 403, "forbidden");
    caller = machine();
    rules.hidden = *house.vault->subject_of_patient(id).value();
    EXPECT_EQ(as_text(get("/Patient/" + id).body), as_text(get("/Patient/absent").body));
    EXPECT_EQ(entries_of(get("/Patient")), 0U);
    EXPECT_EQ(entries_of(get("", {{"patient", id}})), 0U);
}

TEST_F(FhirServiceTest, AHiddenChartIsNeitherFoundNorCountedNorWritten) {
    const std::string id = patient();
    const std::string own = id_of(post("/Observation", observation(id, "1")));
    const std::string other = id_of(post("/Patient", R"({"resourceType":"Patient","name":[{"family":"Roe"}]})"));
    const auto with_id = [](std::string body, const std::string& its) {
        return body.insert(1, R"("id":")" + its + R"(",)");
    };
    const auto same = [&](const HttpResponse& hidden, const HttpResponse& unknown, unsigned status) {
        EXPECT_EQ(hidden.status, status) << as_text(hidden.body);
        EXPECT_EQ(as_text(hidden.body), as_text(unknown.body));
    };
    rules.hidden = *house.vault->subject_of_patient(id).value();

    same(put("/Patient/" + id, with_id(std::string(kSmith), id)),
         put("/Patient/none", with_id(std::string(kSmith), "none")), 404);
    same(put("/Patient/" + id, with_id(std::string(kSmith), id), {{"if-match", "W/\"7\""}}),
         put("/Patient/none", with_id(std::string(kSmith), "none"), {{"if-match", "W/\"7\""}}), 404);
    same(put("/Observation/" + own, with_id(observation(other, "2"), own)),
         put("/Observation/none", with_id(observation(other, "2"), "none")), 404);
    same(post("/Observation", observation(id, "2")), post("/Observation", observation("none", "2")), 422);
    const auto conditional = [](std::string_view value) {
        return R"({"resourceType":"Observation","status":"final","subject":{"reference":"Patient?identifier=urn:mrn|)" +
               std::string(value) + R"("}})";
    };
    same(post("/Observation", conditional("7")), post("/Observation", conditional("8")), 422);

    for (const std::string value : {"urn:mrn|7", "urn:mrn|8"}) {
        const auto count = get("/Patient", {{"identifier", value}, {"_summary", "count"}});
        EXPECT_EQ(number_at(count, "total"), "0");
        EXPECT_EQ(number_at(get("/Patient", {{"identifier", value}}), "total"), "0");
    }
    const auto page = get("/Patient", {{"_count", "1"}});
    EXPECT_EQ(number_at(page, "total"), "1");
    EXPECT_EQ(entries_of(page), 1U) << "the place of what is hidden does not show";
    EXPECT_TRUE(link(page, "next").empty());

    expect_outcome(post("/Patient", kSmith, {{"if-none-exist", "identifier=urn:mrn|7"}}), 403, "forbidden");
    EXPECT_FALSE(audit.entries.back().allowed);
    EXPECT_EQ(post("/Patient", kSmith, {{"if-none-exist", "identifier=urn:mrn|8"}}).status, 201U);
    rules.hidden.reset();
    EXPECT_EQ(get("/Patient/" + id).header("etag"), "W/\"1\"");
    EXPECT_EQ(get("/Observation/" + own).header("etag"), "W/\"1\"");
    EXPECT_EQ(entries_of(get("/Observation")), 1U);
}

TEST_F(FhirServiceTest, AProofShowsTheVersionAndWhetherItWasReplaced) {
    const std::string id = patient();
    const auto judge = [&](const std::string& path) {
        const auto file = get(path);
        EXPECT_EQ(file.status, 200U) << as_text(file.body);
        return verify_evidence(from_evidence_file(file.body).value(), ledger.net().network, std::nullopt);
    };
    EXPECT_TRUE(judge("/Patient/" + id + "/$proof").good);
    ASSERT_EQ(put("/Patient/" + id, R"({"resourceType":"Patient","id":")" + id + R"("})").header("etag"), "W/\"2\"");
    EXPECT_TRUE(judge("/Patient/" + id + "/$proof").good);
    const auto old = judge("/Patient/" + id + "/_history/1/$proof");
    EXPECT_TRUE(std::ranges::any_of(old.statements,
                                    [](const Statement& s) { return s.text.find("replaced") != std::string::npos; }));
    expect_outcome(get("/Patient/absent/$proof"), 404, "not-found");
}

TEST_F(FhirServiceTest, MetadataAsksForNothing) {
    EXPECT_EQ(text_at(service->metadata(), {"resourceType"}), "CapabilityStatement");
    EXPECT_EQ(get("/metadata").status, 200U);
}

}  // namespace
}  // namespace salus::application
