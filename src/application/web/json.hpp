#pragma once

#include <string>
#include <vector>

#include "base/encoding.hpp"
#include "base/strong_types.hpp"
#include "model/codec.hpp"
#include "model/json.hpp"

/// Fields of JSON bodies, read by declaration.
namespace salus::application {

/// An object that a client sent. Errors name the field, never what stands in it.
class JsonBody {
public:
    /// Errors: kUsage where it is no JSON object as json::parse takes it (whole numbers, no field twice), or has a
    /// field that is not in `known`
    static Result<JsonBody> parse(ByteView body, std::initializer_list<std::string_view> known);

    [[nodiscard]] bool has(std::string_view name) const { return object_.member(name) != nullptr; }
    /// Errors of all: kUsage
    Result<std::string> text(std::string_view name) const;
    Result<std::string> text_or(std::string_view name, std::string fallback) const;
    Result<std::uint64_t> number_or(std::string_view name, std::uint64_t fallback) const;
    Result<std::vector<std::string>> texts(std::string_view name) const;
    /// A list of objects, each as `parse` takes it; empty where there is none.
    Result<std::vector<JsonBody>> objects(std::string_view name, std::initializer_list<std::string_view> known) const;
    Result<Bytes> base64(std::string_view name) const;
    Result<TimeMs> time_or(std::string_view name, TimeMs fallback) const;

    template <class IdType>
    Result<IdType> id(std::string_view name) const {
        SALUS_TRY(const std::string value, text(name));
        const auto out = id_from_hex<IdType>(value);
        if (!out) return fail(ErrorCode::kUsage, "\"" + std::string(name) + "\" is not an id in hex");
        return *out;
    }
    template <codec::Message M>
    Result<M> message(std::string_view name) const {
        SALUS_TRY(const Bytes bytes, base64(name));
        return codec::decode<M>(bytes);
    }

private:
    static Result<JsonBody> known_object(json::Value value, std::initializer_list<std::string_view> known);
    explicit JsonBody(json::Value object) : object_(std::move(object)) {}
    json::Value object_;
};

}  // namespace salus::application
