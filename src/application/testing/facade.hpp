#pragma once

#include <algorithm>
#include <mutex>

#include "application/fhir/document.hpp"
#include "application/fhir/search_query.hpp"
#include "application/fhir/service.hpp"
#include "application/testing/house.hpp"

namespace salus::application::testing {

/// Keeps what it is told; fails when told so.
class RecordingSink final : public AuditSink {
public:
    Status record(const AuditEntry& entry) override {
        const std::lock_guard lock(mutex_);
        if (broken) return fail(ErrorCode::kIo, "the audit log cannot be written");
        entries.push_back(entry);
        return {};
    }
    void record_then(std::vector<AuditEntry> more, std::function<void(const Status&)> recorded) override {
        Status status;
        for (const AuditEntry& entry : more)
            if (status) status = record(entry);
        if (!holds) return recorded(status);
        const std::lock_guard lock(mutex_);
        held.push_back([=] { recorded(status); });
    }
    std::size_t held_count() {
        const std::lock_guard lock(mutex_);
        return held.size();
    }
    std::vector<AuditEntry> entries;
    bool broken = false;
    bool holds = false;  ///< says only later what became of them
    std::vector<std::function<void()>> held;

private:
    std::mutex mutex_;
};

/// The roles, and one subject whom nobody sees.
class HidingRules final : public RoleRules {
public:
    Result<bool> sees(const Caller& /*caller*/, const SubjectId& subject) override { return subject != hidden; }
    Result<std::vector<SubjectId>> unseen(const Caller& /*caller*/,
                                          const std::optional<std::vector<SubjectId>>& among) override {
        if (!hidden || (among && std::ranges::find(*among, *hidden) == among->end())) return std::vector<SubjectId>{};
        return std::vector{*hidden};
    }
    bool hides_from(const Caller& /*caller*/) const override { return hidden.has_value(); }
    std::optional<SubjectId> hidden;
};

/// In the place of the audit log and the consents.
class NothingMade final : public MadeResources {
public:
    Result<transport::HttpResponse> search(const transport::HttpRequest& /*request*/,
                                           const Caller& /*caller*/) override {
        return fail(ErrorCode::kNotFound, "none of these is made here");
    }
    Result<transport::HttpResponse> read(const std::string& /*id*/, const Caller& /*caller*/) override {
        return fail(ErrorCode::kNotFound, "none of these is made here");
    }
};

/// Hospital A's FHIR base with everything below it.
class Facade {
public:
    Facade() { open(); }
    void open() { service = std::make_unique<FhirService>(parts()); }
    FhirParts parts() {
        return {*house.vault, *house.anchor, house.claims, ledger, audit,        rules,       nothing,
                nothing,      base_path,     base_url,     "0.1",  "2026-01-01", house.random};
    }

    TestLedger ledger;
    House house{ledger};
    RecordingSink audit;
    HidingRules rules;
    NothingMade nothing;
    const std::string base_path = "/orgs/a/fhir/R4";
    const std::string base_url = "http://localhost" + base_path;
    std::unique_ptr<FhirService> service;
    Caller caller = machine();

    Caller machine() {
        Caller out;
        out.organisation = house.id;
        return out;
    }
    Caller staff(std::string role) {
        Caller out = machine();
        out.kind = Caller::Kind::kStaff;
        out.staff.emplace();
        out.staff->role = std::move(role);
        out.staff->id = "staff|" + out.staff->role;
        return out;
    }

    using Query = std::vector<std::pair<std::string, std::string>>;
    transport::HttpResponse request(std::string method, const std::string& path, transport::Headers headers,
                                    Bytes body = {}, Query query = {}) {
        if (std::ranges::find(headers, "content-type", &std::pair<std::string, std::string>::first) == headers.end())
            headers.emplace_back("content-type", "application/fhir+json");
        transport::HttpResponse answer;
        service->handle({std::move(method), base_path + path, std::move(query), std::move(headers), std::move(body)},
                        caller, [&](transport::HttpResponse response) { answer = std::move(response); });
        return answer;
    }
    transport::HttpResponse get(const std::string& path, Query query = {}, transport::Headers headers = {}) {
        return request("GET", path, std::move(headers), {}, std::move(query));
    }
    transport::HttpResponse post(const std::string& path, std::string_view body, transport::Headers headers = {}) {
        return request("POST", path, std::move(headers), to_bytes(body));
    }
    transport::HttpResponse form(const std::string& path, std::string_view body) {
        return post(path, body, {{"content-type", "application/x-www-form-urlencoded"}});
    }
    transport::HttpResponse put(const std::string& path, std::string_view body, transport::Headers headers = {}) {
        return request("PUT", path, std::move(headers), to_bytes(body));
    }
    transport::HttpResponse put(const std::string& path, const Bytes& body) { return put(path, as_text(body)); }

    /// A link of ours, as a client would follow it.
    transport::HttpResponse follow(const std::string& url) {
        const std::size_t mark = url.find('?');
        Query query;
        const auto fields = decode_form(std::string_view(url).substr(mark + 1)).value();
        for (const auto& field : fields) query.emplace_back(field.name, field.value);
        return get(url.substr(base_url.size(), mark - base_url.size()), std::move(query));
    }
    transport::HttpResponse follow_next(const transport::HttpResponse& page) { return follow(link(page, "next")); }

    static std::string text_at(const transport::HttpResponse& response, std::initializer_list<std::string_view> path) {
        const auto document = Document::parse(response.body);
        return document ? document->root().text_at(path).value_or("") : "";
    }
    static std::string number_at(const transport::HttpResponse& response, std::string_view name) {
        const auto document = Document::parse(response.body);
        const auto member = document->root().find(name);
        return member ? std::string(member->raw()) : "";
    }
    static std::string link(const transport::HttpResponse& response, std::string_view relation) {
        const auto document = Document::parse(response.body);
        const auto links = document->root().find("link");
        if (!links) return "";
        for (const JsonValue one : links->children())
            if (one.text_at({"relation"}) == relation) return one.text_at({"url"}).value_or("");
        return "";
    }
    static std::size_t entries_of(const transport::HttpResponse& response) {
        return each_entry(response, {"fullUrl"}).size();
    }
    static std::vector<std::string> statuses_of(const transport::HttpResponse& response) {
        return each_entry(response, {"response", "status"});
    }

private:
    static std::vector<std::string> each_entry(const transport::HttpResponse& response,
                                               std::initializer_list<std::string_view> path) {
        std::vector<std::string> out;
        const auto document = Document::parse(response.body);
        if (!document) return out;
        if (const auto entries = document->root().find("entry"))
            for (const JsonValue entry : entries->children()) out.push_back(entry.text_at(path).value_or(""));
        return out;
    }
};

}  // namespace salus::application::testing
