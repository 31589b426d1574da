// `record import`: bundles of records, several under way at once, under one session.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <boost/json/parse.hpp>
#include <fstream>
#include <mutex>

#include "base/encoding.hpp"
#include "base/mutex.hpp"
#include "cli/answers.hpp"
#include "cli/bundle_file.hpp"
#include "cli/groups.hpp"
#include "cli/progress.hpp"
#include "cli/session.hpp"
#include "crypto/hash.hpp"
#include "node/platform.hpp"

namespace salus::cli {
namespace {

namespace json = boost::json;

/// Under this id the node keeps the answer of an import, so that a client that was killed may repeat itself.
constexpr std::string_view kRequestIdHeader = "x-request-id";
/// A node that is busy says so and drops nothing: as often does a job ask again, as long does it wait between.
constexpr int kBusyTries = 240;
constexpr std::chrono::milliseconds kBusyPause{500};

struct ImportArguments {
    SessionArguments session;
    std::vector<std::string> files;
    std::size_t jobs = 4;
    std::string log;
};

void declare_import(CLI::App& app, ImportArguments& arguments) {
    declare_organisation(app, arguments.session);
    app.add_option("files", arguments.files, "Bundles (.json, .json.zst), hospitals and practitioners first")
        ->required();
    app.add_option("--jobs", arguments.jobs, "Bundles under way at once")->check(CLI::Range(1, 64));
    app.add_option("--log", arguments.log,
                   "File to which each stored resource is added as soon as the node has acknowledged it");
}

struct ImportTally {
    std::size_t stored = 0;
    std::size_t unchanged = 0;
    std::size_t patients = 0;
    std::size_t patient_resources = 0;  ///< stored from bundles that hold a patient

    void add(const ImportTally& other) {
        stored += other.stored;
        unchanged += other.unchanged;
        patients += other.patients;
        patient_resources += other.patient_resources;
    }
};

struct EntryAnswer {
    std::string status;
    std::string reference;  ///< "Type/id"

    [[nodiscard]] bool busy() const { return status.starts_with("503") || status.starts_with("504"); }
    /// Of one that was not stored: the request's fault, or the node's.
    [[nodiscard]] ErrorCode error() const {
        if (busy()) return ErrorCode::kUnavailable;
        return status.starts_with('5') ? ErrorCode::kInternal : ErrorCode::kConflict;
    }
};

/// The same request, later, may be done. A node that is busy has been asked for long enough (api.hpp).
bool may_pass(ErrorCode code) { return code == ErrorCode::kUnavailable || code == ErrorCode::kTimeout; }

std::vector<EntryAnswer> entries_of(const json::value& answer) {
    std::vector<EntryAnswer> out;
    for (const json::value& entry : list_of(answer, "entry")) {
        const json::value* response = entry.is_object() ? entry.get_object().if_contains("response") : nullptr;
        if (response == nullptr) continue;
        const std::string location = text_of(*response, "location").value_or("");
        out.push_back({text_of(*response, "status").value_or(""), location.substr(0, location.find("/_history"))});
    }
    return out;
}

/// Where acknowledged resources are noted, a line each. Any thread.
class AcknowledgementLog {
public:
    explicit AcknowledgementLog(const std::string& file) : wanted_(!file.empty()) {
        if (wanted_) out_.open(file, std::ios::app);
    }
    [[nodiscard]] bool good() const { return !wanted_ || out_.good(); }
    void note(const std::vector<EntryAnswer>& entries) {
        if (!wanted_) return;
        const std::lock_guard lock(mutex_);
        for (const EntryAnswer& entry : entries)
            if (entry.status.starts_with("201")) out_ << entry.reference << "\n";
        out_.flush();
    }

private:
    const bool wanted_;
    std::mutex mutex_;
    std::ofstream out_;
};

/// One log-in for all jobs. A token lives for minutes, an import may take hours: who finds it ended renews it for all.
class SharedSession {
public:
    SharedSession(const ImportArguments& arguments, Environment& environment, const OrganisationSession& first)
        : arguments_(arguments), environment_(environment), token_(first.api.token()) {}

    [[nodiscard]] std::string token() const { return *token_.lock(); }
    /// A token that is not `ended`: another job may have renewed it meanwhile.
    Result<std::string> renew(const std::string& ended) {
        auto access = token_.lock();
        if (*access == ended) {
            SALUS_TRY(const OrganisationSession again, log_in_organisation(arguments_.session, environment_));
            *access = again.api.token();
        }
        return *access;
    }

private:
    const ImportArguments& arguments_;
    Environment& environment_;
    Guarded<std::string> token_;
};

/// Looked at, and read again when its turn comes: patients of Synthea's have 13 MB, and there may be any number.
struct BundleFile {
    std::filesystem::path path;
    BundleKind kind;
};

/// One connection, with its share of the work.
class ImportJob {
public:
    ImportJob(Api api, std::string base, SharedSession& session, AcknowledgementLog& log)
        : api_(std::move(api)), base_(std::move(base)), session_(session), log_(log) {}

    /// Errors: the node's, after the bundle's name
    Result<ImportTally> store(const BundleFile& bundle);

private:
    Result<transport::HttpResponse> post(const Bytes& bytes);
    Result<std::vector<EntryAnswer>> send(const BundleFile& bundle);

    Api api_;
    std::string base_;
    SharedSession& session_;
    AcknowledgementLog& log_;
};

Result<transport::HttpResponse> ImportJob::post(const Bytes& bytes) {
    const transport::Headers headers{{"content-type", "application/fhir+json"},
                                     {std::string(kRequestIdHeader), to_hex(crypto::sha256(bytes))}};
    api_.set_token(session_.token());
    for (int tries = 1;; ++tries) {
        auto answer = api_.call("POST", base_, headers, bytes);
        if (answer) return answer;
        if (answer.error().code == ErrorCode::kUnauthenticated && tries < kBusyTries) {
            SALUS_TRY(std::string token, session_.renew(api_.token()));
            if (token == api_.token()) return answer;
            api_.set_token(std::move(token));
        } else if (may_pass(answer.error().code) && tries < kBusyTries) {
            node::pause(kBusyPause);
        } else {
            return answer;
        }
    }
}

/// Sends it again while entries of a batch are told that the node is busy; those that are stored are answered as
/// before.
Result<std::vector<EntryAnswer>> ImportJob::send(const BundleFile& bundle) {
    SALUS_TRY(const Bytes bytes, read_fhir_file(bundle.path));
    for (int tries = 1;; ++tries) {
        const auto answer = post(bytes);
        if (!answer) return fail(answer.error().code, bundle.path.string(), answer.error());
        boost::system::error_code error;
        const json::value body = json::parse(as_text(answer->body), error);
        if (error) return fail(ErrorCode::kCorrupt, "the node's answer to " + bundle.path.string() + " is not JSON");
        std::vector<EntryAnswer> entries = entries_of(body);
        const bool busy = std::ranges::any_of(entries, [](const EntryAnswer& entry) { return entry.busy(); });
        if (!busy || tries == kBusyTries) return entries;
        node::pause(kBusyPause);
    }
}

Result<ImportTally> ImportJob::store(const BundleFile& bundle) {
    SALUS_TRY(const std::vector<EntryAnswer> entries, send(bundle));
    log_.note(entries);
    ImportTally tally;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const auto& [status, reference] = entries[i];
        if (status.starts_with("201"))
            ++tally.stored;
        else if (status.starts_with("200"))
            ++tally.unchanged;
        else  // of a batch: a transaction is refused as a whole
            return fail(entries[i].error(),
                        fmt::format("{}: entry {} was refused with {}", bundle.path.string(), i, status));
        if (reference.starts_with("Patient/")) tally.patients = 1;
    }
    if (tally.patients != 0) tally.patient_resources = tally.stored;
    return tally;
}

/// Batches (hospitals, practitioners) one after the other, since what follows refers to them; transactions side by
/// side.
Status import_all(const ImportArguments& arguments, Environment& environment, const std::vector<BundleFile>& bundles,
                  Progress& progress, ImportTally& tally) {
    AcknowledgementLog log(arguments.log);
    if (!log.good()) return fail(ErrorCode::kIo, "cannot write " + arguments.log);
    SALUS_TRY(OrganisationSession first, log_in_organisation(arguments.session, environment));
    const std::string base = first.at("/fhir/R4");
    SharedSession session(arguments, environment, first);

    ImportJob one(std::move(first.api), base, session, log);
    std::size_t next = 0;
    for (; next < bundles.size() && bundles[next].kind.bundle_type != "transaction"; ++next) {
        SALUS_TRY(const ImportTally stored, one.store(bundles[next]));
        tally.add(stored);
        progress.advance(bundles[next].kind.entries);
    }
    if (next == bundles.size()) return {};

    struct Shared {
        ImportTally tally;
        Status status;  ///< of the first job that could not go on
    };
    Guarded<Shared> shared;
    std::atomic<std::size_t> at = next;
    const auto work = [&]() -> Status {
        SALUS_TRY(Api api, Api::connect(arguments.session.node, environment.progress));
        ImportJob job(std::move(api), base, session, log);
        for (std::size_t i = at++; i < bundles.size() && shared.lock()->status; i = at++) {
            SALUS_TRY(const ImportTally stored, job.store(bundles[i]));
            shared.lock()->tally.add(stored);
            progress.advance(bundles[i].kind.entries);
        }
        return {};
    };
    node::ThreadPool pool(std::min(arguments.jobs, bundles.size() - next));
    pool.parallel_for(pool.threads(), [&](std::size_t) {
        if (const Status status = work(); !status)
            if (auto access = shared.lock(); access->status) access->status = status;
    });
    auto access = shared.lock();
    tally.add(access->tally);
    return access->status;
}

Result<Report> import(const ImportArguments& arguments, Environment& environment) {
    std::vector<BundleFile> bundles;
    std::size_t entries = 0;
    for (const std::string& file : arguments.files) {
        SALUS_TRY(const Bytes bytes, read_fhir_file(file));
        SALUS_TRY(BundleKind kind, look_at(file, bytes));
        if (kind.resource_type != "Bundle") return fail(ErrorCode::kUsage, file + " is not a FHIR Bundle");
        entries += kind.entries;
        bundles.push_back({file, std::move(kind)});
    }
    ImportTally tally;
    Progress progress(environment, "importing", entries);
    if (const Status status = import_all(arguments, environment, bundles, progress, tally); !status)
        return fail(status.error().code,
                    fmt::format("stopped after {} resources; what is stored stays, and the same import may be repeated",
                                tally.stored),
                    status.error());
    const double seconds = progress.seconds();
    const auto rate = static_cast<std::uint64_t>(static_cast<double>(entries) / std::max(seconds, 0.001));
    return Report{{{"ok", true},
                   {"bundles", bundles.size()},
                   {"stored", tally.stored},
                   {"unchanged", tally.unchanged},
                   {"patients", tally.patients},
                   {"patient_resources", tally.patient_resources},
                   {"seconds", seconds},
                   {"resources_per_second", rate}},
                  fmt::format("{} resources stored, {} were there already, {} patients, {:.1f} s ({} resources/s)\n",
                              tally.stored, tally.unchanged, tally.patients, seconds, rate)};
}

}  // namespace

void add_import(Commands& commands, CLI::App& record) {
    commands.add<ImportArguments>(
        record, "import", "Store bundles of records; may be repeated",
        "  salus record import --as net/orgs/hospital-a hospitals.json practitioners.json patient*.json\n",
        declare_import, import);
}

}  // namespace salus::cli
