#pragma once

#include <boost/json/value.hpp>

#include "cli/torture/history.hpp"
#include "transport/http.hpp"

/// A Posting on the wire.
namespace salus::cli::torture {

inline constexpr std::string_view kIdentifierSystem = "urn:torture";

/// The patient of the posting in its version `version`, which stands in it too (multipleBirthInteger): a body can be
/// told from that of another version. `id`: empty where the server is to choose it.
std::string patient_json(const Posting& posting, std::uint64_t version, std::string_view id = {});

struct Written {
    std::string target;  ///< below the organisation's FHIR base
    transport::Headers headers;
    Bytes body;
};
Written request_of(const Posting& posting);
/// What the answer to it says was stored. Errors: kCorrupt where that is not all of it
Result<std::vector<std::string>> references_in(const Posting& posting, const boost::json::value& answer);

}  // namespace salus::cli::torture
