#include "application/audit/audit_events.hpp"

#include <algorithm>
#include <charconv>

#include "application/access/gate.hpp"
#include "application/audit/balp.hpp"
#include "application/fhir/audit_trail.hpp"
#include "application/fhir/conditions.hpp"
#include "application/fhir/exchange.hpp"
#include "application/fhir/page_token.hpp"
#include "base/time_text.hpp"

namespace salus::application {
namespace {

/// What is asked for, without the place where a page begins.
struct EventSearch {
    SearchRequest common;
    TimeMs from_ms = 0;
    TimeMs until_ms = 0;  ///< 0: open
};

tl::unexpected<Error> bad_search(std::string why) { return fail(ErrorCode::kFhirSearch, std::move(why)); }

/// FHIR R4, search.html 3.1.1.4.7: a date stands for all of its year, month or day, a time for all of its second.
Status read_date(std::string_view value, EventSearch& out) {
    std::string_view prefix = "eq";
    if (value.size() > 2 && value[0] >= 'a' && value[0] <= 'z') {
        prefix = value.substr(0, 2);
        value.remove_prefix(2);
    }
    const auto span = iso_time_span(value);
    if (!span) return bad_search("date: such as ge2026-01-01 or lt2026-01-01T10:00:00Z");
    const auto [begin, end] = *span;
    const auto not_before = [&](TimeMs time) { out.from_ms = std::max(out.from_ms, time); };
    const auto before = [&](TimeMs time) {
        time = std::max<TimeMs>(time, 1);  // 0 would be open
        out.until_ms = out.until_ms == 0 ? time : std::min(out.until_ms, time);
    };
    if (prefix == "eq" || prefix == "ge") not_before(begin);
    if (prefix == "gt") not_before(end);
    if (prefix == "eq" || prefix == "le") before(end);
    if (prefix == "lt") before(begin);
    if (prefix != "eq" && prefix != "ge" && prefix != "gt" && prefix != "le" && prefix != "lt")
        return bad_search("date: the prefixes are eq, ge, gt, le and lt");
    return {};
}

Result<EventSearch> read_events_search(const std::vector<FormField>& fields, SearchHandling handling) {
    EventSearch out;
    std::vector<FormField> others;
    std::vector<FormField> dates;
    for (const FormField& field : fields) {
        const bool date = field.name == "date" && !field.value.empty();
        (date ? dates : others).push_back(field);
        if (date) SALUS_TRY_STATUS(read_date(field.value, out));
    }
    SALUS_TRY(out.common, parse_search(others, handling));
    if (!out.common.ids.empty() || !out.common.terms.empty() || !out.common.types.empty() || out.common.summary_count)
        return bad_search("AuditEvent is searched by patient and date");
    out.common.applied.insert(out.common.applied.end(), dates.begin(), dates.end());
    return out;
}

}  // namespace

Result<std::string> AuditEvents::render(const AuditRecord& record) const {
    SALUS_TRY(const auto patients, patients_of(house_, record));
    return render_audit_event(record, house_.organisation, patients);
}

Result<transport::HttpResponse> AuditEvents::search(const transport::HttpRequest& request, const Caller& caller) {
    const auto handling = prefers(request, "handling=strict") ? SearchHandling::kStrict : SearchHandling::kLenient;
    SALUS_TRY(const auto fields, fields_of(request));
    SALUS_TRY(EventSearch wanted, read_events_search(fields, handling));
    AuditQuery query;
    if (!wanted.common.page.empty()) {
        SALUS_TRY(const PageToken page, open_page(house_.vault.keys(), caller, wanted.common.page));
        if (page.type != "AuditEvent") return bad_search("page: of another search");
        SALUS_TRY(wanted, read_events_search(page.fields, SearchHandling::kLenient));
        query.before = page.after;
    }
    Access access{AuditAction::kSearch, caller, {}, {}, "AuditEvent?" + encode_form(wanted.common.applied), {}};
    if (const Status admitted = require_role(caller, "privacy-officer"); !admitted) {
        SALUS_TRY_STATUS(record_refused(house_.audit, std::move(access), admitted.error()));
        return fail(admitted.error());
    }
    SALUS_TRY(const auto narrowed, to_query(house_.vault, wanted.common, {}));
    if (narrowed && narrowed->subject) access.subjects = {*narrowed->subject};
    std::vector<AuditRecord> records;
    if (narrowed && (wanted.until_ms == 0 || wanted.from_ms < wanted.until_ms)) {
        query.subject = narrowed->subject;
        query.from_ms = wanted.from_ms;
        query.until_ms = wanted.until_ms;
        query.count = wanted.common.count + 1;
        SALUS_TRY(records, journal_.list(query));
    }
    SALUS_TRY_STATUS(record_allowed(house_.audit, std::move(access)));

    const std::string url = base_url_ + "/AuditEvent";
    ResponseBundle bundle{"searchset", {}, search_link(url, wanted.common.applied), {}, {}};
    if (records.size() > wanted.common.count) {
        records.pop_back();
        SALUS_TRY(const auto token, seal_page(house_.vault.keys(), caller,
                                              {"AuditEvent", wanted.common.applied, records.back().number, {}}));
        bundle.next_link = search_link(url, {}, token);
    }
    for (const AuditRecord& record : records) {
        ResponseEntry& entry = bundle.entries.emplace_back();
        entry.full_url = url + "/" + std::to_string(record.number);
        SALUS_TRY(const std::string event, render(record));
        entry.resource = to_bytes(event);
        entry.search_mode = "match";
    }
    return fhir_response(200, write_bundle(bundle));
}

Result<transport::HttpResponse> AuditEvents::read(const std::string& id, const Caller& caller) {
    Access access{AuditAction::kRead, caller, {}, {"AuditEvent/" + id}, {}, {}};
    const auto refuse = [&](Error why) -> Result<transport::HttpResponse> {
        SALUS_TRY_STATUS(record_refused(house_.audit, std::move(access), why));
        return fail(std::move(why));
    };
    if (const Status admitted = require_role(caller, "privacy-officer"); !admitted) return refuse(admitted.error());
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), number);
    const bool named = error == std::errc() && end == id.data() + id.size() && number > 0 && number < (1ULL << 62);
    std::vector<AuditRecord> records;
    if (named) {
        AuditQuery query;
        query.before = number + 1;
        query.count = 1;
        SALUS_TRY(records, journal_.list(query));
    }
    if (records.empty() || std::to_string(records.front().number) != id)
        return refuse({ErrorCode::kNotFound, "there is no such resource or version"});
    SALUS_TRY_STATUS(record_allowed(house_.audit, std::move(access)));
    SALUS_TRY(const std::string event, render(records.front()));
    return fhir_response(200, to_bytes(event));
}

}  // namespace salus::application
