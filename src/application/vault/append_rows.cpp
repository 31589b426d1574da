#include <map>

#include "application/vault/append_plan.hpp"

namespace salus::application {
namespace {

Status insert_version(Writing& writing, const NewVersion& version, const PreparedVersion& prepared,
                      const PlannedLeaf& leaf, std::uint64_t incarnation) {
    std::optional<Hash> origin;
    if (version.origin != Hash{}) origin = version.origin;
    SALUS_TRY_STATUS(
        writing.run("INSERT INTO versions (number, type, id, version, subject, op, written_ms, origin, digest, kek, "
                    "incarnation, leaf_index, leaf, seq, previous)"
                    " VALUES (:number, :type, :id, :version, :subject, :op, :written_ms, :origin, :digest, :kek, "
                    ":incarnation, :leaf_index, :leaf, :seq, :previous)",
                    prepared.number, version.type, version.id, version.version, version.subject, version.op,
                    version.written_ms, origin, prepared.digest, prepared.kek->generation, incarnation, leaf.index,
                    leaf.leaf, leaf.seq, leaf.previous));
    SALUS_TRY_STATUS(writing.run("INSERT INTO bodies (number, data_key, body) VALUES (:number, :data_key, :body)",
                                 prepared.number, prepared.sealed.data_key, prepared.sealed.body));
    for (const SearchToken& token : version.tokens)
        SALUS_TRY_STATUS(
            writing.run("INSERT INTO tokens (token, number) VALUES (:token, :number)", token, prepared.number));
    return {};
}

using AnchoredRow = std::tuple<std::uint64_t, std::string, std::string, std::uint64_t, SubjectId, std::uint64_t, Hash>;

Status count_version(Writing& writing, const AnchoredRow& row) {
    const auto& [number, type, id, version, subject, seq, leaf] = row;
    if (version > 1) {
        // Rows come in the order of their numbers, which is not that of versions where two writers met in one append.
        SALUS_TRY_STATUS(
            writing.run("UPDATE resources SET current = :current, version = :version WHERE type = :type AND id = :id "
                        "AND version < :below",
                        number, version, type, id, version));
        return {};
    }
    SALUS_TRY_STATUS(
        writing.run("INSERT INTO resources (number, type, id, subject, current, version) VALUES (:number, :type, :id, "
                    ":subject, :current, 1)",
                    number, type, id, subject, number));
    return {};
}

}  // namespace

Status store_pending(Writing& writing, const std::vector<WriteJob*>& jobs, const AppendPlan& plan,
                     std::uint64_t next_number) {
    for (std::size_t j = 0; j < jobs.size(); ++j) {
        const Write& write = jobs[j]->write;
        for (const NewSubject& subject : write.subjects)
            SALUS_TRY_STATUS(
                writing.run("INSERT INTO subjects (id, patient, seq, leaf) VALUES (:id, :patient, 0, :leaf)",
                            subject.id, subject.patient_id, Hash{}));
        for (std::size_t v = 0; v < write.versions.size(); ++v)
            SALUS_TRY_STATUS(
                insert_version(writing, write.versions[v], jobs[j]->prepared[v], plan.leaves[j][v], plan.incarnation));
        if (!write.request_id.empty())
            SALUS_TRY_STATUS(
                writing.run("INSERT INTO requests (id, digest, answer, append) VALUES (:id, :digest, :answer, :append)",
                            write.request_id, write.request_digest, write.request_answer, plan.append.first_index));
    }
    for (const PlannedPad& pad : plan.pads)
        SALUS_TRY_STATUS(writing.run("INSERT INTO pads (leaf_index, salt, noise) VALUES (:leaf_index, :salt, :noise)",
                                     pad.index, pad.salt, pad.noise));
    SALUS_TRY_STATUS(writing.run("INSERT INTO appends (first_index, leaves, log) VALUES (:first_index, :leaves, :log)",
                                 plan.append.first_index, std::uint64_t{plan.append.leaves.size() / 32},
                                 codec::encode(plan.log)));
    return rows::set_meta(writing, rows::kNumber, big_endian(next_number));
}

Status store_anchored(Writing& writing, std::uint64_t first_index, Height height, TimeMs time_ms) {
    SALUS_TRY(const auto append, (writing.query_one<std::uint64_t, Bytes>(
                                     "SELECT leaves, log FROM appends WHERE first_index = :first_index", first_index)));
    if (!append) return fail(ErrorCode::kCorrupt, "the vault has no append at leaf " + std::to_string(first_index));
    const std::uint64_t end = first_index + std::get<0>(*append);
    SALUS_TRY(const auto rows,
              (writing.query<std::uint64_t, std::string, std::string, std::uint64_t, SubjectId, std::uint64_t, Hash>(
                  "SELECT number, type, id, version, subject, seq, leaf FROM versions WHERE leaf_index >= :begin AND "
                  "leaf_index < :end"
                  " ORDER BY version, number",
                  first_index, end)));
    std::map<SubjectId, std::pair<std::uint64_t, Hash>> ends;
    for (const AnchoredRow& row : rows) {
        SALUS_TRY_STATUS(count_version(writing, row));
        auto& [seq, leaf] = ends[std::get<4>(row)];
        if (std::get<5>(row) >= seq) {
            seq = std::get<5>(row);
            leaf = std::get<6>(row);
        }
    }
    for (const auto& [subject, last] : ends)
        SALUS_TRY_STATUS(writing.run("UPDATE subjects SET seq = :seq, leaf = :leaf WHERE id = :id", last.first + 1,
                                     last.second, subject));
    SALUS_TRY_STATUS(
        writing.run("UPDATE appends SET height = :height, time_ms = :time_ms WHERE first_index = :first_index", height,
                    time_ms, first_index));
    return rows::set_meta(writing, rows::kLog, std::get<1>(*append));
}

Status store_undone(Writing& writing, std::uint64_t first_index) {
    // What is pending is always the end of the log: nothing behind it can be anchored.
    SALUS_TRY_STATUS(
        writing.run("DELETE FROM subjects WHERE seq = 0 AND id IN (SELECT subject FROM versions WHERE leaf_index >= "
                    ":first_index) AND patient <> ''",
                    first_index));
    for (std::string_view sql :
         {"DELETE FROM bodies WHERE number IN (SELECT number FROM versions WHERE leaf_index >= :first_index)",
          "DELETE FROM tokens WHERE number IN (SELECT number FROM versions WHERE leaf_index >= :first_index)",
          "DELETE FROM versions WHERE leaf_index >= :first_index", "DELETE FROM pads WHERE leaf_index >= :first_index",
          "DELETE FROM requests WHERE append >= :first_index", "DELETE FROM appends WHERE first_index >= :first_index"})
        SALUS_TRY_STATUS(writing.run(sql, first_index));
    return {};
}

}  // namespace salus::application
