#include "application/reading/exchange_service.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "application/web/json.hpp"
#include "base/time_text.hpp"

namespace salus::application {
namespace {

namespace json = boost::json;

/// Of one reading at several custodians.
constexpr std::size_t kCustodiansMax = 64;

/// At whom, and about whom where that differs from one to the other.
Status read_custodian(const JsonBody& in, FetchRequest& out) {
    SALUS_TRY(out.custodian, in.id<AccountId>("custodian"));
    if (in.has("handle")) {
        SALUS_TRY(const auto handle, in.id<GrantId>("handle"));
        out.handle = handle.bytes;
    }
    if (in.has("grant")) {
        SALUS_TRY(out.grant, in.id<GrantId>("grant"));
    }
    return {};
}

/// What is asked, and why.
Status read_question(const JsonBody& in, FetchRequest& out) {
    SALUS_TRY(out.identifier, in.text_or("identifier", ""));
    SALUS_TRY(const std::string purpose, in.text_or("purpose", "TREAT"));
    const auto purpose_code = purpose_from_code(purpose);
    if (!purpose_code) return fail(ErrorCode::kUsage, "\"purpose\" is none of the known purposes of use");
    out.purpose = *purpose_code;
    const bool emergency = out.purpose == Purpose::kEmergencyTreat || out.purpose == Purpose::kBreakGlass;
    SALUS_TRY(const std::string basis, in.text_or("basis", emergency ? "emergency" : "grant"));
    const auto basis_code = basis_from_name(basis);
    if (!basis_code) return fail(ErrorCode::kUsage, "\"basis\" is none of the known bases");
    out.basis = *basis_code;
    SALUS_TRY(out.law, in.text_or("law", ""));
    SALUS_TRY(out.types, in.texts("types"));
    SALUS_TRY(out.instances, in.texts("instances"));
    SALUS_TRY(out.since_ms, in.time_or("since", 0));
    SALUS_TRY(out.reason, in.text_or("reason", ""));
    SALUS_TRY(const std::uint64_t minutes, in.number_or("minutes", 0));
    SALUS_TRY(const std::uint64_t seconds, in.number_or("seconds", 0));
    if (minutes > 240 || seconds > 14'400) return fail(ErrorCode::kUsage, "glass stays open for 240 minutes at most");
    out.open_ms = minutes * 60'000 + seconds * 1000;
    if (in.has("request_id")) {
        SALUS_TRY(const auto id, in.id<GrantId>("request_id"));
        out.request_id = id.bytes;
    }
    return {};
}

Result<FetchRequest> read_fetch(ByteView body) {
    SALUS_TRY(const JsonBody in,
              JsonBody::parse(body, {"custodian", "handle", "identifier", "grant", "purpose", "basis", "law", "types",
                                     "instances", "since", "reason", "minutes", "seconds", "request_id"}));
    FetchRequest out;
    SALUS_TRY_STATUS(read_custodian(in, out));
    SALUS_TRY_STATUS(read_question(in, out));
    return out;
}

Result<std::vector<FetchRequest>> read_fetch_all(ByteView body) {
    SALUS_TRY(const JsonBody in,
              JsonBody::parse(body, {"custodians", "identifier", "purpose", "basis", "law", "types", "instances",
                                     "since", "reason", "minutes", "seconds", "request_id"}));
    FetchRequest question;
    SALUS_TRY_STATUS(read_question(in, question));
    SALUS_TRY(const auto custodians, in.objects("custodians", {"custodian", "handle", "grant"}));
    if (custodians.empty() || custodians.size() > kCustodiansMax)
        return fail(ErrorCode::kUsage, "\"custodians\" names 1 to " + std::to_string(kCustodiansMax));
    std::vector<FetchRequest> out(custodians.size(), question);
    for (std::size_t i = 0; i < custodians.size(); ++i) SALUS_TRY_STATUS(read_custodian(custodians[i], out[i]));
    return out;
}

/// A Bundle of type collection; each resource's own bytes, spliced in and not written anew.
std::string bundle_of(const std::vector<AnsweredResource>& resources) {
    std::string out = R"({"resourceType":"Bundle","type":"collection","entry":[)";
    for (std::size_t i = 0; i < resources.size(); ++i) {
        out += i == 0 ? "" : ",";
        out += R"({"resource":)" + std::string(as_text(resources[i].resource)) + "}";
    }
    return out + "]}";
}

std::string fetched_json(const Fetched& fetched) {
    json::array statements;
    for (const Statement& one : fetched.verdict.statements)
        statements.push_back(json::object{{"holds", one.holds}, {"text", one.text}});
    json::object out{{"request_id", to_hex(fetched.request_id)},
                     {"custodian", to_hex(fetched.receipt.manifest.custodian)},
                     {"resources", fetched.resources.size()},
                     {"obligations", json::value_from(fetched.obligations)},
                     {"manifest", to_base64(codec::encode(fetched.receipt.manifest))},
                     {"tag", fetched.receipt.tag ? json::value(to_hex(*fetched.receipt.tag)) : json::value()},
                     {"intent", fetched.receipt.intent ? json::value(to_base64(codec::encode(*fetched.receipt.intent)))
                                                       : json::value()},
                     {"statements", std::move(statements)},
                     {"height", fetched.evidence.header.height},
                     {"time", to_iso_time(fetched.evidence.header.time_ms)},
                     {"confirmed", fetched.confirmed},
                     {"evidence", to_base64(to_evidence_file(fetched.evidence))}};
    std::string text = json::serialize(out);
    text.pop_back();
    return text + R"(,"bundle":)" + bundle_of(fetched.resources) + "}";
}

std::string fetched_all_json(const std::vector<FetchRequest>& asked, const std::vector<Result<Fetched>>& answers) {
    const auto answered = std::ranges::count_if(answers, [](const auto& one) { return one.has_value(); });
    std::string out = R"({"answered":)" + std::to_string(answered) + R"(,"answers":[)";
    for (std::size_t i = 0; i < answers.size(); ++i) {
        json::object one{{"custodian", to_hex(asked[i].custodian)}, {"ok", answers[i].has_value()}};
        if (!answers[i]) {
            one["error"] = error_info(answers[i].error().code).name;
            one["detail"] = answers[i].error().to_string();
        }
        std::string text = json::serialize(one);
        if (answers[i]) {
            text.pop_back();
            text += R"(,"answer":)" + fetched_json(*answers[i]) + "}";
        }
        out += (i == 0 ? "" : ",") + text;
    }
    return out + "]}";
}

/// Who may ask others. Errors: kUnauthenticated, kForbidden
Result<Caller> check_asker(const Gate& gate, const Call& call) {
    SALUS_TRY(Caller caller, gate.check(bearer(call.request)));
    if (caller.kind == Caller::Kind::kWallet) return fail(ErrorCode::kForbidden, "a wallet reads at its own custodian");
    return caller;
}

}  // namespace

bool is_between_nodes(const Routes::Route& route) {
    return route.segments.front() == "exchange" &&
           (route.segments.back() == "read" || route.segments.back() == "confirm");
}

void add_exchange_routes(Routes& routes, Gate& gate, Custodian& custodian, Reader& reader, Executor& askers) {
    routes.add("POST", "/exchange/read", [&custodian](const Call& call) -> Result<transport::HttpResponse> {
        SALUS_TRY(Bytes reply, custodian.answer(call.request.body));
        return message_response(200, std::move(reply));
    });
    routes.add("POST", "/exchange/confirm", [&custodian](const Call& call) -> Result<transport::HttpResponse> {
        SALUS_TRY_STATUS(custodian.confirm(call.request.body));
        return transport::HttpResponse{204, {}, {}};
    });
    routes.add("POST", "/exchange/fetch", [&gate, &reader](const Call& call) -> Result<transport::HttpResponse> {
        SALUS_TRY(const Caller caller, check_asker(gate, call));
        SALUS_TRY(const FetchRequest request, read_fetch(call.request.body));
        SALUS_TRY(const Fetched fetched, reader.fetch(caller, request));
        return json_response(200, fetched_json(fetched));
    });
    routes.add("POST", "/exchange/fetch-all",
               [&gate, &reader, &askers](const Call& call) -> Result<transport::HttpResponse> {
                   SALUS_TRY(const Caller caller, check_asker(gate, call));
                   SALUS_TRY(const auto requests, read_fetch_all(call.request.body));
                   return json_response(200, fetched_all_json(requests, reader.fetch_all(caller, requests, askers)));
               });
}

}  // namespace salus::application
