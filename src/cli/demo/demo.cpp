#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "base/time_text.hpp"
#include "cli/bundle_file.hpp"
#include "cli/demo/story.hpp"
#include "cli/groups.hpp"
#include "node/node.hpp"

namespace salus::cli {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

struct DemoArguments {
    bool once = false;
    bool network = false;
    std::string directory;
    std::vector<std::string> bundles;
};

void declare(CLI::App& app, DemoArguments& arguments) {
    app.add_flag("--once", arguments.once, "End after the story instead of serving on");
    app.add_flag("--network", arguments.network,
                 "Each organisation on a node of its own, ordered by CometBFT, instead of all on one");
    app.add_option("--dir", arguments.directory,
                   "A new folder to play in; by default one below the system's for temporary files");
    app.add_option("--bundle", arguments.bundles,
                   "Synthea bundles of your own: hospitals and practitioners first, then patients");
}

Result<demo::Cast> cast_of(const std::vector<std::string>& bundles) {
    demo::Cast cast{bundles, {}};
    for (const std::string& file : bundles) {
        SALUS_TRY(const Bytes bytes, read_fhir_file(file));
        SALUS_TRY(const BundleKind kind, look_at(file, bytes));
        if (kind.resource_type != "Bundle") return fail(ErrorCode::kUsage, file + " is not a FHIR Bundle");
        if (as_text(bytes).find(R"("Patient")") != std::string_view::npos) cast.patient_bundles.push_back(file);
    }
    if (cast.patient_bundles.empty()) return fail(ErrorCode::kUsage, "none of the bundles holds a patient");
    return cast;
}

Result<fs::path> new_folder(const std::string& wanted, Environment& environment) {
    const fs::path folder = wanted.empty()
                                ? fs::temp_directory_path() / ("salus-demo-" + to_hex(environment.random.bytes<4>()))
                                : fs::path(wanted);
    std::error_code error;
    if (fs::exists(folder, error) && (!fs::is_directory(folder, error) || !fs::is_empty(folder, error)))
        return fail(ErrorCode::kConflict, folder.string() + " is there and not empty: name a new folder");
    SALUS_TRY_STATUS(make_directory(folder));
    return fs::absolute(folder);
}

/// The bundles under names that put them in their order, in the stage's folder: one short command imports them.
Status lay_out(demo::Cast& cast, const fs::path& folder) {
    SALUS_TRY_STATUS(make_directory(folder));
    for (std::size_t i = 0; i < cast.bundles.size(); ++i) {
        const fs::path bundle = fs::absolute(cast.bundles[i]);
        const fs::path link = folder / fmt::format("{:05}-{}", i, bundle.filename().string());
        std::error_code error;
        fs::create_symlink(bundle, link, error);
        if (error) return fail(ErrorCode::kIo, "cannot make " + link.string() + ": " + error.message());
        cast.bundles[i] = link.string();
    }
    return {};
}

bool shows_colours() { return ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr; }

Result<Report> play(const DemoArguments& arguments, Environment& environment) {
    std::vector<std::string> bundles = arguments.bundles;
    if (bundles.empty()) {
        SALUS_TRY(bundles, demo::shipped_bundles());
    }
    SALUS_TRY(demo::Cast cast, cast_of(bundles));
    SALUS_TRY(const fs::path folder, new_folder(arguments.directory, environment));
    if (!environment.json)
        environment.out << "Two hospitals, a payer and a regulator, "
                        << (arguments.network ? "each on a node of its own" : "on one embedded node") << ", in "
                        << folder.string() << "\n"
                        << "To repeat a command by hand, first, in another shell:  . " << folder.string() << "/env\n";
    SALUS_TRY_STATUS(lay_out(cast, folder / "bundles"));
    demo::Stage stage(environment, folder, shows_colours(), arguments.network);
    if (!arguments.network)
        SALUS_TRY_STATUS(demo::Stage::expect(
            stage.run({"init", "--dir", stage.network().string(), "--demo", "--listen", "127.0.0.1:0"}).good(),
            "a new network"));
    SALUS_TRY_STATUS(stage.start_node());
    if (arguments.network) stage.show(stage.starting_line() + " &");

    demo::Story story{stage, std::move(cast), 0, 0, {}, {}, {}, {}, 0, {}};
    demo::import_records(story);
    demo::take_wallet_and_grant(story);
    demo::read_across(story);
    demo::refuse_payer(story);
    demo::revoke_and_expire(story);
    demo::break_glass(story);
    demo::patient_asks(story);
    demo::correct_record(story);
    demo::verify_without_node(story);
    demo::survive_kill(story);

    Report report;
    report.good = stage.good();
    report.data = {
        {"ok", report.good}, {"patients", story.patients}, {"resources", story.resources}, {"steps", stage.steps()}};
    const std::string go_on = stage.starting_line();
    report.text =
        "\n" + stage.summary() +
        (report.good ? "\nAll ten steps hold.\n"
                     : "\nThe demo does not hold; the node's log is in " + (folder / "node.log").string() + "\n");
    if (report.good && !arguments.once && !environment.json && ::isatty(STDIN_FILENO) == 1) {
        node::hold_stop_signals();
        environment.out << report.text << "Serving on at " << stage.url() << " (Ctrl-C stops). In another shell:\n  . "
                        << folder.string() << "/env\n  salus ledger status" << std::endl;
        node::wait_for_stop_signal();
        report.text = "\n";
    }
    report.text +=
        "It is all in " + folder.string() + "; to go on with it:\n  . " + folder.string() + "/env && " + go_on + "\n";
    stage.stop_node();
    return report;
}

}  // namespace

void add_demo(Commands& commands) {
    commands.add<DemoArguments>(commands.root(), "demo", "Play the whole story on real records, each step checked",
                                "  salus demo\n  salus demo --network\n  salus demo --once --dir /tmp/mine --bundle "
                                "hospitals.json practitioners.json patient*.json\n",
                                declare, play);
}

}  // namespace salus::cli
