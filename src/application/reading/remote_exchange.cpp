#include "application/reading/remote_exchange.hpp"

#include <algorithm>

#include "application/access/accounts.hpp"
#include "base/log.hpp"
#include "model/reading.hpp"
#include "transport/peer_tls.hpp"

namespace salus::application {
namespace {

/// A sealed answer and its receipt.
constexpr std::size_t kRemoteAnswerBytesMax = 2 * kAnswerBytesMax;
constexpr int kTries = 2;

bool was_lost(const Error& error) { return error.code == ErrorCode::kIo || error.code == ErrorCode::kTimeout; }

}  // namespace

Result<transport::HttpResponse> RemoteExchange::post(const AccountId& custodian, std::string_view path, Bytes body) {
    if (parts_.here.serves(custodian)) return parts_.here.post(custodian, path, std::move(body));
    const auto found = std::ranges::find(parts_.custodians, custodian, &RemoteCustodian::account);
    if (found == parts_.custodians.end())
        return fail(ErrorCode::kNotFound, "this node knows no way to that custodian: node.toml names none");
    if (parts_.key == nullptr)
        return fail(ErrorCode::kForbidden,
                    "our organisation has no TLS key to show to other nodes: `salus org rotate-keys` makes one");
    auto answer = ask(*found, path, body);
    for (int tries = 1; tries < kTries && !answer && was_lost(answer.error()); ++tries)
        answer = ask(*found, path, body);
    // A peer that is down is no fault of ours: who asks is not told of one.
    if (!answer)
        return fail(answer.error().code == ErrorCode::kIo ? ErrorCode::kUnavailable : answer.error().code,
                    found->slug + " at " + found->url + ": " + answer.error().to_string());
    return answer;
}

Result<transport::HttpResponse> RemoteExchange::ask(const RemoteCustodian& custodian, std::string_view path,
                                                    const Bytes& body) const {
    Status judged;
    const auto peer = std::make_shared<transport::PeerTls>();
    peer->keys.push_back({to_address(AccountKind::kOrganisation, parts_.organisation), parts_.key->seed().clone()});
    peer->name = to_address(AccountKind::kOrganisation, custodian.account);
    peer->admits = [&](ByteView key) {
        judged = check_tls_key(*parts_.ledger.view(), custodian.account, key);
        return judged.has_value();
    };
    transport::ClientConfig config;
    config.timeout = parts_.timeout;
    config.total_timeout = parts_.timeout;
    config.body_bytes_max = kRemoteAnswerBytesMax;
    config.peer = peer;
    // A connection for each question: the chain is asked each time, and questions do not wait for one another.
    SALUS_TRY(const auto client, transport::HttpClient::make(custodian.url, config));
    auto answer = client->request("POST", "/orgs/" + custodian.slug + std::string(path),
                                  {{"content-type", "application/x-protobuf"}, {"connection", "close"}}, body);
    if (!judged)
        return fail(ErrorCode::kForbidden, "whoever answers is not let in by the chain: " + judged.error().to_string());
    return answer;
}

bool MemberKeys::have(ByteView key) const {
    const auto view = ledger_.view();
    auto known = known_.lock();
    if (known->height != view->header().height) {
        auto keys = member_tls_keys(*view);
        if (!keys) {
            log_error("exchange", "the members' TLS keys cannot be read: " + keys.error().to_string());
            return false;
        }
        *known = Known{view->header().height, *std::move(keys)};
    }
    return known->keys.contains(to_bytes(key));
}

}  // namespace salus::application
