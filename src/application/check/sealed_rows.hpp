#pragma once

#include <optional>
#include <string>

#include "application/check/check.hpp"

namespace salus::application {

/// What the parts of the check share that read an organisation's own tables: rows, what is sealed in them, findings.
class SealedRows {
public:
    SealedRows(Vault& vault, CheckReport& report) : vault_(vault), report_(report) {}

protected:
    void find(Finding::Kind kind, std::string what, std::string why) {
        report_.findings.push_back({kind, std::move(what), std::move(why)});
    }
    void altered(std::string what, std::string why) { find(Finding::Kind::kAltered, std::move(what), std::move(why)); }
    void missing(std::string what, std::string why) { find(Finding::Kind::kMissing, std::move(what), std::move(why)); }

    /// Runs one part: where it cannot go on it hides no other.
    void attempt(std::string_view what, const Status& part) {
        if (!part) altered(std::string(what), part.error().to_string());
    }

    /// Rows of a component's table; none where this vault never had it.
    template <class... Columns>
    Result<std::vector<std::tuple<Columns...>>> rows_of(std::string_view component, std::string_view sql) {
        return vault_.database().read([&](Reading& reading) -> Result<std::vector<std::tuple<Columns...>>> {
            SALUS_TRY(const auto version,
                      reading.query_value<std::uint64_t>(
                          "SELECT version FROM schema_versions WHERE component = :component", component));
            if (!version) return std::vector<std::tuple<Columns...>>{};
            return reading.query<Columns...>(sql);
        });
    }
    /// As House::unseal.
    Result<Bytes> unseal(std::string_view what, ByteView name, ByteView sealed) {
        Bytes associated = to_bytes(what);
        append(associated, name);
        return vault_.keys().unseal(KekKind::kAccountability, vault_.organisation().bytes, associated, sealed);
    }
    /// What `sealed` holds; a finding where it does not open.
    template <class Message>
    std::optional<Message> open(std::string_view what, ByteView name, ByteView sealed, const std::string& place) {
        const auto opened = unseal(what, name, sealed);
        auto message = opened ? codec::decode<Message>(*opened) : Result<Message>(tl::make_unexpected(opened.error()));
        if (message) return *std::move(message);
        altered(place, message.error().to_string());
        return std::nullopt;
    }

    Vault& vault_;
    CheckReport& report_;
};

}  // namespace salus::application
