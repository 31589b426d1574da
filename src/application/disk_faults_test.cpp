#include <gtest/gtest.h>

#include "application/check/check_accounts.hpp"
#include "application/fhir/service.hpp"
#include "application/testing/facade.hpp"
#include "application/testing/faulty_disk.hpp"
#include "application/testing/hospital.hpp"

/// A custodian at work while its disk fails: whatever it has acknowledged stands after the next start, once, and
/// nothing stands half.
namespace salus::application {
namespace {

using testing::FaultyDisk;
using Operation = FaultyDisk::Operation;

/// A patient of one run, and what was acknowledged of them.
struct PatientRun {
    std::string name;
    SubjectId subject;
    GrantId old_grant;
    ReadRequest request;
    bool imported = false;
    std::optional<GrantId> granted;
    bool answered = false;
    bool recorded = false;
    bool revoked = false;
};

struct HouseDiskFaultsTest : ::testing::Test {
    FaultyDisk disk;
    testing::Hospital hospital;
    testing::HidingRules rules;
    testing::NothingMade nothing;
    std::uint64_t next = 0;

    /// As the machine that brings records.
    transport::HttpResponse fhir(std::string method, const std::string& path, std::string_view body,
                                 std::vector<std::pair<std::string, std::string>> query = {}) {
        FhirService service(FhirParts{*hospital.stores.vault, *hospital.stores.anchor, hospital.stores.claims,
                                      hospital.ledger, hospital.audit, rules, nothing, nothing, "/fhir",
                                      "http://localhost/fhir", "0.1", "2026-01-01", hospital.stores.random});
        Caller caller;
        caller.organisation = hospital.stores.id;
        transport::HttpResponse answer;
        service.handle({std::move(method),
                        "/fhir" + path,
                        std::move(query),
                        {{"content-type", "application/fhir+json"}},
                        to_bytes(body)},
                       caller, [&](transport::HttpResponse response) { answer = std::move(response); });
        return answer;
    }
    static std::string bundle(const std::string& name) {
        return R"({"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"urn:uuid:p","resource":)"
               R"({"resourceType":"Patient","identifier":[{"system":"urn:mrn","value":"new-)" +
               name +
               R"("}]},"request":{"method":"POST","url":"Patient"}},{"resource":{"resourceType":"Observation",)" +
               R"("identifier":[{"system":"urn:lab","value":"new-)" + name +
               R"("}],"status":"final","code":{"text":"x"},"subject":{"reference":"urn:uuid:p"}},"request":)" +
               R"({"method":"POST","url":"Observation"}}]})";
    }
    AuditEntry entry(const PatientRun& run) const {
        AuditEntry out;
        out.action = AuditAction::kRead;
        out.organisation = hospital.stores.id;
        out.subjects = {run.subject};
        out.detail = run.name;
        return out;
    }
    SubjectId patient(const std::string& id) {
        const auto subject = testkit::id_of<SubjectId>(id);
        SALUS_CHECK(hospital.stores.keys->create_subjects(std::vector{subject}));
        Write write;
        write.subjects = {{subject, id}};
        write.versions = {{"Patient",
                           id,
                           1,
                           subject,
                           RecordOp::kCreate,
                           1'000,
                           {},
                           to_bytes(R"({"resourceType":"Patient","id":")" + id + R"("})"),
                           {}}};
        SALUS_CHECK(hospital.stores.anchor->write_one(std::move(write)));
        return subject;
    }
    /// What stands before the disk fails.
    PatientRun prepare() {
        PatientRun run;
        run.name = "r" + std::to_string(++next);
        hospital.ledger.idle(hospital.journal->interval_ms());  // a root is due
        run.subject = patient(run.name);
        run.old_grant = hospital.permit(run.subject);
        run.request = hospital.ask(hospital.refer(run.subject));
        return run;
    }
    void work(PatientRun& run) {
        run.imported = fhir("POST", "", bundle(run.name)).status == 200;
        run.answered = hospital.answer(run.request).has_value();
        if (const auto granted = hospital.consents->attest(hospital.paper(run.subject)))
            run.granted = granted->terms.grant;
        run.recorded = hospital.audit.record(entry(run)).has_value();
        (void)hospital.journal->tick();
        hospital.stores.outbox->pump();
        run.revoked = hospital.consents->revoke(run.old_grant).has_value();
    }
    std::uint64_t found(const std::string& type, const std::string& identifier) {
        const auto response = fhir("GET", "/" + type, "", {{"identifier", identifier}});
        EXPECT_EQ(response.status, 200U);
        const auto document = Document::parse(response.body).value();
        const auto total = document.root().find("total");
        return total ? std::stoull(std::string(total->raw())) : 99;
    }
    void expect_whole(const PatientRun& run) {
        const std::uint64_t patients = found("Patient", "urn:mrn|new-" + run.name);
        EXPECT_EQ(found("Observation", "urn:lab|new-" + run.name), patients) << "half a bundle";
        EXPECT_LE(patients, 1U);
        if (run.imported) {
            EXPECT_EQ(patients, 1U);
        }
        const auto view = hospital.ledger.view();
        if (run.granted) {
            const auto known = hospital.consents->find(*view, *run.granted).value();
            EXPECT_TRUE(known && known->active() && known->readable);
        }
        const auto old_grant = hospital.consents->find(*view, run.old_grant).value();
        ASSERT_TRUE(old_grant);
        if (run.revoked) {
            EXPECT_EQ(old_grant->state.status, consent::GrantStatus::kRevoked);
        }
        EXPECT_EQ(old_grant->revoked_in_house, old_grant->state.status == consent::GrantStatus::kRevoked);
        AuditQuery query;
        query.subject = run.subject;
        query.actions = {AuditAction::kRead};
        const auto events = hospital.journal->list(query).value();
        const auto mine = std::ranges::count_if(events, [&](const AuditRecord& one) { return one.detail == run.name; });
        EXPECT_LE(mine, 1);
        if (run.recorded) {
            EXPECT_EQ(mine, 1);
        }
        if (run.answered) {
            const auto row = hospital.rows->find(run.request.requester, run.request.request_id).value();
            ASSERT_TRUE(row && row->place);
            EXPECT_TRUE(hospital.on_chain(row->place->tag));
            query.actions = {AuditAction::kDisclose};
            EXPECT_FALSE(hospital.journal->list(query).value().empty()) << "answered, and not in the audit";
        }
    }
    void expect_checked() {
        const auto view = hospital.ledger.view();
        const AccountId& id = hospital.stores.id;
        CheckReport report = check_vault(*hospital.stores.vault, *view, *view->log(Contract::kRecords, id)).value();
        check_accounts(*hospital.stores.vault, *view, *view->log(Contract::kAudit, id), report);
        for (const Finding& finding : report.findings) ADD_FAILURE() << finding.what << ": " << finding.why;
    }
    /// The next start: repairs, and files what is due.
    void start_again(const std::function<void()>& between) {
        disk.freeze();
        hospital.restart([&] {
            disk.mend();
            between();
        });
        hospital.tick();
        hospital.tick();
    }
    /// One run that meets the fault at operation `number`. Returns whether it met it.
    bool meet(const FaultyDisk::Fault& fault, std::uint64_t number) {
        SCOPED_TRACE("at operation " + std::to_string(number));
        PatientRun run = prepare();
        disk.fail(fault, number);
        work(run);
        const bool met = disk.met();
        EXPECT_TRUE(met || (run.imported && run.answered && run.granted && run.recorded && run.revoked));
        // In turn: the process dies, with all that it wrote; or the power goes, with what was not synced.
        salus::testing::SeededRandom random(number);
        start_again([&] {
            if (number % 2 == 0) disk.lose_power(&random);
        });
        expect_whole(run);
        start_again([&] { disk.lose_power(nullptr); });
        expect_whole(run);
        return met;
    }
    /// At each `step`-th operation, until a run meets no fault. Returns how many met it.
    std::uint64_t meet_everywhere(const FaultyDisk::Fault& fault, std::uint64_t step) {
        std::uint64_t runs = 0;
        while (meet(fault, 1 + runs * step) && !HasFailure()) ++runs;
        expect_checked();
        return runs;
    }
};

TEST_F(HouseDiskFaultsTest, WhatWasAcknowledgedStandsWhicheverSyncFails) {
    EXPECT_GT(meet_everywhere({Operation::kSync, SQLITE_IOERR_FSYNC}, 1), 8U);
}

TEST_F(HouseDiskFaultsTest, WhatWasAcknowledgedStandsWhereADiskWritesNoMore) {
    EXPECT_GT(meet_everywhere({Operation::kWrite, SQLITE_IOERR_WRITE, true, true}, 29), 5U);
}

TEST_F(HouseDiskFaultsTest, WhatWasAcknowledgedStandsWhereADiskIsFullAndHasSpaceAgain) {
    EXPECT_GT(meet_everywhere({Operation::kWrite, SQLITE_FULL}, 23), 5U);
}

}  // namespace
}  // namespace salus::application
