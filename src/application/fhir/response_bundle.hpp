#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/strong_types.hpp"

namespace salus::application {

/// One entry of an answer. What is empty is left out.
struct ResponseEntry {
    struct Request {
        std::string method;
        std::string url;
    };
    struct Response {
        std::string status;         ///< "201 Created"
        std::string location;       ///< "Patient/1/_history/1"
        std::string etag;           ///< W/"1"
        std::string last_modified;  ///< a FHIR instant
        Bytes outcome;              ///< an OperationOutcome
    };

    std::string full_url;
    Bytes resource;           ///< stands in the answer byte for byte; JSON already
    std::string search_mode;  ///< searchset: "match", "include", "outcome"
    std::optional<Request> request;
    std::optional<Response> response;
};

struct ResponseBundle {
    std::string type;  ///< "transaction-response", "batch-response", "searchset", "history"
    std::optional<std::uint64_t> total;
    std::string self_link;
    std::string next_link;
    std::vector<ResponseEntry> entries;
};

/// The Bundle's bytes; stored resources are copied, never read.
Bytes write_bundle(const ResponseBundle& bundle);

/// W/"3"
std::string etag_of(std::uint64_t version);
/// The version in W/"3" or "3"; nothing where it is none of ours.
std::optional<std::uint64_t> version_of_etag(std::string_view etag);

}  // namespace salus::application
