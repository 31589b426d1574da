#include "cli/command.hpp"

#include <gtest/gtest.h>

#include "cli/groups.hpp"
#include "cli/test_program.hpp"

namespace salus::cli {
namespace {

/// Every command there is, by the words that a user types.
std::vector<std::pair<std::vector<std::string>, const CLI::App*>> all_commands(const CLI::App& app,
                                                                               std::vector<std::string> words = {}) {
    std::vector<std::pair<std::vector<std::string>, const CLI::App*>> out;
    const auto children = app.get_subcommands([](const CLI::App*) { return true; });
    for (const CLI::App* child : children) {
        auto path = words;
        path.push_back(child->get_name());
        const auto below = all_commands(*child, path);
        out.insert(out.end(), below.begin(), below.end());
    }
    if (children.empty()) out.emplace_back(std::move(words), &app);
    return out;
}

struct CommandTest : ::testing::Test {
    CommandTest() { add_all(commands); }
    std::ostringstream out;
    node::OsRandom random;
    node::RealWallClock clock;
    node::BootTimeClock steady;
    Environment environment{out, out, random, clock, steady};
    CLI::App app{"test", "salus"};
    Commands commands{app, environment};
};

TEST_F(CommandTest, EveryCommandHasHelpAndAnExample) {
    const auto all = all_commands(app);
    EXPECT_GT(all.size(), 25U);
    for (const auto& [words, command] : all) {
        std::string typed = "salus";
        for (const std::string& word : words) typed += " " + word;
        auto arguments = words;
        arguments.emplace_back("--help");
        const Ran help = run_program(arguments);
        EXPECT_EQ(help.exit, kExitGood) << typed;
        EXPECT_TRUE(help.says(command->get_description())) << typed;
        EXPECT_TRUE(help.says("Examples:")) << typed;
        EXPECT_TRUE(help.says("  " + typed)) << typed << ": its example is another command's";
        EXPECT_TRUE(help.err.empty()) << typed;
    }
}

TEST_F(CommandTest, EveryCommandRefusesWhatItDoesNotKnow) {
    for (const auto& [words, command] : all_commands(app)) {
        auto arguments = words;
        arguments.emplace_back("--no-such-option");
        const Ran ran = run_program(arguments);
        EXPECT_EQ(ran.exit, kExitUsage) << words.back() << "\n" << ran;
        EXPECT_TRUE(ran.out.empty()) << words.back();
        EXPECT_FALSE(ran.err.empty()) << words.back();
    }
}

TEST_F(CommandTest, EveryCommandRefusesInJsonWhereItIsAskedTo) {
    for (const auto& [words, command] : all_commands(app)) {
        auto arguments = words;
        arguments.insert(arguments.end(), {"--json", "--no-such-option"});
        const Ran ran = run_program(arguments);
        EXPECT_EQ(ran.exit, kExitUsage) << words.back() << "\n" << ran;
        EXPECT_EQ(ran.text("error"), "usage") << words.back() << "\n" << ran;
        ASSERT_TRUE(ran.json().contains("ok")) << words.back() << "\n" << ran;
        EXPECT_EQ(ran.json().at("ok"), false);
    }
}

TEST_F(CommandTest, SiblingsCallTheSameThingTheSame) {
    // Lengths of time have one form, whose name says what they are the length of; but for how long one lets a thing
    // run.
    for (const auto& [words, command] : all_commands(app)) {
        if (words.back() == "torture") continue;
        for (const CLI::Option* option : command->get_options())
            for (const char* unit : {"hours", "minutes", "days"})
                EXPECT_FALSE(option->get_name().ends_with(unit)) << words.back() << " " << option->get_name();
    }
}

TEST_F(CommandTest, EveryCommandNamesARequiredOptionThatIsMissing) {
    for (const auto& [words, command] : all_commands(app)) {
        const auto options = command->get_options([](const CLI::Option* option) { return option->get_required(); });
        if (options.empty()) continue;
        const Ran ran = run_program(words);
        EXPECT_EQ(ran.exit, kExitUsage) << words.back() << "\n" << ran;
        EXPECT_TRUE(ran.says(options.front()->get_name())) << words.back() << "\n" << ran;
    }
}

TEST(Program, NeedsACommandAndSaysItsVersion) {
    EXPECT_EQ(run_program({}).exit, kExitUsage);
    EXPECT_EQ(run_program({"frobnicate"}).exit, kExitUsage);
    EXPECT_EQ(run_program({"ledger"}).exit, kExitUsage) << "a group alone is no command";
    const Ran help = run_program({"--help"});
    EXPECT_EQ(help.exit, kExitGood);
    for (const char* command : {"init", "node", "demo", "keys", "org", "patient", "record", "consent", "read", "audit",
                                "ledger", "verify", "check"})
        EXPECT_TRUE(help.says(command)) << command;
    EXPECT_TRUE(run_program({"--version"}).says("salus "));
}

TEST(ExitCode, TellsUsageRefusalAndWhatCannotRunApart) {
    EXPECT_EQ(exit_code(ErrorCode::kUsage), kExitUsage);
    EXPECT_EQ(exit_code(ErrorCode::kConfig), kExitUsage);
    for (const ErrorCode code : {ErrorCode::kIo, ErrorCode::kLocked, ErrorCode::kSchema, ErrorCode::kTimeout,
                                 ErrorCode::kUnavailable, ErrorCode::kInternal})
        EXPECT_EQ(exit_code(code), kExitCannotRun) << error_info(code).name;
    for (const ErrorCode code : {ErrorCode::kNotFound, ErrorCode::kForbidden, ErrorCode::kReadRefused,
                                 ErrorCode::kFhirVersion, ErrorCode::kProofInvalid, ErrorCode::kConsentRevoked})
        EXPECT_EQ(exit_code(code), kExitRefused) << error_info(code).name;
}

TEST(Program, AnErrorIsOneJsonObjectOnOutAndWordsOnErr) {
    const Ran ran = run_program({"--json", "ledger", "status", "--node", "nonsense"});
    EXPECT_EQ(ran.exit, kExitUsage) << ran;
    EXPECT_EQ(ran.text("error"), "usage");
    EXPECT_EQ(ran.json().at("ok"), false);
    EXPECT_TRUE(ran.err.starts_with("salus: ")) << ran;
    const Ran same = run_program({"ledger", "status", "--node", "nonsense", "--json"});
    EXPECT_EQ(same.out, ran.out) << "--json stands anywhere";
}

TEST(Program, ANodeThatIsNotThereIsNoRefusal) {
    for (const auto& command : std::vector<std::vector<std::string>>{{"ledger", "status"}, {"org", "list"}}) {
        auto arguments = command;
        arguments.insert(arguments.end(), {"--node", "http://127.0.0.1:1"});
        const Ran ran = run_program(arguments);
        EXPECT_EQ(ran.exit, kExitCannotRun) << ran;
        EXPECT_TRUE(ran.says("127.0.0.1")) << "says where: " << ran;
    }
}

TEST(Program, AFileThatIsNotThereIsNamedAndIsNoRefusal) {
    const testing::TestDirectory files;
    const std::string none = files.at("none");
    const std::string passphrase = files.write("passphrase", "correct horse\n");
    for (const auto& command : std::vector<std::vector<std::string>>{
             {"check", "--dir", none},
             {"node", "--dir", none},
             {"ledger", "export", "--dir", none, "--out", files.at("out")},
             {"keys", "show", "--as", none},
             {"keys", "words", "--wallet", none, "--passphrase-file", passphrase},
             {"keys", "restore", "--wallet", files.at("new"), "--words-file", none, "--passphrase-file", passphrase},
             {"record", "get", "--as", none, "Patient/1"},
             {"patient", "register", "--as", none, none},
             {"verify", none},
             {"verify", files.write("proof", "x"), "--checkpoint", none}}) {
        const Ran ran = run_program(command);
        EXPECT_EQ(ran.exit, kExitCannotRun) << command[0] << " " << command[1] << ": " << ran;
        EXPECT_TRUE(ran.says(none)) << ran;
    }
}

TEST(Wallets, AreMadeShownAndMadeAgain) {
    const testing::TestDirectory files;
    const std::string passphrase = files.write("passphrase", "correct horse\n");
    const std::string wallet = files.at("wallet");
    const Ran made = run_program({"keys", "wallet", "--json", "--wallet", wallet, "--passphrase-file", passphrase});
    ASSERT_EQ(made.exit, kExitGood) << made;
    const std::string words = made.text("words");
    const auto shown = run_program({"keys", "words", "--json", "--wallet", wallet, "--passphrase-file", passphrase});
    EXPECT_EQ(shown.text("words"), words);
    EXPECT_EQ(run_program({"keys", "wallet", "--wallet", wallet, "--passphrase-file", passphrase}).exit, kExitRefused)
        << "a wallet is never overwritten";

    const std::string again = files.at("again");
    const std::string words_file = files.write("words", words + "\n");
    EXPECT_EQ(
        run_program({"keys", "restore", "--wallet", again, "--words-file", words_file, "--passphrase-file", passphrase})
            .exit,
        kExitGood);
    EXPECT_EQ(
        run_program({"keys", "words", "--json", "--wallet", again, "--passphrase-file", passphrase}).text("words"),
        words);
}

TEST(Wallets, OpenForTheirPassphraseAloneAndTheirFilesArePrivate) {
    const testing::TestDirectory files;
    const std::string passphrase = files.write("passphrase", "correct horse\n");
    const std::string wallet = files.at("wallet");
    ASSERT_EQ(run_program({"keys", "wallet", "--wallet", wallet, "--passphrase-file", passphrase}).exit, kExitGood);
    const Ran wrong = run_program(
        {"keys", "words", "--wallet", wallet, "--passphrase-file", files.write("wrong", "battery staple\n")});
    EXPECT_EQ(wrong.exit, kExitRefused) << wrong;
    EXPECT_TRUE(wrong.out.empty());
    namespace fs = std::filesystem;
    EXPECT_EQ(fs::status(wallet).permissions() & (fs::perms::group_all | fs::perms::others_all), fs::perms::none);
    fs::permissions(passphrase, fs::perms::group_read, fs::perm_options::add);
    const Ran open = run_program({"keys", "words", "--wallet", wallet, "--passphrase-file", passphrase});
    EXPECT_EQ(open.exit, kExitRefused) << "a passphrase that others may read: " << open;
    const Ran misspelt =
        run_program({"keys", "restore", "--wallet", files.at("new"), "--passphrase-file", files.write("p2", "x\n"),
                     "--words-file", files.write("words", "abandon ability\n")});
    EXPECT_EQ(misspelt.exit, kExitUsage) << misspelt;
    EXPECT_FALSE(fs::exists(files.at("new")));
}

TEST(Verify, WhatIsNoProofIsNotGood) {
    const testing::TestDirectory files;
    const Ran garbage = run_program({"verify", "--json", files.write("garbage", "not a proof")});
    EXPECT_EQ(garbage.exit, kExitRefused) << garbage;
    EXPECT_EQ(garbage.json().at("ok"), false);
    EXPECT_EQ(run_program({"verify", files.write("x", ""), "--network", "abc"}).exit, kExitUsage);
    EXPECT_EQ(run_program({"verify", files.write("y", ""), "--checkpoint", files.write("c", "none")}).exit, kExitUsage);
}

TEST(Program, AnErrorDoesNotCommandTheTerminal) {
    const Ran ran = run_program({"verify", "\x1b[2Knone"});
    EXPECT_EQ(ran.exit, kExitCannotRun) << ran;
    EXPECT_TRUE(ran.says("[2Knone")) << ran;
    EXPECT_FALSE(ran.says("\x1b")) << ran;
}

TEST(Program, AnUnknownCommandIsNamed) {
    for (const auto& [arguments, name] : std::vector<std::pair<std::vector<std::string>, std::string>>{
             {{"nope"}, "nope"}, {{"ledger", "never"}, "never"}}) {
        const Ran ran = run_program(arguments);
        EXPECT_EQ(ran.exit, kExitUsage) << ran;
        EXPECT_TRUE(ran.says("there is no command \"" + name + "\"")) << ran;
    }
}

}  // namespace
}  // namespace salus::cli
