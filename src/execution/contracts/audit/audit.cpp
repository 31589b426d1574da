#include "execution/contracts/audit/audit.hpp"

#include "model/contracts/audit.hpp"

namespace salus::execution {

Status run_audit(Context& context, ByteView payload) {
    SALUS_TRY(const auto decoded, decode_payload<audit::Payload>(Contract::kAudit, payload));
    const auto& root = std::get<audit::FileRoot>(decoded.action);
    SALUS_TRY(const AccountId organisation, context.organisation());
    const Bytes key = audit::audit_key(organisation);
    SALUS_TRY(auto stored, context.read<audit::AuditState>(key));
    audit::AuditState state = std::move(stored).value_or(audit::AuditState{});
    if (!state.log.well_formed()) return fail(ErrorCode::kCorrupt, "a stored log has not the peaks of its count");
    if (root.interval <= state.interval)
        return fail(ErrorCode::kAuditInterval,
                    "interval " + std::to_string(root.interval) + " is not above " + std::to_string(state.interval));

    const std::uint64_t index = state.log.count;
    state.interval = root.interval;
    state.log.append(root.leaf);
    SALUS_TRY_STATUS(context.write(key, state));
    context.emit(audit::EventKind::kRootFiled, organisation, to_bytes(big_endian(root.interval)));
    context.append_log(organisation, index, {root.leaf});
    return {};
}

}  // namespace salus::execution
