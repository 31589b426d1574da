#include "base/thrown.hpp"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>
#include <typeinfo>

namespace salus {

std::string type_of(const std::exception& thrown) {
    const char* mangled = typeid(thrown).name();
    const std::unique_ptr<char, decltype(&std::free)> name(abi::__cxa_demangle(mangled, nullptr, nullptr, nullptr),
                                                           &std::free);
    return name ? name.get() : mangled;
}

}  // namespace salus
