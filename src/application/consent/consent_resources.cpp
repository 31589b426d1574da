#include "application/consent/consent_resources.hpp"

#include <algorithm>
#include <set>

#include "application/consent/fhir_consent.hpp"
#include "application/fhir/audit_trail.hpp"
#include "application/fhir/conditions.hpp"
#include "application/fhir/exchange.hpp"
#include "base/encoding.hpp"

namespace salus::application {
namespace {

tl::unexpected<Error> bad_consent_search(std::string why) { return fail(ErrorCode::kFhirSearch, std::move(why)); }

bool is_over(const KnownConsent& consent, TimeMs now_ms) {
    return !consent.active() || now_ms >= consent.terms.until_ms;
}

}  // namespace

/// What a search asks for.
struct ConsentResources::Wanted {
    SearchRequest common;
    std::optional<SearchRequest> identified;  ///< patient.identifier, as a search for the Patient
    bool active = true;
    bool inactive = true;
};

Result<ConsentResources::Wanted> ConsentResources::wanted(const transport::HttpRequest& request) const {
    const auto handling = prefers(request, "handling=strict") ? SearchHandling::kStrict : SearchHandling::kLenient;
    SALUS_TRY(const auto fields, fields_of(request));
    Wanted out;
    std::vector<FormField> common;
    std::vector<FormField> own;
    std::vector<FormField> identifiers;
    for (const FormField& field : fields) {
        const bool status = field.name == "status" && !field.value.empty();
        const bool identifier = field.name == "patient.identifier" && !field.value.empty();
        (status || identifier ? own : common).push_back(field);
        if (identifier) identifiers.push_back({"identifier", field.value});
        if (!status) continue;
        const std::string values = "," + field.value + ",";
        out.active = out.active && values.find(",active,") != std::string::npos;
        out.inactive = out.inactive && values.find(",inactive,") != std::string::npos;
    }
    SALUS_TRY(out.common, parse_search(common, handling));
    if (!identifiers.empty()) {
        SALUS_TRY(out.identified, parse_search(identifiers, SearchHandling::kStrict));
    }
    if (!out.common.terms.empty() || !out.common.types.empty() || !out.common.page.empty())
        return bad_consent_search("Consent is searched by patient, patient.identifier, _id and status");
    if (out.common.patients.empty() && out.common.ids.empty() && !out.identified)
        return bad_consent_search("say whose consents: patient, patient.identifier or _id");
    out.common.applied.insert(out.common.applied.end(), own.begin(), own.end());
    return out;
}

Result<std::optional<KnownConsent>> ConsentResources::find(const std::string& id, const Caller& caller) const {
    const auto grant = id_from_hex<GrantId>(id);
    if (!grant) return std::optional<KnownConsent>{};
    SALUS_TRY(auto known, consents_.find(*house_.ledger.view(), *grant));
    if (!known) return std::optional<KnownConsent>{};
    SALUS_TRY(const bool visible, rules_.sees(caller, known->terms.subject));
    if (!visible) known.reset();
    return known;
}

Result<std::vector<KnownConsent>> ConsentResources::find(const Wanted& wanted, const Caller& caller) const {
    std::vector<KnownConsent> out;
    SALUS_TRY(const auto query, to_query(house_.vault, wanted.common, {}));
    if (!query) return out;
    std::optional<SubjectId> subject = query->subject;
    if (wanted.identified) {
        SALUS_TRY(auto patients, to_query(house_.vault, *wanted.identified, {"Patient"}));
        // Before anybody is counted: that two answer to it would tell that the one who is hidden exists.
        SALUS_TRY_STATUS(hide(house_.vault, rules_, caller, *patients));
        SALUS_TRY(const auto page, house_.vault.search(*patients));
        if (page.resources.size() > 1)
            return fail(ErrorCode::kFhirSearch, "patient.identifier: more than one patient has it");
        if (page.resources.empty()) return out;
        if (subject && *subject != page.resources.front().version.subject) return out;
        subject = page.resources.front().version.subject;
    }
    if (subject) {
        SALUS_TRY(const bool visible, rules_.sees(caller, *subject));
        if (!visible) return out;
        SALUS_TRY(out, consents_.of_subject(*house_.ledger.view(), *subject));
        if (!query->ids.empty())
            std::erase_if(out, [&](const KnownConsent& one) {
                return std::ranges::find(query->ids, to_hex(one.terms.grant)) == query->ids.end();
            });
    } else {
        for (const std::string& id : query->ids) {
            SALUS_TRY(auto known, find(id, caller));
            if (known) out.push_back(*std::move(known));
        }
    }
    const TimeMs now_ms = house_.now_ms();
    std::erase_if(out,
                  [&](const KnownConsent& one) { return is_over(one, now_ms) ? !wanted.inactive : !wanted.active; });
    return out;
}

Result<Bytes> ConsentResources::render(const KnownConsent& consent) const {
    SALUS_TRY(const auto patient, house_.vault.patient_of(consent.terms.subject));
    return to_bytes(render_consent(consent, patient.value_or(""), house_.now_ms()));
}

Result<transport::HttpResponse> ConsentResources::search(const transport::HttpRequest& request, const Caller& caller) {
    SALUS_TRY(const Wanted asked, wanted(request));
    Access access{AuditAction::kSearch, caller, {}, {}, "Consent?" + encode_form(asked.common.applied), {}};
    if (const Status admitted = rules_.admit(caller, false); !admitted) {
        SALUS_TRY_STATUS(record_refused(house_.audit, std::move(access), admitted.error()));
        return fail(admitted.error());
    }
    const auto found = find(asked, caller);
    if (!found) {
        SALUS_TRY_STATUS(record_refused(house_.audit, std::move(access), found.error()));
        return fail(found.error());
    }
    std::set<SubjectId> subjects;
    for (const KnownConsent& one : *found) subjects.insert(one.terms.subject);
    access.subjects.assign(subjects.begin(), subjects.end());
    SALUS_TRY_STATUS(record_allowed(house_.audit, std::move(access)));

    const std::string url = base_url_ + "/Consent";
    ResponseBundle bundle{"searchset", found->size(), search_link(url, asked.common.applied), {}, {}};
    if (asked.common.summary_count) return fhir_response(200, write_bundle(bundle));
    for (const KnownConsent& one : *found) {
        ResponseEntry& entry = bundle.entries.emplace_back();
        entry.full_url = url + "/" + to_hex(one.terms.grant);
        SALUS_TRY(entry.resource, render(one));
        entry.search_mode = "match";
    }
    return fhir_response(200, write_bundle(bundle));
}

Result<transport::HttpResponse> ConsentResources::read(const std::string& id, const Caller& caller) {
    Access access{AuditAction::kRead, caller, {}, {"Consent/" + id}, {}, {}};
    const auto refuse = [&](Error why) -> Result<transport::HttpResponse> {
        SALUS_TRY_STATUS(record_refused(house_.audit, std::move(access), why));
        return fail(std::move(why));
    };
    if (const Status admitted = rules_.admit(caller, false); !admitted) return refuse(admitted.error());
    SALUS_TRY(const auto known, find(id, caller));
    if (!known) return refuse({ErrorCode::kNotFound, "there is no such resource or version"});
    access.subjects = {known->terms.subject};
    SALUS_TRY_STATUS(record_allowed(house_.audit, std::move(access)));
    SALUS_TRY(Bytes consent, render(*known));
    return fhir_response(200, std::move(consent));
}

}  // namespace salus::application
