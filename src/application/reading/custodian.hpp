#pragma once

#include "application/breakglass/openings.hpp"
#include "application/consent/consents.hpp"
#include "application/consent/policy_book.hpp"
#include "application/reading/assemble.hpp"
#include "application/reading/referrals.hpp"
#include "application/reading/rows.hpp"

namespace salus::application {

/// What answers a patient's own download: the reply, sealed to her wallet, and the proofs for it, sealed likewise.
struct PatientAnswer {
    ByteArray<16> request_id{};
    ReadReply reply;
    Bytes evidence;
};

/// The answering side of reading across organisations, and of a patient's own access. Source: docs/protocol.md,
/// "Reading across organisations". Thread-safe; an ordinary answer waits for its row.
class Custodian {
public:
    struct Parts {
        const House& house;
        Bindings& bindings;
        Referrals& referrals;
        Consents& consents;
        PolicyBook& policies;
        Openings& openings;
        Rows& rows;
    };
    explicit Custodian(const Parts& parts) : p_(parts) {}

    /// Answers a ReadRequest with a ReadReply; the same request id gets the same bytes while they are kept.
    /// Errors: kReadRefused where it is refused or nobody is found, the same in every respect; before anybody is looked
    /// for: kMalformedEncoding, kUsage, kUnauthenticated, kForbidden, kUserRequired, kBreakGlassRefused, kReadStale,
    /// kPolicyMissing; to one who may read: kBusy, kGone (no longer kept), kTooLarge, kTimeout
    Result<Bytes> answer(ByteView request);

    /// The reader's DeliveryReceipt. Errors: kUsage, kUnauthenticated, kNotFound
    Status confirm(ByteView receipt);

    /// Errors: kForbidden where no wallet is bound; kBusy, kTooLarge, kTimeout
    Result<PatientAnswer> answer_patient(const SubjectId& subject, const Scope& scope);

private:
    struct Asked;
    struct Judged;

    Result<Asked> admit(ByteView bytes);
    Result<std::optional<SubjectId>> find_patient(const ReadRequest& request) const;
    Result<Judged> judge(const DecisionRequest& request) const;
    Result<Bytes> answer_ordinary(const Asked& asked);
    Result<Bytes> answer_emergency(const Asked& asked);
    Result<Bytes> answer_again(const DisclosureRow& row);
    Result<DisclosureRow> disclose(Manifest manifest, const SubjectId& subject, Assembled assembled,
                                   const crypto::SealingPublicKey& reader);
    /// Whether all that `row` holds may be sent now. What cannot be decided may not.
    bool still_allowed(const DisclosureRow& row) const;
    Status send(const DisclosureRow& row, AuditAction action, std::string detail);
    tl::unexpected<Error> refuse(const Manifest& about, const std::optional<SubjectId>& subject, std::string outcome);

    Parts p_;
};

}  // namespace salus::application
