#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/platform/clock.hpp"
#include "base/platform/random.hpp"
#include "base/result.hpp"
#include "node/config.hpp"

namespace salus::node {

/// A running node: consensus, store, execution, organisations and API, made from one folder and connected. The one
/// place where they all meet.
class Node {
public:
    struct Options {
        std::filesystem::path directory;
        std::string listen;          ///< instead of the config's; empty: as there
        bool confirm_clock = false;  ///< the operator says that the clock is right though the tip is old
        std::string version;
    };
    /// Opens everything and serves. Errors: kConfig, kLocked, kSchema, kCorrupt, kForbidden, kRolledBack, kIo
    static Result<std::unique_ptr<Node>> start(const Options& options);
    virtual ~Node() = default;

    /// "http://127.0.0.1:8480", or public_url of node.toml
    [[nodiscard]] virtual const std::string& url() const = 0;
    /// What it serves: "GET /v1/status", ... (network::Router::mounted)
    [[nodiscard]] virtual std::vector<std::string> routes() const = 0;
    /// Where it listens.
    [[nodiscard]] virtual std::uint16_t port() const = 0;
    /// Where it listens for other nodes; 0 where it does not.
    [[nodiscard]] virtual std::uint16_t exchange_port() const = 0;
    /// Lets what is under way finish, stops serving, then stops ordering. Idempotent.
    virtual void stop() = 0;
};

/// Blocks SIGINT and SIGTERM in all threads started afterwards; call it before Node::start.
void hold_stop_signals();
/// Waits until one comes.
void wait_for_stop_signal();
/// Whether one comes in that time.
bool stop_signal_within(std::chrono::milliseconds patience);

}  // namespace salus::node
