#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>

#include "application/keys/key_provider.hpp"
#include "base/encoding.hpp"
#include "crypto/aead.hpp"

namespace salus::application {
namespace {

constexpr std::string_view kPassphraseMagic = "salus-passphrase-v1";
constexpr std::size_t kFileBytesMax = 4096;

/// A descriptor that closes itself.
class File {
public:
    File(const std::filesystem::path& path, int flags)
        : descriptor_(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600)) {}
    ~File() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    [[nodiscard]] int get() const noexcept { return descriptor_; }

private:
    int descriptor_;
};

bool write_all(int descriptor, ByteView bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written <= 0) return false;
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return ::fsync(descriptor) == 0;
}

/// The next word of `line`, which loses it.
std::string_view next_word(std::string_view& line) {
    const std::size_t end = std::min(line.find(' '), line.size());
    const std::string_view word = line.substr(0, end);
    line.remove_prefix(std::min(end + 1, line.size()));
    return word;
}

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

}  // namespace

Result<Bytes> MasterKey::wrap(const crypto::Key256& key, ByteView associated) const {
    return crypto::seal(key_, associated, key.expose(), random_);
}

Result<crypto::Key256> MasterKey::unwrap(ByteView wrapped, ByteView associated) const {
    SALUS_TRY(auto opened, crypto::open(key_, associated, wrapped));
    if (opened.size() != crypto::Key256::kSize) return fail(ErrorCode::kCorrupt, "a wrapped key has another length");
    crypto::Key256 key;
    std::copy(opened.begin(), opened.end(), key.expose_mutable().begin());
    crypto::wipe(opened);
    return key;
}

Result<std::unique_ptr<MasterKey>> create_passphrase_file(const std::filesystem::path& file, Random& random,
                                                          PassphraseCost cost) {
    const crypto::PassphraseParameters parameters{cost.operations, cost.memory_bytes, random.bytes<16>()};
    crypto::Key256 drawn;
    random.fill(drawn.expose_mutable());
    std::string hex = to_hex(drawn.expose());
    const crypto::SecretBytes passphrase(to_bytes(hex));
    crypto::wipe({reinterpret_cast<std::uint8_t*>(hex.data()), hex.size()});
    SALUS_TRY(auto key, crypto::key_from_passphrase(passphrase.expose(), parameters));

    const File out(file, O_WRONLY | O_CREAT | O_EXCL);
    if (out.get() < 0) {
        if (errno == EEXIST)
            return fail(ErrorCode::kConflict, file.string() + " is there already; it may be the only key to a vault");
        return fail(ErrorCode::kIo, "cannot make " + file.string());
    }
    Bytes content;
    content.reserve(kFileBytesMax);  // a buffer that grows leaves the old one behind
    append(content, as_bytes(std::string(kPassphraseMagic) + " " + std::to_string(cost.operations) + " " +
                             std::to_string(cost.memory_bytes) + " " + to_hex(parameters.salt) + "\n"));
    append(content, passphrase.expose());
    content.push_back('\n');
    const bool written = write_all(out.get(), content);
    crypto::wipe(content);
    if (!written) return fail(ErrorCode::kIo, "cannot write " + file.string());
    return std::make_unique<MasterKey>(std::move(key), random);
}

Result<std::unique_ptr<MasterKey>> open_passphrase_file(const std::filesystem::path& file, Random& random) {
    const File in(file, O_RDONLY);
    if (in.get() < 0) {
        if (errno == ENOENT) return fail(ErrorCode::kNotFound, "there is no " + file.string());
        return fail(ErrorCode::kIo, "cannot open " + file.string());
    }
    struct stat info {};
    if (::fstat(in.get(), &info) != 0 || !S_ISREG(info.st_mode))
        return fail(ErrorCode::kIo, file.string() + " is no regular file");
    if ((info.st_mode & 077) != 0)
        return fail(ErrorCode::kForbidden,
                    "others than its owner may use " + file.string() + "; run: chmod 600 " + file.string());
    Bytes content(kFileBytesMax);
    const ssize_t size = ::read(in.get(), content.data(), content.size());
    if (size < 0) return fail(ErrorCode::kIo, "cannot read " + file.string());
    content.resize(static_cast<std::size_t>(size));
    const crypto::SecretBytes held(std::move(content));

    std::string_view text = as_text(held.expose());
    std::string_view line = text.substr(0, text.find('\n'));
    std::string_view passphrase = text.substr(std::min(line.size() + 1, text.size()));
    passphrase = passphrase.substr(0, passphrase.find('\n'));
    const bool magic = next_word(line) == kPassphraseMagic;
    const auto operations = number(next_word(line));
    const auto memory = number(next_word(line));
    const auto salt = array_from_hex<16>(next_word(line));
    if (!magic || !operations || !memory || !salt || passphrase.empty())
        return fail(ErrorCode::kCorrupt, file.string() + " is no passphrase file of this version");
    SALUS_TRY(auto key, crypto::key_from_passphrase(as_bytes(passphrase), {*operations, *memory, *salt}));
    return std::make_unique<MasterKey>(std::move(key), random);
}

}  // namespace salus::application
