#include <fmt/format.h>

#include <atomic>
#include <boost/json/parse.hpp>
#include <fstream>
#include <mutex>
#include <sstream>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "base/mutex.hpp"
#include "cli/bundle_file.hpp"
#include "cli/groups.hpp"
#include "cli/progress.hpp"
#include "cli/session.hpp"
#include "crypto/hash.hpp"
#include "node/platform.hpp"

namespace salus::cli {
namespace {

namespace json = boost::json;

constexpr std::string_view kFhirType = "application/fhir+json";
/// Under this id the node keeps the answer of an import, so that a client that was killed may repeat itself.
constexpr std::string_view kRequestIdHeader = "x-request-id";

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
};

/// Where acknowledged resources are noted, a line each. Any thread.
class AcknowledgementLog {
public:
    explicit AcknowledgementLog(const std::string& file) {
        if (!file.empty()) out_.open(file, std::ios::app);
        wanted_ = !file.empty();
    }
    [[nodiscard]] bool good() const { return !wanted_ || out_.good(); }
    void note(const json::value& answer) {
        if (!wanted_) return;
        const std::lock_guard lock(mutex_);
        const json::value* entries = answer.is_object() ? answer.get_object().if_contains("entry") : nullptr;
        if (entries == nullptr || !entries->is_array()) return;
        for (const json::value& entry : entries->get_array())
            if (const json::value* response = entry.is_object() ? entry.get_object().if_contains("response") : nullptr)
                if (text_of(*response, "status").value_or("").starts_with("201"))
                    out_ << text_of(*response, "location")
                                .value_or("")
                                .substr(0, text_of(*response, "location").value_or("").find("/_history"))
                         << "\n";
        out_.flush();
    }

private:
    std::mutex mutex_;
    std::ofstream out_;
    bool wanted_ = false;
};

struct BundleFile {
    std::filesystem::path path;
    Bytes bytes;
    BundleKind kind;
};

/// What a response Bundle says was stored.
void count_answer(const json::value& answer, ImportTally& tally) {
    const json::value* entries = answer.is_object() ? answer.get_object().if_contains("entry") : nullptr;
    if (entries == nullptr || !entries->is_array()) return;
    std::size_t stored = 0;
    bool patient = false;
    for (const json::value& entry : entries->get_array()) {
        const json::value* response = entry.is_object() ? entry.get_object().if_contains("response") : nullptr;
        if (response == nullptr) continue;
        const std::string status = text_of(*response, "status").value_or("");
        if (status.starts_with("201"))
            ++stored;
        else if (status.starts_with("200"))
            ++tally.unchanged;
        patient = patient || text_of(*response, "location").value_or("").starts_with("Patient/");
    }
    tally.stored += stored;
    tally.patients += patient ? 1 : 0;
    if (patient) tally.patient_resources += stored;
}

/// The entry of a batch that the node did not take, if any.
Status refused_entry(const std::filesystem::path& file, const json::value& answer) {
    const json::value* entries = answer.is_object() ? answer.get_object().if_contains("entry") : nullptr;
    if (entries == nullptr || !entries->is_array()) return {};
    for (std::size_t i = 0; i < entries->get_array().size(); ++i) {
        const json::value& entry = entries->get_array()[i];
        const json::value* response = entry.is_object() ? entry.get_object().if_contains("response") : nullptr;
        if (response != nullptr && text_of(*response, "status").value_or("").starts_with('4'))
            return fail(ErrorCode::kConflict, fmt::format("{}: entry {} was refused", file.string(), i));
    }
    return {};
}

Status import_one(const BundleFile& bundle, Api& api, const std::string& base, AcknowledgementLog& log,
                  ImportTally& tally) {
    const std::string request_id = to_hex(crypto::sha256(bundle.bytes));
    auto answer =
        api.call("POST", base, {{"content-type", std::string(kFhirType)}, {std::string(kRequestIdHeader), request_id}},
                 bundle.bytes);
    if (!answer) return fail(answer.error().code, bundle.path.string() + ": " + answer.error().to_string());
    boost::system::error_code error;
    const json::value body = json::parse(as_text(answer->body), error);
    if (error) return fail(ErrorCode::kCorrupt, "the node's answer is not JSON");
    count_answer(body, tally);
    log.note(body);
    return refused_entry(bundle.path, body);
}

/// Batches (hospitals, practitioners) one after the other, since what follows refers to them; transactions side by
/// side.
Status import_all(const ImportArguments& arguments, Environment& environment, std::vector<BundleFile>& bundles,
                  Progress& progress, ImportTally& tally) {
    AcknowledgementLog log(arguments.log);
    if (!log.good()) return fail(ErrorCode::kIo, "cannot write " + arguments.log);
    SALUS_TRY(OrganisationSession first, log_in_organisation(arguments.session, environment));
    const std::string base = first.at("/fhir/R4");
    std::size_t next = 0;
    for (; next < bundles.size() && bundles[next].kind.bundle_type != "transaction"; ++next) {
        SALUS_TRY_STATUS(import_one(bundles[next], first.api, base, log, tally));
        progress.advance(bundles[next].kind.entries);
    }
    if (next == bundles.size()) return {};

    std::atomic<std::size_t> at = next;
    struct Shared {
        ImportTally tally;
        std::optional<Error> error;
    };
    Guarded<Shared> shared;
    auto work = [&](std::size_t) {
        auto session = log_in_organisation(arguments.session, environment);
        while (session) {
            const std::size_t i = at++;
            if (i >= bundles.size() || shared.lock()->error) return;
            ImportTally mine;
            // Several minutes may pass: a token lives for five.
            if (const Status status = import_one(bundles[i], session->api, base, log, mine); !status) {
                if (status.error().code == ErrorCode::kUnauthenticated) {
                    session = log_in_organisation(arguments.session, environment);
                    if (session && import_one(bundles[i], session->api, base, log, mine)) goto counted;
                }
                shared.lock()->error = status.error();
                return;
            }
        counted:
            auto access = shared.lock();
            access->tally.stored += mine.stored;
            access->tally.unchanged += mine.unchanged;
            access->tally.patients += mine.patients;
            access->tally.patient_resources += mine.patient_resources;
            progress.advance(bundles[i].kind.entries);
        }
        shared.lock()->error = session.error();
    };
    node::ThreadPool pool(std::min(arguments.jobs, bundles.size() - next));
    pool.parallel_for(pool.threads(), work);
    auto access = shared.lock();
    tally.stored += access->tally.stored;
    tally.unchanged += access->tally.unchanged;
    tally.patients += access->tally.patients;
    tally.patient_resources += access->tally.patient_resources;
    if (access->error) return fail(*access->error);
    return {};
}

Result<Report> import(const ImportArguments& arguments, Environment& environment) {
    std::vector<BundleFile> bundles;
    std::size_t entries = 0;
    for (const std::string& file : arguments.files) {
        SALUS_TRY(Bytes bytes, read_fhir_file(file));
        SALUS_TRY(BundleKind kind, look_at(file, bytes));
        if (kind.resource_type != "Bundle") return fail(ErrorCode::kUsage, file + " is not a FHIR Bundle");
        entries += kind.entries;
        bundles.push_back({file, std::move(bytes), std::move(kind)});
    }
    ImportTally tally;
    Progress progress(environment, "importing", entries);
    SALUS_TRY_STATUS(import_all(arguments, environment, bundles, progress, tally));
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

struct ReferenceArguments {
    SessionArguments session;
    std::string reference;
    std::string out;
};

void declare_reference(CLI::App& app, ReferenceArguments& arguments) {
    declare_organisation(app, arguments.session);
    app.add_option("reference", arguments.reference, "Type/id, or Type/id/_history/version")->required();
    app.add_option("--out", arguments.out, "File to write to");
}

std::string version_of(const transport::HttpResponse& response) {
    const std::string_view etag = response.header("etag");
    const auto begin = etag.find('"');
    const auto end = etag.rfind('"');
    return begin == std::string_view::npos || end <= begin ? "" : std::string(etag.substr(begin + 1, end - begin - 1));
}

Result<Report> get(const ReferenceArguments& arguments, Environment& environment) {
    SALUS_TRY(OrganisationSession session, log_in_organisation(arguments.session, environment));
    SALUS_TRY(const auto response, session.api.call("GET", session.at("/fhir/R4/" + arguments.reference)));
    if (!arguments.out.empty()) SALUS_TRY_STATUS(write_file(arguments.out, response.body, FileMode::kPrivate));
    const std::string digest = to_hex(crypto::sha256(response.body));
    return Report{
        {{"ok", true},
         {"reference", arguments.reference},
         {"version", version_of(response)},
         {"sha256", digest},
         {"resource", as_text(response.body)}},
        arguments.out.empty() ? std::string(as_text(response.body)) + "\n" : "written to " + arguments.out + "\n"};
}

Result<Report> history(const ReferenceArguments& arguments, Environment& environment) {
    SALUS_TRY(OrganisationSession session, log_in_organisation(arguments.session, environment));
    SALUS_TRY(const json::value bundle, session.api.get(session.at("/fhir/R4/" + arguments.reference + "/_history")));
    Report report;
    json::array versions;
    if (const json::value* entries = bundle.is_object() ? bundle.get_object().if_contains("entry") : nullptr;
        entries != nullptr && entries->is_array())
        for (const json::value& entry : entries->get_array()) {
            if (!entry.is_object() || !entry.get_object().contains("resource")) continue;
            const json::value& resource = entry.get_object().at("resource");
            const json::value* meta = resource.is_object() ? resource.get_object().if_contains("meta") : nullptr;
            if (meta == nullptr) continue;
            const std::string version = text_of(*meta, "versionId").value_or("");
            const std::string updated = text_of(*meta, "lastUpdated").value_or("");
            versions.push_back(json::object{{"version", version}, {"updated", updated}});
            report.text += fmt::format("version {:<4} {}\n", version, updated);
        }
    report.data = {{"ok", true}, {"reference", arguments.reference}, {"versions", std::move(versions)}};
    return report;
}

Result<Report> proof(const ReferenceArguments& arguments, Environment& environment) {
    if (arguments.out.empty()) return fail(ErrorCode::kUsage, "--out says where the proof is written");
    SALUS_TRY(OrganisationSession session, log_in_organisation(arguments.session, environment));
    SALUS_TRY(const auto response, session.api.call("GET", session.at("/fhir/R4/" + arguments.reference + "/$proof")));
    SALUS_TRY_STATUS(write_file(arguments.out, response.body, FileMode::kPrivate));
    return Report{
        {{"ok", true}, {"reference", arguments.reference}, {"file", arguments.out}, {"bytes", response.body.size()}},
        fmt::format("{} bytes in {}; check them with: salus verify {}\n", response.body.size(), arguments.out,
                    arguments.out)};
}

struct PutArguments {
    SessionArguments session;
    std::string file;
    std::string if_match;
};

void declare_put(CLI::App& app, PutArguments& arguments) {
    declare_organisation(app, arguments.session);
    app.add_option("file", arguments.file, "A FHIR resource as JSON; with an id it is updated, without one created")
        ->required();
    app.add_option("--if-match", arguments.if_match, "The version that it replaces; another one there refuses it");
}

Result<Report> put(const PutArguments& arguments, Environment& environment) {
    SALUS_TRY(const Bytes bytes, read_fhir_file(arguments.file));
    boost::system::error_code error;
    const json::value resource = json::parse(as_text(bytes), error);
    if (error || !resource.is_object()) return fail(ErrorCode::kUsage, arguments.file + " is not a JSON object");
    SALUS_TRY(const std::string type, text_of(resource, "resourceType"));
    const std::string id = text_of(resource, "id").value_or("");
    SALUS_TRY(OrganisationSession session, log_in_organisation(arguments.session, environment));
    transport::Headers headers{{"content-type", std::string(kFhirType)}};
    if (!arguments.if_match.empty()) headers.emplace_back("if-match", "W/\"" + arguments.if_match + "\"");
    const std::string target = session.at("/fhir/R4/" + type + (id.empty() ? "" : "/" + id));
    SALUS_TRY(const auto response, session.api.call(id.empty() ? "POST" : "PUT", target, std::move(headers), bytes));
    const json::value stored = json::parse(as_text(response.body), error);
    const std::string reference = type + "/" + (error ? id : text_of(stored, "id").value_or(id));
    const std::string version = version_of(response);
    return Report{{{"ok", true}, {"reference", reference}, {"version", version}, {"created", response.status == 201}},
                  fmt::format("{} version {}\n", reference, version)};
}

struct SearchArguments {
    SessionArguments session;
    std::string query;
};

void declare_search(CLI::App& app, SearchArguments& arguments) {
    declare_organisation(app, arguments.session);
    app.add_option("query", arguments.query, "Type?parameter=value&...")->required();
}

Result<Report> search(const SearchArguments& arguments, Environment& environment) {
    SALUS_TRY(OrganisationSession session, log_in_organisation(arguments.session, environment));
    SALUS_TRY(const json::value bundle, session.api.get(session.at("/fhir/R4/" + arguments.query)));
    Report report;
    json::array found;
    if (const json::value* entries = bundle.is_object() ? bundle.get_object().if_contains("entry") : nullptr;
        entries != nullptr && entries->is_array())
        for (const json::value& entry : entries->get_array()) {
            if (!entry.is_object() || !entry.get_object().contains("resource")) continue;
            const json::value& resource = entry.get_object().at("resource");
            const std::string reference =
                text_of(resource, "resourceType").value_or("") + "/" + text_of(resource, "id").value_or("");
            report.text += reference + "\n";
            found.emplace_back(reference);
        }
    report.data = {
        {"ok", true}, {"total", number_of(bundle, "total").value_or(found.size())}, {"found", std::move(found)}};
    return report;
}

struct ExistArguments {
    SessionArguments session;
    std::string list;
};

void declare_exist(CLI::App& app, ExistArguments& arguments) {
    declare_organisation(app, arguments.session);
    app.add_option("--list", arguments.list, "File of references, Type/id, a line each")->required();
}

Result<Report> exist(const ExistArguments& arguments, Environment& environment) {
    SALUS_TRY(const Bytes list, read_file(arguments.list, 64 << 20));
    SALUS_TRY(OrganisationSession session, log_in_organisation(arguments.session, environment));
    std::istringstream lines{std::string(as_text(list))};
    std::size_t found = 0;
    json::array missing;
    for (std::string line; std::getline(lines, line);) {
        if (line.empty()) continue;
        const auto response = session.api.call("GET", session.at("/fhir/R4/" + line));
        if (response)
            ++found;
        else if (response.error().code == ErrorCode::kNotFound)
            missing.emplace_back(line);
        else
            return fail(response.error());
    }
    Report report;
    report.good = missing.empty();
    report.text = fmt::format("{} are there, {} are not\n", found, missing.size());
    report.data = {{"ok", report.good}, {"found", found}, {"missing", missing.size()}, {"absent", std::move(missing)}};
    return report;
}

}  // namespace

void add_record(Commands& commands) {
    CLI::App& record = commands.group("record", "An organisation's own FHIR records");
    commands.add<ImportArguments>(
        record, "import", "Store bundles of records; may be repeated",
        "  salus record import --as net/orgs/hospital-a hospitals.json practitioners.json patient*.json\n",
        declare_import, import);
    commands.add<PutArguments>(record, "put", "Store one resource, or a new version of it",
                               "  salus record put --as net/orgs/hospital-a observation.json --if-match 1\n",
                               declare_put, put);
    commands.add<ReferenceArguments>(record, "get", "Read a resource",
                                     "  salus record get --as net/orgs/hospital-a Observation/ID\n  salus record get "
                                     "--as net/orgs/hospital-a Observation/ID/_history/1\n",
                                     declare_reference, get);
    commands.add<ReferenceArguments>(record, "history", "List the versions of a resource",
                                     "  salus record history --as net/orgs/hospital-a Observation/ID\n",
                                     declare_reference, history);
    commands.add<SearchArguments>(record, "search", "Find resources",
                                  "  salus record search --as net/orgs/hospital-a 'Observation?patient=ID&_count=10'\n",
                                  declare_search, search);
    commands.add<ExistArguments>(record, "exist", "Tell whether all resources of a list are there",
                                 "  salus record exist --as net/orgs/hospital-a --list acknowledged.txt\n",
                                 declare_exist, exist);
    commands.add<ReferenceArguments>(
        record, "proof", "Write a resource's proof to a file",
        "  salus record proof --as net/orgs/hospital-a Observation/ID --out observation.proof\n", declare_reference,
        proof);
}

}  // namespace salus::cli
