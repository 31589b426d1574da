#include <algorithm>
#include <filesystem>

#include "cli/demo/story.hpp"

/// In a file of its own, as it alone knows the folder that it was built from.
namespace salus::cli::demo {

Result<std::vector<std::string>> shipped_bundles() {
    std::vector<std::string> files;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(SALUS_DEMO_DATA, error))
        if (entry.path().string().ends_with(".json.zst")) files.push_back(entry.path().string());
    std::ranges::sort(files);
    if (files.empty())
        return fail(ErrorCode::kNotFound,
                    std::string("the demo's patients are not in ") + SALUS_DEMO_DATA + "; give --bundle");
    return files;
}

}  // namespace salus::cli::demo
