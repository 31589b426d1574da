#include <fmt/format.h>

#include "base/encoding.hpp"
#include "model/json.hpp"
#include "network/answers.hpp"
#include "network/api.hpp"
#include "network/evidence_builder.hpp"
#include "network/proofs.hpp"

namespace salus::network {
namespace {

using transport::HttpResponse;
using View = std::shared_ptr<const LedgerView>;
constexpr std::size_t kStateKeyBytesMax = 600;  // of ProvenState::key

/// The newest version, or that of ?height=.
Result<View> view_for(const LedgerService& ledger, const Request& request) {
    SALUS_TRY(const auto height, number_parameter(request, "height"));
    if (!height) return ledger.view();
    return ledger.view_at(*height);
}

HttpResponse evidence_answer(EvidenceBuilder& builder) {
    return bytes_answer(to_evidence_file(builder.take()), kEvidenceType);
}

Result<EvidenceBuilder> state_evidence(const LedgerService& ledger, const Request& request) {
    SALUS_TRY(const Contract contract, parse_contract(request.value("contract")));
    const auto key = from_hex(request.value("key"));
    if (!key || key->empty() || key->size() > kStateKeyBytesMax)
        return fail(ErrorCode::kUsage, fmt::format("the key is not hexadecimal of 1 to {} bytes", kStateKeyBytesMax));
    SALUS_TRY(auto view, view_for(ledger, request));
    SALUS_TRY(auto builder, EvidenceBuilder::begin(ledger, std::move(view)));
    SALUS_TRY([[maybe_unused]] const auto index, builder.state(contract, *key));
    return builder;
}

Result<HttpResponse> state(const LedgerService& ledger, const Request& request) {
    SALUS_TRY(auto builder, state_evidence(ledger, request));
    const Evidence evidence = builder.take();
    const ProvenState& proven = evidence.states.at(0);
    return json_answer(fmt::format(
        R"({{"height":{},"time_ms":{},"contract":"{}","key":"{}","present":{},"value":{},"evidence":"{}"}})",
        evidence.header.height, evidence.header.time_ms, contract_name(proven.contract), to_hex(proven.key),
        proven.present, proven.present ? "\"" + to_hex(proven.value) + "\"" : "null",
        to_base64(to_evidence_file(evidence))));
}

Result<HttpResponse> leaf_proof(const LedgerService& ledger, const Request& request) {
    const std::string& text = request.value("custodian");
    auto custodian = id_from_hex<AccountId>(text);
    if (!custodian) {
        SALUS_TRY(custodian, account_from_address(AccountKind::kOrganisation, text));
    }
    SALUS_TRY(const std::uint64_t index, parse_number(request.value("index"), "the index"));
    SALUS_TRY(auto builder, EvidenceBuilder::begin(ledger, ledger.view()));
    SALUS_TRY([[maybe_unused]] const auto at, builder.leaf(*custodian, index));
    return evidence_answer(builder);
}

/// That the checkpoint's block stands in today's history; otherwise that it does not, and what does. A block's hash
/// says its era, so that the era need not be given.
Result<HttpResponse> consistency(const LedgerService& ledger, const Request& request) {
    SALUS_TRY(const auto era, number_parameter(request, "era"));
    SALUS_TRY(const auto height, number_parameter(request, "height"));
    const auto hash_text = request.parameter("hash");
    if (!height || !hash_text) return fail(ErrorCode::kUsage, "height and hash of the checkpoint are needed");
    SALUS_TRY(const Hash hash, parse_hash(*hash_text, "the hash"));
    if (*height == 0) return fail(ErrorCode::kUsage, "a checkpoint is of a block: its height is 1 or more");
    const auto view = ledger.view();
    const BlockHeader tip = view->header();
    if (*height > tip.height || era.value_or(0) > tip.era)
        return fail(ErrorCode::kRolledBack,
                    fmt::format("this chain ends at height {} of era {}, below the checkpoint", tip.height, tip.era));
    SALUS_TRY(auto builder, EvidenceBuilder::begin(ledger, view));
    SALUS_TRY(const auto at, builder.block(*height));
    const BlockHeader& here = builder.evidence().blocks.at(at).header;
    if (here.hash() != hash || era.value_or(here.era) != here.era)
        return fail(ErrorCode::kRolledBack, fmt::format("at height {} this chain has block {} of era {}", *height,
                                                        to_hex(here.hash()), here.era));
    return evidence_answer(builder);
}

Result<HttpResponse> checkpoint(const LedgerService& ledger, const Request& request) {
    SALUS_TRY(const bool binary, wants_binary(request));
    const auto view = ledger.view();
    if (!view->certificate()) return fail(ErrorCode::kNotFound, "no block is certified yet");
    const BlockHeader& header = view->header();
    const Checkpoint newest{header.network_id, header.era, header.height, header.hash(), *view->certificate()};
    if (binary) return bytes_answer(codec::encode(newest), kBinaryType);
    return json_answer(json::to_json(newest));
}

}  // namespace

Result<HttpResponse> transaction_proof(const LedgerService& ledger, const Request& request) {
    SALUS_TRY(const Hash id, parse_hash(request.value("id"), "the id"));
    SALUS_TRY(auto builder, EvidenceBuilder::begin(ledger, ledger.view()));
    SALUS_TRY([[maybe_unused]] const auto at, builder.transaction(TxId{id}));
    return evidence_answer(builder);
}

void LedgerApi::mount_proofs(Router& router) {
    const LedgerService& ledger = parts_.ledger;
    router.add("GET", "/v1/state/{contract}/{key}",
               [&ledger](const Request& request) { return state(ledger, request); });
    router.add("GET", "/v1/proofs/state/{contract}/{key}", [&ledger](const Request& request) -> Result<HttpResponse> {
        SALUS_TRY(auto builder, state_evidence(ledger, request));
        return evidence_answer(builder);
    });
    router.add("GET", "/v1/proofs/transactions/{id}",
               [&ledger](const Request& request) { return transaction_proof(ledger, request); });
    router.add("GET", "/v1/proofs/blocks/{height}", [&ledger](const Request& request) -> Result<HttpResponse> {
        SALUS_TRY(const Height height, parse_number(request.value("height"), "the height"));
        SALUS_TRY(auto builder, EvidenceBuilder::begin(ledger, ledger.view()));
        SALUS_TRY([[maybe_unused]] const auto at, builder.block(height));
        return evidence_answer(builder);
    });
    router.add("GET", "/v1/proofs/leaves/{custodian}/{index}",
               [&ledger](const Request& request) { return leaf_proof(ledger, request); });
    router.add("GET", "/v1/consistency", [&ledger](const Request& request) { return consistency(ledger, request); });
    router.add("GET", "/v1/checkpoint", [&ledger](const Request& request) { return checkpoint(ledger, request); });
}

}  // namespace salus::network
