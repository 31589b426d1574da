/// Prints what the tables of the messages say: docs/salus.proto, and the tables in docs/protocol.md.
///
///     model_schema DOCS           writes both
///     model_schema DOCS --check   exit code 1 where either differs from what it would write

#include <fstream>
#include <iostream>
#include <iterator>
#include <set>
#include <sstream>

#include "model/messages.hpp"

namespace salus {
namespace {

constexpr std::string_view kBegin = "<!-- messages: made by model_schema -->\n";
constexpr std::string_view kEnd = "<!-- messages: end -->\n";

/// "GrantTerms" -> "grant_terms"
std::string snake(std::string_view name) {
    std::string out;
    for (const char c : name) {
        const bool upper = c >= 'A' && c <= 'Z';
        if (upper && !out.empty()) out += '_';
        out += upper ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

/// "threshold-percent" -> "THRESHOLD_PERCENT"
std::string shout(std::string_view name) {
    std::string out;
    for (const char c : name) out += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    return out;
}

std::string count_text(std::size_t max) { return max == codec::kNoLimit ? "" : std::to_string(max); }

/// Collects each message and enum once, those that others use first.
class Schema {
public:
    template <codec::Message M>
    void add() {
        if (!seen_.insert(std::string(M::kName)).second) return;
        std::ostringstream proto, table;
        proto << "message " << M::kName << " {\n";
        table << "### " << M::kName << "\n\n| no. | field | type | limit |\n|---|---|---|---|\n";
        codec::each_field(M::kFields, [&]<class Message, class Member, std::uint32_t N>(
                                          const codec::Field<N, Message, Member>& field) {
            describe<N, Member>(proto, table, field.name, field.max, field.max_each);
            return true;
        });
        proto << "}\n\n";
        table << "\n";
        proto_ += proto.str();
        tables_ += table.str();
    }

    [[nodiscard]] std::string proto() const {
        return "// Made by model_schema from the tables in src/model; do not edit. docs/protocol.md says what is "
               "stricter here\n"
               "// than in protobuf: one value has one encoding.\n"
               "syntax = \"proto3\";\n\npackage salus.v1;\n\n" +
               enums_ + proto_.substr(0, proto_.size() - 1);
    }
    [[nodiscard]] std::string tables() const {
        return "### Enums\n\n| enum | values |\n|---|---|\n" + enum_rows_ + "\n" + tables_;
    }

private:
    /// The proto type; messages and enums that it names are added first.
    template <class T>
    std::string type() {
        using namespace codec::detail;
        if constexpr (std::is_same_v<T, bool>)
            return "bool";
        else if constexpr (std::is_same_v<T, std::uint32_t>)
            return "uint32";
        else if constexpr (std::is_same_v<T, std::uint64_t>)
            return "uint64";
        else if constexpr (std::is_same_v<T, std::string>)
            return "string";
        else if constexpr (std::is_enum_v<T>)
            return add_enum<T>();
        else if constexpr (std::is_same_v<T, Bytes> || Fixed<T>)
            return "bytes";
        else {
            add<T>();
            return std::string(T::kName);
        }
    }

    template <class T>
    std::string add_enum() {
        using Names = EnumNames<T>;
        if (!seen_.insert(std::string(Names::kType)).second) return std::string(Names::kType);
        const std::string prefix = shout(snake(Names::kType)) + "_";
        enums_ += "enum " + std::string(Names::kType) + " {\n";
        if (Names::kFirst != 0) enums_ += "  " + prefix + "UNSPECIFIED = 0;\n";
        for (std::uint32_t i = 0; i < Names::kNames.size(); ++i)
            enums_ += "  " + prefix + shout(Names::kNames[i]) + " = " + std::to_string(Names::kFirst + i) + ";\n";
        enums_ += "}\n\n";
        enum_rows_ += "| " + std::string(Names::kType) + " |";
        for (std::uint32_t i = 0; i < Names::kNames.size(); ++i)
            enum_rows_ +=
                (i == 0 ? " " : ", ") + std::to_string(Names::kFirst + i) + " " + std::string(Names::kNames[i]);
        enum_rows_ += " |\n";
        return std::string(Names::kType);
    }

    template <std::uint32_t N, class T>
    void describe(std::ostream& proto, std::ostream& table, std::string_view name, std::size_t max,
                  std::size_t max_each) {
        using namespace codec::detail;
        if constexpr (kIsOneof<T>) {
            proto << "  oneof " << name << " {\n";
            [&]<std::size_t... I>(std::index_sequence<I...>) {
                ((proto << "    " << type<std::variant_alternative_t<I, T>>() << ' '
                        << snake(std::variant_alternative_t<I, T>::kName) << " = " << N + I << ";\n",
                  table << "| " << N + I << " | `" << name << "`: one of | " << std::variant_alternative_t<I, T>::kName
                        << " | |\n"),
                 ...);
            }(std::make_index_sequence<std::variant_size_v<T>>{});
            proto << "  }\n";
            return;
        } else {
            const auto [label, type_name, words, limit] = member<T>(max, max_each);
            proto << "  " << label << type_name << ' ' << name << " = " << N << ";\n";
            table << "| " << N << " | `" << name << "` | " << words << " | " << limit << " |\n";
        }
    }

    struct MemberText {
        std::string label, type, words, limit;
    };
    template <class T>
    MemberText member(std::size_t max, std::size_t max_each) {
        using namespace codec::detail;
        if constexpr (kIsOptional<T>) {
            const MemberText inner = member<typename T::value_type>(max, max_each);
            return {codec::Message<typename T::value_type> ? "" : "optional ", inner.type, "optional " + inner.words,
                    inner.limit};
        } else if constexpr (std::is_same_v<T, std::vector<std::uint64_t>>) {
            return {"repeated ", "uint64", "packed uint64", count_text(max)};
        } else if constexpr (kIsRepeated<T>) {
            const MemberText inner = member<typename T::value_type>(max_each, codec::kNoLimit);
            std::string limit = count_text(max);
            if (Blob<typename T::value_type> && max_each != codec::kNoLimit)
                limit += (limit.empty() ? "" : " of ") + count_text(max_each) + " bytes";
            return {"repeated ", inner.type, "repeated " + inner.words, limit};
        } else {
            const std::string name = type<T>();
            if constexpr (Fixed<T>)
                return {"", name, "bytes[" + std::to_string(fixed_size<T>()) + "]", ""};
            else if constexpr (Blob<T>)
                return {"", name, name, max == codec::kNoLimit ? "" : count_text(max) + " bytes"};
            else
                return {"", name, name, ""};
        }
    }
    template <class T>
    static std::size_t fixed_size() {
        const T value{};
        return codec::detail::view(value).size();
    }

    std::set<std::string> seen_;
    std::string proto_, tables_, enums_, enum_rows_;
};

std::string read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

int run(const std::string& docs, bool check) {
    Schema schema;
    each_message([&]<class M>() { schema.add<M>(); });

    const std::string proto_path = docs + "/salus.proto";
    const std::string protocol_path = docs + "/protocol.md";
    const std::string old = read_file(protocol_path);
    const auto begin = old.find(kBegin);
    const auto end = old.find(kEnd);
    if (begin == std::string::npos || end == std::string::npos) {
        std::cerr << protocol_path << " has no place for the tables\n";
        return 1;
    }
    const std::string protocol = old.substr(0, begin + kBegin.size()) + "\n" + schema.tables() + old.substr(end);
    if (check) {
        if (read_file(proto_path) == schema.proto() && old == protocol) return 0;
        std::cerr << "the documents are not what the tables say: run model_schema " << docs << "\n";
        return 1;
    }
    std::ofstream(proto_path, std::ios::binary) << schema.proto();
    std::ofstream(protocol_path, std::ios::binary) << protocol;
    return 0;
}

}  // namespace
}  // namespace salus

int main(int argc, char** argv) {
    const bool check = argc == 3 && std::string_view(argv[2]) == "--check";
    if (argc != 2 && !check) {
        std::cerr << "usage: model_schema DOCS [--check]\n";
        return 2;
    }
    return salus::run(argv[1], check);
}
