#include "application/check/check_rows.hpp"

#include "application/check/sealed_rows.hpp"
#include "application/fhir/writes.hpp"

namespace salus::application {
namespace {

std::string append_name(std::uint64_t first_index) { return "the append at leaf " + std::to_string(first_index); }

class RowsChecker : SealedRows {
public:
    RowsChecker(Vault& vault, const HeldToChain& held, CheckReport& report) : SealedRows(vault, report), held_(held) {}

    void run() {
        attempt("the search index", check_index());
        attempt("the table of appends", check_appends());
        attempt("the table of requests", check_requests());
        attempt("the tables beside the versions", check_extra());
    }

private:
    Status check_index();
    Status check_appends();
    Status check_requests();
    Status check_extra();

    const HeldToChain held_;
};

Status RowsChecker::check_index() {
    SALUS_TRY(const auto there, vault_.database().read([&](Reading& reading) {
        return reading.query_value<std::uint64_t>(
            "SELECT COUNT(*) FROM tokens t JOIN versions v ON v.number = t.number WHERE v.leaf_index < :leaves",
            held_.leaves);
    }));
    if (there.value_or(0) > held_.tokens)
        find(Finding::Kind::kExtra, "the search index",
             "it has " + std::to_string(*there) + " entries, and the records give " + std::to_string(held_.tokens));
    return {};
}

/// What each append says of the log behind it, from which a settled one is taken over.
Status RowsChecker::check_appends() {
    SALUS_TRY(const auto appends, vault_.database().read([](Reading& reading) {
        return reading.query<std::uint64_t, std::uint64_t, Bytes>(
            "SELECT first_index, leaves, log FROM appends ORDER BY first_index");
    }));
    for (const auto& [first_index, leaves, log] : appends) {
        const auto behind = codec::decode<LogFrontier>(log);
        if (!behind || !behind->well_formed() || behind->count != first_index + leaves)
            altered(append_name(first_index), "its account of the log is not that of its leaves");
    }
    return {};
}

/// Rows that nothing accounts for. What is pending is accounted for by its append.
Status RowsChecker::check_extra() {
    struct Question {
        std::string_view sql;
        std::string_view why;
    };
    static constexpr Question kQuestions[] = {
        {"SELECT v.number FROM versions v WHERE NOT EXISTS"
         " (SELECT 1 FROM appends a WHERE v.leaf_index >= a.first_index AND v.leaf_index < a.first_index + a.leaves)",
         "a version that is in no append"},
        {"SELECT b.number FROM bodies b WHERE NOT EXISTS (SELECT 1 FROM versions v WHERE v.number = b.number)",
         "a body without a version"},
        {"SELECT r.number FROM resources r WHERE NOT EXISTS"
         " (SELECT 1 FROM versions v WHERE v.number = r.current AND v.type = r.type AND v.id = r.id AND v.version = "
         "r.version AND v.subject = r.subject)",
         "an entry of a resource that does not lead to its current version"},
        {"SELECT t.number FROM tokens t WHERE NOT EXISTS (SELECT 1 FROM versions v WHERE v.number = t.number)",
         "an entry of the index without a version"},
        {"SELECT q.append FROM requests q WHERE NOT EXISTS (SELECT 1 FROM appends a WHERE a.first_index = q.append)",
         "a remembered request of an append that is not there"},
        {"SELECT s.seq FROM subjects s WHERE s.patient <> '' AND s.seq > 0 AND NOT EXISTS"
         " (SELECT 1 FROM resources r WHERE r.type = 'Patient' AND r.id = s.patient AND r.subject = s.id)",
         "a subject whose Patient resource is not there"},
        {"SELECT s.seq FROM subjects s LEFT JOIN versions v ON v.subject = s.id AND v.seq = s.seq - 1"
         " WHERE s.seq > 0 AND (v.leaf IS NULL OR v.leaf <> s.leaf)",
         "a subject's chain that does not end with its newest version"},
    };
    for (const Question& question : kQuestions) {
        SALUS_TRY(const auto numbers,
                  vault_.database().read([&](Reading& reading) { return reading.query<std::uint64_t>(question.sql); }));
        for (const auto& [number] : numbers)
            find(Finding::Kind::kExtra, "row " + std::to_string(number), std::string(question.why));
    }
    return {};
}

/// What a repeated request is answered names versions that are there.
Status RowsChecker::check_requests() {
    SALUS_TRY(const auto requests, vault_.database().read([](Reading& reading) {
        return reading.query<std::uint64_t, Hash, Bytes>("SELECT append, digest, answer FROM requests ORDER BY id");
    }));
    for (const auto& [append, digest, answer] : requests) {
        const std::string place = "a remembered answer of " + append_name(append);
        const auto entries = from_answer(answer);
        if (!entries || entries->empty()) {
            altered(place, "it does not decode");
            continue;
        }
        for (const Stored& entry : *entries) {
            if (entry.status == 0) continue;  // a read, which is answered anew
            SALUS_TRY(const auto written, vault_.database().read([&](Reading& reading) {
                return reading.query_one<TimeMs, SubjectId>(
                    "SELECT written_ms, subject FROM versions WHERE type = :type AND id = :id AND version = :version",
                    entry.type, entry.id, entry.version);
            }));
            if (!written || *written != std::tuple(entry.written_ms, entry.subject))
                altered(place, "it names a version that is not there, or is another");
        }
    }
    return {};
}

}  // namespace

void check_rows(Vault& vault, const HeldToChain& held, CheckReport& report) { RowsChecker(vault, held, report).run(); }

}  // namespace salus::application
