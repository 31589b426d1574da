#pragma once

#include "application/consent/consents.hpp"
#include "application/fhir/service.hpp"

namespace salus::application {

/// Consent in the FHIR facade: the grants and denials that stand on the chain, in the form of IHE PCF. They are made by
/// a wallet or at the desk; a Consent that is merely stored would permit nothing, and none is. Known: patient,
/// patient.identifier or _id (one of them is needed), status, _format. Thread-safe.
class ConsentResources final : public MadeResources {
public:
    /// Pre: all outlive it. `base_url`: where links begin
    ConsentResources(const House& house, const Consents& consents, HouseRules& rules, std::string base_url)
        : house_(house), consents_(consents), rules_(rules), base_url_(std::move(base_url)) {}

    Result<transport::HttpResponse> search(const transport::HttpRequest& request, const Caller& caller) override;
    Result<transport::HttpResponse> read(const std::string& id, const Caller& caller) override;

private:
    struct Wanted;
    Result<Wanted> wanted(const transport::HttpRequest& request) const;
    Result<std::vector<KnownConsent>> find(const Wanted& wanted, const Caller& caller) const;
    /// What stands under that id and is not hidden from the caller.
    Result<std::optional<KnownConsent>> find(const std::string& id, const Caller& caller) const;
    Result<Bytes> render(const KnownConsent& consent) const;

    const House& house_;
    const Consents& consents_;
    HouseRules& rules_;
    const std::string base_url_;
};

}  // namespace salus::application
