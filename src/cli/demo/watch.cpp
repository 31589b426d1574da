#include "cli/demo/watch.hpp"

#include <algorithm>

#include "base/file.hpp"
#include "cli/api.hpp"
#include "cli/chain_state.hpp"
#include "cli/session.hpp"
#include "model/contracts/identity.hpp"
#include "model/reading.hpp"
#include "model/transaction.hpp"

namespace salus::cli::demo {
namespace {

/// The request as the payer's node makes it.
Result<ReadRequest> clerk_asks(Stage& stage, Api& api, const std::string& identifier) {
    Environment& environment = stage.environment();
    SALUS_TRY(const node::OrganisationKeys payer, open_folder(stage.organisation("payer"), environment));
    SALUS_TRY(const Bytes credential, read_file(stage.file("clerk.staff")));
    SALUS_TRY(const NodeStatus status, node_status(api));
    ReadRequest request;
    request.network_id = status.network;
    request.request_id = environment.random.bytes<16>();
    request.requester = payer.id();
    SALUS_TRY(request.custodian, account_of(api, "hospital-a"));
    SALUS_TRY(request.user, codec::decode<StaffCredential>(credential));
    request.purpose = Purpose::kPayment;
    request.basis = Basis::kOperations;
    SALUS_TRY(const auto custodian, read_decision<identity::AccountState>(ChainState(api), Contract::kIdentity,
                                                                          identity::account_key(request.custodian)));
    const AccountKey* seal = custodian ? custodian->value.key_for(KeyUse::kSeal) : nullptr;
    crypto::SealingPublicKey key{};
    if (seal == nullptr || seal->public_key.size() != key.size())
        return fail(ErrorCode::kNotFound, "hospital A has no sealing key");
    std::ranges::copy(seal->public_key, key.begin());
    SALUS_TRY(request.patient.who, identify_patient(identifier, request, key, environment.random));
    request.asked_ms = status.now_ms;
    sign_read_request(request, payer.signing);
    return request;
}

}  // namespace

Result<std::uint64_t> height_of(Stage& stage) {
    SALUS_TRY(Api api, Api::connect(stage.url(), stage.environment().progress));
    SALUS_TRY(const NodeStatus status, node_status(api));
    return status.height;
}

Result<std::string> answer_on_the_wire(Stage& stage, const std::string& identifier) {
    SALUS_TRY(Api api, Api::connect(stage.url(), stage.environment().progress));
    SALUS_TRY(const ReadRequest request, clerk_asks(stage, api, identifier));
    SALUS_TRY(const auto wire, transport::HttpClient::make(stage.url(), std::chrono::minutes(1)));
    SALUS_TRY(const transport::HttpResponse response,
              wire->request("POST", "/orgs/hospital-a/exchange/read", {{"content-type", "application/x-protobuf"}},
                            codec::encode(request)));
    std::string out = std::to_string(response.status) + "\n";
    for (const auto& [name, value] : response.headers)
        if (name != "date" && name != "x-request-id") out += name + ": " + value + "\n";
    return out + std::string(as_text(response.body));
}

Status only_audit_roots_since(Stage& stage, std::uint64_t height) {
    SALUS_TRY(Api api, Api::connect(stage.url(), stage.environment().progress));
    SALUS_TRY(const NodeStatus status, node_status(api));
    for (Height h = height + 1; h <= status.height; ++h) {
        SALUS_TRY(const auto response, api.call("GET", "/v1/blocks/" + std::to_string(h) + "?format=binary"));
        SALUS_TRY(const Block block, codec::decode<Block>(response.body));
        for (const Bytes& bytes : block.transactions) {
            SALUS_TRY(const auto signed_transaction, codec::decode<SignedTransaction>(bytes));
            SALUS_TRY(const auto body, codec::decode<TransactionBody>(signed_transaction.body));
            SALUS_TRY_STATUS(Stage::expect(body.contract == Contract::kAudit,
                                           "nothing but audit roots on the chain, block " + std::to_string(h)));
        }
    }
    return {};
}

}  // namespace salus::cli::demo
