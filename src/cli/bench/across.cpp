#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "base/encoding.hpp"
#include "base/mutex.hpp"
#include "base/time_text.hpp"
#include "cli/answers.hpp"
#include "cli/bench/bench.hpp"
#include "cli/bench/fhir_load.hpp"
#include "cli/physician.hpp"
#include "cli/progress.hpp"
#include "crypto/hash.hpp"
#include "node/platform.hpp"

namespace salus::cli::bench {
namespace {

namespace json = boost::json;

struct AcrossArguments {
    std::size_t seconds = 10;
    std::size_t patients = 64;
    std::size_t resources = 20;
    std::size_t connections = 32;
    std::string directory;
};

void declare_across(CLI::App& app, AcrossArguments& arguments) {
    app.add_option("--seconds", arguments.seconds, "Of reading")->check(CLI::Range(1, 3600));
    app.add_option("--patients", arguments.patients, "Who have consented, read in turn")->check(CLI::Range(1, 5000));
    app.add_option("--resources", arguments.resources, "In the record of each")->check(CLI::Range(1, 1000));
    app.add_option("--connections", arguments.connections, "Readers")->check(CLI::Range(1, 256));
    declare_place(app, arguments.directory);
}

constexpr std::size_t kBundlesAtOnce = 4;
constexpr TimeMs kConsented = 24 * kHourMs;

std::string at(std::string_view slug, std::string_view path) {
    return "/orgs/" + std::string(slug) + std::string(path);
}

/// What a physician of the reader asks: one patient's record, under her consent.
using Question = json::object;

/// Attests each patient's consent on paper, as the custodian's machine.
Result<std::vector<Question>> consents(const BenchNetwork& network, Api& custodian,
                                       const std::vector<BundleText>& bundles, TimeMs until_ms) {
    const std::string own = to_hex(network.members()[0].id());
    const std::string reader = to_hex(network.members()[1].id());
    std::vector<Question> questions;
    for (const BundleText& bundle : bundles) {
        SALUS_TRY(const json::value found,
                  custodian.get(at(BenchNetwork::kSlug, "/fhir/R4/Patient?identifier=" + bundle.identifier)));
        const auto entries = list_of(found, "entry");
        const json::value* patient =
            entries.empty() || !entries[0].is_object() ? nullptr : entries[0].get_object().if_contains("resource");
        if (patient == nullptr) return fail(ErrorCode::kNotFound, "a patient that was stored is not found");
        SALUS_TRY(const std::string id, text_of(*patient, "id"));
        SALUS_TRY(const json::value attested,
                  custodian.post(at(BenchNetwork::kSlug, "/desk/consents"),
                                 json::object{{"patient", id},
                                              {"organisations", json::array{reader}},
                                              {"purposes", json::array{"TREAT"}},
                                              {"until", to_iso_time(until_ms)},
                                              {"paper", to_hex(crypto::sha256(as_bytes(id)))}}));
        SALUS_TRY(const std::string grant, text_of(attested, "grant"));
        questions.push_back({{"custodian", own},
                             {"identifier", bundle.identifier},
                             {"grant", grant},
                             {"purpose", "TREAT"},
                             {"basis", "grant"}});
    }
    return questions;
}

struct Across {
    std::size_t rows = 0;
    std::size_t resources = 0;
    double seconds = 0;
    double node_cpu_us = 0;
    std::vector<double> latencies_ms;
};

/// Asks over all connections until the time has passed. Each answer has its row on the chain.
Result<Across> read_across(const AcrossArguments& arguments, BenchNetwork& network,
                           const std::vector<Question>& questions, Environment& environment) {
    struct Shared {
        Across across;
        std::optional<Error> error;
    };
    Guarded<Shared> shared;
    const auto& reader = network.members()[1];
    const StaffCredential physician = physician_of(reader, network.id(), environment.clock.now_ms());
    SALUS_TRY(const Api logged_in, log_in_with(network.url(), std::string(BenchNetwork::kReaderSlug), reader, physician,
                                               "TREAT", environment));
    SALUS_TRY(const Usage before, usage_of(network.pid()));
    const Stopwatch watch(environment.steady);
    node::ThreadPool pool(arguments.connections);
    pool.parallel_for(arguments.connections, [&](std::size_t connection) {
        const auto work = [&]() -> Status {
            SALUS_TRY(Api api, Api::connect(network.url(), nullptr));
            api.set_token(logged_in.token());
            for (std::size_t i = connection; watch.seconds() < static_cast<double>(arguments.seconds); ++i) {
                const Stopwatch one(environment.steady);
                SALUS_TRY(const json::value answer,
                          api.post(at(BenchNetwork::kReaderSlug, "/exchange/fetch"), questions[i % questions.size()]));
                const double ms = 1000 * one.seconds();
                SALUS_TRY(const std::uint64_t resources, number_of(answer, "resources"));
                SALUS_TRY(const std::string tag, text_of(answer, "tag"));
                if (tag.empty() || resources != arguments.resources)
                    return fail(ErrorCode::kConflict, "a read was answered without its row, or not whole");
                const auto access = shared.lock();
                ++access->across.rows;
                access->across.resources += resources;
                access->across.latencies_ms.push_back(ms);
            }
            return {};
        };
        if (const Status status = work(); !status) shared.lock()->error = status.error();
    });
    const double seconds = watch.seconds();
    SALUS_TRY(const Usage after, usage_of(network.pid()));
    const auto access = shared.lock();
    if (access->error) return fail(*access->error);
    Across& across = access->across;
    across.seconds = seconds;
    across.node_cpu_us = 1e6 * (after.cpu_seconds - before.cpu_seconds) / static_cast<double>(across.rows);
    return std::move(across);
}

Result<Report> run_across(const AcrossArguments& arguments, Environment& environment) {
    SALUS_TRY(auto network, BenchNetwork::make(arguments.directory, 2, environment, 2));
    SALUS_TRY_STATUS(network.start());
    SALUS_TRY(const auto token, Token::log_in(network.session(), environment));
    std::vector<BundleText> bundles;
    for (std::size_t i = 0; i < arguments.patients; ++i)
        bundles.push_back(make_bundle(environment.random, arguments.resources - 1));
    SALUS_TRY_STATUS(import_bundles(network, *token, bundles, kBundlesAtOnce, environment));
    std::optional<Waiting> waiting(std::in_place, environment, "consents, and reading across");
    SALUS_TRY(Api custodian, log_in_with(network.url(), std::string(BenchNetwork::kSlug), network.members()[0],
                                         std::nullopt, "TREAT", environment));
    SALUS_TRY(const auto questions, consents(network, custodian, bundles, environment.clock.now_ms() + kConsented));
    SALUS_TRY(const Across across, read_across(arguments, network, questions, environment));
    SALUS_TRY_STATUS(network.stop());
    waiting.reset();

    const double rows = static_cast<double>(across.rows) / across.seconds;
    const double resources = static_cast<double>(across.resources) / across.seconds;
    const double p50 = percentile(across.latencies_ms, 0.5);
    const double p99 = percentile(across.latencies_ms, 0.99);
    return Report{{{"ok", true},
                   {"rows", across.rows},
                   {"rows_per_second", rounded(rows)},
                   {"resources_per_second", rounded(resources)},
                   {"cores", node::cores()},
                   {"seconds", rounded(across.seconds, 2)},
                   {"node_cpu_us_per_read", rounded(across.node_cpu_us)},
                   {"p50_ms", rounded(p50, 2)},
                   {"p99_ms", rounded(p99, 2)}},
                  fmt::format("{:.0f} rows committed and sealed answers/s of {} resources each; p50 {:.2f} ms, "
                              "p99 {:.2f} ms\n"
                              "  processor time  {:.1f} us a read in the node, which is both the custodian's and the "
                              "reader's\n",
                              rows, arguments.resources, p50, p99, across.node_cpu_us)};
}

}  // namespace

void add_across(Commands& commands, CLI::App& group) {
    commands.add<AcrossArguments>(group, "across", "Reads across two organisations a second, each with its row",
                                  "  salus bench across --seconds 10 --resources 20 --json\n", declare_across,
                                  run_across);
}

}  // namespace salus::cli::bench
