#include <fmt/format.h>
#include <algorithm>
#include <utility>

#include "application/fhir/resource.hpp"
#include "base/check.hpp"
#include "crypto/hash.hpp"

namespace salus::application {
namespace {

/// One change of the bytes: `text` in place of `span`; an empty span inserts.
struct Edit {
    Span span;
    std::string text;
};

std::string json_string(std::string_view text) {
    Bytes out;
    append_json_string(out, text);
    return std::string(as_text(out));
}

void edit_meta(JsonValue meta, const ServerMembers& members, std::vector<Edit>& edits) {
    std::string missing;
    for (const auto& [name, text] : {std::pair<std::string_view, const std::string&>{"versionId", members.version_id},
                                     {"lastUpdated", members.last_updated}}) {
        if (const auto member = meta.find(name))
            edits.push_back({member->span(), json_string(text)});
        else
            missing += fmt::format("{}\"{}\":{}", missing.empty() ? "" : ",", name, json_string(text));
    }
    if (missing.empty()) return;
    const bool empty = !(meta.children().begin() != meta.children().end());
    const std::uint32_t front = meta.span().begin + 1;
    edits.push_back({{front, front}, missing + (empty ? "" : ",")});
}

/// The edits that set the server's members.
std::vector<Edit> member_edits(JsonValue resource, const ServerMembers& members) {
    std::vector<Edit> edits;
    const auto type = resource.find("resourceType");
    SALUS_CHECK(type.has_value());
    std::string inserted;
    std::uint32_t at = type->span().end;
    if (const auto id = resource.find("id")) {
        edits.push_back({id->span(), json_string(members.id)});
        at = id->span().end;
    } else {
        inserted = ",\"id\":" + json_string(members.id);
    }
    if (const auto meta = resource.find("meta")) {
        edit_meta(*meta, members, edits);
    } else {
        inserted += fmt::format(",\"meta\":{{\"versionId\":{},\"lastUpdated\":{}}}", json_string(members.version_id),
                                json_string(members.last_updated));
    }
    if (!inserted.empty()) edits.push_back({{at, at}, std::move(inserted)});
    return edits;
}

/// Writes tokens only, leaving the server's members out.
class ContentWriter {
public:
    explicit ContentWriter(std::span<const Replacement> replacements) : replacements_(replacements) {}

    void resource(JsonValue resource) {
        begin('{');
        for (const JsonValue member : resource.children()) {
            if (member.key() == "id") continue;
            if (member.key() == "meta" && member.is_object())
                meta(member);
            else
                named(member);
        }
        end('}');
    }
    [[nodiscard]] const Bytes& text() const { return out_; }

private:
    void meta(JsonValue meta) {
        const auto is_servers = [](JsonValue m) { return m.key() == "versionId" || m.key() == "lastUpdated"; };
        bool anything = false;
        for (const JsonValue member : meta.children()) anything = anything || !is_servers(member);
        if (!anything) return;
        name(meta);
        begin('{');
        for (const JsonValue member : meta.children())
            if (!is_servers(member)) named(member);
        end('}');
    }

    void begin(char bracket) {
        out_.push_back(static_cast<std::uint8_t>(bracket));
        first_ = true;
    }
    void end(char bracket) {
        out_.push_back(static_cast<std::uint8_t>(bracket));
        first_ = false;
    }
    void comma() {
        if (!first_) out_.push_back(',');
        first_ = false;
    }
    void name(JsonValue member) {
        comma();
        out_.push_back('"');
        append(out_, as_bytes(member.key()));
        append(out_, as_bytes("\":"));
    }
    void named(JsonValue member) {
        name(member);
        value(member);
    }
    /// Recurses no deeper than the document's depth_max.
    void value(JsonValue value) {
        if (!value.is_object() && !value.is_array()) return scalar(value);
        begin(value.is_object() ? '{' : '[');
        for (const JsonValue child : value.children()) {
            if (value.is_object()) {
                named(child);
            } else {
                comma();
                this->value(child);
            }
        }
        end(value.is_object() ? '}' : ']');
    }
    void scalar(JsonValue value) {
        while (next_ < replacements_.size() && replacements_[next_].span.begin < value.span().begin) ++next_;
        if (next_ < replacements_.size() && replacements_[next_].span == value.span())
            append_json_string(out_, replacements_[next_].text);
        else
            append(out_, as_bytes(value.raw()));
    }

    std::span<const Replacement> replacements_;
    std::size_t next_ = 0;
    Bytes out_;
    bool first_ = true;
};

}  // namespace

Bytes splice(JsonValue resource, const ServerMembers& members, std::span<const Replacement> replacements) {
    std::vector<Edit> edits = member_edits(resource, members);
    const Span whole = resource.span();
    for (const Replacement& replacement : replacements)
        if (replacement.span.begin >= whole.begin && replacement.span.end <= whole.end)
            edits.push_back({replacement.span, json_string(replacement.text)});
    std::stable_sort(edits.begin(), edits.end(),
                     [](const Edit& a, const Edit& b) { return a.span.begin < b.span.begin; });

    const std::string_view raw = resource.raw();
    Bytes out;
    out.reserve(raw.size() + 128);
    std::uint32_t done = whole.begin;
    for (const Edit& edit : edits) {
        append(out, as_bytes(raw.substr(done - whole.begin, edit.span.begin - done)));
        append(out, as_bytes(edit.text));
        done = edit.span.end;
    }
    append(out, as_bytes(raw.substr(done - whole.begin)));
    return out;
}

Hash content_digest(JsonValue resource, std::span<const Replacement> replacements) {
    ContentWriter writer(replacements);
    writer.resource(resource);
    return crypto::tagged_hash("salus.fhir.content.v1", {writer.text()});
}

}  // namespace salus::application
