#include "application/vault/commit_count.hpp"

namespace salus::application {
namespace {

std::filesystem::path mark_file(const std::filesystem::path& file) { return file.string() + "-synced"; }

/// 0 where none was counted yet.
Result<std::uint64_t> counted_commits(Reading& reading) {
    SALUS_TRY(const auto known, reading.query_value<std::uint64_t>(
                                    "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'commits'"));
    if (known.value_or(0) == 0) return std::uint64_t{0};
    SALUS_TRY(const auto number, reading.query_value<std::uint64_t>("SELECT number FROM commits"));
    return number.value_or(0);
}

}  // namespace

Result<std::uint64_t> CommitCount::synced(const std::filesystem::path& file) {
    SALUS_TRY(const auto mark, SyncMark::open(mark_file(file), false));
    return mark->value();
}

Status CommitCount::check(const std::filesystem::path& file, Reading& reading) {
    SALUS_TRY(const std::uint64_t commits, counted_commits(reading));
    SALUS_TRY(const std::uint64_t on_disk, synced(file));
    if (on_disk <= commits) return {};
    return fail(ErrorCode::kCorrupt, file.string() + " or its log is damaged, or older than " +
                                         mark_file(file).string() + ": it ends at commit " + std::to_string(commits) +
                                         ", and commit " + std::to_string(on_disk) + " was on the disk");
}

Result<std::unique_ptr<CommitCount>> CommitCount::open(const std::filesystem::path& file, Writing& writing) {
    SALUS_TRY_STATUS(check(file, writing));
    SALUS_TRY_STATUS(writing.run("CREATE TABLE IF NOT EXISTS commits (number BIGINT NOT NULL)"));
    SALUS_TRY_STATUS(writing.run("INSERT INTO commits (number) SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM commits)"));
    SALUS_TRY(auto mark, SyncMark::open(mark_file(file), true));
    // Whoever opened the file has brought its log into it, synced: all that it shows is on the disk.
    SALUS_TRY(const std::uint64_t commits, counted_commits(writing));
    SALUS_TRY_STATUS(mark->set(commits));
    return std::unique_ptr<CommitCount>(new CommitCount(std::move(mark)));
}

Status CommitCount::add(Writing& writing) {
    SALUS_TRY_STATUS(writing.run("UPDATE commits SET number = number + 1"));
    return {};
}

}  // namespace salus::application
