#pragma once

#include <boost/json/value.hpp>
#include <iosfwd>
#include <memory>
#include <string>

#include "model/certificate.hpp"
#include "transport/http.hpp"

namespace salus::cli {

/// A node's HTTP API as commands use it: a refusal becomes the Error that the node meant.
class Api {
public:
    /// `terminal`: says so where an answer takes its time; may be none. Errors: kUsage for what is no URL
    static Result<Api> connect(const std::string& url, std::ostream* terminal);

    void set_token(std::string token) { token_ = std::move(token); }
    [[nodiscard]] const std::string& token() const noexcept { return token_; }
    [[nodiscard]] const std::string& url() const noexcept { return url_; }

    /// Any answer below 400. A node that is busy is asked again when it says, for two minutes. Errors: the node's own,
    /// by its problem details or OperationOutcome; kIo, kTimeout
    Result<transport::HttpResponse> call(std::string_view method, std::string_view target,
                                         transport::Headers headers = {}, Bytes body = {});
    Result<boost::json::value> get(std::string_view target);
    Result<boost::json::value> post(std::string_view target, const boost::json::value& body);

    /// Submits one transaction and waits for its block. Errors: as above; a contract's refusal as its code
    Result<boost::json::value> submit(const Transaction& transaction);

private:
    Api(std::string url, std::unique_ptr<transport::HttpClient> client, std::ostream* terminal)
        : url_(std::move(url)), client_(std::move(client)), terminal_(terminal) {}

    std::string url_;
    std::unique_ptr<transport::HttpClient> client_;
    std::ostream* terminal_;
    std::string token_;
};

/// Whether a node answered so: its 400 is a refusal, and no wrong usage of the command line.
bool said_by_node(const Error& error);
/// Whether a node answered that it has not done, and will not do, what it was asked. Where not, nobody can tell yet.
bool is_refusal(const Error& error);

/// A field of an object in an answer. Errors: kCorrupt where the node answered something else
Result<std::string> text_of(const boost::json::value& object, std::string_view name);
Result<std::uint64_t> number_of(const boost::json::value& object, std::string_view name);

}  // namespace salus::cli
