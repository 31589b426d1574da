#include "application/consent/decision.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace salus::application {
namespace {

constexpr TimeMs kNow = 1'000'000;
const AccountId kCustodian{{1}};
const AccountId kB{{2}};
const AccountId kC{{3}};
const SubjectId kPatient{{4}};

const Policy& policy() {
    static const Policy kPolicy = *Policy::parse(as_bytes(default_policy_document("US")));
    return kPolicy;
}
const Policy& opt_out() {
    static const Policy kPolicy = [] {
        std::string document = default_policy_document("XX");
        const std::string_view from = R"("TREAT", "rule": "grant-needed")";
        document.replace(document.find(from), from.size(), R"("TREAT", "rule": "unless-objected")");
        return *Policy::parse(as_bytes(document));
    }();
    return kPolicy;
}

std::uint8_t next_id = 1;

/// A consent made in block `height`.
StandingConsent consent(Decide decide, Height height, Criteria scope = {}) {
    StandingConsent out;
    out.terms.grant = GrantId{{next_id++}};
    out.terms.custodian = kCustodian;
    out.terms.subject = kPatient;
    out.terms.decide = decide;
    out.terms.scope = std::move(scope);
    out.terms.from_ms = kNow - 1000;
    out.terms.until_ms = kNow + 1000;
    out.created = {height, 0};
    return out;
}
StandingConsent permit(Height height, Criteria scope = {}) {
    return consent(Decide::kPermit, height, std::move(scope));
}
StandingConsent deny(Height height, Criteria scope = {}) { return consent(Decide::kDeny, height, std::move(scope)); }

DecisionRequest request(TimeMs now_ms = kNow) {
    DecisionRequest out;
    out.custodian = kCustodian;
    out.subject = kPatient;
    out.requester = kB;
    out.user = StaffCredential{kB, "Dr. Bea", "physician", "npi|7", 0, 1, {}, {}};
    out.purpose = Purpose::kTreat;
    out.now_ms = now_ms;
    return out;
}
ResourceFacts observation(std::vector<std::string> labels = {"N"}) {
    return {"Observation", "1", {"http://loinc.org|4548-4"}, std::move(labels), {"Practitioner/1"}, true, 5000};
}

bool allowed(const std::vector<StandingConsent>& consents, const DecisionRequest& asked = request(),
             const ResourceFacts& facts = observation()) {
    return decide(consents, policy(), asked, &facts).allowed;
}

Criteria organisations(std::vector<AccountId> ids) {
    Criteria c;
    c.organisations = std::move(ids);
    return c;
}
Criteria labels(std::vector<std::string> names) {
    Criteria c;
    c.labels = std::move(names);
    return c;
}
Criteria types(std::vector<std::string> names) {
    Criteria c;
    c.types = std::move(names);
    return c;
}

// --- rule 1: what counts
// -----------------------------------------------------------------------------------------------

TEST(Decision, WithoutConsentThePolicyDecides) {
    const ResourceFacts facts = observation();
    const Decision strict = decide({}, policy(), request(), &facts);
    EXPECT_FALSE(strict.allowed);
    EXPECT_EQ(strict.ruling, Ruling::kNoConsent);
    EXPECT_TRUE(decide({}, opt_out(), request(), &facts).allowed);
    DecisionRequest emergency = request();
    emergency.purpose = Purpose::kBreakGlass;
    EXPECT_TRUE(decide({}, policy(), emergency, &facts).allowed);
}

TEST(Decision, APermitAllowsAndIsNamed) {
    const StandingConsent one = permit(1);
    const ResourceFacts facts = observation();
    const Decision decision = decide({one}, policy(), request(), &facts);
    EXPECT_TRUE(decision.allowed);
    EXPECT_EQ(decision.consents, std::vector<GrantId>{one.terms.grant});
}

TEST(Decision, APeriodIncludesItsBeginningAndNotItsEnd) {
    EXPECT_FALSE(allowed({permit(1)}, request(kNow - 1001)));
    EXPECT_TRUE(allowed({permit(1)}, request(kNow - 1000)));
    EXPECT_TRUE(allowed({permit(1)}, request(kNow + 999)));
    EXPECT_FALSE(allowed({permit(1)}, request(kNow + 1000)));
}

TEST(Decision, WhatIsRevokedOrAnotherPatientsOrCustodiansDoesNotCount) {
    StandingConsent revoked = permit(1);
    revoked.active = false;
    StandingConsent stranger = permit(1);
    stranger.terms.subject = SubjectId{{9}};
    StandingConsent elsewhere = permit(1);
    elsewhere.terms.custodian = kC;
    EXPECT_FALSE(allowed({revoked, stranger, elsewhere}));
}

// --- rule 2: criteria
// --------------------------------------------------------------------------------------------------

TEST(Decision, EachCriterionMatchesOrDoesNot) {
    const auto with = [](auto set) {
        Criteria c;
        set(c);
        return permit(1, c);
    };
    struct Row {
        const char* name;
        StandingConsent matching;
        StandingConsent other;
    };
    const Row rows[] = {
        {"organisation", with([](Criteria& c) {
             c.organisations = {kC, kB};
         }),
         with([](Criteria& c) { c.organisations = {kC}; })},
        {"practitioner", with([](Criteria& c) { c.practitioners = {"npi|7"}; }),
         with([](Criteria& c) { c.practitioners = {"npi|8"}; })},
        {"role", with([](Criteria& c) { c.roles = {"physician"}; }), with([](Criteria& c) { c.roles = {"nurse"}; })},
        {"purpose", with([](Criteria& c) { c.purposes = {1}; }), with([](Criteria& c) { c.purposes = {4}; })},
        {"action", with([](Criteria& c) { c.actions = {kActionRead}; }), with([](Criteria& c) { c.actions = {2}; })},
        {"type", with([](Criteria& c) { c.types = {"Observation"}; }),
         with([](Criteria& c) { c.types = {"Condition"}; })},
        {"instance", with([](Criteria& c) { c.instances = {"Observation/1"}; }),
         with([](Criteria& c) { c.instances = {"Observation/2"}; })},
        {"code", with([](Criteria& c) { c.codes = {"http://loinc.org|4548-4"}; }),
         with([](Criteria& c) { c.codes = {"http://loinc.org|1"}; })},
        {"label", with([](Criteria& c) { c.labels = {"N"}; }), with([](Criteria& c) { c.labels = {"R"}; })},
        {"author", with([](Criteria& c) { c.author = "Practitioner/1"; }),
         with([](Criteria& c) { c.author = "Practitioner/2"; })},
        {"data from", with([](Criteria& c) { c.data_from_ms = 5000; }),
         with([](Criteria& c) { c.data_from_ms = 5001; })},
        {"data until", with([](Criteria& c) { c.data_until_ms = 5001; }),
         with([](Criteria& c) { c.data_until_ms = 5000; })},
    };
    for (const Row& row : rows) {
        EXPECT_TRUE(allowed({row.matching})) << row.name;
        EXPECT_FALSE(allowed({row.other})) << row.name;
    }
}

TEST(Decision, APermitForSomeLabelsDoesNotCoverAResourceThatHasOthersToo) {
    EXPECT_TRUE(allowed({permit(1, labels({"N", "HIV"}))}, request(), observation({"HIV"})));
    EXPECT_FALSE(allowed({permit(1, labels({"N", "HIV"}))}, request(), observation({"HIV", "PSY"})));
    EXPECT_FALSE(allowed({permit(1), deny(2, labels({"HIV"}))}, request(), observation({"HIV", "PSY"})));
}

TEST(Decision, WhatIsNotKnownCountsAgainstDisclosure) {
    DecisionRequest nobody = request();
    nobody.user.reset();
    Criteria one_person;
    one_person.practitioners = {"npi|8"};
    EXPECT_FALSE(allowed({permit(1, one_person)}, nobody));
    EXPECT_FALSE(allowed({permit(1), deny(2, one_person)}, nobody));
    EXPECT_TRUE(allowed({permit(1), deny(2, one_person)}));

    ResourceFacts undated = observation();
    undated.dated = false;
    Criteria past;
    past.data_until_ms = 1;
    EXPECT_FALSE(allowed({permit(1, past)}, request(), undated));
    EXPECT_FALSE(allowed({permit(1), deny(2, past)}, request(), undated));
}

TEST(Decision, APermitCoversWhatLiesWithinItsTimesAndADenialWhatReachesIntoThem) {
    Criteria times;
    times.data_from_ms = 1000;
    times.data_until_ms = 2000;
    struct Row {
        TimeMs from_ms;
        TimeMs until_ms;
        bool within;
        bool reaches;
    };
    constexpr TimeMs kOpen = std::numeric_limits<TimeMs>::max();
    for (const Row row : {Row{1000, 2000, true, true}, Row{999, 2000, false, true}, Row{1000, 2001, false, true},
                          Row{1999, kOpen, false, true}, Row{0, kOpen, false, true}, Row{2000, kOpen, false, false},
                          Row{500, 1000, false, false}, Row{500, 1001, false, true}, Row{0, 1, false, false}}) {
        ResourceFacts facts = observation();
        facts.time_ms = row.from_ms;
        facts.until_ms = row.until_ms;
        EXPECT_EQ(allowed({permit(1, times)}, request(), facts), row.within) << row.from_ms << " " << row.until_ms;
        EXPECT_EQ(!allowed({permit(1), deny(2, times)}, request(), facts), row.reaches)
            << row.from_ms << " " << row.until_ms;
    }
}

TEST(Decision, AnExceptionTurnsItsConsentRound) {
    StandingConsent but_hiv = permit(1);
    but_hiv.terms.exceptions = {labels({"HIV"})};
    EXPECT_TRUE(allowed({but_hiv}));
    EXPECT_FALSE(allowed({but_hiv}, request(), observation({"HIV"})));
    StandingConsent only_observations = deny(1);
    only_observations.terms.exceptions = {types({"Observation"})};
    EXPECT_TRUE(allowed({only_observations}));
    ResourceFacts condition = observation();
    condition.type = "Condition";
    EXPECT_FALSE(allowed({only_observations}, request(), condition));
}

TEST(Decision, TheRequestAsAWholeIsNotRefusedForWhatItsResourcesMayEscape) {
    const auto whole = [](const std::vector<StandingConsent>& consents) {
        return decide(consents, policy(), request(), nullptr).allowed;
    };
    EXPECT_TRUE(whole({permit(1, types({"Condition"}))}));
    EXPECT_TRUE(whole({permit(1), deny(2, labels({"HIV"}))}));
    EXPECT_FALSE(whole({permit(1), deny(2)}));
    EXPECT_FALSE(whole({permit(1, organisations({kC}))}));
}

// --- rule 3: several consents
// --------------------------------------------------------------------------------------------

TEST(Decision, TheNewestInBlockOrderDecides) {
    EXPECT_FALSE(allowed({permit(1), deny(2)}));
    EXPECT_TRUE(allowed({deny(1), permit(2)}));
    EXPECT_TRUE(allowed({permit(2), deny(1)})) << "the order of the list is nothing";
    StandingConsent first = deny(1);
    StandingConsent second = permit(1);
    first.created.index = 0;
    second.created.index = 1;
    EXPECT_TRUE(allowed({second, first})) << "within a block, the place";
}

TEST(Decision, TuesdaysIntakeFormDoesNotUndoMondaysDenial) {
    const StandingConsent monday = deny(1, labels({"HIV"}));
    EXPECT_FALSE(allowed({monday, permit(2)}, request(), observation({"HIV"})));
    EXPECT_TRUE(allowed({monday, permit(2)}, request(), observation({"N"})));
    StandingConsent by_name = permit(2);
    by_name.terms.supersedes = {monday.terms.grant};
    EXPECT_TRUE(allowed({monday, by_name}, request(), observation({"HIV"})));
    EXPECT_TRUE(allowed({monday, permit(2, labels({"HIV"}))}, request(), observation({"HIV"})))
        << "a permit for just that is not broader";
    EXPECT_FALSE(allowed({monday, permit(2, labels({"HIV", "N"}))}, request(), observation({"HIV"}))) << "this one is";
}

TEST(Decision, ADenialForAnActorSurvivesAPermitForAll) {
    EXPECT_FALSE(allowed({deny(1, organisations({kB})), permit(2)}));
    EXPECT_TRUE(allowed({deny(1, organisations({kB})), permit(2, organisations({kB}))}));
    EXPECT_FALSE(allowed({deny(1, organisations({kB})), permit(2, organisations({kB, kC}))}));
}

TEST(Decision, ASupersedingPermitThatHasEndedSupersedesNothing) {
    const StandingConsent monday = deny(1, labels({"HIV"}));
    StandingConsent tuesday = permit(2);
    tuesday.terms.supersedes = {monday.terms.grant};
    tuesday.active = false;
    EXPECT_FALSE(allowed({monday, tuesday, permit(3)}, request(), observation({"HIV"})));
}

TEST(Decision, AnObjectionCountsWhereThePolicyAllowsUnlessObjected) {
    const ResourceFacts facts = observation();
    EXPECT_FALSE(decide({deny(1)}, opt_out(), request(), &facts).allowed);
    EXPECT_TRUE(decide({permit(1)}, opt_out(), request(), &facts).allowed);
}

// --- properties
// -----------------------------------------------------------------------------------------------------------

Criteria arbitrary_criteria() {
    Criteria c;
    if (*rc::gen::arbitrary<bool>()) c.organisations = {*rc::gen::element(kB, kC)};
    if (*rc::gen::arbitrary<bool>()) c.types = {*rc::gen::element<std::string>("Observation", "Condition")};
    if (*rc::gen::arbitrary<bool>()) c.labels = {*rc::gen::element<std::string>("N", "HIV", "R")};
    if (*rc::gen::arbitrary<bool>()) c.purposes = {*rc::gen::inRange<std::uint64_t>(1, 3)};
    if (*rc::gen::arbitrary<bool>()) c.data_from_ms = *rc::gen::element<TimeMs>(1, 6000);
    return c;
}

std::vector<StandingConsent> arbitrary_consents() {
    std::vector<StandingConsent> out;
    const int count = *rc::gen::inRange(0, 6);
    for (int i = 0; i < count; ++i) {
        StandingConsent one = consent(*rc::gen::element(Decide::kPermit, Decide::kDeny),
                                      *rc::gen::inRange<Height>(1, 9), arbitrary_criteria());
        one.terms.grant = GrantId{{static_cast<std::uint8_t>(i)}};
        one.created.index = static_cast<std::uint32_t>(i);
        one.active = *rc::gen::inRange(0, 4) != 0;
        if (*rc::gen::arbitrary<bool>()) one.terms.exceptions = {arbitrary_criteria()};
        if (*rc::gen::arbitrary<bool>()) one.terms.supersedes = {GrantId{{*rc::gen::inRange<std::uint8_t>(0, 6)}}};
        out.push_back(std::move(one));
    }
    return out;
}

RC_GTEST_PROP(DecisionProperty, AddingADenialNeverWidens, ()) {
    const std::vector<StandingConsent> before = arbitrary_consents();
    std::vector<StandingConsent> after = before;
    StandingConsent denial = deny(*rc::gen::inRange<Height>(1, 9), arbitrary_criteria());
    denial.created.index = 99;
    after.push_back(denial);
    const ResourceFacts facts = observation({*rc::gen::element<std::string>("N", "HIV", "R")});
    const Policy& by = *rc::gen::arbitrary<bool>() ? policy() : opt_out();
    if (decide(after, by, request(), &facts).allowed) RC_ASSERT(decide(before, by, request(), &facts).allowed);
}

RC_GTEST_PROP(DecisionProperty, TheOrderOfTheListIsNothing, ()) {
    std::vector<StandingConsent> consents = arbitrary_consents();
    const ResourceFacts facts = observation();
    const Decision before = decide(consents, policy(), request(), &facts);
    std::reverse(consents.begin(), consents.end());
    const Decision after = decide(consents, policy(), request(), &facts);
    RC_ASSERT(before.allowed == after.allowed);
    RC_ASSERT(before.ruling == after.ruling);
}

RC_GTEST_PROP(DecisionProperty, WhatIsAllowedForAResourceIsNotRefusedForTheRequest, ()) {
    const std::vector<StandingConsent> consents = arbitrary_consents();
    const ResourceFacts facts = observation();
    bool no_exceptions = true;
    for (const StandingConsent& one : consents) no_exceptions = no_exceptions && one.terms.exceptions.empty();
    RC_PRE(no_exceptions);
    if (decide(consents, policy(), request(), &facts).allowed)
        RC_ASSERT(decide(consents, policy(), request(), nullptr).allowed);
}

}  // namespace
}  // namespace salus::application
