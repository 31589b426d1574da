#pragma once

#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace salus::node {

/// What a policy's document says it is.
struct PolicyDocument {
    std::string jurisdiction;
    std::uint64_t version = 0;
};

/// Reads the document as a custodian that decides by it would: one that nobody can read, once voted, would let nobody
/// read. Errors: kUsage, saying where it is wrong; kTooLarge
Result<PolicyDocument> read_policy_document(ByteView document);
/// What `salus init` puts in force as version 1.
std::string first_policy_document(std::string_view jurisdiction);

}  // namespace salus::node
