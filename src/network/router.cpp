#include "network/router.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.hpp"
#include "base/encoding.hpp"
#include "base/log.hpp"
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

void Router::add(const std::string& method, const std::string& route, Handle handle) {
    add_later(method, route, [handle = std::move(handle)](const Request& request, std::unique_ptr<Reply> reply) {
        auto response = handle(request);
        if (response)
            reply->send(*std::move(response));
        else
            reply->fail(response.error());
    });
}

void Router::add_later(const std::string& method, const std::string& route, HandleLater handle) {
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
    at->methods.emplace_back(method, std::move(handle));
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
        for (const auto& [method, handle] : route.methods) out.push_back(method + " " + route.text);
    return out;
}

const ErrorFormat& Router::format_for(const Segments& path) const {
    for (const auto& part : formats_)
        if (begins(path, part.segments)) return part.format;
    return problem_;
}

std::string Router::next_id() { return fmt::format("{}-{}", id_prefix_, ++requests_); }

void Router::serve(transport::HttpRequest http, std::unique_ptr<transport::Responder> responder) {
    const auto path = split(http.path);
    const std::string method = http.method == "HEAD" ? "GET" : http.method;
    const Route* matched = nullptr;
    const HandleLater* handle = nullptr;
    std::vector<std::string> allowed;
    for (const auto& route : routes_) {
        if (route.segments.size() != path.size() || !begins(path, route.segments)) continue;
        matched = &route;
        break;
    }
    if (matched)
        for (const auto& [known, call] : matched->methods) {
            allowed.push_back(known);
            if (known == "GET") allowed.emplace_back("HEAD");
            if (known == method) handle = &call;
        }
    std::string id = next_id();
    auto reply = std::make_unique<Answer>(parts_, std::move(responder), format_for(path), id, http.method,
                                          matched ? matched->text : "none");
    if (handle) {
        http.method = method;  // a handler need not know HEAD: the connection leaves the body out
        Request request{std::move(http), std::move(id), matched->text, {}};
        for (std::size_t i = 0; i < path.size(); ++i)
            if (const auto& name = matched->segments[i]; is_name(name))
                request.values.emplace_back(name.substr(1, name.size() - 2), path[i]);
        run(*handle, std::move(request), std::move(reply));
        return;
    }
    if (!matched && !(method == "OPTIONS" && http.path == "*")) {
        reply->fail({ErrorCode::kNotFound, "nothing is served under this path"});
        return;
    }
    allowed.emplace_back("OPTIONS");
    std::sort(allowed.begin(), allowed.end());
    allowed.erase(std::unique(allowed.begin(), allowed.end()), allowed.end());
    HttpResponse response{204, {}, {}};
    if (method != "OPTIONS")
        response = format_for(path)(
            {ErrorCode::kMethodNotAllowed, "this path knows " + fmt::format("{}", fmt::join(allowed, ", "))});
    response.headers.emplace_back("allow", fmt::format("{}", fmt::join(allowed, ", ")));
    reply->send(std::move(response));
}

void Router::run(const HandleLater& handle, Request request, std::unique_ptr<Reply> reply) {
    if (++waiting_ > parts_.waiting_max) {
        --waiting_;
        reply->fail({ErrorCode::kBusy, "too many requests are waiting"});
        return;
    }
    // std::function wants what can be copied.
    struct Job {
        Request request;
        std::unique_ptr<Reply> reply;
    };
    auto job = std::make_shared<Job>(Job{std::move(request), std::move(reply)});
    parts_.executor.post([this, &handle, job] {
        --waiting_;
        try {
            handle(std::move(job->request), std::move(job->reply));
        } catch (const std::exception& e) {
            // Where it had taken its reply, that has answered 500 by now.
            log_error("http", fmt::format("a handler threw: {}", e.what()));
        }
    });
}

}  // namespace salus::network
