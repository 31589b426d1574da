#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "application/access/caller.hpp"
#include "application/audit/audit_log.hpp"
#include "application/fhir/house_rules.hpp"
#include "application/vault/anchor.hpp"
#include "application/vault/claims.hpp"
#include "application/vault/vault.hpp"
#include "network/ledger_service.hpp"
#include "transport/http.hpp"

/// The FHIR R4 base of one organisation. What it does is what its CapabilityStatement says. Source: spec "The FHIR
/// facade"; FHIR R4 http.html
namespace salus::application {

/// A type whose resources no client stores: the server makes them as they are asked for. Each access is in the audit
/// log before it is answered. Errors of both: kForbidden (the role), kFhirSearch, kNotFound, kIo
class MadeResources {
public:
    virtual ~MadeResources() = default;
    virtual Result<transport::HttpResponse> search(const transport::HttpRequest& request, const Caller& caller) = 0;
    virtual Result<transport::HttpResponse> read(const std::string& id, const Caller& caller) = 0;
};

/// What the facade stands on; all of it outlives the service.
struct FhirParts {
    Vault& vault;
    Anchor& anchor;
    Claims& claims;
    network::LedgerService& ledger;
    AuditSink& audit;
    HouseRules& rules;
    MadeResources& audit_events;
    MadeResources& consents;
    std::string base_path;  ///< "/orgs/ID/fhir/R4"
    std::string base_url;   ///< the same with scheme and authority: links and Location begin with it
    std::string software_version;
    std::string started;  ///< a FHIR dateTime, for the CapabilityStatement
    Random& random;
};

class FhirService {
public:
    /// `held_bytes_max`: of answers that wait for their audit; beyond, `handle` waits for it too, so that a disk that
    /// stalls does not fill the memory
    explicit FhirService(FhirParts parts, std::size_t held_bytes_max = std::size_t{64} << 20)
        : parts_(std::move(parts)), held_bytes_max_(held_bytes_max) {}

    /// Answers a request whose path begins with base_path: calls `answer` once, when all that it accessed is in the
    /// audit log, perhaps on another thread and after it has returned. Every answer but a resource, a Bundle or a proof
    /// is an OperationOutcome. Waits for the chain where it writes: call it on a worker. Pre: the caller's token was
    /// for this organisation; `answer` returns quickly
    void handle(const transport::HttpRequest& request, const Caller& caller,
                std::function<void(transport::HttpResponse)> answer);

    /// GET metadata, which asks for no token.
    [[nodiscard]] transport::HttpResponse metadata() const;

private:
    transport::HttpResponse respond(const transport::HttpRequest& request, const Caller& caller,
                                    AuditSink& audit) const;

    const FhirParts parts_;
    const std::size_t held_bytes_max_;
    std::atomic<std::size_t> held_{0};  ///< bytes of answers that wait for their audit
};

}  // namespace salus::application
