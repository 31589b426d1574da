#include "base/sync_mark.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/bytes.hpp"

namespace salus {

Result<std::unique_ptr<SyncMark>> SyncMark::open(const std::filesystem::path& path, bool to_write) {
    const int file = ::open(path.c_str(), to_write ? O_RDWR | O_CREAT | O_CLOEXEC : O_RDONLY | O_CLOEXEC, 0644);
    if (file < 0 && (to_write || errno != ENOENT))
        return fail(ErrorCode::kIo, "cannot open " + path.string() + ": " + std::strerror(errno));
    std::unique_ptr<SyncMark> mark(new SyncMark(path, file));
    ByteArray<8> bytes{};
    const auto read = file < 0 ? 0 : ::pread(file, bytes.data(), bytes.size(), 0);
    if (read < 0) return fail(ErrorCode::kIo, "cannot read " + path.string() + ": " + std::strerror(errno));
    // A new one, or one that was cut off, claims nothing.
    if (read == static_cast<ssize_t>(bytes.size())) mark->value_ = from_big_endian<std::uint64_t>(bytes);
    return mark;
}

SyncMark::~SyncMark() {
    if (file_ >= 0) ::close(file_);
}

Status SyncMark::set(std::uint64_t value) {
    const auto bytes = big_endian(value);
    if (::pwrite(file_, bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size()))
        return fail(ErrorCode::kIo, "cannot write " + path_.string() + ": " + std::strerror(errno));
    value_ = value;
    return {};
}

}  // namespace salus
