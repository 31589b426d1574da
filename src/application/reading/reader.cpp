#include "application/reading/reader.hpp"

#include <algorithm>
#include <atomic>
#include <boost/json.hpp>

#include "application/access/accounts.hpp"
#include "application/fhir/document.hpp"
#include "application/fhir/search_query.hpp"
#include "base/encoding.hpp"
#include "base/printable.hpp"
#include "crypto/hash.hpp"
#include "network/evidence_builder.hpp"

namespace salus::application {
namespace {

/// The error that the custodian meant by its problem.
Error error_of(const transport::HttpResponse& response) {
    boost::system::error_code failed;
    const boost::json::value body = boost::json::parse(as_text(response.body), failed);
    const boost::json::object* object = failed ? nullptr : body.if_object();
    const auto text = [&](std::string_view name) {
        const boost::json::value* value = object ? object->if_contains(name) : nullptr;
        return value && value->is_string() ? std::string(value->as_string()) : std::string();
    };
    const std::string type = text("type");
    const std::string name = type.substr(type.find_last_of(":/") + 1);
    // What it says goes to our log and our users: one line, and not a long one.
    constexpr std::size_t kDetailBytesMax = 300;
    for (const ErrorInfo& row : error_table())
        if (row.name == name)
            return {row.code, "the custodian: " + printable(text("detail").substr(0, kDetailBytesMax))};
    return {ErrorCode::kUnavailable, "the custodian answered " + std::to_string(response.status)};
}

/// That the custodian promises the row that is still to come.
Status check_intent(const ReadReceipt& receipt, const StateReader& state, const ReadRequest& request) {
    const auto& intent = receipt.intent;
    if (!intent || intent->custodian != request.custodian || intent->network_id != request.network_id ||
        intent->manifest != receipt.manifest.commitment() ||
        !crypto::verify(intent->key.key(), intent->signed_bytes(), intent->signature))
        return fail(ErrorCode::kProofInvalid, "the answer names no row, and no good promise of one");
    return check_organisation_key(state, request.custodian, intent->key);
}

/// Whether the chain is as far as the answer: its row, and the leaves of its resources.
Result<bool> stands_on(const StateReader& state, const OpenedReply& reply) {
    if (reply.receipt.tag) {
        SALUS_TRY(const auto row,
                  state.get(Contract::kDisclosure, disclosure::row_key(reply.answer.custodian, *reply.receipt.tag)));
        if (!row) return false;
    }
    SALUS_TRY(const auto log,
              read_value<records::LogState>(state, Contract::kRecords, records::log_key(reply.answer.custodian)));
    return std::ranges::all_of(reply.answer.resources, [count = log ? log->count : 0](const AnsweredResource& one) {
        return one.opening.index < count;
    });
}

Status check_row(const Evidence& evidence, const Manifest& manifest, const ReadRequest& request) {
    SALUS_TRY(const auto row,
              codec::decode<disclosure::RowState>(evidence.states[evidence.disclosures.front().row].value));
    const bool grant_fits = manifest.grants.empty() ? !row.grant : row.grant == manifest.grants.front();
    if (row.manifest != manifest.commitment() || row.custodian != request.custodian || !grant_fits ||
        row.policy_version != manifest.policy_version)
        return fail(ErrorCode::kProofInvalid, "the row on the chain is not this manifest's");
    return {};
}

/// A custodian anchors whatever bytes it likes; ours go on inside of a larger text, where half an object could say what
/// is another's to say.
Status check_form(const OpenedReply& opened) {
    for (const AnsweredResource& one : opened.answer.resources) {
        const auto document = Document::parse(one.resource);
        if (!document || !document->root().is_object())
            return fail(ErrorCode::kProofInvalid, "a resource of the answer is no JSON object");
    }
    return {};
}

}  // namespace

Result<ReadRequest> Reader::build(const Caller& caller, const FetchRequest& request) const {
    ReadRequest out;
    out.network_id = house_.network_id;
    out.request_id = request.request_id ? *request.request_id : house_.random.bytes<16>();
    out.requester = house_.organisation;
    out.custodian = request.custodian;
    out.user = caller.staff;
    out.purpose = request.purpose;
    out.basis = request.basis;
    out.law = request.law;
    if (request.handle) {
        out.patient.who = ReferredPatient{*request.handle};
    } else {
        if (request.identifier.empty())
            return fail(ErrorCode::kUsage, "a reading names a referral's handle or an identifier of the patient");
        if (!certain_identifier(request.identifier))
            return fail(ErrorCode::kUsage, "an identifier of the patient is system|value");
        SALUS_TRY(const auto key, sealing_key_of(*house_.ledger.view(), request.custodian));
        SALUS_TRY(out.patient.who, identify_patient(request.identifier, out, key, house_.random));
    }
    out.grant = request.grant;
    out.types = request.types;
    out.instances = request.instances;
    out.since_ms = request.since_ms;
    out.reason = request.reason;
    out.open_ms = request.open_ms;
    out.asked_ms = house_.now_ms();
    sign_read_request(out, house_.signing_key);
    return out;
}

Result<Fetched> Reader::check(const ReadReply& reply, const ReadRequest& request) const {
    auto tried = open_reply(reply, request.context(), house_.sealing_key);
    if (!tried && house_.old_sealing_key != nullptr)
        tried = open_reply(reply, request.context(), *house_.old_sealing_key);
    if (!tried && tried.error().code != ErrorCode::kProofInvalid)
        return fail(ErrorCode::kProofInvalid, "the answer does not open", tried.error());
    SALUS_TRY(OpenedReply opened, std::move(tried));
    SALUS_TRY_STATUS(check_form(opened));
    const Manifest& manifest = opened.receipt.manifest;
    if (manifest.requester != house_.organisation || manifest.user != request.user ||
        manifest.purpose != request.purpose)
        return fail(ErrorCode::kProofInvalid, "the manifest is of another request than ours");
    SALUS_TRY(auto view,
              blocks_.first_where([&](const StateReader& state) { return stands_on(state, opened); }, patience_));
    if (!view)
        return fail(ErrorCode::kProofInvalid,
                    "our node's chain does not hold the row of this disclosure, or some of its records");
    SALUS_TRY(auto builder, network::EvidenceBuilder::begin(house_.ledger, std::move(view)));
    for (const AnsweredResource& resource : opened.answer.resources)
        SALUS_TRY_STATUS(builder.record(resource.opening, resource.resource));
    if (opened.receipt.tag)
        SALUS_TRY_STATUS(builder.disclosure(*opened.receipt.tag, manifest, std::nullopt));
    else
        SALUS_TRY_STATUS(check_intent(opened.receipt, builder.view(), request));
    Fetched out;
    out.evidence = builder.take();
    if (opened.receipt.tag) SALUS_TRY_STATUS(check_row(out.evidence, manifest, request));
    out.verdict = verify_evidence(out.evidence, house_.network_id, std::nullopt);
    for (const Statement& statement : out.verdict.statements)
        if (!statement.holds) return fail(ErrorCode::kProofInvalid, statement.text);
    out.request_id = request.request_id;
    out.resources = std::move(opened.answer.resources);
    out.obligations = std::move(opened.answer.obligations);
    out.receipt = std::move(opened.receipt);
    return out;
}

bool Reader::confirm(const ReadReply& reply, const ReadRequest& request) {
    DeliveryReceipt receipt;
    receipt.network_id = house_.network_id;
    receipt.request_id = request.request_id;
    receipt.custodian = request.custodian;
    receipt.recipient = house_.organisation;
    receipt.answer = crypto::sha256(reply.answer);
    receipt.key = Signer::of(house_.signing_key.public_key());
    receipt.signature = house_.signing_key.sign(receipt.signed_bytes());
    const auto answer = exchange_.post(request.custodian, "/exchange/confirm", codec::encode(receipt));
    return answer && answer->status < 300;
}

Result<Fetched> Reader::fetch(const Caller& caller, const FetchRequest& asked) {
    SALUS_TRY(const ReadRequest request, build(caller, asked));
    SALUS_TRY(const transport::HttpResponse response,
              exchange_.post(request.custodian, "/exchange/read", codec::encode(request)));
    AuditEntry entry;
    entry.action = AuditAction::kRead;
    entry.allowed = response.status == 200;
    entry.organisation = house_.organisation;
    entry.user = caller.staff;
    entry.purpose = request.purpose;
    entry.request_id = to_hex(request.request_id);
    entry.detail = "at " + to_address(AccountKind::kOrganisation, request.custodian);
    if (!entry.allowed) entry.outcome = error_of(response).message;
    SALUS_TRY_STATUS(house_.audit.record(entry));
    if (response.status != 200) return fail(error_of(response));

    const auto reply = codec::decode<ReadReply>(response.body);
    if (!reply) return fail(ErrorCode::kProofInvalid, "the custodian's answer is none", reply.error());
    SALUS_TRY(Fetched out, check(*reply, request));
    out.confirmed = confirm(*reply, request);
    return out;
}

std::vector<Result<Fetched>> Reader::fetch_all(const Caller& caller, const std::vector<FetchRequest>& requests,
                                               Executor& executor) {
    std::vector<Result<Fetched>> out(requests.size(), fail(ErrorCode::kUnavailable, "nobody was asked"));
    std::atomic<std::size_t> held{0};
    // What throws, as where there is no memory, is this custodian's answer lost and no other's.
    const auto fetch_one = [&](std::size_t i) -> Result<Fetched> {
        try {
            return fetch(caller, requests[i]);
        } catch (const std::exception&) {
            return fail(ErrorCode::kInternal, "the answer could not be taken");
        }
    };
    executor.parallel_for(requests.size(), [&](std::size_t i) {
        auto fetched = fetch_one(i);
        std::size_t bytes = 0;
        if (fetched)
            for (const AnsweredResource& one : fetched->resources) bytes += one.resource.size();
        if ((held += bytes) > kFetchedBytesMax) {
            fetched = fail(ErrorCode::kTooLarge, "the answers are too much for one reading: ask this custodian alone");
            held -= bytes;
        }
        out[i] = std::move(fetched);
    });
    return out;
}

}  // namespace salus::application
