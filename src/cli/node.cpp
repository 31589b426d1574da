#include "node/node.hpp"

#include <boost/json/serialize.hpp>

#include "cli/groups.hpp"
#include "cli/input_file.hpp"

namespace salus::cli {
namespace {

struct NodeArguments {
    std::string directory;
    std::string listen;
    bool confirm_clock = false;
};

void declare(CLI::App& app, NodeArguments& arguments) {
    app.add_option("--dir", arguments.directory, "The node's folder (salus init)")->required();
    app.add_option("--listen", arguments.listen, "HOST:PORT instead of node.toml's; port 0 takes a free one");
    app.add_flag("--confirm-clock", arguments.confirm_clock,
                 "The clock is right, though the newest block is more than 7 days old");
}

Result<Report> serve(const NodeArguments& arguments, Environment& environment) {
    node::hold_stop_signals();
    SALUS_TRY(
        const auto node,
        from_files(node::Node::start({arguments.directory, arguments.listen, arguments.confirm_clock, SALUS_VERSION})));
    if (environment.json)
        environment.out << boost::json::serialize(boost::json::object{{"ok", true}, {"url", node->url()}}) << std::endl;
    else
        environment.out << "serving " << node->url() << " (Ctrl-C stops)" << std::endl;
    node::wait_for_stop_signal();
    node->stop();
    return Report{{}, "stopped\n"};  // the one object was printed when it began to serve
}

}  // namespace

void add_node(Commands& commands) {
    commands.add<NodeArguments>(commands.root(), "node", "Serve a node until it is told to stop",
                                "  salus node --dir /var/lib/salus\n", declare, serve);
}

}  // namespace salus::cli
