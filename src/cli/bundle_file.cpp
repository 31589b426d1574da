#include "cli/bundle_file.hpp"

#include <zstd.h>

#include <boost/json/parse.hpp>
#include <memory>

#include "cli/input_file.hpp"

namespace salus::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kUnpackedBytesMax = std::size_t{1} << 30;

Result<Bytes> unpack(const std::filesystem::path& file, ByteView packed) {
    const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(), &ZSTD_freeDCtx);
    Bytes out;
    ZSTD_inBuffer in{packed.data(), packed.size(), 0};
    std::size_t left = 1;
    while (left != 0) {
        if (out.size() >= kUnpackedBytesMax)
            return fail(ErrorCode::kTooLarge, file.string() + " unpacks to more than 1 GiB");
        const std::size_t at = out.size();
        out.resize(at + ZSTD_DStreamOutSize());
        ZSTD_outBuffer chunk{out.data() + at, out.size() - at, 0};
        left = ZSTD_decompressStream(context.get(), &chunk, &in);
        out.resize(at + chunk.pos);
        if (ZSTD_isError(left) != 0 || (left != 0 && chunk.pos == 0 && in.pos == in.size))
            return fail(ErrorCode::kCorrupt, file.string() + " is damaged: it does not unpack");
    }
    return out;
}

std::string text_at(const json::object& object, std::string_view name) {
    const json::value* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

}  // namespace

Result<Bytes> read_fhir_file(const std::filesystem::path& file) {
    SALUS_TRY(Bytes bytes, read_input(file));
    return file.extension() == ".zst" ? unpack(file, bytes) : Result<Bytes>(std::move(bytes));
}

Result<BundleKind> look_at(const std::filesystem::path& file, ByteView document) {
    boost::system::error_code error;
    json::parse_options options;
    options.max_depth = 64;
    const json::value value = json::parse(as_text(document), error, {}, options);
    if (error || !value.is_object())
        return fail(ErrorCode::kUsage, file.string() + " is not a JSON object" + (error ? ": " + error.message() : ""));
    const json::object& object = value.get_object();
    BundleKind kind{text_at(object, "resourceType"), text_at(object, "type"), 1};
    if (const json::value* entries = object.if_contains("entry"); entries != nullptr && entries->is_array())
        kind.entries = entries->get_array().size();
    return kind;
}

}  // namespace salus::cli
