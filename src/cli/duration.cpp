#include "cli/duration.hpp"

#include <charconv>
#include <string_view>

namespace salus::cli {
namespace {

std::uint64_t unit_seconds(std::string_view unit) {
    if (unit == "s") return 1;
    if (unit == "m") return 60;
    if (unit == "h") return 3600;
    return unit == "d" ? 86'400 : 0;
}

/// Replaces `text` by its number of seconds; says what is wrong with it else.
std::string to_seconds(std::string& text, const DurationRange& range) {
    std::uint64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    const bool too_many = error == std::errc::result_out_of_range;
    const std::uint64_t unit = unit_seconds({rest, static_cast<std::size_t>(end - rest)});
    if (rest == text.data() || unit == 0) return "\"" + text + "\" is no length of time: 90s, 15m, 12h or 3d";
    if (too_many || number > range.max / unit) return "\"" + text + "\" is too long";
    if (number * unit < range.min) return "\"" + text + "\" is too short";
    text = std::to_string(number * unit);
    return {};
}

}  // namespace

CLI::Option* add_duration(CLI::App& app, const std::string& name, std::uint64_t& seconds, const std::string& help,
                          DurationRange range) {
    const auto convert = [range](std::string& text) { return to_seconds(text, range); };
    return app.add_option(name, seconds, help)->transform(CLI::Validator(convert, ""))->type_name("TIME");
}

}  // namespace salus::cli
