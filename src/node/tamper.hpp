#pragma once

#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "base/strong_types.hpp"

/// Changes one byte of a copy, so that the demo can show that it is found. Each says where that was.
namespace salus::node {

struct Flipped {
    Height height = 0;
    std::size_t index = 0;  ///< of the transaction or receipt in its block
};

/// Copies an exported chain with one byte of a transaction of its newest block that has one changed.
/// Errors: kNotFound where there is no transaction, kMalformedEncoding, kIo
Result<Flipped> flip_block_byte(const std::filesystem::path& chain, const std::filesystem::path& copy);
/// The same in a receipt.
Result<Flipped> flip_receipt_byte(const std::filesystem::path& chain, const std::filesystem::path& copy);
/// In a stored version of an organisation's vault, in place: "Observation/7f../_history/2". The node that owns the
/// folder must not run.
Result<std::string> flip_vault_byte(const std::filesystem::path& directory, const std::string& slug);

}  // namespace salus::node
