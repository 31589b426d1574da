#pragma once

#include <boost/json/object.hpp>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/demo/nodes.hpp"

namespace salus::cli::demo {

/// What a command of the program answered.
struct Answer {
    int exit = 0;
    boost::json::object data;

    [[nodiscard]] bool good() const noexcept { return exit == kExitGood; }
    [[nodiscard]] std::string text(std::string_view name) const;
    [[nodiscard]] std::uint64_t number(std::string_view name) const;
    /// The error's name where it was refused.
    [[nodiscard]] std::string error() const { return text("error"); }
};

/// Where the story is played: runs the program's own commands, shows each with its result, and holds it to what it
/// promises. Commands are shown as they are typed in its folder, after `. env` there has said where the node is.
class Stage {
public:
    /// `colours`: the output is a terminal that shows them. `network`: each organisation has a node of its own.
    Stage(Environment& environment, std::filesystem::path directory, bool colours, bool network);

    /// Plays one step: `body` runs commands and fails where something does not hold.
    void step(const std::string& name, const std::function<Status()>& body);
    /// Whether all steps so far held.
    [[nodiscard]] bool good() const noexcept { return good_; }
    /// {"name", "ok", "ms", "detail"} of each step.
    [[nodiscard]] const boost::json::array& steps() const noexcept { return steps_; }

    /// Runs `salus ARGUMENTS --json` in this process and shows the command.
    Answer run(std::vector<std::string> arguments);
    /// The same against the running node: that of the organisation that acts (--as), or at which somebody asks (--at).
    Answer ask(std::vector<std::string> arguments);
    /// The same once more, without showing it.
    Answer ask_again(std::vector<std::string> arguments);
    /// The same as `ask`, and it has to be good. Errors: what the command said
    Result<Answer> need(std::vector<std::string> arguments);
    /// A line of the step's detail.
    void say(const std::string& line);
    /// A command as one types it in the stage's folder.
    [[nodiscard]] std::string command_line(const std::vector<std::string>& arguments) const;
    /// Shows a command of the shell that does what the step does itself: `cp -r network older-copy`.
    void show(const std::string& command);
    /// Shows a small drawing: lines that are to stay as they are.
    void draw(const std::string& lines);
    /// All steps with their times, one a line.
    [[nodiscard]] std::string summary() const;
    /// `path` as a command shows it that is run in the stage's folder.
    [[nodiscard]] std::string shown(const std::string& path) const;
    /// Fails with `what` unless `holds`.
    static Status expect(bool holds, const std::string& what);
    /// Waits; for what ends by itself.
    void wait_ms(std::uint64_t milliseconds);

    /// Whether each organisation has a node of its own: what is started and stopped are all.
    [[nodiscard]] bool is_network() const noexcept { return nodes_.several(); }
    Status start_node();
    void stop_node();
    /// The command by which one goes on with it in a shell.
    [[nodiscard]] std::string starting_line() const { return command_line(nodes_.starting(network_)); }
    /// Kills the node of one organisation, and starts it again.
    Status kill_node(const std::string& slug);
    Status revive_node(const std::string& slug);
    /// Of an organisation's node.
    [[nodiscard]] const std::string& url(const std::string& slug = "hospital-a") const { return nodes_.url(slug); }

    [[nodiscard]] const std::filesystem::path& directory() const noexcept { return directory_; }
    /// The network's folder; another one while a copy is played.
    [[nodiscard]] std::filesystem::path network() const { return network_; }
    void use_network(std::filesystem::path network) { network_ = std::move(network); }
    /// That of the organisation's node in the folder of a network.
    [[nodiscard]] std::filesystem::path node_folder(const std::filesystem::path& network,
                                                    const std::string& slug) const {
        return is_network() ? network / slug : network;
    }
    /// Each node's once.
    [[nodiscard]] std::vector<std::filesystem::path> node_folders() const;
    [[nodiscard]] std::string organisation(const std::string& slug) const {
        return (node_folder(directory_ / "network", slug) / "orgs" / slug).string();
    }
    [[nodiscard]] std::string file(const std::string& name) const { return (directory_ / name).string(); }
    [[nodiscard]] Environment& environment() noexcept { return environment_; }

private:
    Answer play(std::vector<std::string> arguments);
    [[nodiscard]] const std::string& url_for(const std::vector<std::string>& arguments) const;
    Status write_shell_file() const;

    Environment& environment_;
    std::filesystem::path directory_;
    bool colours_;
    std::filesystem::path network_;
    Nodes nodes_;
    boost::json::array steps_;
    std::string detail_;
    bool good_ = true;
};

}  // namespace salus::cli::demo
