#pragma once

#include <memory>
#include <string>

#include "consensus/port.hpp"
#include "transport/http.hpp"

namespace salus::consensus {

/// The RPC of this node's own CometBFT, on loopback: the way of envelopes to it, and of what vouches for blocks from
/// it. Not thread-safe: one a thread.
class Rpc {
public:
    enum class Taken {
        kTaken,     ///< or it was there already
        kFull,      ///< later
        kRefused,   ///< the ledger's own check said that nothing in it is admissible
        kTooLarge,  ///< for CometBFT: never
    };

    /// `url`: "http://127.0.0.1:26657". Errors: kUsage
    static Result<Rpc> make(const std::string& url);

    /// Errors: kIo, kTimeout (it may have been taken), kMalformedEncoding
    Result<Taken> broadcast(ByteView envelope);

    /// The header of engine block `engine`, with a commit and the validators of then.
    /// Errors: kNotFound where there is no such block yet; kIo, kTimeout, kMalformedEncoding
    Result<CometBftCertificate> certificate(EngineHeight engine);

    /// The newest of the engine blocks from `low` to `high`, at most kHeadersMax of them, whose header carries
    /// `app_hash`. Errors: as above
    static constexpr EngineHeight kHeadersMax = 20;
    Result<std::optional<EngineHeight>> header_with(const Hash& app_hash, EngineHeight low, EngineHeight high);

private:
    struct Answer;
    /// The validators of one set, which changes seldom.
    struct KnownSet {
        std::string hash;
        Bytes encoded;
    };

    explicit Rpc(std::unique_ptr<transport::HttpClient> http) : http_(std::move(http)) {}
    Result<Answer> ask(std::string_view method, const std::string& target, const std::string& body = {});
    Result<Bytes> validators(EngineHeight engine, const std::string& hash, const std::string& proposer);

    std::unique_ptr<transport::HttpClient> http_;
    KnownSet known_set_;
};

}  // namespace salus::consensus
