#include "application/access/auth_service.hpp"

#include <boost/json.hpp>

#include "application/web/json.hpp"

namespace salus::application {
namespace {

Result<Caller::Kind> kind_from(std::string_view name) {
    if (name == "machine") return Caller::Kind::kMachine;
    if (name == "staff") return Caller::Kind::kStaff;
    if (name == "wallet") return Caller::Kind::kWallet;
    return fail(ErrorCode::kUsage, "\"kind\" is machine, staff or wallet");
}

Result<LoginAnswer> read_answer(ByteView body) {
    SALUS_TRY(const JsonBody json,
              JsonBody::parse(body, {"kind", "challenge", "key", "signature", "credential", "purpose"}));
    LoginAnswer answer;
    SALUS_TRY(const std::string kind, json.text("kind"));
    SALUS_TRY(answer.kind, kind_from(kind));
    SALUS_TRY(answer.challenge, json.base64("challenge"));
    SALUS_TRY(const std::string key, json.text("key"));
    auto key_bytes = from_hex(key);
    if (!key_bytes) return fail(ErrorCode::kUsage, "\"key\" is not a public key in hex");
    answer.key = {crypto::SignatureSuite::kEd25519, *std::move(key_bytes)};
    SALUS_TRY(answer.signature, json.base64("signature"));
    if (json.has("credential")) {
        SALUS_TRY(answer.staff, json.message<StaffCredential>("credential"));
    }
    SALUS_TRY(const std::string purpose, json.text_or("purpose", "TREAT"));
    const auto code = purpose_from_code(purpose);
    if (!code) return fail(ErrorCode::kUsage, "\"purpose\" is none of the known purposes of use");
    answer.purpose = *code;
    return answer;
}

}  // namespace

void add_auth_routes(Routes& routes, Gate& gate) {
    routes.add("POST", "/auth/challenge", [&gate](const Call&) -> Result<transport::HttpResponse> {
        const boost::json::object body{{"challenge", to_base64(gate.challenge())}, {"expires_in", kChallengeMs / 1000}};
        return json_response(200, boost::json::serialize(body));
    });
    routes.add("POST", "/auth/token", [&gate](const Call& call) -> Result<transport::HttpResponse> {
        SALUS_TRY(const LoginAnswer answer, read_answer(call.request.body));
        SALUS_TRY(const std::string token, gate.login(answer));
        const boost::json::object body{
            {"access_token", token}, {"token_type", "Bearer"}, {"expires_in", kTokenMs / 1000}};
        return json_response(200, boost::json::serialize(body));
    });
}

}  // namespace salus::application
