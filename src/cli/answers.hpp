#pragma once

#include <boost/json.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "base/encoding.hpp"
#include "cli/api.hpp"
#include "model/evidence.hpp"
#include "model/reading.hpp"

/// Reading what a node answered, and laying down what came with it. Only for .cpp files: it brings Boost.JSON along.
namespace salus::cli {

/// The list under `name`, an empty one where there is none.
inline const boost::json::array& list_of(const boost::json::value& object, std::string_view name) {
    static const boost::json::array kNone;
    const boost::json::value* value = object.is_object() ? object.get_object().if_contains(name) : nullptr;
    return value != nullptr && value->is_array() ? value->get_array() : kNone;
}

inline Result<Bytes> bytes_of(const boost::json::value& object, std::string_view name) {
    SALUS_TRY(const std::string text, text_of(object, name));
    auto bytes = from_base64(text);
    if (!bytes) return fail(ErrorCode::kCorrupt, "the node's \"" + std::string(name) + "\" is not base64");
    return *std::move(bytes);
}

/// Holds the files that lie beside a proof under the names that lay_down gives them to the records that it proves: adds
/// to `verdict`. Errors: kIo
Status compare_with_files(const std::filesystem::path& proof, const Evidence& evidence, Verdict& verdict);

/// Writes each resource as FOLDER/Type-id.json and the proofs over them, the resources' bytes put in, as
/// FOLDER/evidence.proof. Errors: kIo
Status lay_down(const std::filesystem::path& folder, const std::vector<AnsweredResource>& resources,
                ByteView evidence_file);
/// The same from a Bundle and an evidence file that holds the resources already.
Status lay_down(const std::filesystem::path& folder, const boost::json::value& bundle, ByteView evidence_file);

}  // namespace salus::cli
