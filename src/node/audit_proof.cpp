#include "node/audit_proof.hpp"

#include <algorithm>

#include "application/audit/audit_record.hpp"
#include "application/web/json.hpp"
#include "base/time_text.hpp"

namespace salus::node {
namespace {

using application::AuditRecord;

/// The proof as it stands in the file.
struct AuditProofFile {
    AuditRecord record;
    std::uint64_t interval = 0;
    ByteArray<16> salt{};
    std::uint64_t index = 0;  ///< of the event in its interval
    std::uint64_t count = 0;  ///< of events in it
    std::vector<Hash> path;
    Hash events_root{};
    Hash leaf{};
    std::uint64_t log_index = 0;
    Evidence evidence;
};

Result<std::uint64_t> number(const application::JsonBody& in, std::string_view name) {
    if (!in.has(name)) return fail(ErrorCode::kUsage, "it lacks \"" + std::string(name) + "\"");
    return in.number_or(name, 0);
}

template <std::size_t kBytes>
Result<ByteArray<kBytes>> fixed(const application::JsonBody& in, std::string_view name) {
    SALUS_TRY(const std::string text, in.text(name));
    const auto bytes = array_from_hex<kBytes>(text);
    if (!bytes) return fail(ErrorCode::kUsage, "\"" + std::string(name) + "\" is not that many bytes in hex");
    return *bytes;
}

Result<AuditProofFile> read_proof(ByteView bytes) {
    SALUS_TRY(const auto in,
              application::JsonBody::parse(bytes, {"record", "interval", "salt", "index", "count", "path",
                                                   "events_root", "leaf", "log_index", "evidence"}));
    AuditProofFile out;
    SALUS_TRY(out.record, in.message<AuditRecord>("record"));
    SALUS_TRY(out.interval, number(in, "interval"));
    SALUS_TRY(out.salt, fixed<16>(in, "salt"));
    SALUS_TRY(out.index, number(in, "index"));
    SALUS_TRY(out.count, number(in, "count"));
    SALUS_TRY(const auto path, in.texts("path"));
    for (const std::string& text : path) {
        const auto hash = array_from_hex<32>(text);
        if (!hash) return fail(ErrorCode::kUsage, "\"path\" holds what is no hash");
        out.path.push_back(*hash);
    }
    SALUS_TRY(out.events_root, fixed<32>(in, "events_root"));
    SALUS_TRY(out.leaf, fixed<32>(in, "leaf"));
    SALUS_TRY(out.log_index, number(in, "log_index"));
    SALUS_TRY(const Bytes evidence, in.base64("evidence"));
    SALUS_TRY(out.evidence, from_evidence_file(evidence));
    return out;
}

std::string name_of(const AuditRecord& record) {
    return "event " + std::to_string(record.number) + " of " + to_iso_time(record.time_ms) + ", " +
           (record.allowed ? "allowed" : "refused");
}

/// The evidence's leaf is this interval's, and stands in an audit log.
bool holds_leaf(const AuditProofFile& proof) {
    return std::ranges::any_of(proof.evidence.leaves, [&](const ProvenLeaf& leaf) {
        return leaf.leaf == proof.leaf && leaf.index == proof.log_index && leaf.log < proof.evidence.states.size() &&
               proof.evidence.states[leaf.log].contract == Contract::kAudit;
    });
}

}  // namespace

bool is_audit_proof(ByteView bytes) noexcept { return !bytes.empty() && bytes.front() == '{'; }

Verdict verify_audit_proof(ByteView bytes, const std::optional<NetworkId>& network,
                           const std::optional<Checkpoint>& checkpoint) {
    const auto proof = read_proof(bytes);
    if (!proof) {
        Verdict verdict;
        verdict.statements.push_back({false, "is no proof of an audit event: " + proof.error().to_string()});
        return verdict;
    }
    Verdict verdict = verify_evidence(proof->evidence, network, checkpoint);
    const auto state = [&](bool holds, std::string text) {
        verdict.good = verdict.good && holds;
        verdict.statements.push_back({holds, std::move(text)});
    };
    const Status included =
        check_inclusion(proof->record.hash(), proof->index, proof->count, proof->path, proof->events_root);
    state(included.has_value(), name_of(proof->record) + (included ? ": stands under" : ": does not stand under") +
                                    " the root of its interval, one of " + std::to_string(proof->count));
    const bool made = audit::audit_leaf(proof->salt, proof->interval, proof->events_root) == proof->leaf;
    state(made, std::string(made ? "that root is" : "that root is not") + " what the interval's leaf was made of");
    const bool filed = holds_leaf(*proof);
    state(filed, filed ? "that leaf is the one in the organisation's audit log on the chain"
                       : "that leaf is not the one that the evidence shows on the chain");
    return verdict;
}

}  // namespace salus::node
