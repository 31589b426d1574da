#include "cli/input_file.hpp"

#include "base/file.hpp"

namespace salus::cli {

Result<Bytes> read_input(const std::filesystem::path& file, std::size_t bytes_max) {
    auto bytes = read_file(file, bytes_max);
    if (!bytes && bytes.error().code == ErrorCode::kNotFound)
        return fail(ErrorCode::kIo, "there is no file " + file.string());
    return bytes;
}

}  // namespace salus::cli
