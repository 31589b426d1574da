#pragma once

#include <string_view>

namespace salus {

/// The log: lines on stderr for operators. Never patient data, never a secret. `component` is a word such as "store";
/// `message` is formatted by the caller, with fmt. Any thread may write; a line break in a message is escaped.
enum class LogLevel { kDebug, kInfo, kWarning, kError };
enum class LogFormat {
    kText,  ///< 2026-01-01T00:00:00.000Z info [store] message
    kJson   ///< one object a line: time, level, component, message
};

/// Until it is called, LogLevel::kInfo as text.
void setup_log(LogLevel level, LogFormat format);

/// Whether a line of this level is written: asked before formatting something long.
bool log_enabled(LogLevel level) noexcept;

void log(LogLevel level, std::string_view component, std::string_view message) noexcept;
inline void log_debug(std::string_view component, std::string_view message) noexcept {
    log(LogLevel::kDebug, component, message);
}
inline void log_info(std::string_view component, std::string_view message) noexcept {
    log(LogLevel::kInfo, component, message);
}
inline void log_warning(std::string_view component, std::string_view message) noexcept {
    log(LogLevel::kWarning, component, message);
}
inline void log_error(std::string_view component, std::string_view message) noexcept {
    log(LogLevel::kError, component, message);
}

}  // namespace salus
