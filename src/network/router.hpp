#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.hpp"
#include "base/platform/clock.hpp"
#include "base/platform/executor.hpp"
#include "base/platform/random.hpp"
#include "network/metrics.hpp"
#include "transport/http.hpp"

namespace salus::network {

/// A request that found its route.
struct Request {
    transport::HttpRequest http;
    std::string id;                                           ///< "X-Request-Id" of the answer, and in the log
    std::string route;                                        ///< "/v1/blocks/{height}": what logs and metrics name
    std::vector<std::pair<std::string, std::string>> values;  ///< of the route's {names}

    /// Pre: the route has this name
    [[nodiscard]] const std::string& value(std::string_view name) const;
    [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const {
        return http.parameter(name);
    }
};

/// Words an error for one part of the API.
using ErrorFormat = std::function<transport::HttpResponse(const Error&)>;

/// Answers one request, once, from any thread; dropped unanswered it answers 500.
class Reply {
public:
    virtual ~Reply() = default;
    virtual void send(transport::HttpResponse response) = 0;
    /// In the format of the request's part of the API.
    virtual void fail(const Error& error) = 0;
    virtual std::shared_ptr<transport::ResponseStream> stream(transport::HttpResponse head, std::string idle) = 0;
};

using Handle = std::function<Result<transport::HttpResponse>(const Request&)>;
using HandleLater = std::function<void(Request, std::unique_ptr<Reply>)>;

/// Where a route differs from most.
struct RouteTraits {
    bool large_body = false;  ///< takes as much as the server does; others kBodyBytesMax
    bool waits = false;    ///< for the chain, perhaps: only Parts::waiters_max of these run at once, others behind them
    bool at_once = false;  ///< is answered on the thread that serves its socket, beside all that waits: never blocks
};

/// Of a request to a route that says nothing else: room for the longest form, and little work for a parser.
inline constexpr std::size_t kBodyBytesMax = 64UL * 1024;

/// Finds the handler of a request and runs it on the executor. Routes are added first, then it serves; it outlives the
/// server.
///
/// A route is a path of words and "{names}", each of which takes one segment that is not empty; a word is preferred to
/// a name, whatever the method, as in OpenAPI. HEAD is answered as GET is, OPTIONS by the methods there are; nothing
/// under the path is 404, another method 405 with Allow.
class Router {
public:
    struct Parts {
        Executor& executor;
        Random& random;
        const SteadyClock& clock;
        Metrics& metrics;
        std::size_t waiting_max = 1024;  ///< requests waiting for the executor; beyond: 503
        /// Fewer than the executor's threads, so that reads are served while the chain stands still.
        std::size_t waiters_max = 24;
    };
    explicit Router(const Parts& parts);

    void add(const std::string& method, const std::string& route, Handle handle, RouteTraits traits = {});
    /// Called on the executor too; only the answer may come later.
    void add_later(const std::string& method, const std::string& route, HandleLater handle, RouteTraits traits = {});
    /// Errors of routes, and of what is no route, under this beginning of a route ("/orgs/{org}/fhir"). Others are
    /// problems.
    void errors_under(const std::string& beginning, ErrorFormat format);

    [[nodiscard]] transport::Handler handler();
    /// For transport::ServerConfig: what a route takes, and refusals in the format of their part.
    [[nodiscard]] transport::BodyLimit body_limit() const;
    [[nodiscard]] transport::Refuse refusal();

    /// "GET /v1/blocks/{height}": every route with each of its methods. HEAD and OPTIONS, which follow from them, are
    /// not named.
    [[nodiscard]] std::vector<std::string> mounted() const;

private:
    using Segments = std::vector<std::string>;
    struct Method {
        std::string name;
        HandleLater handle;
        RouteTraits traits;
    };
    struct Route {
        std::string text;
        Segments segments;
        std::vector<Method> methods;
    };
    /// `method` is nullptr where the path has another only; `allowed` are those.
    struct Match {
        const Route* route = nullptr;
        const Method* method = nullptr;
        std::vector<std::string> allowed;
    };
    struct Part {
        Segments segments;
        ErrorFormat format;
    };
    class Answer;
    struct Job {
        const HandleLater* handle;
        Request request;
        std::unique_ptr<Reply> reply;
    };
    struct Waiters {
        std::size_t running = 0;
        std::deque<std::shared_ptr<Job>> queue;
    };

    [[nodiscard]] Match match(const Segments& path, std::string_view method) const;
    void serve(transport::HttpRequest http, std::unique_ptr<transport::Responder> responder);
    /// nullptr: a problem
    [[nodiscard]] const ErrorFormat* format_for(const Segments& path) const;
    void run(const Method& method, Request request, std::unique_ptr<Reply> reply);
    void run_waiters(std::shared_ptr<Job> job);
    static void call(Job& job);
    [[nodiscard]] std::string next_id();

    Parts parts_;
    std::vector<Route> routes_;  ///< words before names
    std::vector<Part> formats_;  ///< longest first
    ErrorFormat problem_;
    Guarded<Waiters> waiters_;
    std::string id_prefix_;
    std::atomic<std::uint64_t> requests_{0};
    std::atomic<std::size_t> waiting_{0};
};

}  // namespace salus::network
