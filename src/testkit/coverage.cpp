#include "testkit/coverage.hpp"

#include "model/contracts/audit.hpp"
#include "model/contracts/consent.hpp"
#include "model/contracts/disclosure.hpp"
#include "model/contracts/identity.hpp"
#include "model/contracts/records.hpp"
#include "model/transaction.hpp"

namespace salus::testkit {
namespace {

template <class... Actions>
void add_names(const std::variant<Actions...>*, std::string_view before, std::vector<std::string>& names) {
    (names.push_back(std::string(before) + std::string(Actions::kName)), ...);
}

template <class Payload>
void add_messages(std::vector<std::string>& names) {
    add_names(static_cast<const decltype(Payload::action)*>(nullptr), "", names);
}

template <class Action>
std::string name_of(const Action& action) {
    return std::visit([](const auto& what) { return std::string(std::remove_cvref_t<decltype(what)>::kName); }, action);
}

template <class Payload>
std::string message_of(const Bytes& payload) {
    const auto decoded = codec::decode<Payload>(payload);
    return decoded ? name_of(decoded->action) : "what does not decode";
}

std::string message_of(const TransactionBody& body) {
    switch (body.contract) {
        case Contract::kGovernance:
            return message_of<governance::Payload>(body.payload);
        case Contract::kIdentity:
            return message_of<identity::Payload>(body.payload);
        case Contract::kRecords:
            return message_of<records::Payload>(body.payload);
        case Contract::kConsent:
            return message_of<consent::Payload>(body.payload);
        case Contract::kDisclosure:
            return message_of<disclosure::Payload>(body.payload);
        default:
            return message_of<audit::Payload>(body.payload);
    }
}

}  // namespace

std::vector<std::string> Coverage::messages() {
    std::vector<std::string> names;
    add_messages<governance::Payload>(names);
    add_messages<identity::Payload>(names);
    add_messages<records::Payload>(names);
    add_messages<consent::Payload>(names);
    add_messages<disclosure::Payload>(names);
    add_messages<audit::Payload>(names);
    return names;
}

std::vector<std::string> Coverage::resolutions() {
    std::vector<std::string> names;
    add_names(static_cast<const governance::Action*>(nullptr), "passed ", names);
    // The traffic's network has an operator: nothing can be voted of its validators.
    std::erase_if(names, [](const std::string& name) { return name.find("Validator") != std::string::npos; });
    return names;
}

std::size_t Coverage::count(const Counts& counts, const std::string& kind) {
    const auto found = counts.find(kind);
    return found == counts.end() ? 0 : found->second;
}

void Coverage::add(const Block& block) {
    for (std::size_t i = 0; i < block.transactions.size(); ++i) {
        const Receipt& receipt = block.receipts[block.system.size() + i];
        const auto outer = codec::decode<SignedTransaction>(block.transactions[i]).value();
        const auto body = codec::decode<TransactionBody>(outer.body).value();
        ++(receipt.code == 0 ? succeeded_ : failed_)[message_of(body)];
        codes_.insert(receipt.code);
        if (body.contract != Contract::kGovernance || receipt.code != 0) continue;
        const auto payload = codec::decode<governance::Payload>(body.payload).value();
        if (const auto* propose = std::get_if<governance::Propose>(&payload.action))
            proposed_[propose->proposal.id()] = name_of(propose->proposal.action);
        for (const Event& event : block.events[block.system.size() + i].events) {
            if (event.kind != static_cast<std::uint32_t>(governance::EventKind::kPassed)) continue;
            ProposalId id;
            std::ranges::copy(event.object, id.bytes.begin());
            ++succeeded_["passed " + proposed_[id]];
        }
    }
}

}  // namespace salus::testkit
