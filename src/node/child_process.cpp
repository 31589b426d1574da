#include "node/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "base/check.hpp"

namespace salus::node {
namespace {

tl::unexpected<Error> system_error(std::string_view what) {
    return fail(ErrorCode::kIo, std::string(what) + ": " + std::strerror(errno));
}

/// In the child, between fork and exec: only what is safe there.
[[noreturn]] void become(const std::filesystem::path& program, char* const* arguments, int out, int log, pid_t parent) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);  // the parent died before the line above
    sigset_t none;                            // a mask is inherited, and would keep the program from being asked to end
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(log, STDERR_FILENO);
    const int null = ::open("/dev/null", O_RDONLY);
    ::dup2(null, STDIN_FILENO);
    ::execv(program.c_str(), arguments);
    ::_exit(127);
}

}  // namespace

Result<ChildProcess> ChildProcess::start(const std::filesystem::path& program,
                                         const std::vector<std::string>& arguments, const std::filesystem::path& log) {
    int pipe[2];
    if (::pipe2(pipe, O_CLOEXEC) != 0) return system_error("cannot make a pipe");
    const int log_fd = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log_fd < 0) {
        auto error = system_error("cannot open " + log.string());
        ::close(pipe[0]);
        ::close(pipe[1]);
        return error;
    }
    std::vector<char*> argv{const_cast<char*>(program.c_str())};
    for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    const pid_t parent = ::getpid();
    const pid_t pid = ::fork();
    if (pid == 0) become(program, argv.data(), pipe[1], log_fd, parent);
    ::close(pipe[1]);
    ::close(log_fd);
    if (pid < 0) {
        ::close(pipe[0]);
        return system_error("cannot start " + program.string());
    }
    return ChildProcess(pid, pipe[0]);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      out_(std::exchange(other.out_, -1)),
      status_(other.status_),
      buffered_(std::move(other.buffered_)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
    if (this != &other) {
        kill();
        if (out_ >= 0) ::close(out_);
        pid_ = std::exchange(other.pid_, -1);
        out_ = std::exchange(other.out_, -1);
        status_ = other.status_;
        buffered_ = std::move(other.buffered_);
    }
    return *this;
}

ChildProcess::~ChildProcess() {
    kill();
    if (out_ >= 0) ::close(out_);
}

Result<std::string> ChildProcess::line(std::chrono::milliseconds patience) {
    while (true) {
        if (const auto end = buffered_.find('\n'); end != std::string::npos) {
            std::string line = buffered_.substr(0, end);
            buffered_.erase(0, end + 1);
            return line;
        }
        pollfd waiting{out_, POLLIN, 0};
        const int ready = ::poll(&waiting, 1, static_cast<int>(patience.count()));
        if (ready == 0) return fail(ErrorCode::kTimeout, "the child process said nothing");
        char bytes[4096];
        const ssize_t got = ::read(out_, bytes, sizeof(bytes));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return fail(ErrorCode::kIo, "the child process ended");
        buffered_.append(bytes, static_cast<std::size_t>(got));
    }
}

void ChildProcess::reap(int options) {
    if (pid_ < 0) return;
    int status = 0;
    pid_t got = 0;
    do got = ::waitpid(pid_, &status, options);
    while (got < 0 && errno == EINTR);
    if (got != pid_) return;
    status_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    pid_ = -1;
}

int ChildProcess::stop(std::chrono::milliseconds patience) {
    if (pid_ > 0) ::kill(pid_, SIGTERM);
    for (auto waited = std::chrono::milliseconds(0); running() && waited < patience;
         waited += std::chrono::milliseconds(20))
        ::poll(nullptr, 0, 20);
    kill();
    return status_;
}

void ChildProcess::kill() {
    if (pid_ > 0) ::kill(pid_, SIGKILL);
    reap(0);
}

bool ChildProcess::running() {
    reap(WNOHANG);
    return pid_ > 0;
}

std::filesystem::path this_program() {
    std::error_code error;
    auto program = std::filesystem::read_symlink("/proc/self/exe", error);
    SALUS_CHECK(!error);
    return program;
}

}  // namespace salus::node
