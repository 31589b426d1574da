#include "crypto/sealed_file.hpp"

#include "base/file.hpp"
#include "crypto/aead.hpp"

namespace salus::crypto {
namespace {

constexpr std::string_view kMagic = "SALUSPW1";
constexpr std::size_t kHeadBytes = 8 + 8 + 8 + 16;
constexpr std::size_t kFileBytesMax = std::size_t{64} << 20;

Bytes head_of(const PassphraseParameters& parameters) {
    Bytes head = to_bytes(kMagic);
    append(head, big_endian(parameters.operations));
    append(head, big_endian(parameters.memory_bytes));
    append(head, parameters.salt);
    return head;
}

Bytes associated_of(ByteView head, std::string_view kind) {
    Bytes associated = to_bytes(head);
    append(associated, as_bytes(kind));
    return associated;
}

}  // namespace

Status write_sealed_file(const std::filesystem::path& path, std::string_view kind, ByteView passphrase,
                         ByteView content, Random& random, const PassphraseParameters& parameters) {
    PassphraseParameters salted = parameters;
    salted.salt = random.bytes<16>();
    SALUS_TRY(const Key256 key, key_from_passphrase(passphrase, salted));
    Bytes file = head_of(salted);
    append(file, seal(key, associated_of(file, kind), content, random));
    return write_file(path, file, FileMode::kPrivate);
}

Result<SecretBytes> read_sealed_file(const std::filesystem::path& path, std::string_view kind, ByteView passphrase) {
    SALUS_TRY(const Bytes file, read_file(path, kFileBytesMax));
    if (file.size() < kHeadBytes + kAeadOverheadBytes || !as_text(file).starts_with(kMagic))
        return fail(ErrorCode::kCorrupt, path.string() + " is not a sealed file of Salus");
    const ByteView head = ByteView(file).first(kHeadBytes);
    PassphraseParameters parameters;
    parameters.operations = from_big_endian<std::uint64_t>(head.subspan(8, 8));
    parameters.memory_bytes = from_big_endian<std::uint64_t>(head.subspan(16, 8));
    std::copy(head.begin() + 24, head.end(), parameters.salt.begin());
    auto key = key_from_passphrase(passphrase, parameters);
    if (!key) return fail(ErrorCode::kCorrupt, path.string() + " is damaged", key.error());
    auto content = open(*key, associated_of(head, kind), ByteView(file).subspan(kHeadBytes));
    if (!content)
        return fail(ErrorCode::kForbidden, path.string() + ": wrong passphrase, or not a file of " + std::string(kind));
    return SecretBytes(*std::move(content));
}

}  // namespace salus::crypto
