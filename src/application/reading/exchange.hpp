#pragma once

#include <functional>
#include <map>

#include "base/result.hpp"
#include "base/strong_types.hpp"
#include "transport/http.hpp"

namespace salus::application {

/// The way to other custodians' bases: in this process where the node serves them too, else over TLS
/// (remote_exchange.hpp). Thread-safe.
class Exchange {
public:
    virtual ~Exchange() = default;
    /// POSTs a message to `path` below the base of `custodian`; one that was lost on the way may be sent twice.
    /// Errors: kNotFound where nobody knows the way, kUnavailable, kTimeout; kForbidden where whoever answers is not
    /// the custodian's node, or does not let us in
    virtual Result<transport::HttpResponse> post(const AccountId& custodian, std::string_view path, Bytes body) = 0;
};

/// Custodians that this very node serves: their requests take the same way, but for the socket.
class LocalExchange final : public Exchange {
public:
    using Serve = std::function<transport::HttpResponse(std::string_view path, Bytes body)>;
    /// Pre: before the first post
    void add(const AccountId& custodian, Serve serve) { served_[custodian] = std::move(serve); }
    [[nodiscard]] bool serves(const AccountId& custodian) const { return served_.contains(custodian); }
    Result<transport::HttpResponse> post(const AccountId& custodian, std::string_view path, Bytes body) override {
        const auto it = served_.find(custodian);
        if (it == served_.end()) return fail(ErrorCode::kNotFound, "this node knows no way to that custodian");
        return it->second(path, std::move(body));
    }

private:
    std::map<AccountId, Serve> served_;
};

}  // namespace salus::application
