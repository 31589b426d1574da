#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "cli/groups.hpp"
#include "cli/input_file.hpp"
#include "cli/progress.hpp"
#include "node/check_node.hpp"

namespace salus::cli {
namespace {

namespace json = boost::json;

struct CheckArguments {
    std::string directory;
};

void declare(CLI::App& app, CheckArguments& arguments) {
    app.add_option("--dir", arguments.directory, "The folder of a node that is stopped")->required();
}

Result<Report> check(const CheckArguments& arguments, Environment& environment) {
    Progress progress(environment, "checking leaves");
    SALUS_TRY(const auto checks, from_files(node::check_node(
                                     arguments.directory, environment.random,
                                     [&](std::uint64_t done, std::uint64_t total) { progress.show(done, total); })));
    Report report;
    json::array organisations;
    for (const node::OrganisationCheck& one : checks) {
        report.good = report.good && one.findings.empty();
        report.text += fmt::format(
            "{}: {} versions, {} keys: {}\n", one.slug, one.versions, one.keys,
            one.findings.empty() ? "vault and chain agree" : fmt::format("{} findings", one.findings.size()));
        for (const std::string& finding : one.findings) report.text += "  ! " + finding + "\n";
        organisations.push_back(json::object{{"slug", one.slug},
                                             {"versions", one.versions},
                                             {"keys", one.keys},
                                             {"findings", json::array(one.findings.begin(), one.findings.end())}});
    }
    report.data = {{"ok", report.good}, {"organisations", std::move(organisations)}};
    return report;
}

}  // namespace

void add_check(Commands& commands) {
    commands.add<CheckArguments>(commands.root(), "check",
                                 "Compare the vaults of a stopped node with its chain, both ways",
                                 "  salus check --dir /var/lib/salus\n", declare, check);
}

}  // namespace salus::cli
