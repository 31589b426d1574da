#include "cli/progress.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <future>
#include <sstream>
#include <utility>

#include "testing/platform.hpp"

namespace salus::cli {
namespace {

using namespace std::chrono_literals;

/// Waits for what is drawn first, by whichever thread.
class FirstDrawn final : public std::stringbuf {
public:
    std::string text() { return first_.get_future().get(); }

private:
    int sync() override {
        if (!std::exchange(drawn_, true)) first_.set_value(str());
        return 0;
    }

    std::promise<std::string> first_;
    bool drawn_ = false;
};

struct ProgressLine : ::testing::Test {
    std::ostringstream out;
    std::ostringstream err;
    std::ostringstream terminal;
    testing::SeededRandom random;
    testing::ManualClock clock;
    Environment environment{out, err, random, clock, clock, false, &terminal};

    std::string taken() { return std::exchange(terminal, std::ostringstream()).str(); }
};

TEST_F(ProgressLine, is_drawn_from_two_seconds_on_and_wiped_at_the_end) {
    {
        Progress progress(environment, "counting", 4);
        clock.advance(1999ms);
        progress.advance(1);
        EXPECT_EQ(taken(), "");
        clock.advance(1ms);
        progress.advance(1);
        EXPECT_EQ(taken(), "\r\033[Kcounting [###############...............] 2/4  1/s");
    }
    EXPECT_EQ(taken(), "\r\033[K");
    EXPECT_EQ(out.str() + err.str(), "");
}

TEST_F(ProgressLine, that_was_never_drawn_is_not_wiped) {
    { Progress progress(environment, "counting", 4); }
    EXPECT_EQ(taken(), "");
}

TEST_F(ProgressLine, is_not_drawn_where_there_is_no_terminal) {
    environment.progress = nullptr;
    Progress progress(environment, "counting", 4);
    clock.advance(3s);
    progress.advance(1);
    EXPECT_EQ(taken() + out.str() + err.str(), "");
}

TEST_F(ProgressLine, belongs_to_one_at_a_time) {
    Progress outer(environment, "outer");
    {
        Progress inner(environment, "inner");
        const Waiting waiting(environment, "waiting");
        clock.advance(2s);
        inner.advance(1);
        EXPECT_EQ(taken(), "") << "the outer one has the line";
        outer.advance(2);
        EXPECT_EQ(taken(), "\r\033[Kouter 2  1/s");
    }
    EXPECT_EQ(taken(), "") << "the end of what has no line wipes nothing";
    clock.advance(2s);
    outer.advance(2);
    EXPECT_EQ(taken(), "\r\033[Kouter 4  1/s");
}

TEST_F(ProgressLine, is_free_again_for_what_comes_after) {
    { const TerminalLine first(&terminal); }
    EXPECT_TRUE(TerminalLine(&terminal));
}

TEST_F(ProgressLine, of_a_wait_tells_the_seconds_from_the_third_on) {
    FirstDrawn drawn;
    std::ostream slow(&drawn);
    const Waiting waiting(&slow, "waiting");
    EXPECT_EQ(drawn.text(), "\r\033[Kwaiting, 3 s");
}

TEST_F(ProgressLine, leaves_one_object_on_the_output_of_a_command) {
    EXPECT_EQ(run({"ledger", "status", "--node", "http://127.0.0.1:1", "--json"}, environment), kExitCannotRun);
    boost::system::error_code error;
    EXPECT_TRUE(boost::json::parse(out.str(), error).is_object()) << out.str();
    EXPECT_FALSE(error);
    EXPECT_TRUE(TerminalLine(&terminal)) << "the call has given the line back";
}

}  // namespace
}  // namespace salus::cli
