#pragma once

#include <memory>

#include "network/ledger_service.hpp"
#include "network/router.hpp"

namespace salus::network {

class BlockFeed;

/// The ledger over HTTP: /v1, /health, /metrics and the document that describes them (docs/openapi.yaml). Open to
/// everybody who reaches the port: what stands on the chain is meant to be seen, and a transaction proves itself. No
/// address of a client is kept.
class LedgerApi {
public:
    struct Parts {
        LedgerService& ledger;
        Executor& executor;
        Metrics& metrics;
        std::string version;               ///< of the program, for /v1/status
        std::size_t followers_max = 1000;  ///< of /v1/events at once
    };
    /// What `parts` names outlives it; it outlives the router's server and what that left to the executor.
    explicit LedgerApi(const Parts& parts);
    ~LedgerApi();

    void mount(Router& router);

private:
    void mount_transactions(Router& router);
    void mount_blocks(Router& router);
    void mount_proofs(Router& router);
    void mount_node(Router& router);
    void submit(const Request& request, std::unique_ptr<Reply> reply);
    void follow(const Request& request, std::unique_ptr<Reply> reply);

    Parts parts_;
    std::shared_ptr<BlockFeed> feed_;
};

/// docs/openapi.yaml as it stood at the build, and the same as JSON.
std::string_view openapi_yaml() noexcept;
std::string_view openapi_json() noexcept;

}  // namespace salus::network
