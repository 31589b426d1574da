#include "application/web/json.hpp"

#include <algorithm>
#include <limits>

#include "base/time_text.hpp"

namespace salus::application {
namespace {

tl::unexpected<Error> wrong(std::string_view name, std::string_view what) {
    return fail(ErrorCode::kUsage, "\"" + std::string(name) + "\" " + std::string(what));
}

}  // namespace

Result<JsonBody> JsonBody::parse(ByteView body, std::initializer_list<std::string_view> known) {
    auto value = json::parse(as_text(body));
    if (!value || value->kind != json::Value::Kind::kObject)
        return fail(ErrorCode::kUsage, "the body is not a JSON object with each field once and whole numbers only");
    return known_object(*std::move(value), known);
}

Result<JsonBody> JsonBody::known_object(json::Value value, std::initializer_list<std::string_view> known) {
    for (const json::Member& member : value.members)
        if (std::find(known.begin(), known.end(), std::string_view(member.name)) == known.end())
            return fail(ErrorCode::kUsage, "the body has an unknown field");
    return JsonBody(std::move(value));
}

Result<std::vector<JsonBody>> JsonBody::objects(std::string_view name,
                                                std::initializer_list<std::string_view> known) const {
    std::vector<JsonBody> out;
    const json::Value* value = object_.member(name);
    if (!value) return out;
    if (value->kind != json::Value::Kind::kArray) return wrong(name, "is not a list of objects");
    for (const json::Value& element : value->elements) {
        if (element.kind != json::Value::Kind::kObject) return wrong(name, "is not a list of objects");
        SALUS_TRY(JsonBody object, known_object(element, known));
        out.push_back(std::move(object));
    }
    return out;
}

Result<std::string> JsonBody::text(std::string_view name) const {
    const json::Value* value = object_.member(name);
    if (!value || value->kind != json::Value::Kind::kText) return wrong(name, "is not a text");
    return value->text;
}

Result<std::string> JsonBody::text_or(std::string_view name, std::string fallback) const {
    if (!has(name)) return fallback;
    return text(name);
}

Result<std::uint64_t> JsonBody::number_or(std::string_view name, std::uint64_t fallback) const {
    const json::Value* value = object_.member(name);
    if (!value) return fallback;
    // Databases and other readers of JSON count to 2^63 - 1.
    constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (value->kind != json::Value::Kind::kNumber || value->number > kMax) return wrong(name, "is not a whole number");
    return value->number;
}

Result<std::vector<std::string>> JsonBody::texts(std::string_view name) const {
    std::vector<std::string> out;
    const json::Value* value = object_.member(name);
    if (!value) return out;
    if (value->kind != json::Value::Kind::kArray) return wrong(name, "is not a list of texts");
    for (const json::Value& element : value->elements) {
        if (element.kind != json::Value::Kind::kText) return wrong(name, "is not a list of texts");
        out.push_back(element.text);
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
