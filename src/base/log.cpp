#include "base/log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>

#include "base/encoding.hpp"

namespace salus {
namespace {

constexpr const char* kTextPattern = "%Y-%m-%dT%H:%M:%S.%eZ %l %v";
constexpr const char* kJsonPattern = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})";

std::atomic<LogFormat> format_in_force = LogFormat::kText;

spdlog::level::level_enum spdlog_level(LogLevel level) noexcept {
    switch (level) {
        case LogLevel::kDebug:
            return spdlog::level::debug;
        case LogLevel::kInfo:
            return spdlog::level::info;
        case LogLevel::kWarning:
            return spdlog::level::warn;
        case LogLevel::kError:
            return spdlog::level::err;
    }
    return spdlog::level::err;
}

void set_pattern(spdlog::logger& logger, const char* pattern) {
    logger.set_formatter(std::make_unique<spdlog::pattern_formatter>(pattern, spdlog::pattern_time_type::utc));
}

/// Kept until the process ends, for what is logged while statics are destroyed.
spdlog::logger& logger() {
    static spdlog::logger* const instance = [] {
        auto* made = new spdlog::logger("salus", std::make_shared<spdlog::sinks::stderr_sink_mt>());
        set_pattern(*made, kTextPattern);
        return made;
    }();
    return *instance;
}

/// RFC 8259, section 7. Used for text too: whoever chooses a part of a message must not be able to forge a line.
std::string escaped(std::string_view text, bool quotes) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        else if (quotes && (c == '"' || c == '\\'))
            (out += '\\') += c;
        else
            out += c;
    }
    return is_utf8(as_bytes(out)) ? out : "(not UTF-8) " + to_hex(as_bytes(text));
}

}  // namespace

void setup_log(LogLevel level, LogFormat format) {
    format_in_force = format;
    logger().set_level(spdlog_level(level));
    set_pattern(logger(), format == LogFormat::kJson ? kJsonPattern : kTextPattern);
}

bool log_enabled(LogLevel level) noexcept { return logger().should_log(spdlog_level(level)); }

void log(LogLevel level, std::string_view component, std::string_view message) noexcept try {
    if (!log_enabled(level)) return;
    const bool json = format_in_force == LogFormat::kJson;
    const auto line =
        json ? fmt::format(R"("component":"{}","message":"{}")", escaped(component, true), escaped(message, true))
             : fmt::format("[{}] {}", escaped(component, false), escaped(message, false));
    // As a value, not as a format: the message may hold braces.
    logger().log(spdlog_level(level), spdlog::string_view_t(line));
} catch (const std::exception&) {
    // Out of memory. The node does not fail because it cannot say something.
}

}  // namespace salus
