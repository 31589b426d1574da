#include "application/fhir/response_bundle.hpp"

#include <fmt/format.h>
#include <charconv>

#include "application/fhir/document.hpp"

namespace salus::application {
namespace {

/// An object of members, those that are empty left out; its brackets are its life.
class ObjectWriter {
public:
    explicit ObjectWriter(Bytes& out) : out_(out) { out_.push_back('{'); }
    ~ObjectWriter() { out_.push_back('}'); }
    ObjectWriter(const ObjectWriter&) = delete;
    ObjectWriter& operator=(const ObjectWriter&) = delete;

    void name(std::string_view name) {
        if (!first_) out_.push_back(',');
        first_ = false;
        append_json_string(out_, name);
        out_.push_back(':');
    }
    void text(std::string_view member, std::string_view value) {
        if (value.empty()) return;
        name(member);
        append_json_string(out_, value);
    }
    /// JSON already.
    void bytes(std::string_view member, ByteView value) {
        if (value.empty()) return;
        name(member);
        append(out_, value);
    }

private:
    Bytes& out_;
    bool first_ = true;
};

void write_links(Bytes& out, ObjectWriter& object, const ResponseBundle& bundle) {
    if (bundle.self_link.empty() && bundle.next_link.empty()) return;
    object.name("link");
    out.push_back('[');
    bool first = true;
    for (const auto& [relation, url] :
         {std::pair<std::string_view, std::string_view>{"self", bundle.self_link}, {"next", bundle.next_link}}) {
        if (url.empty()) continue;
        if (!first) out.push_back(',');
        first = false;
        ObjectWriter link(out);
        link.text("relation", relation);
        link.text("url", url);
    }
    out.push_back(']');
}

void write_entry(Bytes& out, const ResponseEntry& entry) {
    ObjectWriter object(out);
    object.text("fullUrl", entry.full_url);
    object.bytes("resource", entry.resource);
    if (!entry.search_mode.empty()) {
        object.name("search");
        ObjectWriter search(out);
        search.text("mode", entry.search_mode);
    }
    if (entry.request) {
        object.name("request");
        ObjectWriter request(out);
        request.text("method", entry.request->method);
        request.text("url", entry.request->url);
    }
    if (entry.response) {
        object.name("response");
        ObjectWriter response(out);
        response.text("status", entry.response->status);
        response.text("location", entry.response->location);
        response.text("etag", entry.response->etag);
        response.text("lastModified", entry.response->last_modified);
        response.bytes("outcome", entry.response->outcome);
    }
}

}  // namespace

Bytes write_bundle(const ResponseBundle& bundle) {
    Bytes out;
    std::size_t size = 256;
    for (const ResponseEntry& entry : bundle.entries) size += entry.resource.size() + 256;
    out.reserve(size);
    {
        ObjectWriter object(out);
        object.text("resourceType", "Bundle");
        object.text("type", bundle.type);
        if (bundle.total) object.bytes("total", as_bytes(std::to_string(*bundle.total)));
        write_links(out, object, bundle);
        if (!bundle.entries.empty()) {
            object.name("entry");
            out.push_back('[');
            for (const ResponseEntry& entry : bundle.entries) {
                if (&entry != &bundle.entries.front()) out.push_back(',');
                write_entry(out, entry);
            }
            out.push_back(']');
        }
    }
    return out;
}

std::string etag_of(std::uint64_t version) { return fmt::format("W/\"{}\"", version); }

std::optional<std::uint64_t> version_of_etag(std::string_view etag) {
    if (etag.starts_with("W/")) etag.remove_prefix(2);
    if (etag.size() < 3 || etag.front() != '"' || etag.back() != '"') return {};
    etag = etag.substr(1, etag.size() - 2);
    std::uint64_t version = 0;
    const auto [end, error] = std::from_chars(etag.data(), etag.data() + etag.size(), version);
    if (error != std::errc{} || end != etag.data() + etag.size() || etag.front() == '0') return {};
    return version;
}

}  // namespace salus::application
