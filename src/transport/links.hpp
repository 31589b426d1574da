#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/platform/executor.hpp"
#include "base/result.hpp"

namespace salus::transport {

/// What happens to the bytes of one direction.
struct LinkFault {
    bool held = false;  ///< none arrive until it is over; as after a cut cable, neither end is told
    std::chrono::milliseconds delay{0};

    bool operator==(const LinkFault&) const = default;
};

/// Connections between ports of this machine that can be cut, one way or both, and slowed, to see what those who talk
/// over them do. As over TCP nothing is lost or overtaken: what was sent into a cut arrives when it is mended.
class Links {
public:
    struct Route {
        std::uint16_t port = 0;    ///< who connects here, 0: any that is free
        std::uint16_t target = 0;  ///< is connected there
    };

    /// Errors: kIo, naming the port that cannot be listened on
    static Result<std::unique_ptr<Links>> open(const std::vector<Route>& routes, Threads& threads);
    /// Ends all connections.
    virtual ~Links() = default;

    [[nodiscard]] virtual std::uint16_t port(std::size_t route) const = 0;
    /// From now on, for what is under way too. `there`: from who connects to the target. Any thread.
    virtual void set(std::size_t route, LinkFault there, LinkFault back) = 0;
};

}  // namespace salus::transport
