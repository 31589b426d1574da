#pragma once

#include <filesystem>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace salus::cli {

/// A file that the command line names, whole. One that is not there means that the command cannot run (exit code 3);
/// kNotFound is what a node says of what it does not have.
/// Errors: kIo, kTooLarge; the path is named
Result<Bytes> read_input(const std::filesystem::path& file, std::size_t bytes_max = std::size_t{1} << 30);

/// What was to be had from files here: one that is not there is no refusal, the command cannot run. kNotFound becomes
/// kIo.
template <class T>
Result<T> from_files(Result<T> result) {
    if (!result && result.error().code == ErrorCode::kNotFound) result.error().code = ErrorCode::kIo;
    return result;
}

}  // namespace salus::cli
