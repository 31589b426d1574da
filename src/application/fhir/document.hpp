#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

/// JSON as the client wrote it: a tree of places in its bytes. Nothing is ever written again from a parsed form, for
/// FHIR decimals carry precision (1.50 is not 1.5) and a client must be able to hash what it gets back.
namespace salus::application {

enum class JsonKind : std::uint8_t { kNull, kBoolean, kNumber, kString, kArray, kObject };

/// Where something stands in a document's bytes: [begin, end).
struct Span {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    bool operator==(const Span&) const = default;
};

/// One value. Nodes stand in the order of their bytes, so a container's first child is the node behind it.
struct JsonNode {
    Span span;                ///< a string's quotes and a container's brackets included
    Span key;                 ///< of a member of an object, without quotes
    std::uint32_t after = 0;  ///< the first node that is not inside this one
    JsonKind kind{};
    bool escaped = false;  ///< a string that holds a backslash
};

class JsonChildren;

/// One value of a Document, to be passed by value; it is good as long as the Document lives (which may be moved).
class JsonValue {
public:
    JsonValue(const char* text, const JsonNode* nodes, std::uint32_t index)
        : text_(text), nodes_(nodes), index_(index) {}

    [[nodiscard]] JsonKind kind() const { return node().kind; }
    [[nodiscard]] bool is_object() const { return kind() == JsonKind::kObject; }
    [[nodiscard]] bool is_array() const { return kind() == JsonKind::kArray; }
    [[nodiscard]] bool is_string() const { return kind() == JsonKind::kString; }
    [[nodiscard]] Span span() const { return node().span; }
    /// The client's bytes of it.
    [[nodiscard]] std::string_view raw() const { return slice(node().span); }
    [[nodiscard]] std::string_view key() const { return slice(node().key); }
    [[nodiscard]] Span key_span() const { return node().key; }
    /// A string's value, unescaped; empty for any other kind.
    [[nodiscard]] std::string text() const;
    /// Whether it is a string of this value.
    [[nodiscard]] bool is(std::string_view value) const;

    /// The member of this name; nothing where there is none, or this is not an object.
    [[nodiscard]] std::optional<JsonValue> find(std::string_view name) const;
    /// find() along the names: at({"meta", "versionId"}).
    [[nodiscard]] std::optional<JsonValue> at(std::initializer_list<std::string_view> path) const;
    /// The unescaped string at the end of the path; nothing where no string stands there.
    [[nodiscard]] std::optional<std::string> text_at(std::initializer_list<std::string_view> path) const;
    /// for (JsonValue child : value.children()): members or elements, in the client's order; none of a scalar.
    [[nodiscard]] JsonChildren children() const;
    /// for (JsonValue inner : value.inside()): everything below it at any depth, in the order of the bytes.
    [[nodiscard]] JsonChildren inside() const;

private:
    [[nodiscard]] const JsonNode& node() const { return nodes_[index_]; }
    [[nodiscard]] std::string_view slice(Span span) const { return {text_ + span.begin, span.end - span.begin}; }

    const char* text_;
    const JsonNode* nodes_;
    std::uint32_t index_;
};

class JsonChildren {
public:
    class Iterator {
    public:
        Iterator(const char* text, const JsonNode* nodes, std::uint32_t index, bool deep)
            : text_(text), nodes_(nodes), index_(index), deep_(deep) {}
        JsonValue operator*() const { return {text_, nodes_, index_}; }
        Iterator& operator++() {
            index_ = deep_ ? index_ + 1 : nodes_[index_].after;
            return *this;
        }
        bool operator!=(const Iterator& other) const { return index_ != other.index_; }

    private:
        const char* text_;
        const JsonNode* nodes_;
        std::uint32_t index_;
        bool deep_;
    };

    JsonChildren(Iterator first, Iterator last) : first_(first), last_(last) {}
    [[nodiscard]] Iterator begin() const { return first_; }
    [[nodiscard]] Iterator end() const { return last_; }

private:
    Iterator first_;
    Iterator last_;
};

inline JsonChildren JsonValue::children() const {
    return {{text_, nodes_, index_ + 1, false}, {text_, nodes_, node().after, false}};
}
inline JsonChildren JsonValue::inside() const {
    return {{text_, nodes_, index_ + 1, true}, {text_, nodes_, node().after, true}};
}

struct DocumentLimits {
    std::size_t bytes_max = std::size_t{64} << 20U;  ///< at most 4 GiB - 1
    std::uint32_t depth_max = 64;                    ///< containers inside each other
};

/// A JSON text that passed the scan, with its tree. Owns the bytes; nothing changes them.
class Document {
public:
    /// One pass over hostile bytes.
    /// Shape:  RFC 8259 in UTF-8, and narrower: no byte order mark; no member name twice in an object; no escape in a
    ///         member name (no FHIR name has one, and two spellings of a name would be two names to some reader); no
    ///         lone surrogate; no control character other than \t, \n and \r, not even escaped (FHIR R4, string).
    /// Errors: kTooLarge; kJson naming the byte and the fault, never what stands there
    static Result<Document> parse(Bytes bytes, const DocumentLimits& limits = {});

    // Values point into it: it moves, it is never copied.
    Document(Document&&) = default;
    Document& operator=(Document&&) = default;
    Document(const Document&) = delete;
    Document& operator=(const Document&) = delete;

    [[nodiscard]] JsonValue root() const { return {reinterpret_cast<const char*>(bytes_.data()), nodes_.data(), 0}; }
    [[nodiscard]] const Bytes& bytes() const { return bytes_; }

private:
    Document(Bytes bytes, std::vector<JsonNode> nodes) : bytes_(std::move(bytes)), nodes_(std::move(nodes)) {}

    Bytes bytes_;
    std::vector<JsonNode> nodes_;
};

/// `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD.
void append_json_string(Bytes& out, std::string_view text);

}  // namespace salus::application
