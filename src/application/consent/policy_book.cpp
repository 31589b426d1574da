#include "application/consent/policy_book.hpp"

#include "crypto/hash.hpp"
#include "model/contracts/disclosure.hpp"
#include "model/contracts/governance.hpp"

namespace salus::application {
namespace {

tl::unexpected<Error> missing(std::string_view why) { return fail(ErrorCode::kPolicyMissing, std::string(why)); }

}  // namespace

Result<std::shared_ptr<const Policy>> PolicyBook::in_force(const network::LedgerView& view, const AccountId& custodian,
                                                           Height height) {
    SALUS_TRY(const auto member,
              read_decision<governance::MemberState>(view, Contract::kGovernance, governance::member_key(custodian)));
    if (!member) return fail(ErrorCode::kForbidden, "the custodian is no member");
    const Bytes key = disclosure::policy_key(member->value.jurisdiction);
    SALUS_TRY(auto newest, read_decision<disclosure::PolicyState>(view, Contract::kDisclosure, key));
    if (!newest) return missing("no policy is in force for the custodian's jurisdiction");
    auto policy = *std::move(newest);
    while (policy.value.in_force > height) {
        if (policy.n == 1) return missing("the jurisdiction's first policy is not in force yet");
        SALUS_TRY(policy, read_decision_at<disclosure::PolicyState>(view, Contract::kDisclosure, key, policy.n - 1));
    }
    if (const auto parsed = parsed_.lock(); parsed->contains(policy.value.document))
        return parsed->at(policy.value.document);

    SALUS_TRY(const Bytes bytes, document(policy.value.document, policy.place));
    auto read = Policy::parse(bytes);
    if (!read) return fail(ErrorCode::kPolicyMissing, "the policy in force cannot be read", read.error());
    if (read->version() != policy.value.version || read->jurisdiction() != member->value.jurisdiction)
        return missing("the policy in force says another version or jurisdiction of itself than the chain");
    auto shared = std::make_shared<const Policy>(*std::move(read));
    parsed_.lock()->emplace(policy.value.document, shared);
    return shared;
}

Result<Bytes> PolicyBook::document(const Hash& hash, const Place& published) const {
    for (const GenesisPolicy& policy : ledger_.genesis().policies)
        if (crypto::sha256(policy.document) == hash) return policy.document;
    SALUS_TRY(const Block block, ledger_.block(published.height));
    if (published.index < block.system.size() || published.index - block.system.size() >= block.transactions.size())
        return missing("the policy in force was published nowhere");
    SALUS_TRY(const auto signed_transaction,
              codec::decode<SignedTransaction>(block.transactions[published.index - block.system.size()]));
    SALUS_TRY(const auto body, codec::decode<TransactionBody>(signed_transaction.body));
    SALUS_TRY(auto payload, codec::decode<disclosure::Payload>(body.payload));
    auto* publish = std::get_if<disclosure::PublishPolicy>(&payload.action);
    if (publish == nullptr || crypto::sha256(publish->document) != hash)
        return missing("another document was published than is in force");
    return std::move(publish->document);
}

}  // namespace salus::application
