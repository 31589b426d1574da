#include "base/error.hpp"

#include <algorithm>
#include <array>

namespace salus {
namespace {

constexpr auto kTable = std::to_array<ErrorInfo>({
#define SALUS_ERROR(symbol, number, name, http, fhir, meaning) {ErrorCode::symbol, name, http, fhir, meaning},
#include "base/errors.def"
#undef SALUS_ERROR
});

constexpr bool ascending() {
    for (std::size_t i = 1; i < kTable.size(); ++i)
        if (kTable[i - 1].code >= kTable[i].code) return false;
    return true;
}
static_assert(ascending(), "errors.def is sorted by number, each number once");

}  // namespace

std::span<const ErrorInfo> error_table() noexcept { return kTable; }

std::optional<ErrorCode> error_code(std::uint32_t number) noexcept {
    const auto row = std::ranges::lower_bound(kTable, static_cast<ErrorCode>(number), {}, &ErrorInfo::code);
    if (row == kTable.end() || row->code != static_cast<ErrorCode>(number)) return std::nullopt;
    return row->code;
}

const ErrorInfo& error_info(ErrorCode code) noexcept {
    const auto row = std::ranges::lower_bound(kTable, code, {}, &ErrorInfo::code);
    return row != kTable.end() && row->code == code ? *row : kTable.front();
}

std::string Error::to_string() const {
    std::string out = message;
    for (const Error* error = cause.get(); error != nullptr; error = error->cause.get()) out += ": " + error->message;
    return out;
}

}  // namespace salus
