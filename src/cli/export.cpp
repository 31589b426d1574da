#include <fmt/format.h>

#include "cli/groups.hpp"
#include "cli/input_file.hpp"
#include "cli/progress.hpp"
#include "node/export_chain.hpp"

namespace salus::cli {
namespace {

struct ExportArguments {
    std::string directory;
    std::string out;
};

void declare(CLI::App& app, ExportArguments& arguments) {
    app.add_option("--dir", arguments.directory, "The folder of a node that is stopped")->required();
    app.add_option("--out", arguments.out, "File to write the chain to")->required();
}

Result<Report> export_it(const ExportArguments& arguments, Environment& environment) {
    Progress progress(environment, "exporting blocks");
    SALUS_TRY(const node::Exported exported,
              from_files(node::export_chain(arguments.directory, arguments.out,
                                            [&](Height height, Height tip) { progress.show(height, tip); })));
    return Report{{{"ok", true}, {"file", arguments.out}, {"height", exported.height}, {"bytes", exported.bytes}},
                  fmt::format("{} blocks, {} bytes in {}; check them with: salus verify {}\n", exported.height,
                              exported.bytes, arguments.out, arguments.out)};
}

}  // namespace

void add_export(Commands& commands, CLI::App& ledger) {
    commands.add<ExportArguments>(ledger, "export", "Write a stopped node's whole chain to a file",
                                  "  salus ledger export --dir net --out chain.salus\n", declare, export_it);
}

}  // namespace salus::cli
