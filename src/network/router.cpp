#include "network/router.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/check.hpp"
#include "base/encoding.hpp"
#include "base/log.hpp"
#include "base/thrown.hpp"
#include "network/problem.hpp"

namespace salus::network {
namespace {

using transport::HttpResponse;

std::vector<std::string> split(std::string_view path) {
    std::vector<std::string> out;
    while (!path.empty()) {
        path.remove_prefix(1);
        out.emplace_back(path.substr(0, path.find('/')));
        path.remove_prefix(out.back().size());
    }
    return out;
}

bool is_name(std::string_view segment) { return segment.starts_with('{'); }

/// Whether `path` has the words of `pattern` where that has words, and something where it has names.
bool begins(const std::vector<std::string>& path, const std::vector<std::string>& pattern) {
    if (path.size() < pattern.size()) return false;
    for (std::size_t i = 0; i < pattern.size(); ++i)
        if (is_name(pattern[i]) ? path[i].empty() : path[i] != pattern[i]) return false;
    return true;
}

/// A method as a label: what a client invents is not one.
std::string method_label(const std::string& method) {
    for (const std::string_view known : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
        if (method == known) return method;
    return "other";
}

}  // namespace

const std::string& Request::value(std::string_view name) const {
    const auto found =
        std::find_if(values.begin(), values.end(), [&](const auto& entry) { return entry.first == name; });
    SALUS_CHECK(found != values.end());
    return found->second;
}

/// Counts, names and words an answer on its way out.
class Router::Answer final : public Reply {
public:
    Answer(Parts& parts, std::unique_ptr<transport::Responder> responder, const ErrorFormat& format, std::string id,
           std::string method, std::string route)
        : parts_(parts),
          responder_(std::move(responder)),
          format_(format),
          id_(std::move(id)),
          method_(std::move(method)),
          route_(std::move(route)),
          begun_(parts.clock.now()) {}

    ~Answer() override {
        if (responder_) fail(Error{ErrorCode::kInternal, "a handler dropped its request"});
    }

    void send(HttpResponse response) override { leave(response)->send(std::move(response)); }

    void fail(const Error& error) override {
        if (is_internal(error.code))
            log_error("http", fmt::format("{} {} {}: {}", id_, method_, route_, error.to_string()));
        send(format_(error));
    }

    std::shared_ptr<transport::ResponseStream> stream(HttpResponse head, std::string idle) override {
        auto responder = leave(head);
        return responder->stream(std::move(head), std::move(idle));
    }

private:
    std::unique_ptr<transport::Responder> leave(HttpResponse& response) {
        SALUS_CHECK(responder_ != nullptr);  // answered twice
        response.headers.emplace_back("x-request-id", id_);
        const double seconds = std::chrono::duration<double>(parts_.clock.now() - begun_).count();
        parts_.metrics.count(
            "salus_http_requests_total", "Requests answered, by method, route and status.",
            {{"method", method_label(method_)}, {"route", route_}, {"status", std::to_string(response.status)}});
        parts_.metrics.observe("salus_http_request_seconds", "Time from a request's last byte to its answer.",
                               {{"route", route_}}, seconds);
        if (log_enabled(LogLevel::kDebug))
            log_debug("http", fmt::format("{} {} {} {} {:.1f} ms", id_, method_label(method_), route_, response.status,
                                          seconds * 1000));
        return std::move(responder_);
    }

    Parts& parts_;
    std::unique_ptr<transport::Responder> responder_;
    const ErrorFormat& format_;
    const std::string id_;
    const std::string method_;
    const std::string route_;
    const std::chrono::nanoseconds begun_;
};

Router::Router(const Parts& parts)
    : parts_(parts),
      problem_([](const Error& error) { return to_problem(error); }),
      id_prefix_(to_hex(parts.random.bytes<4>())) {}

void Router::add(const std::string& method, const std::string& route, Handle handle, RouteTraits traits) {
    const auto later = [handle = std::move(handle)](const Request& request, std::unique_ptr<Reply> reply) {
        auto response = handle(request);
        if (response)
            reply->send(*std::move(response));
        else
            reply->fail(response.error());
    };
    add_later(method, route, later, traits);
}

void Router::add_later(const std::string& method, const std::string& route, HandleLater handle, RouteTraits traits) {
    auto at = std::find_if(routes_.begin(), routes_.end(), [&](const Route& known) { return known.text == route; });
    if (at == routes_.end()) {
        Route added{route, split(route), {}};
        const auto names = [](const Route& one) {
            std::vector<bool> out;
            for (const auto& segment : one.segments) out.push_back(is_name(segment));
            return out;
        };
        at = std::upper_bound(routes_.begin(), routes_.end(), added,
                              [&](const Route& a, const Route& b) { return names(a) < names(b); });
        at = routes_.insert(at, std::move(added));
    }
    at->methods.push_back({method, std::move(handle), traits});
}

void Router::errors_under(const std::string& beginning, ErrorFormat format) {
    formats_.push_back({split(beginning), std::move(format)});
    std::stable_sort(formats_.begin(), formats_.end(),
                     [](const Part& a, const Part& b) { return a.segments.size() > b.segments.size(); });
}

transport::Handler Router::handler() {
    return [this](transport::HttpRequest http, std::unique_ptr<transport::Responder> responder) {
        serve(std::move(http), std::move(responder));
    };
}

std::vector<std::string> Router::mounted() const {
    std::vector<std::string> out;
    for (const auto& route : routes_)
        for (const auto& method : route.methods) out.push_back(method.name + " " + route.text);
    return out;
}

transport::BodyLimit Router::body_limit() const {
    return [this](std::string_view method, std::string_view path) {
        const Method* found = match(split(path), method).method;
        return found && found->traits.large_body ? std::numeric_limits<std::size_t>::max() : kBodyBytesMax;
    };
}

transport::Refuse Router::refusal() {
    return [this](unsigned status, const Error& error, std::string_view path) {
        const ErrorFormat* format = format_for(split(path));
        HttpResponse response = format ? (*format)(error) : to_problem(error, status);
        response.headers.emplace_back("x-request-id", next_id());
        return response;
    };
}

const ErrorFormat* Router::format_for(const Segments& path) const {
    for (const auto& part : formats_)
        if (begins(path, part.segments)) return &part.format;
    return nullptr;
}

std::string Router::next_id() { return fmt::format("{}-{}", id_prefix_, ++requests_); }

Router::Match Router::match(const Segments& path, std::string_view method) const {
    Match found;
    for (const auto& route : routes_) {
        if (route.segments.size() != path.size() || !begins(path, route.segments)) continue;
        found.route = &route;
        break;
    }
    if (!found.route) return found;
    for (const auto& known : found.route->methods) {
        found.allowed.push_back(known.name);
        if (known.name == "GET") found.allowed.emplace_back("HEAD");
        if (known.name == method) found.method = &known;
    }
    return found;
}

void Router::serve(transport::HttpRequest http, std::unique_ptr<transport::Responder> responder) {
    const auto path = split(http.path);
    const std::string method = http.method == "HEAD" ? "GET" : http.method;
    Match found = match(path, method);
    const ErrorFormat* format = format_for(path);
    std::string id = next_id();
    auto reply = std::make_unique<Answer>(parts_, std::move(responder), format ? *format : problem_, id, http.method,
                                          found.route ? found.route->text : "none");
    if (found.method) {
        http.method = method;  // a handler need not know HEAD: the connection leaves the body out
        Request request{std::move(http), std::move(id), found.route->text, {}};
        for (std::size_t i = 0; i < path.size(); ++i)
            if (const auto& name = found.route->segments[i]; is_name(name))
                request.values.emplace_back(name.substr(1, name.size() - 2), path[i]);
        run(*found.method, std::move(request), std::move(reply));
        return;
    }
    if (!found.route && !(method == "OPTIONS" && http.path == "*")) {
        reply->fail({ErrorCode::kNotFound, "nothing is served under this path"});
        return;
    }
    auto& allowed = found.allowed;
    allowed.emplace_back("OPTIONS");
    std::sort(allowed.begin(), allowed.end());
    allowed.erase(std::unique(allowed.begin(), allowed.end()), allowed.end());
    const std::string list = fmt::format("{}", fmt::join(allowed, ", "));
    HttpResponse response{204, {}, {}};
    if (method != "OPTIONS")
        response = (format ? *format : problem_)({ErrorCode::kMethodNotAllowed, "this path knows " + list});
    response.headers.emplace_back("allow", list);
    reply->send(std::move(response));
}

void Router::run(const Method& method, Request request, std::unique_ptr<Reply> reply) {
    if (method.traits.at_once) {
        Job job{&method.handle, std::move(request), std::move(reply)};
        return call(job);
    }
    if (++waiting_ > parts_.waiting_max) {
        --waiting_;
        reply->fail({ErrorCode::kBusy, "too many requests are waiting"});
        return;
    }
    // std::function wants what can be copied.
    auto job = std::make_shared<Job>(Job{&method.handle, std::move(request), std::move(reply)});
    if (method.traits.waits) {
        auto waiters = waiters_.lock();
        if (waiters->running == parts_.waiters_max) {
            waiters->queue.push_back(std::move(job));
            return;
        }
        ++waiters->running;
    }
    parts_.executor.post([this, job = std::move(job), waits = method.traits.waits] {
        if (waits) return run_waiters(job);
        --waiting_;
        call(*job);
    });
}

/// One thread's share of them: its own, then what has queued up meanwhile.
void Router::run_waiters(std::shared_ptr<Job> job) {
    while (job) {
        --waiting_;
        call(*job);
        job.reset();
        auto waiters = waiters_.lock();
        if (waiters->queue.empty()) {
            --waiters->running;
        } else {
            job = std::move(waiters->queue.front());
            waiters->queue.pop_front();
        }
    }
}

void Router::call(Job& job) {
    try {
        (*job.handle)(std::move(job.request), std::move(job.reply));
    } catch (const std::exception& e) {
        // Where it had taken its reply, that has answered 500 by now.
        log_error("http", "a handler threw " + type_of(e));
    }
}

}  // namespace salus::network
