#include "cli/torture/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/encoding.hpp"

namespace salus::cli::torture {
namespace {

/// At most `count` of all, from the `from`-th on, and on from the first.
template <class T, class Check>
Status each_of(const std::vector<T>& all, std::size_t from, std::size_t count, const Check& check) {
    for (std::size_t i = 0; i < std::min(all.size(), count); ++i)
        SALUS_TRY_STATUS(check(all[(from % all.size() + i) % all.size()]));
    return {};
}

}  // namespace

/// Each resource of the posting exactly once, or none of them.
Result<std::optional<std::vector<std::string>>> Judge::find(const Posting& posting) {
    std::vector<std::string> observations;
    for (std::size_t i = 1; i < posting.resources(); ++i) observations.push_back(posting.identifier(i));
    SALUS_TRY(auto matches, witness_.search("Patient", {posting.name}));
    if (!observations.empty()) {
        SALUS_TRY(const auto more, witness_.search("Observation", observations));
        matches.insert(matches.end(), more.begin(), more.end());
    }
    std::vector<std::string> out;
    for (std::size_t i = 0; i < posting.resources(); ++i) {
        const std::string identifier = posting.identifier(i);
        const auto count = std::ranges::count(matches, identifier, &Witness::Match::identifier);
        if (count > 1) miss(fmt::format("{} is there {} times", identifier, count));
        const auto found = std::ranges::find(matches, identifier, &Witness::Match::identifier);
        if (found != matches.end()) out.push_back(found->reference);
    }
    if (out.empty()) return std::optional<std::vector<std::string>>{};
    if (out.size() != posting.resources())
        miss(fmt::format("{} is there in part: {} of {} resources", posting.name, out.size(), posting.resources()));
    return std::optional(std::move(out));
}

Status Judge::patient(const Stored& one) {
    SALUS_TRY(const auto newest, witness_.read(one.patient()));
    if (!newest) {
        miss(fmt::format("{} of {} is not there", one.patient(), one.posting.name));
        return {};
    }
    if (newest->number != one.version)
        miss(fmt::format("the patient {} is in version {}, acknowledged is {}", one.posting.name, newest->number,
                         one.version));
    if (newest->said != newest->number)
        miss(fmt::format("version {} of the patient {} has the body of version {}", newest->number, one.posting.name,
                         newest->said));
    if (one.version == 1) return {};
    SALUS_TRY(const auto versions, witness_.history(one.patient()));
    std::uint64_t expected = newest->number;
    for (const std::uint64_t version : versions)
        if (version != expected--) {
            miss(fmt::format("the history of the patient {} has a gap at version {}", one.posting.name, expected + 1));
            return {};
        }
    if (expected != 0) miss(fmt::format("the history of the patient {} ends early", one.posting.name));
    return {};
}

Status Judge::stored(const Stored& one) {
    SALUS_TRY(const auto found, find(one.posting));
    if (!found)
        miss(fmt::format("{} was acknowledged and is not found", one.posting.name));
    else if (*found != one.references)
        miss(fmt::format("{} is found under other ids than were acknowledged", one.posting.name));
    SALUS_TRY_STATUS(patient(one));
    for (std::size_t i = 1; i < one.references.size(); ++i) {
        SALUS_TRY(const auto newest, witness_.read(one.references[i]));
        if (!newest)
            miss(fmt::format("{} of {} is not there", one.references[i], one.posting.name));
        else if (newest->number != 1 || newest->said != i)
            miss(fmt::format("{} is not what was acknowledged as {}", one.references[i], one.posting.identifier(i)));
    }
    return {};
}

Status Judge::settle_update(Stored& one) {
    if (!std::exchange(one.update_in_doubt, false)) return {};
    SALUS_TRY(const auto newest, witness_.read(one.patient()));
    const bool kept = newest && newest->number == one.version + 1;
    decide(kept);
    if (kept) ++one.version;
    return {};
}

Status Judge::settle(const Posting& posting, Run& run) {
    SALUS_TRY(const auto before, find(posting));
    decide(before.has_value());
    SALUS_TRY(auto repeated, witness_.repeat(posting));
    if (before && *before != repeated)
        miss(fmt::format("{} was stored, and its repetition is answered with other ids", posting.name));
    run.stored.push_back({posting, std::move(repeated)});
    return {};
}

Status Judge::settle(Consented& consent) {
    if (!consent.grant) {
        SALUS_TRY(const auto there, witness_.consents(consent.patient));
        decide(!there.empty());
        if (!there.empty()) consent.grant = there.front().grant;
    } else if (std::exchange(consent.revocation_in_doubt, false)) {
        SALUS_TRY(const auto there, witness_.consents(consent.patient));
        consent.revoked = !there.empty() && !there.front().active;
        decide(consent.revoked);
    }
    return {};
}

Status Judge::consent(const Consented& one) {
    SALUS_TRY(const auto there, witness_.consents(one.patient));
    if (there.size() != (one.grant ? 1U : 0U)) {
        miss(fmt::format("{} has {} consents instead of {}", one.patient, there.size(), one.grant ? 1 : 0));
        return {};
    }
    if (!one.grant) return {};
    const std::string name = to_hex(*one.grant);
    if (there.front().grant != *one.grant) miss(fmt::format("the consent {} is another one", name));
    if (there.front().active == one.revoked)
        miss(fmt::format("the consent {} is {} in the house", name, one.revoked ? "not revoked" : "not active"));
    SALUS_TRY(const auto status, witness_.on_chain(*one.grant));
    if (status != (one.revoked ? consent::GrantStatus::kRevoked : consent::GrantStatus::kActive))
        miss(fmt::format("the consent {} is {} on the chain", name,
                         !status       ? "not there"
                         : one.revoked ? "not revoked"
                                       : "not active"));
    return {};
}

Status Judge::row(const Hash& tag) {
    SALUS_TRY(const bool stands, witness_.row_stands(tag));
    if (!stands) miss(fmt::format("the disclosure row {} is not on the chain", to_hex(tag)));
    return {};
}

Status Judge::audit(const Run& run) {
    for (const auto& [patient, accesses] : run.accesses) {
        SALUS_TRY(const std::uint64_t events, witness_.events(patient));
        if (events < accesses + 1)
            miss(fmt::format("{}: {} accesses were acknowledged, {} stand in the audit", patient, accesses,
                             events == 0 ? 0 : events - 1));
    }
    return {};
}

Result<std::vector<std::string>> Judge::judge(Run& run) {
    faults_ = run.faults;
    SALUS_TRY_STATUS(audit(run));
    for (Stored& one : run.stored) SALUS_TRY_STATUS(settle_update(one));
    for (const Posting& posting : std::exchange(run.in_doubt, {})) SALUS_TRY_STATUS(settle(posting, run));
    for (Consented& one : run.consents) SALUS_TRY_STATUS(settle(one));
    SALUS_TRY(auto missing, judge_again(run, 0, SIZE_MAX));
    return missing;
}

Result<std::vector<std::string>> Judge::judge_again(const Run& run, std::size_t from, std::size_t count) {
    SALUS_TRY_STATUS(each_of(run.stored, from, count, [&](const Stored& one) { return stored(one); }));
    SALUS_TRY_STATUS(each_of(run.consents, from, count, [&](const Consented& one) { return consent(one); }));
    SALUS_TRY_STATUS(each_of(run.rows, from, count, [&](const Hash& tag) { return row(tag); }));
    return std::exchange(faults_, {});
}

}  // namespace salus::cli::torture
