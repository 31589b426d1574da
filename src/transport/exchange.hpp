#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/mutex.hpp"
#include "transport/http.hpp"

namespace salus::transport {

/// The way of one answer from its handler, on any thread, to the connection that sends it. Outlives either end; what
/// comes after the connection is gone falls to the floor.
class Exchange {
public:
    /// `wake` tells the connection that there is something to take; never called after abandon().
    Exchange(std::function<void()> wake, std::size_t stream_bytes_max)
        : stream_bytes_max_(stream_bytes_max), state_(State{std::move(wake), {}, {}, {}, false, false, false}) {}

    struct Answer {
        HttpResponse response;
        bool streams = false;  ///< the body follows in chunks
        std::string idle;      ///< chunk for when there is none
    };
    struct Chunks {
        std::string bytes;
        bool closed = false;
        bool overrun = false;  ///< closed because the client reads too slowly
    };

    // The handler's side.
    void answer(Answer answer);
    /// False where the connection has gone, the stream is closed or `chunk` does not fit behind what is queued: that
    /// closes it too.
    bool write(std::string_view chunk);
    void when_drained(std::function<void()> ready);
    void close();

    // The connection's side.
    std::optional<Answer> take_answer();
    Chunks take_chunks();
    /// What take_chunks() gave is sent.
    void sent();
    void abandon();

private:
    struct State {
        std::function<void()> wake;  ///< empty once abandoned
        std::optional<Answer> answer;
        std::function<void()> drained;
        std::string chunks;
        bool sending = false;
        bool closed = false;
        bool overrun = false;
    };
    const std::size_t stream_bytes_max_;
    Guarded<State> state_;
};

std::unique_ptr<Responder> make_responder(std::shared_ptr<Exchange> exchange);

}  // namespace salus::transport
