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

json::array list(const std::vector<std::string>& findings) { return json::array(findings.begin(), findings.end()); }

/// "chain: 41 blocks: as they were written", and what is not, a line each.
std::string told(const std::string& what, const std::string& good, const std::vector<std::string>& findings) {
    std::string text = what + ": " + (findings.empty() ? good : fmt::format("{} findings", findings.size())) + "\n";
    for (const std::string& finding : findings) text += "  ! " + finding + "\n";
    return text;
}

Result<Report> check(const CheckArguments& arguments, Environment& environment) {
    Progress progress(environment, "checking");
    SALUS_TRY(const auto check, from_files(node::check_node(
                                    arguments.directory, environment.random,
                                    [&](std::uint64_t done, std::uint64_t total) { progress.show(done, total); })));
    Report report;
    report.good = check.good();
    report.text = told(fmt::format("chain: {} blocks", check.blocks), "as they were written", check.findings);
    json::array organisations;
    for (const node::OrganisationCheck& one : check.organisations) {
        report.text += told(fmt::format("{}: {} versions, {} keys", one.slug, one.versions, one.keys),
                            "vault and chain agree", one.findings);
        organisations.push_back(json::object{{"slug", one.slug},
                                             {"versions", one.versions},
                                             {"keys", one.keys},
                                             {"accounts", one.accounts},
                                             {"findings", list(one.findings)}});
    }
    report.data = {{"ok", report.good},
                   {"blocks", check.blocks},
                   {"findings", list(check.findings)},
                   {"organisations", std::move(organisations)}};
    return report;
}

}  // namespace

void add_check(Commands& commands) {
    commands.add<CheckArguments>(
        commands.root(), "check",
        "Look at all that a stopped node keeps, and compare its vaults with its chain, both ways",
        "  salus check --dir /var/lib/salus\n", declare, check);
}

}  // namespace salus::cli
