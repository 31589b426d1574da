#pragma once

#include <filesystem>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace salus::cli {

/// The bytes of a FHIR file, unpacked where its name ends in ".zst".
/// Errors: kNotFound, kIo; kCorrupt where it does not unpack; kTooLarge past 1 GiB unpacked
Result<Bytes> read_fhir_file(const std::filesystem::path& file);

/// What stands at the top of a FHIR document, without holding it to more than being JSON.
struct BundleKind {
    std::string resource_type;
    std::string bundle_type;  ///< "transaction", "batch", ...
    std::size_t entries = 0;
};
/// Errors: kUsage, naming the file, where it is not a JSON object
Result<BundleKind> look_at(const std::filesystem::path& file, ByteView document);

}  // namespace salus::cli
