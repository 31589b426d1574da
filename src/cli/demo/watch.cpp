#include "cli/demo/watch.hpp"

#include <algorithm>
#include <functional>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "cli/api.hpp"
#include "cli/chain_state.hpp"
#include "cli/session.hpp"
#include "model/contracts/identity.hpp"
#include "model/contracts/records.hpp"
#include "model/evidence.hpp"
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

/// Shows `look` every transaction of the blocks above `height`, with its receipt, as the node serves them.
Status each_transaction(Stage& stage, Height height,
                        const std::function<Status(Height, const Transaction&, const Receipt&)>& look) {
    SALUS_TRY(Api api, Api::connect(stage.url(), stage.environment().progress));
    SALUS_TRY(const NodeStatus status, node_status(api));
    for (Height h = height + 1; h <= status.height; ++h) {
        SALUS_TRY(const auto response, api.call("GET", "/v1/blocks/" + std::to_string(h) + "?format=binary"));
        SALUS_TRY(const Block block, codec::decode<Block>(response.body));
        SALUS_TRY(const auto transactions, open_block(block));
        for (std::size_t i = 0; i < transactions.size(); ++i)
            SALUS_TRY_STATUS(look(h, transactions[i], block.receipts.at(block.system.size() + i)));
    }
    return {};
}

/// Whether the transaction appends `leaf` at that index of the sender's log.
bool appends(const Transaction& transaction, std::uint64_t index, const Hash& leaf) {
    if (transaction.body.contract != Contract::kRecords) return false;
    const auto payload = codec::decode<records::Payload>(transaction.body.payload);
    if (!payload) return false;
    const auto& append = std::get<records::Append>(payload->action);
    if (index < append.first_index || (index - append.first_index + 1) * leaf.size() > append.leaves.size())
        return false;
    return equal(ByteView(append.leaves).subspan((index - append.first_index) * leaf.size(), leaf.size()), leaf);
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

Result<std::string> appended_by(Stage& stage, const std::string& proof, const std::string& slug) {
    SALUS_TRY(const node::OrganisationKeys keys, open_folder(stage.organisation(slug), stage.environment()));
    SALUS_TRY(const Bytes file, read_file(proof));
    SALUS_TRY(const Evidence evidence, from_evidence_file(file));
    SALUS_TRY_STATUS(Stage::expect(evidence.leaves.size() == 1, "a proof of one leaf"));
    const ProvenLeaf& proven = evidence.leaves.front();
    const Sender author{AccountKind::kOrganisation, keys.id()};
    std::optional<Transaction> found;
    SALUS_TRY_STATUS(each_transaction(stage, 0, [&](Height, const Transaction& transaction, const Receipt& receipt) {
        if (receipt.code == 0 && transaction.body.sender == author && appends(transaction, proven.index, proven.leaf))
            found = transaction;
        return Status{};
    }));
    SALUS_TRY_STATUS(Stage::expect(found.has_value(), "a transaction of " + slug + " that appends the leaf"));
    SALUS_TRY_STATUS(Stage::expect(
        found->body.signers == std::vector{Signer::of(keys.signing.public_key())} && signatures_good(*found),
        "that the leaf's transaction is signed by " + slug + "'s signing key, and by nobody else"));
    return to_hex(found->id);
}

Status only_audit_roots_since(Stage& stage, std::uint64_t height) {
    return each_transaction(stage, height, [](Height at, const Transaction& transaction, const Receipt&) {
        return Stage::expect(transaction.body.contract == Contract::kAudit,
                             "nothing but audit roots on the chain, block " + std::to_string(at));
    });
}

}  // namespace salus::cli::demo
