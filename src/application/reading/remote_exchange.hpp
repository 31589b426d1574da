#pragma once

#include <chrono>
#include <set>
#include <string>
#include <vector>

#include "application/reading/exchange.hpp"
#include "base/mutex.hpp"
#include "crypto/signature.hpp"
#include "network/ledger_service.hpp"

namespace salus::application {

/// Where another node serves a custodian.
struct RemoteCustodian {
    std::string slug;  ///< its place in that node's URLs
    AccountId account;
    std::string url;  ///< of that node's exchange: "https://ehr.example.org:11480"
};

/// One organisation's way to custodians: those that this node serves, and those of other nodes over mutual TLS, in
/// which either side shows a TLS key that its account has on the chain.
class RemoteExchange final : public Exchange {
public:
    struct Parts {
        network::LedgerService& ledger;
        LocalExchange& here;
        AccountId organisation;
        const crypto::SigningKey* key = nullptr;  ///< for TLS; nullptr where the organisation has none
        std::vector<RemoteCustodian> custodians;
        std::chrono::milliseconds timeout;  ///< for connecting and the whole answer
    };
    explicit RemoteExchange(Parts parts) : parts_(std::move(parts)) {}

    /// What is lost or late on the way is sent once more: whoever answers knows it by its request id.
    Result<transport::HttpResponse> post(const AccountId& custodian, std::string_view path, Bytes body) override;

private:
    [[nodiscard]] Result<transport::HttpResponse> ask(const RemoteCustodian& custodian, std::string_view path,
                                                      const Bytes& body) const;

    const Parts parts_;
};

/// Whom a node lets in: whoever holds a TLS key of an active member, as of the newest block. Thread-safe.
class MemberKeys {
public:
    explicit MemberKeys(const network::LedgerService& ledger) : ledger_(ledger) {}
    /// What cannot be read is nobody's.
    [[nodiscard]] bool have(ByteView key) const;

private:
    struct Known {
        std::optional<Height> height;  ///< of the block as of which these are
        std::set<Bytes> keys;
    };
    const network::LedgerService& ledger_;
    Guarded<Known> known_;
};

}  // namespace salus::application
