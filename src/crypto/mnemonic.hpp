#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "crypto/secret.hpp"

namespace salus::crypto {

/// 32 bytes of entropy as 24 English words with checksum, separated by single spaces. Source: BIP-39
SecretBytes words_from_entropy(const Key256& entropy);

/// Letter case and runs of blanks do not matter.
/// Errors: kUsage, naming the position of a word that is not in the list (never the word), a wrong count, a wrong
/// checksum
Result<Key256> entropy_from_words(std::string_view words);

}  // namespace salus::crypto
