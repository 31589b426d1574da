#include "application/audit/audit_events.hpp"

#include <gtest/gtest.h>

#include "application/fhir/document.hpp"
#include "application/testing/facade.hpp"
#include "application/testing/hospital.hpp"
#include "base/time_text.hpp"

namespace salus::application {
namespace {

using testing::Facade;

struct AuditEventsTest : ::testing::Test, testing::Hospital {
    AuditEvents events{*house, *journal, "http://localhost/base"};
    Caller officer = caller("privacy-officer");

    Caller caller(std::string role) {
        Caller out;
        out.kind = Caller::Kind::kStaff;
        out.organisation = stores.id;
        out.staff = staff(stores.party, std::move(role));
        return out;
    }
    void read_of(std::vector<SubjectId> subjects) {
        AuditEntry entry;
        entry.action = AuditAction::kRead;
        entry.organisation = stores.id;
        entry.subjects = std::move(subjects);
        ASSERT_TRUE(journal->record(entry));
    }
    Result<transport::HttpResponse> search(std::vector<std::pair<std::string, std::string>> query,
                                           transport::Headers headers = {}) {
        return events.search({"GET", "/AuditEvent", std::move(query), std::move(headers), {}}, officer);
    }
    std::size_t count(std::vector<std::pair<std::string, std::string>> query) {
        return Facade::entries_of(search(std::move(query)).value());
    }
    ErrorCode code(std::vector<std::pair<std::string, std::string>> query, transport::Headers headers = {}) {
        const auto answer = search(std::move(query), std::move(headers));
        return answer ? ErrorCode::kOk : answer.error().code;
    }
};

TEST_F(AuditEventsTest, OfAPatientAreHersAndTheSearchStandsInThemNextTime) {
    read_of({patient("p1")});
    read_of({patient("p2")});
    read_of({});
    EXPECT_EQ(count({{"patient", "p1"}}), 1U);
    EXPECT_EQ(count({{"patient", "Patient/p1"}}), 2U) << "looking is audited";
    EXPECT_EQ(count({{"patient", "nobody"}}), 0U);
    EXPECT_EQ(count({}), 6U);
}

TEST_F(AuditEventsTest, ADateStandsForItsDayAndATimeForItsSecond) {
    read_of({});
    const std::string time = to_iso_time(now());
    const std::string day = time.substr(0, 10);
    EXPECT_EQ(count({{"date", "eq" + day}}), 1U);
    EXPECT_EQ(count({{"date", "gt" + day}}), 0U);
    EXPECT_EQ(count({{"date", "lt" + day}}), 0U);
    EXPECT_EQ(count({{"date", "lt2000-01-01"}}), 0U);
    EXPECT_EQ(count({{"date", "ge" + day}, {"date", "le" + day}}), 5U);
    EXPECT_EQ(count({{"date", "ge" + day}, {"date", "lt" + day}}), 0U) << "nothing lies between";
    ledger.pass(2'000);
    EXPECT_EQ(count({{"date", "gt" + time}}), 0U);
    EXPECT_EQ(count({{"date", "gt" + time}}), 1U) << "the search before it";
    for (const std::string& wrong :
         std::vector<std::string>{"yesterday", "ne" + day, "26", "ge", "ge" + day + "T24:00:00Z", "2026-02-30",
                                  day + "T10:00:00", day + "T10:00:00+14:30"})
        EXPECT_EQ(code({{"date", wrong}}), ErrorCode::kFhirSearch) << wrong;
}

TEST_F(AuditEventsTest, ADateIsAnInstantWhateverItsOffsetAndHoweverLongAgo) {
    read_of({});
    const auto event_ms = static_cast<std::int64_t>(now() / 1000 * 1000);
    const auto at = [&](int clock_hours, const std::string& offset) {
        const std::string text = to_iso_time(static_cast<TimeMs>(event_ms + clock_hours * 3'600'000LL));
        return text.substr(0, text.size() - 1) + offset;
    };
    ledger.pass(60'000);
    // Each search is an event too, of a later second.
    for (const std::string& same : {at(0, "Z"), at(1, "+01:00"), at(2, "+02:00"), at(14, "+14:00")}) {
        EXPECT_EQ(count({{"date", same}}), 1U) << same;
        EXPECT_EQ(count({{"date", "lt" + same}}), 0U) << same;
        EXPECT_EQ(count({{"date", "le" + same}}), 1U) << same;
    }
    EXPECT_EQ(count({{"date", at(-12, "-12:00")}}), 1U);
    EXPECT_EQ(count({{"date", at(1, "+02:00")}}), 0U) << "an hour before it";
    const std::string year = to_iso_time(now()).substr(0, 4);
    EXPECT_GT(count({{"date", year}}), 1U);
    EXPECT_GT(count({{"date", "ge" + year + "-01"}}), 1U);
    EXPECT_EQ(count({{"date", "gt" + year}}), 0U);
    EXPECT_EQ(count({{"date", "lt" + year}}), 0U);
    for (const std::string old : {"0001", "0001-01-01", "1969-12-31T23:59:59Z"}) {
        EXPECT_GT(count({{"date", "ge" + old}}), 1U) << old;
        EXPECT_GT(count({{"date", "gt" + old}}), 1U) << old;
        for (const std::string prefix : {"", "le", "lt"})
            EXPECT_EQ(count({{"date", prefix + old}}), 0U) << prefix + old;
    }
    EXPECT_GT(count({{"date", "le9999-12-31"}}), 1U);
    EXPECT_EQ(count({{"date", "gt9999"}}), 0U);
}

TEST_F(AuditEventsTest, PagesGoOnBelowAndForTheirCallerOnly) {
    for (int i = 0; i < 5; ++i) read_of({});
    const auto page = search({{"_count", "2"}, {"date", "ge2000-01-01"}}).value();
    EXPECT_EQ(Facade::entries_of(page), 2U);
    const std::string next = Facade::link(page, "next");
    ASSERT_NE(next.find("page="), std::string::npos);
    const std::string token = next.substr(next.find("page=") + 5);
    EXPECT_EQ(count({{"page", token}}), 2U);
    officer = caller("privacy-officer");
    officer.staff->id = "staff|other";
    EXPECT_EQ(code({{"page", token}}), ErrorCode::kFhirSearch);
}

TEST_F(AuditEventsTest, AreForThePrivacyOfficerAndEveryLookIsRecorded) {
    officer = caller("physician");
    EXPECT_EQ(code({}), ErrorCode::kForbidden);
    EXPECT_EQ(events.read("1", officer).error().code, ErrorCode::kForbidden);
    officer = caller("privacy-officer");
    const auto listed = journal->list({}).value();
    ASSERT_EQ(listed.size(), 2U);
    EXPECT_FALSE(listed[0].allowed);
    EXPECT_EQ(code({{"colour", "red"}}), ErrorCode::kOk);
    EXPECT_EQ(code({{"colour", "red"}}, {{"prefer", "handling=strict"}}), ErrorCode::kFhirSearch);
    EXPECT_EQ(code({{"identifier", "7"}}), ErrorCode::kFhirSearch);
    audit.broken = true;
    EXPECT_EQ(code({}), ErrorCode::kIo);
}

TEST_F(AuditEventsTest, OneIsReadByItsNumber) {
    read_of({patient("p1")});
    const auto one = events.read("1", officer).value();
    EXPECT_EQ(Facade::text_at(one, {"resourceType"}), "AuditEvent");
    EXPECT_EQ(Facade::text_at(one, {"id"}), "1");
    EXPECT_NE(as_text(one.body).find("Patient/p1"), std::string_view::npos);
    for (const std::string absent : {"0", "01", "99", "-1", "x", "18446744073709551615"})
        EXPECT_EQ(events.read(absent, officer).error().code, ErrorCode::kNotFound) << absent;
}

}  // namespace
}  // namespace salus::application
