#include "application/breakglass/openings.hpp"

#include <algorithm>

#include "model/limits.hpp"

namespace salus::application {
namespace {

constexpr std::string_view kOpeningsTopic = "break-glass";
constexpr std::string_view kReviewTopic = "break-glass-review";

constexpr std::string_view kOpeningsSteps[] = {
    "CREATE TABLE openings (opening BLOB PRIMARY KEY, subject BLOB NOT NULL, opened_ms BIGINT NOT NULL, sealed BLOB "
    "NOT NULL, finding BLOB);"
    "CREATE INDEX openings_subject ON openings (subject, opened_ms)"};

tl::unexpected<Error> refused(std::string_view why) { return fail(ErrorCode::kBreakGlassRefused, std::string(why)); }

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

}  // namespace

Filing Openings::filing_of(const BreakGlassId& id, const BreakGlassTerms& terms) {
    Filing filing;
    filing.kind = FilingKind::kMustFile;
    filing.topic = kOpeningsTopic;
    filing.reference = to_bytes(ByteView(id));
    filing.contract = Contract::kDisclosure;
    filing.payload = codec::encode(
        disclosure::Payload{disclosure::BreakGlass{id, terms.commitment(), terms.until_ms, terms.opened_ms}});
    return filing;
}

Result<std::unique_ptr<Openings>> Openings::open(const House& house) {
    SALUS_TRY_STATUS(house.database().migrate("openings", kOpeningsSteps));
    house.outbox.on_settled(
        std::string(kOpeningsTopic),
        [&house](Writing& writing, const Bytes& reference, const Settled& settled) -> Status {
            if (settled.how == Settled::How::kFiled || settled.error.code != ErrorCode::kDisclosureFuture) return {};
            // Block time lags behind this machine's clock: the same opening again, until it does not.
            BreakGlassId id;
            std::copy(reference.begin(), reference.end(), id.bytes.begin());
            SALUS_TRY(const auto sealed,
                      writing.query_value<Bytes>("SELECT sealed FROM openings WHERE opening = :opening", id));
            if (!sealed) return {};
            SALUS_TRY(const Bytes opened, house.unseal("opening", id, *sealed));
            SALUS_TRY(const auto terms, codec::decode<BreakGlassTerms>(opened));
            SALUS_TRY_STATUS(house.outbox.must_file(writing, filing_of(id, terms)));
            return {};
        });
    house.outbox.on_settled(
        std::string(kReviewTopic), [](Writing& writing, const Bytes& reference, const Settled& settled) -> Status {
            if (settled.how == Settled::How::kFiled) return {};
            SALUS_TRY_STATUS(writing.run("UPDATE openings SET finding = NULL WHERE opening = :opening", reference));
            return {};
        });
    return std::unique_ptr<Openings>(new Openings(house));
}

Status Openings::may_break(const Policy& policy, const StaffCredential& user, Purpose purpose) {
    if (purpose != Purpose::kEmergencyTreat && purpose != Purpose::kBreakGlass)
        return refused("glass is broken for ETREAT or BTG only");
    if (policy.rule(purpose, {}) != PolicyRule::kAlways) return refused("the policy in force knows no break-glass");
    if (!policy.is_clinical(user.role)) return refused("glass is broken by clinical staff only");
    return {};
}

Result<Opening> Openings::break_glass(const Policy& policy, const Breaking& breaking) {
    SALUS_TRY_STATUS(may_break(policy, breaking.user, breaking.purpose));
    if (is_blank(breaking.reason)) return refused("glass is broken with a written reason only");
    if (breaking.reason.size() > 2000) return refused("the reason has more than 2000 bytes");
    Opening out;
    out.id = house_->random.id<BreakGlassId>();
    out.terms = {house_->random.bytes<16>(),
                 house_->organisation,
                 breaking.requester,
                 breaking.user,
                 breaking.subject,
                 breaking.purpose,
                 breaking.reason,
                 house_->now_ms(),
                 0};
    const TimeMs most_ms = std::min<TimeMs>(policy.break_glass_ms(), kBreakGlassMs);
    out.terms.until_ms = out.terms.opened_ms + (breaking.open_ms == 0 ? most_ms : std::min(breaking.open_ms, most_ms));
    out.review_due_ms = out.terms.opened_ms + kReviewDueMs;
    SALUS_TRY(const Bytes sealed, house_->seal("opening", out.id, codec::encode(out.terms)));
    const Status stored = house_->database().transaction([&](Writing& writing) -> Status {
        SALUS_TRY_STATUS(writing.run(
            "INSERT INTO openings (opening, subject, opened_ms, sealed) VALUES (:opening, :subject, :opened, :sealed)",
            out.id, breaking.subject, out.terms.opened_ms, sealed));
        SALUS_TRY_STATUS(house_->outbox.must_file(writing, filing_of(out.id, out.terms)));
        return {};
    });
    SALUS_TRY_STATUS(stored);
    return out;
}

Result<Opening> Openings::complete(const network::LedgerView& view, const BreakGlassId& id, ByteView sealed,
                                   const std::optional<Bytes>& finding) const {
    Opening out;
    out.id = id;
    SALUS_TRY(const Bytes opened, house_->unseal("opening", id, sealed));
    SALUS_TRY(out.terms, codec::decode<BreakGlassTerms>(opened));
    out.review_due_ms = out.terms.opened_ms + kReviewDueMs;
    SALUS_TRY(const auto state,
              read_decision<disclosure::BreakGlassState>(view, Contract::kDisclosure, disclosure::break_glass_key(id)));
    out.on_chain = state.has_value();
    // A review counts once it stands on the chain.
    if (finding && state && state->value.status == disclosure::BreakGlassStatus::kReviewed) {
        SALUS_TRY(const Bytes found, house_->unseal("finding", id, *finding));
        SALUS_TRY(out.finding, codec::decode<ReviewFinding>(found));
    }
    return out;
}

Result<std::vector<Opening>> Openings::list(const std::optional<SubjectId>& subject) const {
    using Rows = std::vector<std::tuple<BreakGlassId, Bytes, std::optional<Bytes>>>;
    SALUS_TRY(const Rows rows, house_->database().read([&](Reading& reading) -> Result<Rows> {
        if (subject)
            return reading.query<BreakGlassId, Bytes, std::optional<Bytes>>(
                "SELECT opening, sealed, finding FROM openings WHERE subject = :subject ORDER BY opened_ms DESC",
                *subject);
        return reading.query<BreakGlassId, Bytes, std::optional<Bytes>>(
            "SELECT opening, sealed, finding FROM openings ORDER BY opened_ms DESC");
    }));
    const auto view = house_->ledger.view();
    std::vector<Opening> out;
    for (const auto& [id, sealed, finding] : rows) {
        SALUS_TRY(Opening one, complete(*view, id, sealed, finding));
        out.push_back(std::move(one));
    }
    return out;
}

Result<std::optional<Opening>> Openings::open_now(const SubjectId& subject, const AccountId& requester,
                                                  std::string_view user_id) const {
    SALUS_TRY(const auto all, list(subject));
    const TimeMs now_ms = house_->now_ms();
    for (const Opening& one : all)
        if (one.terms.requester == requester && one.terms.user.id == user_id && now_ms >= one.terms.opened_ms &&
            now_ms < one.terms.until_ms)
            return std::optional<Opening>(one);
    return std::optional<Opening>{};
}

Status Openings::review(const BreakGlassId& id, const StaffCredential& officer, bool justified, std::string text) {
    SALUS_TRY(const auto known, house_->database().read([&](Reading& reading) {
        return reading.query_value<Bytes>("SELECT sealed FROM openings WHERE opening = :opening", id);
    }));
    if (!known) return fail(ErrorCode::kNotFound, "no broken glass has that id here");
    if (is_blank(text) || text.size() > 4000) return fail(ErrorCode::kUsage, "a finding has 1 to 4000 bytes");
    const ReviewFinding finding{house_->random.bytes<16>(), id, officer, justified, std::move(text)};
    SALUS_TRY(const Bytes sealed, house_->seal("finding", id, codec::encode(finding)));
    Filing filing;
    filing.topic = kReviewTopic;
    filing.reference = to_bytes(ByteView(id));
    filing.contract = Contract::kDisclosure;
    filing.payload = codec::encode(disclosure::Payload{disclosure::Review{id, finding.commitment()}});
    filing.also = [&](Writing& writing) -> Status {
        SALUS_TRY(const std::uint64_t changed,
                  writing.run("UPDATE openings SET finding = :finding WHERE opening = :opening AND finding IS NULL",
                              sealed, id));
        if (changed == 0) return fail(ErrorCode::kConflict, "the opening is reviewed already");
        return {};
    };
    SALUS_TRY_STATUS(house_->outbox.file_and_wait(std::move(filing)));
    return {};
}

}  // namespace salus::application
