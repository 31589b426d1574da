#include "node/export_chain.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <map>

#include "base/file.hpp"
#include "model/export.hpp"
#include "node/layout.hpp"
#include "store/chain_store.hpp"

namespace salus::node {
namespace {

/// A file that takes its name only when it is whole and synced.
class FileSink final : public ByteSink {
public:
    explicit FileSink(const std::filesystem::path& file) : file_(file), temporary_(file.string() + ".new") {
        fd_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
        open_errno_ = errno;
    }
    ~FileSink() override {
        if (fd_ < 0) return;
        ::close(fd_);
        ::unlink(temporary_.c_str());
    }
    FileSink(const FileSink&) = delete;
    FileSink& operator=(const FileSink&) = delete;

    Status write(ByteView bytes) override {
        buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
        written_ += bytes.size();
        return buffer_.size() < kBufferBytes ? Status{} : flush();
    }
    Status finish() {
        SALUS_TRY_STATUS(flush());
        if (::fsync(fd_) != 0 || ::rename(temporary_.c_str(), file_.c_str()) != 0) return failed();
        ::close(fd_);
        fd_ = -1;
        return sync_directory(file_.has_parent_path() ? file_.parent_path() : ".");
    }
    [[nodiscard]] std::uint64_t written() const noexcept { return written_; }

private:
    static constexpr std::size_t kBufferBytes = 1 << 20;

    Status flush() {
        if (fd_ < 0) return failed(open_errno_);
        ByteView left = buffer_;
        while (!left.empty()) {
            const ssize_t count = ::write(fd_, left.data(), left.size());
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) return failed();
            left = left.subspan(static_cast<std::size_t>(count));
        }
        buffer_.clear();
        return {};
    }
    Status failed(int number = errno) const {
        return fail(ErrorCode::kIo, "cannot write " + file_.string() + ": " + std::strerror(number));
    }

    std::filesystem::path file_;
    std::filesystem::path temporary_;
    int fd_ = -1;
    int open_errno_ = 0;
    Bytes buffer_;
    std::uint64_t written_ = 0;
};

/// The certificate of CometBFT's newest block comes with the block after it: a node that stops may lack it.
Result<Height> last_certified(const store::ChainStore& chain) {
    Height height = chain.view()->tip().header.height;
    for (; height > 0; --height) {
        SALUS_TRY(const auto certificate, chain.certificate(height));
        if (certificate) break;
    }
    return height;
}

}  // namespace

Result<Exported> export_chain(const std::filesystem::path& directory, const std::filesystem::path& file,
                              const std::function<void(Height, Height)>& progress) {
    SALUS_TRY(const auto chain, store::open_rocksdb_to_read(chain_folder(directory)));
    FileSink sink(file);
    ExportWriter writer(sink);
    SALUS_TRY(const Bytes genesis, chain->genesis());
    SALUS_TRY_STATUS(writer.begin(genesis));
    SALUS_TRY(const std::vector<EraRecord> eras, chain->eras());
    std::map<Height, const EraRecord*> openings;
    for (const EraRecord& era : eras)
        if (era.era > 1) openings[era.first_height] = &era;
    SALUS_TRY(const Height tip, last_certified(*chain));
    for (Height height = 1; height <= tip; ++height) {
        if (const auto opening = openings.find(height); opening != openings.end())
            SALUS_TRY_STATUS(writer.add_era(*opening->second));
        SALUS_TRY(const Block block, chain->block(height));
        SALUS_TRY(const std::optional<Certificate> certificate, chain->certificate(height));
        SALUS_TRY_STATUS(writer.add_block(codec::encode(block), certificate));
        progress(height, tip);
    }
    SALUS_TRY_STATUS(writer.finish());
    SALUS_TRY_STATUS(sink.finish());
    return Exported{tip, sink.written()};
}

}  // namespace salus::node
