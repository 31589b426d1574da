#pragma once

#include "application/audit/journal.hpp"
#include "application/fhir/service.hpp"

namespace salus::application {

/// AuditEvent in the FHIR facade, in the forms of IHE BALP, newest first: for the privacy officer and the
/// organisation's machine. Looking is audited too. Known: patient, date (with a prefix), _count, page, _format.
/// Thread-safe.
class AuditEvents final : public MadeResources {
public:
    /// Pre: both outlive it. `base_url`: where links begin
    AuditEvents(const House& house, const Journal& journal, std::string base_url)
        : house_(house), journal_(journal), base_url_(std::move(base_url)) {}

    Result<transport::HttpResponse> search(const transport::HttpRequest& request, const Caller& caller) override;
    Result<transport::HttpResponse> read(const std::string& id, const Caller& caller) override;

private:
    Result<std::string> render(const AuditRecord& record) const;

    const House& house_;
    const Journal& journal_;
    const std::string base_url_;
};

}  // namespace salus::application
