#include "application/web/json.hpp"

#include <algorithm>

#include "base/time_text.hpp"

namespace salus::application {
namespace {

tl::unexpected<Error> wrong(std::string_view name, std::string_view what) {
    return fail(ErrorCode::kUsage, "\"" + std::string(name) + "\" " + std::string(what));
}

}  // namespace

Result<JsonBody> JsonBody::parse(ByteView body, std::initializer_list<std::string_view> known) {
    boost::system::error_code error;
    boost::json::value value = boost::json::parse(as_text(body), error, {}, {.max_depth = 8});
    if (error || !value.is_object()) return fail(ErrorCode::kUsage, "the body is not a JSON object");
    for (const auto& [name, unused] : value.as_object())
        if (std::find(known.begin(), known.end(), std::string_view(name)) == known.end())
            return fail(ErrorCode::kUsage, "the body has an unknown field");
    return JsonBody(std::move(value.as_object()));
}

Result<std::string> JsonBody::text(std::string_view name) const {
    const boost::json::value* value = object_.if_contains(name);
    if (!value || !value->is_string()) return wrong(name, "is not a text");
    return std::string(value->as_string());
}

Result<std::string> JsonBody::text_or(std::string_view name, std::string fallback) const {
    if (!has(name)) return fallback;
    return text(name);
}

Result<std::uint64_t> JsonBody::number_or(std::string_view name, std::uint64_t fallback) const {
    const boost::json::value* value = object_.if_contains(name);
    if (!value) return fallback;
    if (!value->is_int64() || value->as_int64() < 0) return wrong(name, "is not a whole number");
    return static_cast<std::uint64_t>(value->as_int64());
}

Result<std::vector<std::string>> JsonBody::texts(std::string_view name) const {
    std::vector<std::string> out;
    const boost::json::value* value = object_.if_contains(name);
    if (!value) return out;
    if (!value->is_array()) return wrong(name, "is not a list of texts");
    for (const boost::json::value& element : value->as_array()) {
        if (!element.is_string()) return wrong(name, "is not a list of texts");
        out.emplace_back(element.as_string());
    }
    return out;
}

Result<Bytes> JsonBody::base64(std::string_view name) const {
    SALUS_TRY(const std::string value, text(name));
    auto bytes = from_base64(value);
    if (!bytes) return wrong(name, "is not base64");
    return *std::move(bytes);
}

Result<TimeMs> JsonBody::time_or(std::string_view name, TimeMs fallback) const {
    if (!has(name)) return fallback;
    SALUS_TRY(const std::string value, text(name));
    const auto time = from_iso_time(value);
    if (!time) return wrong(name, "is not a time such as 2026-01-01T10:00:00Z");
    return *time;
}

}  // namespace salus::application
