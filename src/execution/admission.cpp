#include "execution/admission.hpp"

#include "model/limits.hpp"

namespace salus::execution {
namespace {

std::string reason(ErrorCode code) { return std::string(error_info(code).meaning); }

/// Before the signatures are looked at: a flood that nobody may send costs none.
Result<Transaction> admit(Result<Transaction> opened, const Committed& committed, Accounts& accounts) {
    if (!opened) return opened;
    SALUS_TRY(const auto admission, judge(*opened, committed.now_ms, committed.replay, accounts));
    if (admission.code != ErrorCode::kOk) return fail(admission.code, reason(admission.code));
    return opened;
}

}  // namespace

Result<Admission> judge(const Transaction& transaction, TimeMs block_time_ms, const ReplaySet& seen,
                        Accounts& accounts) {
    const TimeMs valid_until_ms = transaction.body.valid_until_ms;
    if (valid_until_ms <= block_time_ms) return Admission{ErrorCode::kInadmissibleExpired, {}};
    if (valid_until_ms - block_time_ms > kWindowMs) return Admission{ErrorCode::kInadmissibleFuture, {}};
    if (seen.contains(transaction.id, valid_until_ms)) return Admission{ErrorCode::kInadmissibleReplay, {}};
    SALUS_TRY(auto standing, accounts.sender(transaction.body, block_time_ms));
    if (!standing) return Admission{ErrorCode::kInadmissibleSender, {}};
    return Admission{ErrorCode::kOk, *standing};
}

std::vector<Result<Transaction>> check_transactions(std::span<const ByteView> transactions, const Committed& committed,
                                                    const Intake& intake) {
    Accounts accounts(committed.state);
    auto checked = parse_transactions(transactions, intake);
    for (auto& transaction : checked) transaction = admit(std::move(transaction), committed, accounts);
    verify_signatures(checked, intake);
    return checked;
}

Result<Transaction> check_transaction(ByteView transaction, const Committed& committed, const Intake& intake) {
    return std::move(check_transactions({&transaction, 1}, committed, intake).front());
}

Result<Asking> check_envelope(ByteView envelope, const Committed& committed, const Intake& intake) {
    Accounts accounts(committed.state);
    SALUS_TRY(const Signer member, envelope_member(envelope));
    SALUS_TRY(const auto carrier, accounts.carrier(member));
    if (!carrier) return fail(ErrorCode::kInadmissibleSender, "the envelope's member may not carry transactions");
    SALUS_TRY(const auto opened, std::move(open_envelopes({&envelope, 1}, intake).front()));
    ErrorCode code = ErrorCode::kOk;
    Asking asking{*carrier, {}};
    for (const Transaction& transaction : opened.transactions) {
        SALUS_TRY(const auto admission, judge(transaction, committed.now_ms, committed.replay, accounts));
        const auto& organisation = admission.standing.organisation;
        if (admission.code == ErrorCode::kOk)
            asking.items.push_back(
                {transaction.id, {organisation.value_or(*carrier), !organisation}, transaction.bytes.size()});
        else
            code = admission.code;
    }
    if (!asking.items.empty()) return asking;
    return fail(code, "nothing in the envelope is admissible: " + reason(code));
}

Status check_proposal(std::span<const ByteView> envelopes, const Intake& intake) {
    std::size_t bytes = 0;
    for (const ByteView envelope : envelopes) bytes += envelope.size();
    if (bytes > kBlockBytesMax)
        return fail(ErrorCode::kMalformedSize, "a proposal of " + std::to_string(bytes) + " bytes");
    for (auto& opened : open_envelopes(envelopes, intake))
        if (!opened) return tl::make_unexpected(std::move(opened).error());
    return {};
}

}  // namespace salus::execution
