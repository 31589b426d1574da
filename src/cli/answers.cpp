#include "cli/answers.hpp"

#include <algorithm>

#include "base/file.hpp"
#include "model/evidence.hpp"

namespace salus::cli {
namespace {

/// Names come from a custodian: nothing but a plain file in the folder may come of them.
Result<std::filesystem::path> file_for(const std::filesystem::path& folder, std::string_view type,
                                       std::string_view id) {
    const auto plain = [](std::string_view text) {
        return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
        });
    };
    if (!plain(type) || !plain(id))
        return fail(ErrorCode::kCorrupt, "the answer names a resource in a way that FHIR does not allow");
    return folder / (std::string(type) + "-" + std::string(id) + ".json");
}

/// Takes away what an answer before this one has left, by its own proof: it would look like a part of this one.
Status clear(const std::filesystem::path& folder) {
    SALUS_TRY_STATUS(make_directory(folder));
    const auto file = read_file(folder / "evidence.proof");
    if (!file) return file.error().code == ErrorCode::kNotFound ? Status{} : Status(tl::make_unexpected(file.error()));
    const auto before = from_evidence_file(*file);
    if (!before)
        return fail(ErrorCode::kConflict,
                    folder.string() + " holds an evidence.proof of another kind: name a new folder");
    std::vector<std::filesystem::path> left{folder / "bundle.json"};
    for (const ProvenRecord& record : before->records)
        if (auto path = file_for(folder, record.opening.content.type, record.opening.content.id))
            left.push_back(*std::move(path));
    left.push_back(folder / "evidence.proof");  // the last: it names the others to whoever is interrupted
    for (const std::filesystem::path& path : left) {
        std::error_code error;
        std::filesystem::remove(path, error);
        if (error) return fail(ErrorCode::kIo, "cannot remove " + path.string() + ": " + error.message());
    }
    return {};
}

}  // namespace

Status compare_with_files(const std::filesystem::path& proof, const Evidence& evidence, Verdict& verdict) {
    std::size_t same = 0;
    for (const ProvenRecord& record : evidence.records) {
        if (!record.resource) continue;
        const auto path = file_for(proof.parent_path(), record.opening.content.type, record.opening.content.id);
        if (!path) continue;
        const auto beside = read_file(*path);
        if (!beside && beside.error().code == ErrorCode::kNotFound) continue;
        if (!beside) return tl::make_unexpected(beside.error());
        if (*beside == *record.resource)
            ++same;
        else
            verdict.statements.push_back(
                {false, path->filename().string() + ", which lies beside it, is another than the record it proves"});
    }
    if (same != 0)
        verdict.statements.push_back({true, std::to_string(same) + " files beside it are the records that it proves"});
    verdict.good = std::ranges::all_of(verdict.statements, &Statement::holds);
    return {};
}

Status lay_down(const std::filesystem::path& folder, const std::vector<AnsweredResource>& resources,
                ByteView evidence_file) {
    SALUS_TRY(Evidence evidence, from_evidence_file(evidence_file));
    SALUS_TRY_STATUS(clear(folder));
    for (const AnsweredResource& resource : resources) {
        SALUS_TRY(const auto file, file_for(folder, resource.opening.content.type, resource.opening.content.id));
        SALUS_TRY_STATUS(write_file(file, resource.resource, FileMode::kPrivate));
        for (ProvenRecord& record : evidence.records)
            if (record.opening == resource.opening) record.resource = resource.resource;
    }
    return write_file(folder / "evidence.proof", to_evidence_file(evidence), FileMode::kPrivate);
}

Status lay_down(const std::filesystem::path& folder, const boost::json::value& bundle, ByteView evidence_file) {
    SALUS_TRY(const Evidence evidence, from_evidence_file(evidence_file));
    SALUS_TRY_STATUS(clear(folder));
    // The bytes that the leaves are over stand in the evidence; those of the bundle went through a JSON library.
    for (const ProvenRecord& record : evidence.records) {
        if (!record.resource) continue;
        SALUS_TRY(const auto file, file_for(folder, record.opening.content.type, record.opening.content.id));
        SALUS_TRY_STATUS(write_file(file, *record.resource, FileMode::kPrivate));
    }
    SALUS_TRY_STATUS(write_file(folder / "bundle.json", as_bytes(boost::json::serialize(bundle)), FileMode::kPrivate));
    return write_file(folder / "evidence.proof", evidence_file, FileMode::kPrivate);
}

}  // namespace salus::cli
