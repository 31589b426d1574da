#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <map>
#include <span>
#include <sstream>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "cli/bundle_file.hpp"
#include "cli/groups.hpp"
#include "cli/input_file.hpp"
#include "cli/session.hpp"
#include "crypto/hash.hpp"

namespace salus::cli {
namespace {

namespace json = boost::json;

constexpr std::string_view kFhirType = "application/fhir+json";

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

/// As many ids stand in one question: its line stays short enough for any server.
constexpr std::size_t kIdsPerQuestion = 200;

/// Adds those of `ids` that are not there to `missing`. Asks for their number only, and halves where it is too small:
/// one question for all that are there.
Status find_missing(OrganisationSession& session, const std::string& type, std::span<const std::string> ids,
                    json::array& missing) {
    std::string list;
    for (const std::string& id : ids) list += (list.empty() ? "" : ",") + id;
    SALUS_TRY(const json::value answer,
              session.api.get(session.at("/fhir/R4/" + type + "?_summary=count&_id=" + transport::url_encode(list))));
    SALUS_TRY(const std::uint64_t there, number_of(answer, "total"));
    if (there >= ids.size()) return {};
    if (there == 0) {
        for (const std::string& id : ids) missing.emplace_back(type + "/" + id);
        return {};
    }
    SALUS_TRY_STATUS(find_missing(session, type, ids.first(ids.size() / 2), missing));
    return find_missing(session, type, ids.subspan(ids.size() / 2), missing);
}

Result<std::map<std::string, std::vector<std::string>>> read_references(const std::string& file) {
    SALUS_TRY(const Bytes list, read_input(file, 64 << 20));
    std::map<std::string, std::vector<std::string>> out;
    std::istringstream lines{std::string(as_text(list))};
    for (std::string line; std::getline(lines, line);) {
        if (line.empty()) continue;
        const std::size_t slash = line.find('/');
        if (slash == std::string::npos || slash == 0 || slash + 1 == line.size())
            return fail(ErrorCode::kUsage, file + " holds a line that is not Type/id");
        out[line.substr(0, slash)].push_back(line.substr(slash + 1));
    }
    for (auto& [type, ids] : out) {
        std::ranges::sort(ids);
        ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    }
    return out;
}

Result<Report> exist(const ExistArguments& arguments, Environment& environment) {
    SALUS_TRY(const auto references, read_references(arguments.list));
    SALUS_TRY(OrganisationSession session, log_in_organisation(arguments.session, environment));
    std::size_t asked = 0;
    json::array missing;
    for (const auto& [type, ids] : references)
        for (std::span<const std::string> left = ids; !left.empty();) {
            const auto some = left.first(std::min(kIdsPerQuestion, left.size()));
            SALUS_TRY_STATUS(find_missing(session, type, some, missing));
            asked += some.size();
            left = left.subspan(some.size());
        }
    Report report;
    report.good = missing.empty();
    report.text = fmt::format("{} are there, {} are not\n", asked - missing.size(), missing.size());
    for (const json::value& reference : missing)
        report.text += "  ! " + std::string(reference.get_string()) + " is not there\n";
    report.data = {{"ok", report.good},
                   {"found", asked - missing.size()},
                   {"missing", missing.size()},
                   {"absent", std::move(missing)}};
    return report;
}

}  // namespace

void add_record(Commands& commands) {
    CLI::App& record = commands.group("record", "An organisation's own FHIR records");
    add_import(commands, record);
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
