#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "base/mutex.hpp"
#include "base/platform/executor.hpp"
#include "consensus/cometbft/application.hpp"

namespace salus::consensus {

/// ABCI over a Unix socket: a thread for each connection, which answers what comes on it in its order. CometBFT opens
/// four, at the same time, and says of none what it is for.
class SocketServer {
public:
    using Answer = std::function<Result<abci::Response>(const abci::Request&)>;

    /// Longer than any request: a block, and the votes for the one before it.
    static constexpr std::size_t kRequestBytesMax = std::size_t{32} << 20U;
    static constexpr std::size_t kConnectionsMax = 16;

    /// Listens at `path`, in place of what a process before this one left there. Whoever may enter its folder may
    /// connect. Errors: kIo; kConfig where the path is longer than a socket's may be
    static Result<std::unique_ptr<SocketServer>> listen(const std::filesystem::path& path, Threads& threads,
                                                        Answer answer);
    ~SocketServer();
    SocketServer(const SocketServer&) = delete;
    SocketServer& operator=(const SocketServer&) = delete;

    [[nodiscard]] std::size_t connections() const;
    /// Ends all connections. Afterwards no answer is under way. Idempotent.
    void stop();

private:
    struct Connection {
        int socket = -1;
        bool done = false;
        std::unique_ptr<Thread> thread;
    };
    struct State {
        std::vector<std::shared_ptr<Connection>> connections;
        bool stopping = false;
    };

    SocketServer(int socket, std::filesystem::path path, Threads& threads, Answer answer);
    void accept();
    void open(int socket);
    void serve(Connection& connection);
    /// Errors: why the connection ends
    Status answer_all(int socket);

    const int socket_;
    const std::filesystem::path path_;
    Threads& threads_;
    const Answer answer_;
    Guarded<State> state_;
    std::unique_ptr<Thread> acceptor_;
};

}  // namespace salus::consensus
