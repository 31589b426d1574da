#pragma once

#include "application/fhir/exchange.hpp"
#include "application/fhir/service.hpp"

/// The reading side of the facade. Each access is handed to `audit` before it returns.
namespace salus::application {

/// Errors of all: kForbidden (the role), kFhirType, kNotFound (also for what the caller does not see), kIo
Result<transport::HttpResponse> read_resource(const FhirParts& parts, AuditSink& audit, const Caller& caller,
                                              const std::string& type, const std::string& id,
                                              std::optional<std::uint64_t> version);
/// All versions of one resource, newest first.
Result<transport::HttpResponse> read_history(const FhirParts& parts, AuditSink& audit, const Caller& caller,
                                             const transport::HttpRequest& request, const std::string& type,
                                             const std::string& id);
/// `type` empty: of the whole base. Errors: kFhirSearch too
Result<transport::HttpResponse> search_resources(const FhirParts& parts, AuditSink& audit, const Caller& caller,
                                                 const transport::HttpRequest& request, const std::string& type);
/// An evidence file: the leaf's inclusion, whether it was declared replaced, under the newest certified block.
/// Errors: kUnavailable before there is a certified block
Result<transport::HttpResponse> prove_resource(const FhirParts& parts, AuditSink& audit, const Caller& caller,
                                               const std::string& type, const std::string& id,
                                               std::optional<std::uint64_t> version);

}  // namespace salus::application
