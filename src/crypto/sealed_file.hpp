#pragma once

#include <filesystem>

#include "base/platform/random.hpp"
#include "base/result.hpp"
#include "crypto/kdf.hpp"
#include "crypto/secret.hpp"

namespace salus::crypto {

/// A file whose content opens with a passphrase only: "SALUSPW1" || u64 operations || u64 memory bytes || salt (16) ||
/// AES-256-GCM under the Argon2id key, with `kind` and the parameters as associated data.
/// Written beside and renamed, synced, mode 0600. `kind` says what it is ("wallet", "organisation keys").
/// Errors: kIo, naming the path
Status write_sealed_file(const std::filesystem::path& path, std::string_view kind, ByteView passphrase,
                         ByteView content, Random& random, const PassphraseParameters& parameters = {});

/// Errors: kNotFound, kIo; kForbidden for a wrong passphrase or another kind; kCorrupt for what is no such file
Result<SecretBytes> read_sealed_file(const std::filesystem::path& path, std::string_view kind, ByteView passphrase);

}  // namespace salus::crypto
