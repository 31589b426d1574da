#include "node/checkpoint_file.hpp"

#include <pthread.h>

#include <condition_variable>
#include <thread>

#include "application/vault/checkpoint.hpp"
#include "base/file.hpp"
#include "base/log.hpp"
#include "base/mutex.hpp"

namespace salus::node {
namespace {

/// A stop waits so long for a disk that does not answer.
constexpr std::chrono::seconds kHangGrace{5};

bool is_higher(const Checkpoint& one, const std::optional<Checkpoint>& than) {
    return !than || std::pair(one.era, one.height) > std::pair(than->era, than->height);
}

Status write_checkpoint(const std::filesystem::path& path, ByteView content) { return write_file(path, content); }

}  // namespace

struct CheckpointFile::Writer {
    struct State {
        std::optional<Checkpoint> filed;
        std::optional<Checkpoint> asked;
        bool stopping = false;
        bool ended = false;
    };

    void run() {
        pthread_setname_np(pthread_self(), "checkpoint");
        std::string problem;  // the last one, so that it is told once
        for (;;) {
            auto access = state.lock();
            changed.wait(access.lock(), [&] { return access->stopping || access->asked; });
            const auto next = std::exchange(access->asked, std::nullopt);
            if (!next) {
                access->ended = true;
                break;
            }
            access.lock().unlock();
            const Status written = write(path, codec::encode(*next));
            const std::string now = written ? std::string() : written.error().to_string();
            if (now != problem) tell(now);
            problem = now;
            if (written) state.lock()->filed = next;
        }
        changed.notify_all();
    }
    void tell(const std::string& problem) const {
        if (problem.empty())
            log_info("checkpoint", path.string() + " is kept again");
        else
            log_error("checkpoint", path.string() + " is not kept: " + problem);
    }

    std::filesystem::path path;
    Write write;
    Guarded<State> state;
    std::condition_variable changed;
    std::thread thread;
};

CheckpointFile::CheckpointFile(std::filesystem::path path, std::optional<Checkpoint> filed, Write write) {
    if (path.empty()) return;
    writer_ = std::make_shared<Writer>();
    writer_->path = std::move(path);
    writer_->write = std::move(write);
    writer_->state.lock()->filed = std::move(filed);
    writer_->thread = std::thread([writer = writer_]() noexcept { writer->run(); });
}

CheckpointFile::CheckpointFile(CheckpointFile&&) noexcept = default;

CheckpointFile::~CheckpointFile() {
    if (!writer_) return;
    bool ended = false;
    {
        auto state = writer_->state.lock();
        state->stopping = true;
        writer_->changed.notify_all();
        ended = writer_->changed.wait_for(state.lock(), kHangGrace, [&] { return state->ended; });
    }
    if (ended) {
        writer_->thread.join();
    } else {
        log_error("checkpoint", writer_->path.string() + " hangs, and is left as it is");
        writer_->thread.detach();
    }
}

Result<CheckpointFile> CheckpointFile::open(std::filesystem::path path, const network::LedgerView& chain,
                                            const std::optional<Checkpoint>& kept) {
    if (path.empty()) return CheckpointFile({}, {}, {});
    const auto bytes = read_file(path, 4 << 20);
    if (!bytes && bytes.error().code == ErrorCode::kNotFound) {
        if (kept)
            log_warning("checkpoint",
                        path.string() + " is not there, though the vault has kept a checkpoint of block " +
                            std::to_string(kept->height) + ": that this is no older copy of the node, nothing shows");
        return CheckpointFile(std::move(path), {}, write_checkpoint);
    }
    if (!bytes) return tl::make_unexpected(bytes.error());
    auto filed = codec::decode<Checkpoint>(*bytes);
    if (!filed) return fail(ErrorCode::kCorrupt, path.string() + " is no checkpoint", filed.error());
    if (const Status held = application::continues(*filed, chain.header(), *chain.history()); !held)
        return fail(held.error().code, path.string() + ": " + held.error().message);
    return CheckpointFile(std::move(path), *std::move(filed), write_checkpoint);
}

void CheckpointFile::keep(const std::optional<Checkpoint>& seen) {
    if (!writer_ || !seen) return;
    {
        const auto state = writer_->state.lock();
        if (!is_higher(*seen, state->filed)) return;
        state->asked = seen;
    }
    writer_->changed.notify_all();
}

}  // namespace salus::node
