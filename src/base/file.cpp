#include "base/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace salus {
namespace {

class Descriptor {
public:
    Descriptor(const std::filesystem::path& path, int flags, mode_t mode = 0)
        : fd_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
    ~Descriptor() { close(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    [[nodiscard]] bool valid() const noexcept { return fd_ >= 0; }
    [[nodiscard]] int get() const noexcept { return fd_; }
    bool close() noexcept {
        const int fd = fd_;
        fd_ = -1;
        return fd < 0 || ::close(fd) == 0;
    }

private:
    int fd_;
};

tl::unexpected<Error> system_error(std::string_view doing, const std::filesystem::path& path, int number = errno) {
    return fail(number == ENOENT ? ErrorCode::kNotFound : ErrorCode::kIo,
                "cannot " + std::string(doing) + " " + path.string() + ": " + std::strerror(number));
}

bool write_all(int fd, ByteView content) {
    while (!content.empty()) {
        const ssize_t written = ::write(fd, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        content = content.subspan(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace

Status sync_directory(const std::filesystem::path& directory) {
    const Descriptor fd(directory, O_RDONLY | O_DIRECTORY);
    if (!fd.valid() || ::fsync(fd.get()) != 0) return system_error("sync", directory);
    return {};
}

Result<Bytes> read_file(const std::filesystem::path& path, std::size_t bytes_max) {
    const Descriptor fd(path, O_RDONLY);
    if (!fd.valid()) return system_error("open", path);
    Bytes content;
    std::size_t size = 0;
    while (true) {
        content.resize(size + 64 * 1024);
        const ssize_t got = ::read(fd.get(), content.data() + size, content.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_error("read", path);
        size += static_cast<std::size_t>(got);
        if (size > bytes_max)
            return fail(ErrorCode::kTooLarge, path.string() + " has more than " + std::to_string(bytes_max) + " bytes");
        if (got == 0) break;
    }
    content.resize(size);
    return content;
}

Status write_file(const std::filesystem::path& path, ByteView content, FileMode mode) {
    std::filesystem::path temporary = path;
    temporary += ".new";
    ::unlink(temporary.c_str());
    Descriptor fd(temporary, O_WRONLY | O_CREAT | O_EXCL, mode == FileMode::kPrivate ? 0600 : 0644);
    if (!fd.valid()) {
        const int number = errno;
        return fail(ErrorCode::kIo, "cannot write " + path.string() + ": " + std::strerror(number));
    }
    if (!write_all(fd.get(), content) || ::fsync(fd.get()) != 0 || !fd.close() ||
        ::rename(temporary.c_str(), path.c_str()) != 0) {
        const int number = errno;
        ::unlink(temporary.c_str());
        return system_error("write", path, number);
    }
    return sync_directory(path.has_parent_path() ? path.parent_path() : ".");
}

Status make_directory(const std::filesystem::path& path) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) return {};
    if (path.has_parent_path()) SALUS_TRY_STATUS(make_directory(path.parent_path()));
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
        const int number = errno;
        return fail(ErrorCode::kIo, "cannot make the folder " + path.string() + ": " + std::strerror(number));
    }
    if (!std::filesystem::is_directory(path, error)) return fail(ErrorCode::kIo, path.string() + " is not a folder");
    return {};
}

Status check_private(const std::filesystem::path& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return system_error("look at", path);
    if ((status.st_mode & 077U) != 0)
        return fail(ErrorCode::kForbidden,
                    path.string() + " may be read by others than its owner: run `chmod 600` on it");
    return {};
}

}  // namespace salus
