#pragma once

#include <filesystem>
#include <string>

#include "base/result.hpp"

/// Changes one byte of a copy, so that the demo can show that it is found.
namespace salus::node {

/// Copies an exported chain with one byte of a transaction of its newest block that has one changed.
/// Errors: kNotFound where there is no transaction, kMalformedEncoding, kIo
Status flip_block_byte(const std::filesystem::path& chain, const std::filesystem::path& copy);
/// The same in a receipt.
Status flip_receipt_byte(const std::filesystem::path& chain, const std::filesystem::path& copy);
/// In a stored version of an organisation's vault, in place. The node that owns the folder must not run.
Status flip_vault_byte(const std::filesystem::path& directory, const std::string& slug);

}  // namespace salus::node
