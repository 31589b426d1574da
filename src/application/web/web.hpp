#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transport/http.hpp"

/// Requests and answers as the services of an organisation see them: below its base, JSON or one of our messages.
namespace salus::application {

/// RFC 9457 problem details. `error.message` stands in it: no patient data, as in every error.
transport::HttpResponse problem(const Error& error);
transport::HttpResponse json_response(unsigned status, std::string body, std::string_view type = "application/json");
/// One of our messages, in its own encoding.
transport::HttpResponse message_response(unsigned status, Bytes body);

/// The token of "Authorization: Bearer ..", empty where there is none.
std::string_view bearer(const transport::HttpRequest& request) noexcept;

/// A request to a route, with what its pattern's {names} stood for.
struct Call {
    const transport::HttpRequest& request;
    std::map<std::string, std::string, std::less<>> parts;
};

/// Patterns below an organisation's base ("/desk/consents/{grant}/revoke") and who serves them.
class Routes {
public:
    using Serve = std::function<Result<transport::HttpResponse>(const Call&)>;

    void add(std::string method, std::string_view pattern, Serve serve);

    /// Serves `request`, whose path is given without the base. Nothing where no pattern has that path; 405 where one
    /// has it with another method. An Error becomes its problem.
    [[nodiscard]] std::optional<transport::HttpResponse> handle(const transport::HttpRequest& request,
                                                                std::string_view path) const;

    struct Route {
        std::string method;
        std::vector<std::string> segments;
        Serve serve;
    };
    [[nodiscard]] const std::vector<Route>& all() const noexcept { return routes_; }

private:
    std::vector<Route> routes_;
};

}  // namespace salus::application
