#pragma once

#include <optional>
#include <vector>

#include "application/consent/decision.hpp"
#include "application/house.hpp"
#include "model/contracts/consent.hpp"

namespace salus::application {

/// A grant or denial as the custodian knows it.
struct KnownConsent {
    GrantTerms terms;
    consent::GrantState state;  ///< on the chain
    Place created;
    bool revoked_in_house = false;  ///< counts at once, also where the chain does not have it yet
    bool readable = true;           ///< else `terms` stand for those that were lost: a denial of everything

    [[nodiscard]] bool active() const { return !revoked_in_house && state.status == consent::GrantStatus::kActive; }
};

/// What a wallet sends to make a grant: terms, and the transaction's body under its control key. The custodian signs
/// beside.
struct GrantSubmission {
    GrantTerms terms;
    Bytes body;       ///< TransactionBody: sender the custodian, signers custodian and control key
    Bytes signature;  ///< of the control key over signed_bytes(body)

    static constexpr std::string_view kName = "GrantSubmission";
    static constexpr auto kFields =
        codec::table(codec::field<1>("terms", &GrantSubmission::terms),
                     codec::field<2>("body", &GrantSubmission::body, kTransactionBytesMax),
                     codec::field<3>("signature", &GrantSubmission::signature, kSignatureBytesMax));
};

/// One custodian's consents: their terms, encrypted, in the vault; that they stand, on the chain. Thread-safe.
class Consents {
public:
    /// Registers with the outbox. Errors: kSchema
    static Result<std::unique_ptr<Consents>> open(const House& house);

    /// By the patient's wallet: two signers. Errors: kTermsInvalid, naming what does not fit; those of the filing
    Result<network::Submitted> create(const SubjectId& subject, const GrantSubmission& submission);
    /// On paper: the custodian attests alone. `terms` without grant, custodian, salt: they are made here.
    /// Errors: kTermsInvalid; those of the filing
    Result<KnownConsent> attest(GrantTerms terms);
    /// By the custodian: counts in the house when this returns, and is filed until it stands on the chain.
    /// Errors: kNotFound, kConflict where it is revoked already
    Status revoke(const GrantId& grant);

    /// All that stand on the chain at `view`, in block order. One that cannot be read fails nothing: it is a denial.
    Result<std::vector<KnownConsent>> of_subject(const network::LedgerView& view, const SubjectId& subject) const;
    /// Those of `among`, or of all, for whom any is kept here, on the chain or not.
    Result<std::vector<SubjectId>> subjects(const std::optional<std::vector<SubjectId>>& among) const;
    Result<std::optional<KnownConsent>> find(const network::LedgerView& view, const GrantId& grant) const;

private:
    explicit Consents(const House& house) : house_(&house) {}
    Status check_terms(const GrantTerms& terms) const;
    Status keep(Writing& writing, const GrantTerms& terms) const;
    /// As it is in the vault.
    struct Kept {
        GrantId grant;
        SubjectId subject;
        Bytes sealed;
        bool revoked = false;
    };
    Result<std::optional<KnownConsent>> complete(const network::LedgerView& view, const Kept& kept) const;
    Result<GrantTerms> open_terms(const Kept& kept) const;

    const House* house_;
};

/// For the decision.
std::vector<StandingConsent> standing(const std::vector<KnownConsent>& consents);

}  // namespace salus::application
